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
  findRefundEndpoint,
  markReminded,
  markTold,
} from '@zhanggui/shared/groups/refund-store.ts';
import type { Sql, SqlPool } from '@zhanggui/shared/platform/database.ts';

/** Refunds in one transaction. */
const CHUNK = 2_000;

type Event = typeof REFUND_EVENT | typeof REMINDER_EVENT;

/**
 * Tells of refunds that nobody was told of. What is told is marked in the same transaction, so a worker that dies tells of nothing twice.
 * Answers the deliveries.
 */
export const tellRefunds = (sql: SqlPool, now: Date): Promise<string[]> =>
  each(sql, REFUND_EVENT, now, (tx) => claimUntold(tx, CHUNK), markTold);

/** Asks again about those that are late. */
export const remindRefunds = (sql: SqlPool, now: Date): Promise<string[]> =>
  each(
    sql,
    REMINDER_EVENT,
    now,
    (tx) => claimLate(tx, now, CHUNK),
    (tx, ids) => markReminded(tx, ids, now),
  );

async function each(
  sql: SqlPool,
  event: Event,
  now: Date,
  claim: (tx: Sql) => Promise<AskedRefund[]>,
  mark: (tx: Sql, ids: string[], deliveryId: string, now: Date) => Promise<void>,
): Promise<string[]> {
  const deliveries: string[] = [];
  const endpointId = await findRefundEndpoint(sql, event);
  if (endpointId === null) return deliveries;
  for (let told = CHUNK; told === CHUNK;)
    told = await sql.begin(async (tx) => {
      const refunds = await claim(tx);
      for (const message of inMessages(refunds)) {
        const [id] = await insertDeliveries(tx, [{ endpointId, event, data: { refunds: message } }], now);
        await mark(
          tx,
          message.map((refund) => refund.id),
          id!,
          now,
        );
        deliveries.push(id!);
      }
      return refunds.length;
    });
  return deliveries;
}
