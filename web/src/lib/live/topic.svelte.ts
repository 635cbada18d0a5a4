import { SvelteMap } from 'svelte/reactivity';
import { onDelta, onSnapshot, type Cursor, type Step } from '@zhanggui/shared/board/client-state.ts';
import type {
  BoardValue,
  Delta,
  FeedItem,
  HealthBoard,
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
  feed: Record<string, FeedItem>;
  health: HealthBoard;
};

/**
 * One topic in one scope, as a screen sees it. What comes in is gathered and shown by `paint`, so that a storm of deltas
 * costs a fixed number of updates; each key is a signal of its own, so that one store's sale touches one tile.
 */
export class BoardTopic<T extends Topic = Topic> {
  readonly topic: T;
  readonly scope: Scope;
  #values = new SvelteMap<string, BoardValue>();
  #cursor: Cursor | null = null;
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

  /** Answers `resync` when something was missed. */
  take(message: { snapshot: Snapshot } | { delta: Delta }): Step['do'] {
    const step =
      'snapshot' in message
        ? onSnapshot(this.#cursor, message.snapshot)
        : onDelta(this.#cursor, message.delta);
    if (step.do === 'resync') this.#synced = false;
    if (step.do === 'apply') this.#gather(step);
    return step.do;
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

  /** Shows what was gathered. */
  paint(): void {
    if (this.#replace) {
      for (const key of this.#values.keys()) if (!this.#pending.has(key)) this.#values.delete(key);
      this.#replace = false;
      this.#arrived = true;
    }
    for (const [key, value] of this.#pending) {
      if (value === undefined) this.#values.delete(key);
      else this.#values.set(key, value);
    }
    this.#pending.clear();
    if (this.#cursor) this.confirm(Date.parse(this.#cursor.at));
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
