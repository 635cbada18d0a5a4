import { pruneBoardChanges, pruneNews } from '@zhanggui/shared/board/change-store.ts';
import { handle } from '../job.ts';

/** Publishers look every second and read everything anew after a longer absence: older notes are of no use to anyone. */
const KEEP_MINUTES = 10;
/** The ticker shows the last thirty lines; a signal this old speaks of a shelf that was counted since. */
const KEEP_NEWS_DAYS = 30;

export default handle('prune-board', async ({ sql, log }) => {
  const pruned = await pruneBoardChanges(sql, { olderThanMinutes: KEEP_MINUTES });
  const news = await pruneNews(sql, { olderThanDays: KEEP_NEWS_DAYS });
  log.debug({ pruned, news }, 'board notes pruned');
});
