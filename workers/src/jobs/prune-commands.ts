import { pruneKeys } from '@zhanggui/shared/access/idempotency-store.ts';
import { pruneReservations } from '@zhanggui/shared/stock/reservation-store.ts';
import { handle } from '../job.ts';

/** A client that tries again does so within minutes; a day is for one that was switched off overnight. */
const KEEP_KEYS_HOURS = 48;
/** What an ended reservation was about is in its order. */
const KEEP_RESERVATIONS_DAYS = 90;

export default handle('prune-commands', async ({ sql, log }) => {
  const keys = await pruneKeys(sql, { olderThanHours: KEEP_KEYS_HOURS });
  const reservations = await pruneReservations(sql, { olderThanDays: KEEP_RESERVATIONS_DAYS });
  log.debug({ keys, reservations }, 'old commands forgotten');
});
