import { waitingSignals } from '@zhanggui/shared/alerts/balance-store.ts';
import { handle } from '../job.ts';

/** A server enqueues the job with the commit; signals that are older than this were left behind by a crash or an outage. */
const OLD_MS = 2_000;

/** Enqueues what a server that was killed between commit and ring did not, and what a flushed Redis forgot. */
export default handle('sweep-signals', async ({ sql, queues, log, now }) => {
  const { count, oldest } = await waitingSignals(sql);
  if (oldest === null || now.getTime() - oldest.getTime() < OLD_MS) return;
  log.info({ signals: count, since: oldest }, 'signals that nobody had taken');
  await queues.add('assess-stock', { payload: {} });
});
