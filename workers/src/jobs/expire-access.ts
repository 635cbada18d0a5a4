import { expireAccess } from '@zhanggui/shared/access/access-store.ts';
import { handle } from '../job.ts';

/** Sessions, links and pairing codes are refused when their time is over; this only keeps the tables small. */
export default handle('expire-access', async ({ sql, log }) => {
  const expired = await expireAccess(sql);
  if (expired > 0) log.info({ expired }, 'expired sessions, links and pairing codes deleted');
});
