import { askRefunds } from '@zhanggui/shared/groups/refund-store.ts';
import { linkOrders } from '@zhanggui/shared/groups/seat-order-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { takeOver } from '@zhanggui/shared/stock/reservation-store.ts';
import { bookFreed } from '../stock/book-freed.ts';

/**
 * Gives the seats of these groups their orders, and only then asks for refunds: an order that its member took along to another seat is
 * not to be paid back. The groups are locked.
 */
export async function settleOrders(
  tx: Sql,
  groupNos: readonly number[],
): Promise<{ asked: number; signals: number }> {
  const freed = await takeOver(tx, await linkOrders(tx, groupNos));
  const asked = await askRefunds(tx, groupNos);
  return { asked, signals: await bookFreed(tx, freed) };
}
