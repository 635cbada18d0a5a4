import { campaignsToClose, closeCoupons, noteSettled } from '@zhanggui/shared/coupons/close-store.ts';
import { handle } from '../job.ts';

/** Coupons a transaction. */
const CHUNK = 5_000;

export default handle('close-coupons', async ({ sql, log, now }) => {
  let closed = 0;
  for (const { no } of await campaignsToClose(sql)) {
    for (let last = CHUNK; last === CHUNK; closed += last)
      last = await sql.begin((tx) => closeCoupons(tx, no, now, CHUNK));
    await noteSettled(sql, no);
  }
  if (closed > 0) log.info({ coupons: closed }, 'coupons ended');
});
