/**
 * Frees what reservations hold beyond their time, and what is still held for orders that are placed. Claimed with the
 * statement that ends the hold, so it may run twice and beside itself.
 */
import { expireReservations, findMissedOrders, takeOver } from '@zhanggui/shared/stock/reservation-store.ts';
import { handle } from '../job.ts';
import { bookFreed } from '../stock/book-freed.ts';

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
