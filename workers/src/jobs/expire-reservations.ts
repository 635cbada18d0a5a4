/**
 * Frees what reservations hold beyond their time, and what is still held for orders that are placed. Claimed with the
 * statement that ends the hold, so it may run twice and beside itself.
 */
import { addFeed, addSignals, crossingKind, noteChange } from '@zhanggui/shared/board/change-store.ts';
import type { Topic } from '@zhanggui/shared/contract/board.ts';
import { limitPerKind } from '@zhanggui/shared/ingest/notable.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { bookStock, isNews } from '@zhanggui/shared/stock/booking-store.ts';
import { StockChanges } from '@zhanggui/shared/stock/changes.ts';
import type { HeldLine } from '@zhanggui/shared/stock/reservation.ts';
import { expireReservations, findMissedOrders, takeOver } from '@zhanggui/shared/stock/reservation-store.ts';
import { handle } from '../job.ts';

/** Reservations a transaction. */
const CHUNK = 500;

export default handle('expire-reservations', async ({ sql, hints, queues, log }) => {
  const done = { expired: 0, missed: 0, signals: 0 };
  for (let ended = CHUNK; ended === CHUNK;) {
    ended = await sql.begin(async (tx) => {
      const expired = await expireReservations(tx, { most: CHUNK });
      done.signals += await bookFreed(tx, expired.freed);
      return expired.ended;
    });
    done.expired += ended;
  }
  const missed = await findMissedOrders(sql);
  if (missed.length > 0)
    await sql.begin(async (tx) => {
      const freed = await takeOver(tx, missed);
      done.signals += await bookFreed(tx, freed);
      done.missed = missed.length;
    });
  if (done.expired + done.missed === 0) return;
  hints.publish('stock');
  if (done.signals > 0) await queues.add('assess-stock', { payload: {} });
  log.debug(done, 'reservations ended');
});

/** Answers how many signals that left. */
async function bookFreed(tx: Sql, freed: readonly HeldLine[]): Promise<number> {
  const stock = new StockChanges();
  for (const { skuNo, locationNo, qty } of freed) stock.reserve(skuNo, locationNo, -qty);
  if (stock.empty) return 0;
  const crossings = await bookStock(tx, stock);
  const feed = limitPerKind(
    crossings.filter(isNews).map((crossing) => ({
      kind: crossingKind(crossing),
      at: Date.now(),
      skuNo: crossing.skuNo,
      locationNo: crossing.locationNo,
      params: { qty: crossing.after },
    })),
  );
  const topics: Topic[] = feed.length > 0 ? ['stock', 'feed'] : ['stock'];
  await addSignals(tx, crossings);
  await addFeed(tx, feed);
  await noteChange(tx, { topics, minutes: [], locationNos: [] });
  return crossings.length;
}
