/** Orders for goods as routes read them, and who may change them. */
import { maySee, type Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import {
  listLines,
  listOrders,
  listReceipts,
  type SupplyLineRow,
  type SupplyOrderRow,
} from '@zhanggui/shared/supply/order-store.ts';
import { outstanding } from '@zhanggui/shared/supply/supply-order.ts';

const isAt = (who: Who, place: string | null, region: string | null): boolean =>
  place !== null && maySee(who, { code: place, region });
export const isTheirs = (who: Who, row: SupplyOrderRow): boolean => isAt(who, row.to, row.toRegion);
export const sendsIt = (who: Who, row: SupplyOrderRow): boolean =>
  row.kind === 'transfer' && isAt(who, row.from, row.fromRegion);

export async function findOrder(db: Sql, orderCode: string): Promise<SupplyOrderRow> {
  const [row] = await listOrders(db, { code: orderCode, sight: null }, null, 1);
  if (!row) throw new AppError('not_found', `There is no order ${orderCode}`);
  return row;
}

export async function showOrder(db: Sql, orderCode: string) {
  const row = await findOrder(db, orderCode);
  const [lines, receipts] = await Promise.all([listLines(db, row.no), listReceipts(db, row.no)]);
  return { ...row, lines: lines.map((each) => ({ ...each, outstanding: owed(row, each) })), receipts };
}

export const owed = ({ status }: SupplyOrderRow, each: SupplyLineRow): number =>
  status === 'received' || status === 'cancelled' ? 0 : outstanding(each);

/** The order, for who may change it: at its destination, or at its source as well. */
export async function demandOrder(
  sql: Sql,
  who: Who,
  orderCode: string,
  { atSource }: { atSource: boolean },
): Promise<SupplyOrderRow> {
  const row = await findOrder(sql, orderCode);
  if (!isTheirs(who, row) && !(atSource && sendsIt(who, row)))
    throw new AppError('outside_scope', `${row.code} goes to ${row.to}, which is not one of yours`);
  return row;
}
