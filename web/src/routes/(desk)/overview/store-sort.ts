import type { StoreTile } from '@zhanggui/shared/contract/board.ts';

export const storeSorts = ['net', 'name', 'reached', 'vsYesterday', 'orders', 'lastSale'] as const;
export type StoreSort = (typeof storeSorts)[number];

const measures: Record<Exclude<StoreSort, 'name'>, (tile: StoreTile) => number | null> = {
  net: (tile) => tile.net,
  reached: (tile) => tile.reached,
  vsYesterday: (tile) => tile.vsYesterday,
  orders: (tile) => tile.orders,
  lastSale: (tile) => (tile.lastSaleAt === null ? null : Date.parse(tile.lastSaleAt)),
};

/** Largest first, what is unknown last; by code where equal, so that rows do not swap without reason. Names ascend. */
export function sortStores(tiles: readonly StoreTile[], by: StoreSort): StoreTile[] {
  const byCode = (a: StoreTile, b: StoreTile) => (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);
  if (by === 'name') return [...tiles].sort(byCode);
  const measure = measures[by];
  return [...tiles].sort((a, b) => (measure(b) ?? -Infinity) - (measure(a) ?? -Infinity) || byCode(a, b));
}
