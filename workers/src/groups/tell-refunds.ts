/** Hands refunds to delivery: each once for the first time, and again while it is late. */
import { insertDeliveries } from '@zhanggui/shared/delivery/delivery-store.ts';
import {
  inMessages,
  REFUND_EVENT,
  REMINDER_EVENT,
  type AskedRefund,
} from '@zhanggui/shared/groups/refund.ts';
import {
  claimLate,
  claimUntold,
  findReceiver,
  markReminded,
  markTold,
  takeOverRefunds,
} from '@zhanggui/shared/groups/refund-store.ts';
import type { Sql, SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { JobContext } from '../job.ts';

/** Refunds in one transaction. */
const CHUNK = 2_000;

type Event = typeof REFUND_EVENT | typeof REMINDER_EVENT;
type Claimed = AskedRefund & { endpointId: string; insteadOf: string | null };

/**
 * Tells of refunds that nobody was told of. What is told is marked in the same transaction, so a worker that dies tells of nothing twice.
 * Answers the deliveries.
 */
export async function tellRefunds(sql: SqlPool, now: Date): Promise<string[]> {
  const endpointId = await findReceiver(sql, REFUND_EVENT);
  if (endpointId === null) return [];
  const claim = async (tx: Sql) =>
    (await claimUntold(tx, CHUNK)).map((refund) => ({ ...refund, endpointId, insteadOf: null }));
  return each(sql, REFUND_EVENT, now, claim, markTold);
}

/** Asks again about those that are late: whom they were asked of, or whoever is asked now, where that one is gone. */
export async function remindRefunds({
  sql,
  now,
  log,
}: Pick<JobContext, 'sql' | 'now' | 'log'>): Promise<string[]> {
  const endpointId = await findReceiver(sql, REFUND_EVENT);
  const taken = endpointId === null ? 0 : await takeOverRefunds(sql, endpointId);
  if (taken > 0)
    log.warn({ refunds: taken, endpoint: endpointId }, 'refunds of a receiver that is gone were taken over');
  return each(sql, REMINDER_EVENT, now, (tx) => claimLate(tx, now, CHUNK), markReminded);
}

async function each(
  sql: SqlPool,
  event: Event,
  now: Date,
  claim: (tx: Sql) => Promise<Claimed[]>,
  mark: (tx: Sql, ids: string[], as: { deliveryId: string; endpointId: string; now: Date }) => Promise<void>,
): Promise<string[]> {
  const deliveries: string[] = [];
  for (let told = CHUNK; told === CHUNK;)
    told = await sql.begin(async (tx) => {
      const claimed = await claim(tx);
      for (const [endpointId, refunds] of Map.groupBy(claimed, (refund) => refund.endpointId))
        for (const message of inMessages(refunds)) {
          const data = { refunds: message.map(shown) };
          const [deliveryId] = await insertDeliveries(tx, [{ endpointId, event, data }], now);
          const ids = message.map(({ id }) => id);
          await mark(tx, ids, { deliveryId: deliveryId!, endpointId, now });
          deliveries.push(deliveryId!);
        }
      return claimed.length;
    });
  return deliveries;
}

/** Only a receiver that took over hears whom it was asked of before: that one may have paid it back. */
const shown = ({ endpointId: _, insteadOf, ...refund }: Claimed) => ({
  ...refund,
  ...(insteadOf !== null && { insteadOf }),
});
