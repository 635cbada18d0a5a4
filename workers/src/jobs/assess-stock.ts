/**
 * Judges the balances that signals point at, as `assess.ts` does. It goes by what the balances are now, not by what the signals
 * said, so it may run at any time, twice, and beside itself.
 */
import { handle } from '../job.ts';
import { ASSESSED_AT_ONCE, assessOnce } from '../assess.ts';

export default handle('assess-stock', async ({ sql, hints, log }) => {
  for (;;) {
    const { taken, changed } = await assessOnce(sql, new Date(), 'happened');
    if (changed > 0) hints.publish('alerts', 'stock');
    if (taken > 0) log.debug({ taken, changed }, 'balances assessed');
    // Others may have taken the rest; who comes later has a job of their own.
    if (taken < ASSESSED_AT_ONCE) return;
  }
});
