import { minorPerUnit, refreshMembers } from '@zhanggui/shared/members/refresh-store.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { handle } from '../job.ts';

/** Members a transaction: a quarter of a second of work. */
const CHUNK = 2_000;
/** Then the next run goes on, so that a long backlog keeps no place in the queue for itself. */
const RUN_MS = 20_000;

/** Members whose orders changed, and what is said of members: their profiles, points and tags. */
export default handle('refresh-members', async ({ sql, settings, log, now }) => {
  const today = asOf(new BusinessTime(settings.timeZone), now.getTime());
  const minor = minorPerUnit(settings.currency);
  const began = performance.now();
  let members = 0;
  while (performance.now() - began < RUN_MS) {
    const done = await refreshMembers(sql, { size: CHUNK, minor, asOf: today });
    if (done === null) break;
    members += done.members;
    for (const aside of done.aside)
      log.error(aside, 'the database refuses what is told of a member: set aside, see zg verify');
  }
  if (members > 0) log.debug({ members, ms: Math.round(performance.now() - began) }, 'members refreshed');
});
