import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { claimOwing, confirmByFacts } from '@zhanggui/shared/groups/refund-store.ts';
import { settleOrders } from '../groups/settle-orders.ts';
import { remindRefunds, tellRefunds } from '../groups/tell-refunds.ts';
import { handle } from '../job.ts';

/** Seats in one transaction. */
const CHUNK = 2_000;

/**
 * Follows refunds to their end: asks for those of seats that were left, or whose payment came late; tells of what nobody was told of;
 * confirms what facts say is paid back; asks again about what is late.
 */
export default handle('chase-refunds', async ({ sql, hints, queues, log, now }) => {
  let [asked, signals] = [0, 0];
  // A group that was settled owes nothing that is paid.
  for (let groups = 1; groups > 0;)
    groups = await sql.begin(async (tx) => {
      const nos = await claimOwing(tx, CHUNK);
      const settled = await settleOrders(tx, nos);
      asked += settled.asked;
      signals += settled.signals;
      return nos.length;
    });
  if (signals > 0) await queues.add('assess-stock', { payload: {} });
  const confirmed = await sql.begin((tx) => confirmByFacts(tx));
  const deliveries = [...(await tellRefunds(sql, now)), ...(await remindRefunds({ sql, now, log }))];
  if (deliveries.length > 0)
    await queues.add('send-delivery', ...deliveries.map((id) => ({ payload: { id } })));
  if (asked + confirmed + deliveries.length === 0) return;
  await sql.begin((tx) => noteChange(tx, { topics: ['groups'], minutes: [], locationNos: [] }));
  hints.publish('groups');
  log.info({ asked, confirmed, deliveries: deliveries.length }, 'refunds followed');
});
