import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { expireBargains } from '@zhanggui/shared/groups/deadline-store.ts';
import { CampaignCounts, countOnCampaigns } from '@zhanggui/shared/groups/group-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { endGroups } from '../groups/end-groups.ts';
import { tellGroups } from '../groups/tell-groups.ts';
import { tellRefunds } from '../groups/tell-refunds.ts';
import { handle } from '../job.ts';

/** Bargains in one transaction. */
const CHUNK = 500;

/**
 * Ends groups and bargains whose time is up, or whose campaign was called off; tells of what formed and expired, also by commands, and of
 * the refunds that this makes due.
 */
export default handle('expire-groups', async ({ sql, hints, queues, log, now }) => {
  const done = await endGroups(sql, now);
  const bargains = await endBargains(sql, now);
  const ended = done.formed + done.expired + bargains;
  if (ended > 0) hints.publish('groups', 'stock');
  if (done.signals > 0) await queues.add('assess-stock', { payload: {} });
  // Also those that are left here are told of, some seconds later.
  const deliveries = [...(await tellGroups(sql, now)), ...(ended > 0 ? await tellRefunds(sql, now) : [])];
  if (deliveries.length > 0)
    await queues.add('send-delivery', ...deliveries.map((id) => ({ payload: { id } })));
  if (ended > 0) log.info({ ...done, bargains }, 'groups and bargains ended');
});

async function endBargains(sql: SqlPool, now: Date): Promise<number> {
  let all = 0;
  for (let ended = CHUNK; ended === CHUNK; all += ended)
    ended = await sql.begin(async (tx) => {
      const rows = await expireBargains(tx, now, CHUNK);
      const counts = new CampaignCounts();
      for (const { campaignNo, liability } of rows)
        counts.add(campaignNo, { issued: -1, reserved: -liability });
      if (rows.length > 0) await noteChange(tx, { topics: ['groups'], minutes: [], locationNos: [] });
      await countOnCampaigns(tx, counts.rows());
      return rows.length;
    });
  return all;
}
