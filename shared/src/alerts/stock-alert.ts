/**
 * Which alerts a balance should have, from its state alone: whoever looks, however often and in whatever order signals
 * come, ends with the same alerts. Pure.
 */
import type { AlertParams } from '../contract/board.ts';
import type { AlertKind, Severity } from '../contract/words.ts';
import { sellsOutAt } from '../stock/pace.ts';

/** A balance and what is known about it. Quantities in pieces. */
export type BalanceState = {
  onHand: number;
  available: number;
  /** Ordered and not yet here. */
  inbound: number;
  /** Null: no policy. */
  reorderPoint: number | null;
  orderUpTo: number | null;
  /** A: the SKUs that most of the revenue comes from. */
  abc: 'A' | 'B' | 'C' | null;
  /** Expected units a day, null without a policy. */
  rate: number | null;
  /** Pieces an hour now. */
  perHour: number;
  /** Newest movement, epoch ms. */
  movedAt: number | null;
  /** The alert of family `stock` that is open. */
  open: AlertKind | null;
};

export type WantedAlert = { kind: AlertKind; severity: Severity; params: AlertParams };

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/** Warned of this long before the last piece goes; once open, it stays until there is half as much time again. */
export const SELLOUT_SOON_MS = 120 * MINUTE;
const SELLOUT_CLEAR_MS = 1.5 * SELLOUT_SOON_MS;
/** Slower than this it is no rush, and the reorder point is the better guard. Pieces an hour. */
export const RUSH_PER_HOUR = 4;
/** An empty shelf without a policy is somebody's concern only if something has moved there of late. */
const CARRIED_MS = 28 * DAY;
/** An alert ends at the reorder point and this share more, or a level at the point would open it again and again. */
export const CLEAR_SHARE = 0.1;

/** From which level on a balance is no longer low. Never above what restocking brings it to. */
export function clearLevel(reorderPoint: number, orderUpTo: number | null): number {
  const clear = reorderPoint + Math.max(1, Math.ceil(reorderPoint * CLEAR_SHARE));
  return orderUpTo === null ? clear : Math.min(clear, Math.max(orderUpTo, reorderPoint + 1));
}

/**
 * The alert of family `stock` that this balance should have, or null. What is inbound keeps an alert from opening, but does
 * not end one: that is for the goods on the shelf to do.
 */
export function wantedAlert(state: BalanceState, now: number): WantedAlert | null {
  const { available, inbound, reorderPoint, orderUpTo, perHour, movedAt, open } = state;
  const goneAt = sellsOutAt(available, perHour, now);
  const params: AlertParams = {
    available,
    inbound,
    ...(reorderPoint !== null && { reorderPoint }),
    ...(perHour >= 1 && { perHour: Math.round(perHour * 10) / 10 }),
    ...(available > 0 && perHour >= RUSH_PER_HOUR && { soldOutAt: new Date(goneAt!).toISOString() }),
  };
  if (available < 0) return { kind: 'oversold', severity: 'critical', params };

  const carried = reorderPoint !== null || (movedAt !== null && now - movedAt < CARRIED_MS);
  const covered = available + inbound > (reorderPoint ?? 0);
  if (available === 0 && carried && (open !== null || !covered))
    return { kind: 'sold_out', severity: matters(state) ? 'critical' : 'warning', params };

  const left = goneAt === null || perHour < RUSH_PER_HOUR ? Infinity : goneAt - now;
  const soon = left <= (open === 'sellout_soon' ? SELLOUT_CLEAR_MS : SELLOUT_SOON_MS);
  if (available > 0 && soon) return { kind: 'sellout_soon', severity: 'critical', params };

  if (reorderPoint === null) return null;
  const low = available <= reorderPoint && (open !== null || !covered);
  const stillLow =
    open !== null && open !== 'sellout_soon' && available < clearLevel(reorderPoint, orderUpTo);
  return low || stillLow
    ? { kind: 'low_stock', severity: matters(state) ? 'warning' : 'info', params }
    : null;
}

/** Whether customers ask for it: it earns much, or goes at least every other day. */
const matters = ({ abc, rate, perHour }: BalanceState) => abc === 'A' || (rate ?? 0) >= 0.5 || perHour >= 1;

/** Whether a restock is to be proposed: it is low, and what is on its way does not lift it above its reorder point. */
export const needsProposal = ({
  available,
  inbound,
  reorderPoint,
}: Pick<BalanceState, 'available' | 'inbound' | 'reorderPoint'>): boolean =>
  reorderPoint !== null && available <= reorderPoint && available + inbound <= reorderPoint;

/** The alert of family `book` that this balance should have: less than nothing cannot lie on a shelf. */
export function wantedBookAlert({ onHand }: Pick<BalanceState, 'onHand'>): WantedAlert | null {
  return onHand < 0 ? { kind: 'negative_stock', severity: 'warning', params: { onHand } } : null;
}
