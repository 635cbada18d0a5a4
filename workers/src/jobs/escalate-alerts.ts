import { escalateAlerts } from '@zhanggui/shared/alerts/answer-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { handle } from '../job.ts';

/** An alert that nobody answers is the next level's; one put aside comes back; "I'm on it" holds only so long. */
export default handle('escalate-alerts', async ({ sql, hints, log, now }) => {
  const moved = await sql.begin(async (tx) => {
    const list = await escalateAlerts(tx, now);
    const locationNos = [...new Set(list.map(({ locationNo }) => locationNo))].filter((no) => no !== 0);
    if (list.length > 0) await noteChange(tx, { topics: ['alerts'], minutes: [], locationNos });
    return list;
  });
  if (moved.length === 0) return;
  hints.publish('alerts');
  log.info({ alerts: moved.length }, 'alerts moved on');
});
