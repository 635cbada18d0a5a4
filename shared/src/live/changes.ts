/**
 * What a group of facts adds to livestreams: sums by session, minute and product, the newest pulse, and the marks. Pure.
 * Sums take each fact once; of pulses the newest by key counts, of starts the earliest, of ends the latest: facts may come
 * late and in any order and end the same.
 */
import type { OrderState } from '../sales/order.ts';

const MINUTE = 60_000;

/** What `live.started` says. `key` is `time source id` of the fact, as for all keys here; times in epoch ms. */
export type Start = {
  key: string;
  at: number;
  roomId: string;
  host: string | null;
  platform: string | null;
  title: string | null;
  skus: readonly string[] | null;
};

/** Counts since the pulse before; `viewers` is how many watch at `at`. */
export type Pulse = {
  key: string;
  at: number;
  viewers: number;
  entered: number;
  likes: number;
  comments: number;
  clicks: number;
  bySku: readonly (readonly [skuNo: number, clicks: number])[];
};

const emptySums = {
  entered: 0,
  likes: 0,
  comments: 0,
  clicks: 0,
  orders: 0,
  units: 0,
  placed: 0,
  paid: 0,
};
type Sums = typeof emptySums;

export type SessionRow = Sums & {
  sessionId: string;
  refunded: number;
  peak: number;
  endedAt: number | null;
  /** The newest pulse of the group. */
  pulse: { key: string; at: number; viewers: number } | null;
};
export type MinuteRow = Sums & { sessionId: string; minute: number; viewers: number };
export type ProductRow = {
  sessionId: string;
  skuNo: number;
  /** 0: clicks, which belong to no place. */
  locationNo: number;
  clicks: number;
  orders: number;
  units: number;
  amount: number;
};
export type ProductMinuteRow = {
  sessionId: string;
  skuNo: number;
  minute: number;
  locationNo: number;
  units: number;
};
export type MarkRow = { sessionId: string; key: string; at: number; skuNo: number; price: number | null };
export type StartRow = Start & { sessionId: string };

/** Rows come out sorted by key: the order in which every transaction locks. */
export class LiveChanges {
  #sessions = new Map<string, SessionRow>();
  #starts = new Map<string, StartRow>();
  #minutes = new Map<string, MinuteRow>();
  #products = new Map<string, ProductRow>();
  #productMinutes = new Map<string, ProductMinuteRow>();
  #marks: MarkRow[] = [];

  get empty(): boolean {
    return this.#sessions.size === 0;
  }

  started(sessionId: string, start: Start): void {
    this.#session(sessionId);
    const known = this.#starts.get(sessionId);
    if (!known || start.key < known.key) this.#starts.set(sessionId, { sessionId, ...start });
  }

  ended(sessionId: string, at: number): void {
    const session = this.#session(sessionId);
    session.endedAt = Math.max(session.endedAt ?? at, at);
  }

  pulse(sessionId: string, { key, at, viewers, bySku, ...counts }: Pulse): void {
    const session = this.#session(sessionId);
    const minute = this.#minute(sessionId, at);
    for (const field of ['entered', 'likes', 'comments', 'clicks'] as const) {
      session[field] += counts[field];
      minute[field] += counts[field];
    }
    session.peak = Math.max(session.peak, viewers);
    minute.viewers = Math.max(minute.viewers, viewers);
    if (!session.pulse || session.pulse.key < key) session.pulse = { key, at, viewers };
    for (const [skuNo, clicks] of bySku) this.#product(sessionId, skuNo, 0).clicks += clicks;
  }

  featured(sessionId: string, mark: { key: string; at: number; skuNo: number; price: number | null }): void {
    this.#session(sessionId);
    this.#marks.push({ sessionId, ...mark });
  }

  placed(sessionId: string, at: number, orders: number, units: number, amount: number): void {
    for (const row of [this.#session(sessionId), this.#minute(sessionId, at)]) {
      row.orders += orders;
      row.units += units;
      row.placed += amount;
    }
  }

  paid(sessionId: string, at: number, amount: number): void {
    this.#session(sessionId).paid += amount;
    this.#minute(sessionId, at).paid += amount;
  }

  refunded(sessionId: string, amount: number): void {
    this.#session(sessionId).refunded += amount;
  }

  sold(
    sessionId: string,
    at: number,
    skuNo: number,
    locationNo: number,
    orders: number,
    units: number,
    amount: number,
  ): void {
    const product = this.#product(sessionId, skuNo, locationNo);
    product.orders += orders;
    product.units += units;
    product.amount += amount;
    const minute = Math.floor(at / MINUTE) * MINUTE;
    const key = `${skuNo}|${minute}|${locationNo}|${sessionId}`;
    const row = this.#productMinutes.get(key);
    if (row) row.units += units;
    else this.#productMinutes.set(key, { sessionId, skuNo, minute, locationNo, units });
  }

  #session(sessionId: string): SessionRow {
    let row = this.#sessions.get(sessionId);
    if (!row) {
      row = { sessionId, ...emptySums, refunded: 0, peak: 0, endedAt: null, pulse: null };
      this.#sessions.set(sessionId, row);
    }
    return row;
  }

  #minute(sessionId: string, at: number): MinuteRow {
    const minute = Math.floor(at / MINUTE) * MINUTE;
    const key = `${minute}|${sessionId}`;
    let row = this.#minutes.get(key);
    if (!row) this.#minutes.set(key, (row = { sessionId, minute, viewers: 0, ...emptySums }));
    return row;
  }

  #product(sessionId: string, skuNo: number, locationNo: number): ProductRow {
    const key = `${skuNo}|${locationNo}|${sessionId}`;
    let row = this.#products.get(key);
    if (!row) {
      row = { sessionId, skuNo, locationNo, clicks: 0, orders: 0, units: 0, amount: 0 };
      this.#products.set(key, row);
    }
    return row;
  }

  /** Every session that the group touches, also where it adds nothing: whoever writes to a session locks its row first. */
  sessions(): SessionRow[] {
    return [...this.#sessions.values()].sort(bySession);
  }

  starts(): StartRow[] {
    return [...this.#starts.values()].sort(bySession);
  }

  minutes(): MinuteRow[] {
    return [...this.#minutes.values()].sort((a, b) => bySession(a, b) || a.minute - b.minute);
  }

  products(): ProductRow[] {
    return [...this.#products.values()].sort(
      (a, b) => bySession(a, b) || a.skuNo - b.skuNo || a.locationNo - b.locationNo,
    );
  }

  productMinutes(): ProductMinuteRow[] {
    return [...this.#productMinutes.values()]
      .filter((row) => row.units !== 0)
      .sort(
        (a, b) => bySession(a, b) || a.skuNo - b.skuNo || a.minute - b.minute || a.locationNo - b.locationNo,
      );
  }

  marks(): MarkRow[] {
    return this.#marks;
  }
}

const bySession = (a: { sessionId: string }, b: { sessionId: string }) =>
  a.sessionId < b.sessionId ? -1 : a.sessionId > b.sessionId ? 1 : 0;

/** Adds what an order in this state contributes to its session, `sign` times (−1 takes it out again); most have none. */
export function addOrder({ placed, paidAt, refunds }: OrderState, sign: 1 | -1, live: LiveChanges): void {
  if (!placed || placed.sessionId === null) return;
  const { sessionId, at, stockLocationNo, total, lineSku, lineQty, lineAmount } = placed;
  let units = 0;
  for (let i = 0; i < lineSku.length; i++) {
    units += lineQty[i]!;
    // An order with two lines of one SKU is still one order that holds it.
    const orders = lineSku.indexOf(lineSku[i]!) === i ? sign : 0;
    live.sold(sessionId, at, lineSku[i]!, stockLocationNo, orders, sign * lineQty[i]!, sign * lineAmount[i]!);
  }
  live.placed(sessionId, at, sign, sign * units, sign * total);
  const paid = placed.method === 'carry' ? at : paidAt;
  if (paid !== null) live.paid(sessionId, paid, sign * total);
  for (const refund of refunds) live.refunded(sessionId, sign * refund.amount);
}
