import { settleCoupons } from '../coupons/settle.ts';
import { handle } from '../job.ts';

export default handle('settle-coupons', async ({ sql, log, now }) => {
  const folded = await settleCoupons(sql, now);
  if (folded > 0) log.debug({ coupons: folded }, 'coupons settled');
});
