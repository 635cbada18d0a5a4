import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { doRange, type RangeResult } from '../coupons/fan-out.ts';
import { handle } from '../job.ts';

/** A campaign works so long at a time; then the next one in the queue has its turn. */
const TURN_MS = 1_000;

/** Ranges at the same time: while one is decided, and its commit waits for the disk, the other keeps Postgres busy. */
const LANES = 2;

/** Goes on with a fan-out. What it leaves, also by dying, is enqueued again by `watch-campaigns`. */
export default handle('fan-out-coupons', async ({ sql, queues, settings, log }, { campaignId }) => {
  const time = new BusinessTime(settings.timeZone);
  const until = performance.now() + TURN_MS;
  const lane = async (): Promise<RangeResult> => {
    let result: RangeResult = 'done';
    while (result === 'done' && performance.now() < until)
      result = await doRange(sql, campaignId, time, new Date());
    return result;
  };
  const results = await Promise.all(Array.from({ length: LANES }, lane));
  const goesOn = results.includes('done') && results.every((each) => each === 'done' || each === 'later');
  if (goesOn) await queues.add('fan-out-coupons', { payload: { campaignId } });
  else log.debug({ campaign: campaignId, results }, 'fan-out rests');
  if (results.includes('later')) log.warn({ campaign: campaignId }, 'a range of a fan-out is put off');
});
