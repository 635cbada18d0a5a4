/** Groups and bargains whose time is up. */
import type { Sql } from '../platform/database.ts';
import { column } from '../platform/column.ts';

/** Campaigns of group-buys that were called off and have open groups left. */
export async function findCalledOff(sql: Sql): Promise<number[]> {
  const rows = await sql<{ no: number }[]>`
    select c.no from campaign c where c.kind = 'group' and c.state = 'cancelled' and exists (
      select from group_buy g where g.campaign_no = c.no and g.state = 'open' and g.source = 'ours')`;
  return rows.map(({ no }) => no);
}

/** Open groups of ours whose time is up, or all of one campaign, locked: their numbers. Those that another worker has are left to it. */
export async function claimDue(
  sql: Sql,
  { now, campaignNo, most }: { now: Date; campaignNo?: number; most: number },
): Promise<number[]> {
  const rows = await sql<{ no: number }[]>`
    select no from group_buy where state = 'open' and source = 'ours'
      ${campaignNo === undefined ? sql`and expires_at <= ${now}` : sql`and campaign_no = ${campaignNo}`}
    order by ${campaignNo === undefined ? sql`expires_at` : sql`no`} limit ${most} for update skip locked`;
  return rows.map(({ no }) => no);
}

/** Frees the seats of groups that expired: they count for nobody any more, and owe what was paid. Answers what held their pieces. */
export async function closeSeats(sql: Sql, groupNos: readonly number[]): Promise<string[]> {
  if (groupNos.length === 0) return [];
  const rows = await sql<{ held: string | null }[]>`
    update group_seat set counts = false, owes = true
    where group_no = any(${column(groupNos, (no) => no)}::bigint[]) and left_at is null
    returning held`;
  return rows.flatMap(({ held }) => held ?? []);
}

/** Ends bargains of ours that nobody bought in time. Answers what their campaigns had kept for each. */
export const expireBargains = (sql: Sql, now: Date, most: number) =>
  sql<{ campaignNo: number; liability: number }[]>`
    with due as materialized (
      select b.no from bargain b join campaign c on c.no = b.campaign_no
      where b.state = 'open' and b.source = 'ours' and (b.expires_at <= ${now} or c.state = 'cancelled')
      order by b.no limit ${most} for update of b skip locked
    )
    update bargain b set state = 'expired', ended_at = ${now}, counts = false from due where b.no = due.no
    returning b.campaign_no as "campaignNo", b.start_price - b.floor_price as liability`;
