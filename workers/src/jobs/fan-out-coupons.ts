import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { doRange } from '../coupons/fan-out.ts';
import { handle } from '../job.ts';

/** A campaign works so long at a time; then the next one in the queue has its turn. */
const TURN_MS = 1_000;

/** Goes on with a fan-out. What it leaves, also by dying, is enqueued again by `watch-campaigns`. */
export default handle('fan-out-coupons', async ({ sql, queues, settings, log }, { campaignId }) => {
  const time = new BusinessTime(settings.timeZone);
  const until = performance.now() + TURN_MS;
  let result: Awaited<ReturnType<typeof doRange>> = 'done';
  while (result === 'done' && performance.now() < until)
    result = await doRange(sql, campaignId, time, new Date());
  if (result === 'done') await queues.add('fan-out-coupons', { payload: { campaignId } });
  else log.debug({ campaign: campaignId, result }, 'fan-out rests');
});
