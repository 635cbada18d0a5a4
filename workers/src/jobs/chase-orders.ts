import { openAlerts } from '@zhanggui/shared/alerts/alert-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import {
  bookArrivals,
  findUnbookedShipments,
  lateAlertOf,
  takeLateOrders,
} from '@zhanggui/shared/supply/arrival-store.ts';
import { boardChange } from '@zhanggui/shared/supply/supply-store.ts';
import { handle } from '../job.ts';
import { supplyDoor } from '../supply-door.ts';

const CHUNK = 200;

/** Goods that should be there and are not: one alert an order, which ends by itself when they come. */
export default handle('chase-orders', async ({ sql, hints, log, now }) => {
  const unbooked = await findUnbookedShipments(sql);
  if (unbooked.length > 0) await sql.begin((tx) => bookArrivals(tx, unbooked, supplyDoor));
  const late = await sql.begin(async (tx) => {
    const orders = await takeLateOrders(tx, now, CHUNK);
    if (orders.length === 0) return 0;
    await openAlerts(
      tx,
      orders.map((order) => ({
        ...lateAlertOf(order),
        kind: 'late_supply',
        severity: 'warning',
        params: { order: order.code, lateSince: order.expectedAt.toISOString() },
      })),
      now,
    );
    await noteChange(tx, boardChange);
    return orders.length;
  });
  if (late > 0) log.info({ orders: late }, 'orders are late');
  if (late + unbooked.length > 0) hints.publish('stock', 'alerts');
});
