import { listOn } from '@zhanggui/shared/automations/automation-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { runStep } from '../automations/draw.ts';
import { handle } from '../job.ts';

/** All rules together work so long at a time; then what else is in the queue has its turn. */
const TURN_MS = 3_000;

/** Runs every rule that is on, in turns. What is left, also by dying, the next run finds. */
export default handle('run-automations', async ({ sql, queues, settings, log, now }) => {
  const time = new BusinessTime(settings.timeZone);
  const until = performance.now() + TURN_MS;
  let left = await listOn(sql);
  let failure: unknown;
  while (left.length > 0 && performance.now() < until) {
    const more: number[] = [];
    for (const no of left) {
      try {
        const result = await runStep({ sql, time, now }, no);
        if (result === 'busy') return;
        if (result === 'more') more.push(no);
      } catch (error) {
        // One that cannot be run keeps none of the others from it.
        log.error({ err: error, automation: no }, 'an automation failed');
        failure = error;
      }
    }
    left = more;
  }
  if (failure !== undefined) throw failure as Error;
  if (left.length > 0) await queues.add('run-automations', { payload: {} });
});
