/**
 * What no sale tells: which balances are in a rush, and alerts that do not fit their balances any more (a rush that calmed
 * down, goods that were called off, a signal that was lost). Leaves signals for `assess-stock`.
 */
import { signalMisfits, takeLook } from '@zhanggui/shared/alerts/balance-store.ts';
import { RUSH_PER_HOUR, SELLOUT_SOON_MS } from '@zhanggui/shared/alerts/stock-alert.ts';
import { isPlanning } from '@zhanggui/shared/restock/plan-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { signalRushes, updatePaces } from '@zhanggui/shared/stock/pace-store.ts';
import { handle } from '../job.ts';

/** Misfits a round: after an outage or a new plan there may be many, and the next round comes soon. */
const MOST = 5_000;

export default handle('watch-stock', async ({ sql, queues, settings, log, now }) => {
  const time = new BusinessTime(settings.timeZone);
  const day = time.day(now.getTime());
  const paces = await updatePaces(sql, day, new Date(time.start(day)), now);
  const rushes = await signalRushes(sql, {
    now,
    withinHours: SELLOUT_SOON_MS / 3_600_000,
    perHour: RUSH_PER_HOUR,
  });
  // A plan judges what it changes, by itself and last of all: before that everything it has set is a misfit.
  const misfits = await sql.begin(async (tx) =>
    !(await isPlanning(tx)) && (await takeLook(tx)) ? signalMisfits(tx, MOST) : 0,
  );
  if (rushes + misfits > 0) await queues.add('assess-stock', { payload: {} });
  log.debug({ paces, rushes, misfits }, 'stock watched');
});
