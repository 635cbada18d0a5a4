/** Checks of what rules by behaviour gave. */
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';

/** Each occasion that was given a coupon has it, and a member has no more coupons of a rule's campaign than that. */
export function compareGiven(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select a.campaign_no, o.member_no, count(*)::int as coupons
        from automation_occasion o join automation a on a.no = o.automation_no where o.outcome = 'given' group by 1, 2`,
      found: sql`
        select p.campaign_no, p.member_no, count(*)::int as coupons
        from coupon p join automation a on a.campaign_no = p.campaign_no group by 1, 2`,
      keys: ['campaign_no', 'member_no'],
      values: ['coupons'],
    },
    limit,
  );
}

/** Nobody who is held out has a coupon of the rule's campaign. */
export function compareHoldouts(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select null::int as automation_no, null::int as member_no, null::int as coupons where false`,
      found: sql`
        select o.automation_no, o.member_no, count(distinct p.nth)::int as coupons
        from automation_occasion o join automation a on a.no = o.automation_no
        join coupon p on p.member_no = o.member_no and p.campaign_no = a.campaign_no
        where o.outcome = 'holdout' group by 1, 2`,
      keys: ['automation_no', 'member_no'],
      values: ['coupons'],
    },
    limit,
  );
}

/** At no moment had a member more coupons of rules in the days before than the limits allowed then. */
export function compareCaps(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select null::int as automation_no, null::int as member_no, null::text as occasion, null::int as coupons where false`,
      found: sql`
        select automation_no, member_no, occasion, own as coupons, "all" from (
          select o.automation_no, o.member_no, o.occasion, o.cap_coupons, o.all_coupons, r.*
          from automation_occasion o cross join lateral (
            select (count(*) filter (where p.automation_no = o.automation_no
                and p.decided_at > o.decided_at - o.cap_days * interval '1 day'))::int as own,
              (count(*) filter (where p.decided_at > o.decided_at - o.all_days * interval '1 day'))::int as "all"
            from automation_occasion p
            where p.member_no = o.member_no and p.outcome in ('given', 'holdout') and p.decided_at <= o.decided_at) r
          where o.outcome = 'given') g
        where (cap_coupons > 0 and own > cap_coupons) or "all" > all_coupons`,
      keys: ['automation_no', 'member_no', 'occasion'],
      values: ['coupons'],
    },
    limit,
  );
}
