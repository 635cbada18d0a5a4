import { pruneDeliveries } from '@zhanggui/shared/delivery/delivery-store.ts';
import { handle } from '../job.ts';

/** Long enough to look into a complaint of last month. */
const KEEP_DAYS = 60;

export default handle('prune-deliveries', async ({ sql, log }) => {
  const pruned = await pruneDeliveries(sql, { olderThanDays: KEEP_DAYS });
  if (pruned > 0) log.info({ pruned }, 'old deliveries deleted');
});
