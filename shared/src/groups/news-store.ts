/** Groups of ours that formed or expired and of which nobody was told yet. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { NEWS_DAYS, type Ended, type GroupNews } from './news.ts';

/** The earliest of them, locked; two that look at once share them out. */
export const claimNews = (sql: Sql, { state, now, most }: { state: Ended; now: Date; most: number }) =>
  sql<(GroupNews & { no: number })[]>`
    select g.no, g.id as "groupId", c.id as "campaignId", g.because, coalesce(g.formed_at, g.ended_at) as at, g.size, g.virtual,
      l.id as leader, case when g.state = 'formed' then g.bonus else 0 end as bonus,
      coalesce((select json_agg(json_build_object('memberId', m.id, 'orderId', s.order_id) order by s.position)
        from group_seat s join member m on m.no = s.member_no where s.group_no = g.no and s.left_at is null), '[]') as members
    from group_buy g join campaign c on c.no = g.campaign_no left join member l on l.no = g.leader_no
    where g.source = 'ours' and g.state <> 'open' and g.state = ${state} and g.told_at is null
      and coalesce(g.formed_at, g.ended_at) > ${now}::timestamptz - ${NEWS_DAYS}::int * interval '1 day'
    order by coalesce(g.formed_at, g.ended_at) limit ${most} for update of g skip locked`;

export async function markNews(sql: Sql, groupNos: readonly number[], now: Date): Promise<void> {
  await sql`update group_buy set told_at = ${now} where no = any(${column(groupNos, (no) => no)}::bigint[])`;
}
