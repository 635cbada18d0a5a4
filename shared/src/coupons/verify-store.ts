/** Checks of coupons and of what campaigns count. */
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';

/** A member has at most as many coupons of a campaign as one may have, numbered from 1. */
export function compareLimits(sql: Sql, limit: number): Promise<Differences> {
  const held = sql`
    select p.campaign_no, p.member_no, max(p.nth)::int as most, count(*)::int as held, c.per_member
    from coupon p join campaign c on c.no = p.campaign_no
    group by p.campaign_no, p.member_no, c.per_member having count(*) > c.per_member or max(p.nth) <> count(*)`;
  return differences(
    sql,
    {
      expected: sql`select campaign_no, member_no, least(held, per_member) as held, least(held, per_member) as most from (${held}) h`,
      found: sql`select campaign_no, member_no, held, most from (${held}) h`,
      keys: ['campaign_no', 'member_no'],
      values: ['held', 'most'],
    },
    limit,
  );
}

/** The counters of a campaign are the sums of its coupons. */
export function compareCampaigns(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select c.no, count(p.*)::int as issued, (count(*) filter (where p.state = 'redeemed'))::int as redeemed,
          coalesce(sum(c.liability - coalesce(p.amount, 0)) filter (where p.open), 0)::bigint as reserved,
          coalesce(sum(p.amount), 0)::bigint as spent
        from campaign c left join coupon p on p.campaign_no = c.no where c.kind = 'coupon' group by c.no`,
      found: sql`select no, issued, redeemed, reserved, spent from campaign where kind = 'coupon'`,
      keys: ['no'],
      values: ['issued', 'redeemed', 'reserved', 'spent'],
    },
    limit,
  );
}

/** No campaign passes its number or its budget, and none costs more by the coupon than was reserved for it. */
export function compareBudgets(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select no, least(issued, total) as issued, least(spent + reserved, budget) as committed from campaign where kind = 'coupon'`,
      found: sql`select no, issued, spent + reserved as committed from campaign where kind = 'coupon'`,
      keys: ['no'],
      values: ['issued', 'committed'],
    },
    limit,
  );
}

/** Each redeemed coupon has the one use that counts, of the order that it names; other coupons have none. */
export function compareUses(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select order_id, count(*)::int as coupons from coupon where state = 'redeemed'
          and not exists (select from coupon_use u where u.order_id = coupon.order_id and u.dirty) group by order_id`,
      found: sql`
        select order_id, count(*)::int as coupons from coupon_use u where verdict = 'counted'
          and not exists (select from coupon_use d where d.order_id = u.order_id and d.dirty) group by order_id`,
      keys: ['order_id'],
      values: ['coupons'],
    },
    limit,
  );
}

/** What the ranges of a fan-out gave is what members have, and no range is forgotten. */
export function compareFanOuts(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select f.campaign_no, f.chunk, case when f.state = 'done' then f.issued + f.had else 0 end as members
        from fan_out_chunk f`,
      found: sql`
        select f.campaign_no, f.chunk, case when f.state <> 'done' then 0 else least(f.issued + f.had,
          (select count(*) from coupon p where p.campaign_no = f.campaign_no and p.nth = 1
            and p.member_no between f.from_member and f.to_member))::int end as members
        from fan_out_chunk f`,
      keys: ['campaign_no', 'chunk'],
      values: ['members'],
    },
    limit,
  );
}
