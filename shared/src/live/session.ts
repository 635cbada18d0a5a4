/** What can be told of a livestream at a moment: whether it is on air and how it compares. Pure. */
import type { LiveMark } from '../contract/board.ts';
import type { LiveState } from '../contract/words.ts';

/** A session and what it adds up to, as rows tell it. Amounts in minor units; `viewers` is now, the others are sums. */
export type SessionFigures = {
  id: string;
  room: string | null;
  host: string | null;
  platform: string | null;
  title: string | null;
  startedAt: Date | null;
  pulseAt: Date | null;
  endedAt: Date | null;
  viewers: number;
  peak: number;
  entered: number;
  likes: number;
  comments: number;
  clicks: number;
  orders: number;
  units: number;
  placed: number;
  paid: number;
  /** What it is to place, and in how many minutes. */
  planAmount: number | null;
  planMinutes: number | null;
};

/** Rooms report every few seconds. Heard nothing for so long, a room is silent; for so much longer, its show is over. */
export const SILENT_MS = 60_000;
export const LOST_MS = 15 * 60_000;
/** A pulse may have been on its way when the show ended. Later ones say that it goes on. */
export const TRAILING_MS = 60_000;

/** Epoch ms; null: nobody said. */
export type Heard = { startedAt: number | null; pulseAt: number | null; endedAt: number | null };

export function stateOf({ startedAt, pulseAt, endedAt }: Heard, now: number): LiveState {
  if (endedAt !== null && !(pulseAt !== null && pulseAt > endedAt + TRAILING_MS)) return 'ended';
  const heard = Math.max(startedAt ?? 0, pulseAt ?? 0);
  return now - heard > LOST_MS ? 'ended' : now - heard > SILENT_MS ? 'silent' : 'running';
}

/** The last sessions of a room that a new one is compared with. */
export const LAST_SESSIONS = 5;
/** A plan that says nothing of its length, in a room without a past. */
export const PLAN_MINUTES = 120;

/** Shows begin early or late: within so many minutes it is the one that was planned. */
export const PLANNED_MINUTES = 60;

/** What one session had placed in each of its minutes, from its first; amounts in minor units. */
export type Curve = { minutes: number; placed: readonly number[] };

/** Placed within the first `minutes` of a session (with a fraction), as if each minute's sales were spread evenly over it. */
export function placedBy({ placed }: Curve, minutes: number): number {
  let sum = 0;
  for (let i = 0; i < placed.length && i < minutes; i++) sum += placed[i]! * Math.min(1, minutes - i);
  return sum;
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** What the last sessions had placed by the same minute, on average; null without any. */
export function lastByNow(last: readonly Curve[], minutes: number): number | null {
  return last.length === 0 ? null : Math.round(mean(last.map((curve) => placedBy(curve, minutes))));
}

/** How long a session that says nothing of it is planned to be: as the last ones. */
export function plannedMinutes(last: readonly Curve[]): number {
  const lengths = last.map(({ minutes }) => minutes).sort((a, b) => a - b);
  return Math.max(1, lengths[Math.floor(lengths.length / 2)] ?? PLAN_MINUTES);
}

/**
 * What of a plan should be placed by now: its share is that of the last sessions at the same part of their length, since a
 * show sells little while it fills and much before it ends. Without a past it grows evenly.
 */
export function planByNow(
  plan: { amount: number; minutes: number | null },
  last: readonly Curve[],
  minutes: number,
): number {
  const part = Math.min(1, minutes / (plan.minutes ?? plannedMinutes(last)));
  const shares = last.flatMap((curve) => {
    const whole = placedBy(curve, curve.placed.length);
    return whole > 0 ? [placedBy(curve, part * curve.minutes) / whole] : [];
  });
  return Math.round(plan.amount * (part >= 1 ? 1 : shares.length === 0 ? part : mean(shares)));
}

/** now ÷ then − 1, to a hundredth of a percent; null when there is nothing to compare with. */
export const change = (now: number, then: number | null): number | null =>
  then === null || then <= 0 ? null : Math.round((now / then - 1) * 10_000) / 10_000;

/** Placed for each thousand that entered. */
export const perThousand = (placed: number, entered: number): number | null =>
  entered > 0 ? Math.round((placed * 1000) / entered) : null;

/** Minutes whose sales tell the present rate: this one and the two before. */
export const RATE_MINUTES = 3;
const MINUTE = 60_000;

/** First minute of that time. */
export const rateFrom = (now: number): number =>
  Math.floor(now / MINUTE) * MINUTE - (RATE_MINUTES - 1) * MINUTE;

/** One product held up, in the order in which it happened. */
export type Featured = { at: number; sku: string; price: number | null };

/** Tells from a session's whole history which of them changed a price: up before, at another one. */
export function kindsOf(featured: readonly Featured[]): LiveMark['kind'][] {
  const prices = new Map<string, number>();
  return featured.map(({ sku, price }) => {
    const before = prices.get(sku);
    if (price !== null) prices.set(sku, price);
    return before !== undefined && price !== null && before !== price ? 'price' : 'featured';
  });
}
