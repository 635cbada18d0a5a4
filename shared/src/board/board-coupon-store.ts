/** What the board shows of coupons. Only reads; absolute values. Amounts in minor units. */
import type { CouponMinute, CouponSums } from '../contract/board.ts';
import type { GiveMode } from '../coupons/campaign.ts';
import type { Sql } from '../platform/database.ts';

export type CouponCampaignRow = {
  no: number;
  id: string;
  name: string;
  state: 'running' | 'paused' | 'finished' | 'cancelled';
  pausedBecause: string | null;
  give: GiveMode;
  targeted: number;
  issued: number;
  redeemed: number;
  returned: number;
  failed: number;
  total: number | null;
  budget: number | null;
  reserved: number;
  spent: number;
  launchedAt: Date | null;
  endsAt: Date | null;
  /** Some of its audience waits to be sent theirs. */
  sending: boolean;
};
/** Of a campaign; `campaign` null: of all of them together. */
export type CouponMinuteRow = Omit<CouponMinute, 'spent'> & {
  campaign: string | null;
  minute: Date;
  spent: number;
};

export type CouponRows = {
  sums: CouponSums;
  campaigns: CouponCampaignRow[];
  minutes: CouponMinuteRow[];
};

/** More than anybody could look at. */
export const MOST_CAMPAIGNS = 100;
/** With a curve of their own: more do not fit on any screen. */
const CURVES = 12;

/**
 * Campaigns, and what all of them did in the last hour and today. The minutes are looked up campaign by campaign, by their key, of
 * those whose coupons are not all settled: no others do anything.
 */
export async function readCoupons(
  sql: Sql,
  { now, from, dayStart }: { now: Date; from: Date; dayStart: Date },
): Promise<CouponRows> {
  const since = new Date(Math.min(from.getTime(), dayStart.getTime()));
  const active = sql`
    campaign c join campaign_minute m on m.campaign_no = c.no
    where c.kind = 'coupon' and c.launched_at is not null
      and (c.settled_at is null or c.settled_at >= ${since}::timestamptz)`;
  const [[sums], campaigns, minutes] = await Promise.all([
    sql<[CouponSums]>`
      select c.*, t.*
      from (select count(*) filter (where state = 'running')::int as running, count(*) filter (where state = 'paused')::int as paused
        from campaign where kind = 'coupon' and state in ('running', 'paused')) c,
        (select coalesce(sum(m.issued), 0)::int as "issuedToday", coalesce(sum(m.redeemed), 0)::int as "redeemedToday",
          coalesce(sum(m.spent), 0)::bigint as "spentToday"
        from ${active} and m.minute >= ${dayStart}::timestamptz) t`,
    sql<CouponCampaignRow[]>`
      select no, id, name, state, paused_because as "pausedBecause", give, targeted, issued, redeemed, returned, failed, total, budget,
        reserved, spent, launched_at as "launchedAt", ends_at as "endsAt",
        give = 'push' and state = 'running'
          and exists (select from fan_out_chunk f where f.campaign_no = c.no and f.state = 'waiting') as sending
      from campaign c
      where kind = 'coupon' and (state in ('running', 'paused')
        or (state in ('finished', 'cancelled') and launched_at is not null and ended_at > ${now}::timestamptz - interval '1 hour'))
      order by state in ('running', 'paused') desc, no desc limit ${MOST_CAMPAIGNS}`,
    sql<CouponMinuteRow[]>`
      with hour as materialized (
        select c.no, c.id, m.minute, m.issued, m.redeemed, m.spent from ${active} and m.minute >= ${from}::timestamptz
      ), busy as (
        select no from hour group by no order by sum(issued + redeemed) desc, no desc limit ${CURVES}
      )
      select null as campaign, minute, sum(issued)::int as issued, sum(redeemed)::int as redeemed, sum(spent)::bigint as spent
      from hour group by minute
      union all
      select id::text, minute, issued, redeemed, spent from hour where no in (select no from busy)`,
  ]);
  return { sums, campaigns, minutes };
}
