import { proposalsWithin } from '@zhanggui/shared/restock/decision-store.ts';
import { readRule } from '@zhanggui/shared/supply/rule-store.ts';
import { approveProposals } from '@zhanggui/shared/supply/supply-store.ts';
import { handle } from '../job.ts';
import { supplyDoor } from '../supply-door.ts';

const CHUNK = 200;
/** Who approved, in the books. */
const BY_RULE = 'rule';

/** Small proposals of the kinds that the company named: nobody has to look at them. */
export default handle('approve-proposals', async ({ sql, hints, log }) => {
  const rule = await readRule(sql);
  if (rule.kinds.length === 0) return;
  const orders = await sql.begin(async (tx) => {
    const ids = await proposalsWithin(tx, rule, CHUNK);
    if (ids.length === 0) return 0;
    const { made } = await approveProposals(
      tx,
      ids.map((id) => ({ id })),
      { by: BY_RULE, mayDecide: () => true, door: supplyDoor },
    );
    return made.length;
  });
  if (orders === 0) return;
  log.info({ orders }, 'proposals approved by rule');
  hints.publish('stock', 'alerts');
});
