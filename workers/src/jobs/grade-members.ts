/**
 * Once a business day, and when a rule of a tag changed: fifths of all members, and the tags that follow from days gone by. Two
 * thousand members a transaction, of which only those are written that change.
 */
import { gradeMembers } from '@zhanggui/shared/members/grade-store.ts';
import { lastScale } from '@zhanggui/shared/members/tag-store.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { handle } from '../job.ts';

export default handle('grade-members', async ({ sql, settings, log, now }, { force }) => {
  const today = asOf(new BusinessTime(settings.timeZone), now.getTime());
  const last = await lastScale(sql);
  // A company whose first members came today is measured again while it grows.
  const young = last !== null && last.members < 100 && now.getTime() - last.madeAt.getTime() > 600_000;
  if (!force && last?.day === today.today && !young) return;
  const began = performance.now();
  const done = await gradeMembers(sql, today);
  log.info({ ...done, seconds: Math.round((performance.now() - began) / 1000) }, 'members graded');
});
