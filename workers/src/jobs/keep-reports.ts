import { keepReport, makeReport, reportsToClose } from '@zhanggui/shared/campaigns/report-store.ts';
import { handle } from '../job.ts';

/** Reports of campaigns of which nothing changes any more are made once more and kept. */
export default handle('keep-reports', async ({ sql, log, now }) => {
  for (const { id } of await reportsToClose(sql, now)) {
    const made = await makeReport(sql, id, now);
    if (made) await keepReport(sql, made, { now, final: true });
    log.info({ campaign: id }, 'report of a campaign kept');
  }
});
