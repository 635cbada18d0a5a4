import { stepByClock } from '@zhanggui/shared/coupons/campaign-store.ts';
import { idleFanOuts } from '@zhanggui/shared/coupons/fan-out-store.ts';
import { handle } from '../job.ts';

export default handle('watch-campaigns', async ({ sql, queues, log, now }) => {
  const { started, finished } = await sql.begin((tx) => stepByClock(tx, now));
  if (started.length + finished.length > 0) log.info({ started, finished }, 'campaigns began and ended');
  const idle = await idleFanOuts(sql);
  if (idle.length > 0)
    await queues.add('fan-out-coupons', ...idle.map(({ id }) => ({ payload: { campaignId: id } })));
});
