import { measureDraws } from '@zhanggui/shared/automations/effect-store.ts';
import { pruneOccasions } from '@zhanggui/shared/automations/occasion-store.ts';
import { handle } from '../job.ts';

/** Members a transaction. */
const CHUNK = 2_000;
/** Then the next run goes on. */
const RUN_MS = 20_000;
/** Occasions that came to nothing are kept so long. */
const KEEP_DAYS = 90;

/** Measures what members bought after their draw, and forgets what came to nothing long ago. */
export default handle('measure-automations', async ({ sql, log, now }) => {
  const until = performance.now() + RUN_MS;
  let measured = 0;
  for (let last = CHUNK; last === CHUNK && performance.now() < until; measured += last)
    last = await measureDraws(sql, now, CHUNK);
  if (measured > 0) log.info({ members: measured }, 'draws measured');
  await pruneOccasions(sql, KEEP_DAYS);
});
