import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import type { AlertTile } from '@zhanggui/shared/contract/board.ts';
import { api, ApiError } from '#lib/api/api.ts';
import type { Notices } from '#lib/desk/notices.svelte.ts';
import type { AlertsMessages } from '#lib/i18n/alerts.ts';

export type AlertAnswer = Pick<AlertTile, 'status' | 'ownerId' | 'owner' | 'dueAt' | 'snoozedUntil'>;
/** How the reader is spoken to. */
export type Wording = {
  words: () => AlertsMessages;
  /** Why something did not work. */
  problem: (error: unknown) => string;
  moment: (at: string) => string;
  /** The server's clock, epoch milliseconds. */
  now: () => number;
};
type Told = { on: AlertTile; change: Partial<AlertTile> };

/** What a person does about alerts. What the server answered is shown at once; the board's next word takes its place. */
export class Answers {
  readonly notices: Notices;
  #words: () => AlertsMessages;
  #problem: (error: unknown) => string;
  #moment: (at: string) => string;
  #now: () => number;
  #busy = new SvelteSet<string>();
  #told = new SvelteMap<string, Told>();
  /** The alerts as the board has them, which is what an answer is newer than. Nothing is drawn from it. */
  #board = new Map<string, AlertTile>();

  constructor(notices: Notices, reader: Wording) {
    this.notices = notices;
    this.#words = reader.words;
    this.#problem = reader.problem;
    this.#moment = reader.moment;
    this.#now = reader.now;
  }

  /** Whether it was answered here and now: then it stays where it is, though it is somebody's by now. */
  hasAnswered(id: string): boolean {
    return this.#told.has(id);
  }
  isBusy(id: string): boolean {
    return this.#busy.has(id);
  }

  /** The alert with what was answered since the board told of it. */
  shown(tile: AlertTile): AlertTile {
    this.#board.set(tile.id, tile);
    const told = this.#told.get(tile.id);
    return told?.on === tile ? { ...tile, ...told.change } : tile;
  }

  acknowledge(tile: AlertTile, what: string): Promise<boolean> {
    return this.#act(tile, async () => {
      await this.#answer(tile, 'acknowledge');
      const undo = async () => void (await this.#answer(tile, 'unacknowledge'));
      this.notices.say(this.#words().done.acknowledged(what), undo);
    });
  }

  putDown(tile: AlertTile, what: string): Promise<boolean> {
    return this.#act(tile, async () => {
      await this.#answer(tile, 'unacknowledge');
      const undo = async () => void (await this.#answer(tile, 'acknowledge'));
      this.notices.say(this.#words().done.unacknowledged(what), undo);
    });
  }

  snooze(tile: AlertTile, minutes: number): Promise<boolean> {
    return this.#act(tile, async () => {
      const { snoozedUntil } = await this.#answer(tile, 'snooze', { minutes });
      const until = snoozedUntil === null ? '' : this.#moment(snoozedUntil);
      this.notices.say(this.#words().done.snoozed(until), () => this.#wake(tile));
    });
  }
  wake(tile: AlertTile): Promise<boolean> {
    return this.#act(tile, () => this.#wake(tile));
  }
  /** A snooze is shortened, not deleted: it ends when the server next looks at what is due. */
  async #wake(tile: AlertTile): Promise<void> {
    await this.#answer(tile, 'snooze', { until: new Date(this.#now() + 1500).toISOString() });
  }

  handOver(tile: AlertTile, to: { id: string; name: string }): Promise<boolean> {
    return this.#act(tile, async () => {
      await this.#answer(tile, 'assign', { userId: to.id });
      this.notices.say(this.#words().done.assigned(to.name));
    });
  }

  resolve(tile: AlertTile, what: string, reason: string): Promise<boolean> {
    return this.#act(tile, async () => {
      await this.#answer(tile, 'resolve', { reason });
      this.notices.say(this.#words().done.resolved(what));
    });
  }

  /** The restock proposed against it; what is left to do then is to wait for the goods. */
  approve(tile: AlertTile, id: string, qty: string): Promise<boolean> {
    return this.#act(tile, async () => {
      const path = `/api/v1/proposals/${encodeURIComponent(id)}`;
      const { order } = await api.post<{ order: string | null }>(`${path}/approve`, {});
      this.#tell(tile, { proposal: null });
      // Taken back by calling the order off; what is still needed is proposed anew.
      const undo = async () => {
        await api.post(`/api/v1/supply-orders/${encodeURIComponent(order ?? '')}/cancel`);
        this.#tell(tile, { proposal: tile.proposal });
      };
      this.notices.say(this.#words().done.approved(qty), order === null ? null : undo);
    });
  }

  async #answer(tile: AlertTile, verb: string, body?: object): Promise<AlertAnswer> {
    const { status, ownerId, owner, dueAt, snoozedUntil } = await api.post<AlertAnswer>(
      `/api/v1/alerts/${encodeURIComponent(tile.id)}/${verb}`,
      body,
    );
    const answer = { status, ownerId, owner, dueAt, snoozedUntil };
    this.#tell(tile, answer);
    return answer;
  }

  #tell(tile: AlertTile, change: Partial<AlertTile>): void {
    const on = this.#board.get(tile.id) ?? tile;
    const before = this.#told.get(tile.id);
    // A second answer adds to the first, until the board has told of both.
    this.#told.set(tile.id, { on, change: before?.on === on ? { ...before.change, ...change } : change });
  }

  /** Answers whether it worked. One thing at a time for an alert: a second tap does nothing. */
  async #act(tile: AlertTile, work: () => Promise<void>): Promise<boolean> {
    if (this.#busy.has(tile.id)) return false;
    this.#busy.add(tile.id);
    try {
      await work();
      return true;
    } catch (error) {
      const taken = error instanceof ApiError && error.code === 'conflict' && tile.owner !== null;
      this.notices.say(taken ? this.#words().done.taken(tile.owner ?? '') : this.#problem(error));
      return false;
    } finally {
      this.#busy.delete(tile.id);
    }
  }
}
