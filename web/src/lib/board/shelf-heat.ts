import type { AlertTile, StockCounts } from '@zhanggui/shared/contract/board.ts';

/** How empty a store's shelves are, in steps that can be told apart from across a room. */
export type ShelfHeat = 'unknown' | 'full' | 'thin' | 'gappy' | 'bare';

/**
 * Shares of the balances that can't be sold, from which a step begins. A retailer that is well run stays below the first,
 * most are in the second, and the company that this was made for began at 22 %.
 */
const THIN = 0.02;
const GAPPY = 0.05;
const BARE = 0.1;

/** The share of a store's balances that are sold out or oversold, 0…1; null where nothing has ever moved. */
export function outOfStock({ balances, soldOut, oversold }: StockCounts): number | null {
  return balances > 0 ? (soldOut + oversold) / balances : null;
}

export function shelfHeat(share: number | null): ShelfHeat {
  if (share === null) return 'unknown';
  if (share >= BARE) return 'bare';
  if (share >= GAPPY) return 'gappy';
  return share >= THIN ? 'thin' : 'full';
}

/** Whether a store has a critical alert, and whether anybody is on it: one that nobody is on counts for the store. */
export type ShelfAlert = 'waiting' | 'taken';

export function shelfAlerts(alerts: Iterable<AlertTile>): Map<string, ShelfAlert> {
  const stores = new Map<string, ShelfAlert>();
  for (const { severity, location, status } of alerts) {
    if (severity !== 'critical' || location === null || status === 'resolved') continue;
    if (status === 'open') stores.set(location, 'waiting');
    else if (!stores.has(location)) stores.set(location, 'taken');
  }
  return stores;
}
