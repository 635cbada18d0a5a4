/** The end of coupons: their money is given back. See campaign-store.ts for the order of locks. */
import type { Sql } from '../platform/database.ts';
import { GRACE_DAYS } from './use.ts';

/** Campaigns that may have coupons to close. */
export const campaignsToClose = (sql: Sql): Promise<{ no: number }[]> =>
  sql<{ no: number }[]>`
    select no from campaign where kind = 'coupon' and issued > 0 and settled_at is null order by no`;

/**
 * Closes coupons whose time is over, or whose campaign was called off, for GRACE_DAYS: until then an offline till may tell of a
 * redemption. At most `most`; answers how many.
 */
export async function closeCoupons(sql: Sql, campaignNo: number, now: Date, most: number): Promise<number> {
  const [{ closed }] = await sql<[{ closed: number }]>`
    with c as materialized (select no, state, ended_at, liability from campaign where no = ${campaignNo}),
    due as materialized (
      select p.member_no, p.nth from coupon p, c
      where p.campaign_no = ${campaignNo} and p.open and ${now.toISOString()}::timestamptz - ${GRACE_DAYS}::int * interval '1 day' >=
        case when c.state = 'cancelled' then least(p.valid_to, c.ended_at) else p.valid_to end
      limit ${most} for update of p skip locked
    ), done as (
      update coupon p set open = false,
        state = case when p.state <> 'issued' then p.state when c.state = 'cancelled' then 'void' else 'expired' end
      from due, c where p.member_no = due.member_no and p.campaign_no = ${campaignNo} and p.nth = due.nth
      returning c.liability - coalesce(p.amount, 0) as freed
    ), sum as (select count(*)::int as closed, coalesce(sum(freed), 0)::bigint as freed from done),
    counted as (update campaign set reserved = reserved - sum.freed from sum where no = ${campaignNo} and sum.freed <> 0)
    select closed from sum`;
  return closed;
}

/** Notes campaigns of which nothing is open any more and nothing will be issued. */
export async function noteSettled(sql: Sql, campaignNo: number): Promise<void> {
  await sql`
    update campaign c set settled_at = now()
    where no = ${campaignNo} and state in ('finished', 'cancelled')
      and not exists (select from coupon p where p.campaign_no = c.no and p.open)`;
}
