import { noteStagnant } from '@zhanggui/shared/restock/slow-mover-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { handle } from '../job.ts';

/** The first run of a business day notes how much of the stock lies too long; the others find that it is done. */
export default handle('age-stock', async ({ sql, settings, log, now }) => {
  const day = new BusinessTime(settings.timeZone).day(now.getTime());
  if (await noteStagnant(sql, day)) log.info({ day }, 'stagnant stock noted');
});
