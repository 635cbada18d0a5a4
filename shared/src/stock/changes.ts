/** What a group of facts does to stock: movements, counts, reservations. Pure; `stock-store.ts` books it. */
import type { MovementKind } from '../contract/words.ts';

export type Movement = {
  seq: number;
  skuNo: number;
  locationNo: number;
  kind: MovementKind;
  qty: number;
  at: number;
  ref: string | null;
};
export type Count = {
  seq: number;
  skuNo: number;
  locationNo: number;
  onHand: number;
  at: number;
  /** `time source id`: of two counts the larger key is the newer. */
  key: string;
};
/** One balance that the group touches, with the sum of what moves it and the earliest and latest time of that. */
export type BalanceChange = {
  skuNo: number;
  locationNo: number;
  qty: number;
  reserved: number;
  firstAt: number | null;
  lastAt: number | null;
};

export class StockChanges {
  #seq = 0;
  #movements = new Map<string, Movement>();
  #reserved = new Map<string, { skuNo: number; locationNo: number; qty: number }>();
  readonly counts: Count[] = [];

  /** Which fact (ledger seq) causes what is added next. */
  cause(seq: number): void {
    this.#seq = seq;
  }

  /** `qty` pieces more (or, negative, fewer) on hand since `at` (epoch ms). Equal moves of one fact add up, and cancel out. */
  move(
    skuNo: number,
    locationNo: number,
    kind: MovementKind,
    qty: number,
    at: number,
    ref: string | null,
  ): void {
    const key = `${this.#seq}|${skuNo}|${locationNo}|${kind}|${at}`;
    const movement = this.#movements.get(key);
    if (movement) movement.qty += qty;
    else this.#movements.set(key, { seq: this.#seq, skuNo, locationNo, kind, qty, at, ref });
  }

  reserve(skuNo: number, locationNo: number, qty: number): void {
    const key = `${skuNo}|${locationNo}`;
    const reserved = this.#reserved.get(key);
    if (reserved) reserved.qty += qty;
    else this.#reserved.set(key, { skuNo, locationNo, qty });
  }

  count(skuNo: number, locationNo: number, onHand: number, at: number, key: string): void {
    this.counts.push({ seq: this.#seq, skuNo, locationNo, onHand, at, key });
  }

  /** Whether it touches no balance. */
  get empty(): boolean {
    return (
      this.counts.length === 0 &&
      ![...this.#movements.values()].some(({ qty }) => qty !== 0) &&
      ![...this.#reserved.values()].some(({ qty }) => qty !== 0)
    );
  }

  movements(): Movement[] {
    return [...this.#movements.values()].filter((movement) => movement.qty !== 0);
  }

  /**
   * Every balance that this group touches, counted ones included, sorted by (SKU, location): locking them all in one
   * sorted pass is what keeps two groups from waiting for each other.
   */
  balances(): BalanceChange[] {
    const balances = new Map<string, BalanceChange>();
    const balance = (skuNo: number, locationNo: number) => {
      const key = `${skuNo}|${locationNo}`;
      let change = balances.get(key);
      if (!change) {
        change = { skuNo, locationNo, qty: 0, reserved: 0, firstAt: null, lastAt: null };
        balances.set(key, change);
      }
      return change;
    };
    for (const { skuNo, locationNo, qty, at } of this.movements()) {
      const change = balance(skuNo, locationNo);
      change.qty += qty;
      if (change.firstAt === null || at < change.firstAt) change.firstAt = at;
      if (change.lastAt === null || at > change.lastAt) change.lastAt = at;
    }
    for (const { skuNo, locationNo, qty } of this.#reserved.values())
      if (qty !== 0) balance(skuNo, locationNo).reserved += qty;
    for (const { skuNo, locationNo } of this.counts) balance(skuNo, locationNo);
    return [...balances.values()].sort((a, b) => a.skuNo - b.skuNo || a.locationNo - b.locationNo);
  }
}
