import { pruneBoardChanges } from '@zhanggui/shared/board/change-store.ts';
import { handle } from '../job.ts';

/** Publishers look every second and read everything anew after a longer absence: older notes are of no use to anyone. */
const KEEP_MINUTES = 10;

export default handle('prune-board', async ({ sql, log }) => {
  const pruned = await pruneBoardChanges(sql, { olderThanMinutes: KEEP_MINUTES });
  log.debug({ pruned }, 'board notes pruned');
});
