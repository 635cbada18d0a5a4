/** What anomalies are judged by. Only reads. */
import type { Sql } from '../platform/database.ts';
import { BELOW_COST_UNITS, STORM_MINUTES, type BrakeRow, type CostRow, type RefundRow } from './anomaly.ts';

/** Coupon campaigns that their brake has stopped. */
export const readBrakes = (sql: Sql): Promise<BrakeRow[]> =>
  sql<BrakeRow[]>`
    select c.id, c.name, c.paused_at as "pausedAt", c.brake, m.spent
    from campaign c left join campaign_minute m on m.campaign_no = c.no and m.minute = date_trunc('minute', c.paused_at)
    where c.kind = 'coupon' and c.state = 'paused' and c.paused_because = 'brake' order by c.no`;

const MOST = 20;

/** SKUs of which BELOW_COST_UNITS or more went for less than their cost on a business day, those that lost most. */
export const readBelowCost = (sql: Sql, day: string): Promise<CostRow[]> =>
  sql<CostRow[]>`
    select k.code as sku, k.name_zh as "nameZh", k.name_en as "nameEn", k.cost, d.units, d.placed
    from (select sku_no, sum(units)::int as units, sum(placed)::bigint as placed
      from sales_sku_day where day = ${day} and sku_no <> 0 group by 1 having sum(units) >= ${BELOW_COST_UNITS}) d
    join sku k on k.no = d.sku_no
    where k.cost > 0 and d.placed < k.cost * d.units
    order by k.cost * d.units - d.placed desc, k.no limit ${MOST}`;

/** Refunds of the last STORM_MINUTES, and of a day on average in the week before `day`. Null: nothing was sold then. */
export async function readRefunds(sql: Sql, { now, day }: { now: Date; day: string }): Promise<RefundRow> {
  const [row] = await sql<[RefundRow]>`
    select (select coalesce(sum(refunded), 0)::bigint from sales_minute
        where minute > ${now}::timestamptz - ${STORM_MINUTES}::int * interval '1 minute' and minute <= ${now}::timestamptz) as refunded,
      (select (sum(refunded) / nullif(count(distinct d.day), 0))::bigint from sales_day d
        where d.day < ${day}::date and d.day >= ${day}::date - 7) as "usualDay"`;
  return row;
}
