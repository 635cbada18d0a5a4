import { untrack } from 'svelte';
import type { AlertSums, AlertTile, Scope } from '@zhanggui/shared/contract/board.ts';
import type { LiveLink } from '#lib/live/link.svelte.ts';
import type { BoardTopic } from '#lib/live/topic.svelte.ts';

/**
 * The alerts of one or more scopes as one list: a manager of three stores has three. Make it while a component is made;
 * it follows what `scopes` answers and lets go with the component.
 */
export class LiveAlerts {
  #topics = $state.raw<BoardTopic<'alerts'>[]>([]);

  constructor(link: LiveLink, scopes: () => readonly Scope[]) {
    $effect(() => {
      const wanted = scopes();
      const watched = untrack(() => wanted.map((scope) => link.watch('alerts', scope)));
      this.#topics = watched.map(({ topic }) => topic);
      return () => {
        for (const { release } of watched) release();
      };
    });
  }

  get topics(): readonly BoardTopic<'alerts'>[] {
    return this.#topics;
  }
  /** Whether everything asked for is here: before that nothing may be called well. */
  get arrived(): boolean {
    return this.#topics.length > 0 && this.#topics.every((topic) => topic.arrived);
  }
  get refused(): boolean {
    return this.#topics.some((topic) => topic.refused !== null);
  }

  /** Each alert once: a store may lie in two of the scopes. */
  get tiles(): AlertTile[] {
    const tiles = new Map<string, AlertTile>();
    for (const topic of this.#topics)
      for (const [, tile] of topic.entries<AlertTile>('alert:')) tiles.set(tile.id, tile);
    return [...tiles.values()];
  }

  /** Sums of all scopes; null until they are here. Medians are of the only scope, for medians don't add up. */
  get sums(): AlertSums | null {
    if (!this.arrived) return null;
    const each = this.#topics.map((topic) => topic.get('summary')).filter((sums) => sums !== undefined);
    const total = (of: 'open' | 'acknowledged' | 'critical') => each.reduce((sum, one) => sum + one[of], 0);
    const only = each.length === 1 ? each[0] : undefined;
    return {
      open: total('open'),
      acknowledged: total('acknowledged'),
      critical: total('critical'),
      acknowledgeMinutes: only?.acknowledgeMinutes ?? null,
      resolveMinutes: only?.resolveMinutes ?? null,
    };
  }
}
