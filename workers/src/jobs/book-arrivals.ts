import { bookArrivals, takeArrivals } from '@zhanggui/shared/supply/arrival-store.ts';
import { handle } from '../job.ts';
import { supplyDoor } from '../supply-door.ts';

/** Orders a transaction: their balances are locked until it ends. */
const CHUNK = 50;

/** Orders whose goods moved, as facts say: ours or those of another system. */
export default handle('book-arrivals', async ({ sql, hints, queues, log }) => {
  for (;;) {
    const { taken, changed } = await sql.begin(async (tx) => {
      const arrivals = await takeArrivals(tx, CHUNK);
      return { taken: arrivals.taken, changed: await bookArrivals(tx, arrivals.codes, supplyDoor) };
    });
    if (changed > 0) {
      log.info({ orders: changed }, 'arrivals booked');
      hints.publish('stock', 'alerts');
      await queues.add('assess-stock', { payload: {} });
    }
    if (taken < CHUNK) return;
  }
});
