/** Campaigns that are over, to learn from. */
import type { Sql } from '../platform/database.ts';
import { LEAST_ISSUED, type Past } from './expect.ts';

/** Days looked back, and campaigns that are read at most. */
const PAST_DAYS = 400;
const MOST_PAST = 60;

/**
 * Campaigns whose time is over, newest first: of coupons when the last of them ended, also where nobody finished the campaign. What
 * held out members told is in the report that was kept.
 */
export function readPast(sql: Sql, now: Date): Promise<Past[]> {
  return sql<Past[]>`
    select c.kind, c.give, c.template->'offer'->>'kind' as offer, c.audience->>'kind' = 'all' as broad,
      (c.expected->>'audience')::int as audience, c.issued, c.redeemed, c.spent,
      c.redeemed * case when c.kind = 'group' then c.liability::float8 / (c.template->>'size')::int else c.liability end as worst,
      case when (r.report->'uplift'->'orders'->>'enough')::boolean
        then (r.report->'uplift'->'extraOrders'->>'expected')::float8 end as "extraOrders"
    from campaign c left join campaign_report r on r.campaign_no = c.no
    where c.launched_at > ${now}::timestamptz - ${PAST_DAYS}::int * interval '1 day' and c.issued >= ${LEAST_ISSUED}::int
      and c.state <> 'cancelled' and campaign_over_at(c) < ${now}
    order by c.no desc limit ${MOST_PAST}`;
}
