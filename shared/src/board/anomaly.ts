/**
 * What loses money so fast that it takes the screen of every wall. Judged by what is read, each look anew. Pure. Amounts in minor
 * units.
 *
 * Oversold goods are no anomaly here: they have an alert, which takes the screen by itself.
 */
import type { Anomaly } from '../contract/board.ts';

/** A coupon campaign that its brake has stopped, and is still standing. */
export type BrakeRow = {
  id: string;
  name: string;
  pausedAt: Date;
  /** Allowed in a minute, and what was redeemed in the minute in which it was stopped. */
  brake: number | null;
  spent: number | null;
};

/** A SKU as it sold today, in all places and channels. */
export type CostRow = {
  sku: string;
  nameZh: string;
  nameEn: string;
  cost: number;
  units: number;
  placed: number;
};

/** Refunds of the last quarter of an hour, and of a day on average; null: there was no day before. */
export type RefundRow = { refunded: number; usualDay: number | null };

/** A clearance sells somewhat below cost, and is meant; a slip of the price is far below it. */
export const BELOW_COST_SHARE = 0.8;
export const BELOW_COST_UNITS = 20;
/** ¥1,000 lost. */
export const BELOW_COST_LOSS = 100_000;

export const STORM_MINUTES = 15;
/** ¥10,000 in a quarter of an hour … */
export const STORM_AMOUNT = 1_000_000;
/** … and so many times what is usual. */
export const STORM_FACTOR = 5;
/** Quarters of an hour in which a day's refunds come: ten hours. */
const QUARTERS = 40;

const none = {
  name: null,
  sku: null,
  nameZh: null,
  nameEn: null,
  usualAmount: null,
  times: null,
  units: null,
};
const timesOf = (amount: number | null, usual: number | null) =>
  amount === null || !usual ? null : Math.round((amount / usual) * 10) / 10;

/** Those campaigns, by the moment at which they were stopped: stopped again, it is another matter. */
export const brakesOf = (rows: readonly BrakeRow[]): Anomaly[] =>
  rows.map(({ id, name, pausedAt, brake, spent }) => ({
    ...none,
    id: `brake:${id}:${pausedAt.getTime()}`,
    kind: 'brake',
    name,
    amount: spent,
    usualAmount: brake,
    times: timesOf(spent, brake),
  }));

/** SKUs that went for less than BELOW_COST_SHARE of their cost, the dearest loss first. Once a business day each. */
export const belowCostOf = (rows: readonly CostRow[], day: string): Anomaly[] =>
  rows
    .map((row) => ({ ...row, lost: row.cost * row.units - row.placed }))
    .filter(
      ({ cost, units, placed, lost }) =>
        units >= BELOW_COST_UNITS && placed < BELOW_COST_SHARE * cost * units && lost >= BELOW_COST_LOSS,
    )
    .sort((a, b) => b.lost - a.lost || (a.sku < b.sku ? -1 : 1))
    .map(({ sku, nameZh, nameEn, units, lost }) => ({
      ...none,
      id: `below_cost:${sku}:${day}`,
      kind: 'below_cost',
      sku,
      nameZh,
      nameEn,
      amount: lost,
      units,
    }));

/** Refunds beyond STORM_AMOUNT and STORM_FACTOR times the usual quarter. Once an hour. Without a past nobody knows what is usual. */
export function refundStormOf({ refunded, usualDay }: RefundRow, now: number): Anomaly[] {
  if (usualDay === null) return [];
  const usual = Math.round(usualDay / QUARTERS);
  if (refunded < STORM_AMOUNT || refunded < STORM_FACTOR * usual) return [];
  const id = `refund_storm:${new Date(now).toISOString().slice(0, 13)}`;
  const times = timesOf(refunded, usual);
  return [{ ...none, id, kind: 'refund_storm', amount: refunded, usualAmount: usual, times }];
}
