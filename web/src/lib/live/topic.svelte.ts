import { SvelteMap } from 'svelte/reactivity';
import { onDelta, onSnapshot, type Cursor, type Step } from '@zhanggui/shared/board/client-state.ts';
import type {
  AlertsBoard,
  BoardValue,
  CouponsBoard,
  Delta,
  FeedItem,
  GroupsBoard,
  HealthBoard,
  LiveBoard,
  SalesBoard,
  Scope,
  Snapshot,
  StockBoard,
  StoreTile,
  Topic,
} from '@zhanggui/shared/contract/board.ts';
import type { ErrorCode } from '@zhanggui/shared/contract/errors.ts';

/** What the keys of each topic hold. */
export type BoardOf = {
  sales: SalesBoard;
  stores: Record<string, StoreTile>;
  stock: StockBoard;
  live: LiveBoard;
  groups: GroupsBoard;
  coupons: CouponsBoard;
  alerts: AlertsBoard;
  feed: Record<string, FeedItem>;
  health: HealthBoard;
};

/** Keys that are shown at once: what a glance at the screen is for. */
const FIRST: { readonly [T in Topic]?: ReadonlySet<string> } = { sales: new Set(['today']) };

/**
 * One topic in one scope, as a screen sees it. What comes in is gathered and shown by `paint`, so that a storm of deltas
 * costs a fixed number of updates; each key is a signal of its own, so that one store's sale touches one tile.
 */
export class BoardTopic<T extends Topic = Topic> {
  readonly topic: T;
  readonly scope: Scope;
  #values = new SvelteMap<string, BoardValue>();
  #cursor: Cursor | null = null;
  #first: ReadonlySet<string> | undefined;
  /** Shown cursor lags the taken one by at most a paint. */
  #pending = new Map<string, BoardValue | undefined>();
  #replace = false;
  #synced = false;
  #arrived = $state(false);
  #asOf = $state<number | null>(null);
  #refused = $state<ErrorCode | null>(null);

  constructor(topic: T, scope: Scope) {
    this.topic = topic;
    this.scope = scope;
    this.#first = FIRST[topic];
  }

  /** Whether the first snapshot is on the screen: before it nothing is known, and nothing may be shown as zero. */
  get arrived(): boolean {
    return this.#arrived;
  }
  /** Up to when the values are known to be right, epoch milliseconds of the server. */
  get asOf(): number | null {
    return this.#asOf;
  }
  /** Why the server does not give us this topic. */
  get refused(): ErrorCode | null {
    return this.#refused;
  }
  /** False after a gap or a reconnect, until the snapshot comes. */
  get synced(): boolean {
    return this.#synced;
  }

  get<K extends keyof BoardOf[T] & string>(key: K): BoardOf[T][K] | undefined {
    // The one place where what the wire's types promise is believed.
    return this.#values.get(key) as BoardOf[T][K] | undefined;
  }

  /** All keys that start with `prefix`, in no order. */
  *entries<V extends BoardValue>(prefix = ''): Generator<[key: string, value: V]> {
    for (const [key, value] of this.#values) if (key.startsWith(prefix)) yield [key, value as V];
  }

  /** Answers what the screen is to do: show a snapshot, show a change at once or in its turn, or ask for a snapshot. */
  take(
    message: { snapshot: Snapshot } | { delta: Delta },
  ): 'replace' | 'first' | 'later' | 'resync' | 'ignore' {
    const step =
      'snapshot' in message
        ? onSnapshot(this.#cursor, message.snapshot)
        : onDelta(this.#cursor, message.delta);
    if (step.do === 'resync') this.#synced = false;
    if (step.do !== 'apply') return step.do;
    this.#gather(step);
    if (step.patch.replace) return 'replace';
    const first = this.#first;
    return first && Object.keys(step.patch.put).some((key) => first.has(key)) ? 'first' : 'later';
  }

  #gather({ cursor, patch }: Extract<Step, { do: 'apply' }>): void {
    if (patch.replace) {
      this.#pending.clear();
      this.#replace = true;
      this.#synced = true;
      this.#refused = null;
    }
    for (const [key, value] of Object.entries(patch.put)) this.#pending.set(key, value);
    for (const key of patch.del) this.#pending.set(key, undefined);
    this.#cursor = cursor;
  }

  /** Shows what was gathered; `first`: only what is not to wait for the rest. */
  paint(what: 'first' | 'all'): void {
    if (what === 'first') {
      // Before the first snapshot is shown there is nothing for them to stand beside.
      if (this.#replace) return;
      for (const key of this.#first ?? []) this.#show(key);
      return;
    }
    if (this.#replace) {
      for (const key of this.#values.keys()) if (!this.#pending.has(key)) this.#values.delete(key);
      this.#replace = false;
      this.#arrived = true;
    }
    for (const key of this.#pending.keys()) this.#show(key);
    if (this.#cursor) this.confirm(Date.parse(this.#cursor.at));
  }

  #show(key: string): void {
    if (!this.#pending.has(key)) return;
    const value = this.#pending.get(key);
    this.#pending.delete(key);
    if (value === undefined) this.#values.delete(key);
    else this.#values.set(key, value);
  }

  /** The server looked at the ledger at `looked` and had nothing more to say. */
  confirm(looked: number): void {
    if (this.#synced && (this.#asOf === null || looked > this.#asOf)) this.#asOf = looked;
  }

  /** The link was lost: what is shown stays, but is no longer known to be right. */
  lose(): void {
    this.#synced = false;
  }

  refuse(code: ErrorCode): void {
    this.#refused = code;
  }
}
