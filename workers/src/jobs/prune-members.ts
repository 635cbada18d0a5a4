import { pruneLooks } from '@zhanggui/shared/members/statement-store.ts';
import { handle } from '../job.ts';

/** Rules by behaviour look back a month at most. */
const KEEP_DAYS = 30;

export default handle('prune-members', async ({ sql, log }) => {
  const looks = await pruneLooks(sql, KEEP_DAYS);
  if (looks > 0) log.info({ looks }, 'looks of long ago deleted');
});
