/** Measures how fast balances sell, by comparing today's units with what they were at the last look. */
import type { Sql } from '../platform/database.ts';
import { PACE_MINUTES } from './pace.ts';

/** Paces of days before this many are of no use to anybody. */
const KEPT_DAYS = 2;

/**
 * Folds what was sold since the last look into the pace of each balance that sold, as `paceAfter` does, and answers how many
 * those were. The time since a balance's last sale counts as one span; one that had sold nothing today starts at the last
 * look. What is only heard of late (a till that was offline, a past that is loaded) is no rush: of a location's units no more
 * count than were sold since the last look by the time on their facts. `day` is the business day that contains `now`,
 * `dayStart` its first instant.
 */
export async function updatePaces(sql: Sql, day: string, dayStart: Date, now: Date): Promise<number> {
  await sql`delete from sale_pace where day < ${day}::date - ${KEPT_DAYS}::int`;
  const result = await sql`
    with sold as (
      select sku_no, location_no, sum(units)::int as units from sales_sku_day
      where day = ${day} and sku_no <> 0 and location_no <> 0 group by 1, 2
    ),
    last as (select coalesce(max(at), ${dayStart}::timestamptz) as at from sale_pace where day = ${day}),
    more as (
      select s.sku_no, s.location_no, s.units, coalesce(p.per_hour, 0) as per_hour,
        greatest(0, s.units - case when p.day = ${day} then p.units else 0 end) as fresh,
        -- A pace from one second would be wild.
        greatest(20, extract(epoch from ${now}::timestamptz - case when p.day = ${day} then p.at else last.at end))
          ::float8 / 3600 as hours
      from sold s cross join last left join sale_pace p using (sku_no, location_no)
      where p.sku_no is null or p.day <> ${day} or p.units <> s.units
    ),
    timely as (
      select location_no, least(1, greatest(0, coalesce(m.units, 0))::float8 / nullif(n.fresh, 0)) as share
      from (select location_no, sum(fresh) as fresh from more group by 1) n
      left join (
        select location_no, sum(units) as units from sales_minute, last
        where minute >= date_trunc('minute', last.at) and minute <= ${now} group by 1) m using (location_no)
    )
    insert into sale_pace as t (sku_no, location_no, day, units, per_hour, at)
    select sku_no, location_no, ${day}, units,
      per_hour * exp(-hours * 60 / ${PACE_MINUTES}::float8)
        + fresh * coalesce(share, 0) / hours * (1 - exp(-hours * 60 / ${PACE_MINUTES}::float8)), ${now}
    from more join timely using (location_no) order by sku_no, location_no
    on conflict (sku_no, location_no) do update set
      day = excluded.day, units = excluded.units, per_hour = excluded.per_hour, at = excluded.at`;
  return result.count;
}

/**
 * Leaves a signal for each balance that is sold out within `withinHours` at its pace of the last minutes, if that is at
 * least `perHour` and it has no signal yet. Answers how many.
 */
export async function signalRushes(
  sql: Sql,
  { now, withinHours, perHour }: { now: Date; withinHours: number; perHour: number },
): Promise<number> {
  const result = await sql`
    insert into signal (kind, sku_no, location_no)
    select 'stock', p.sku_no, p.location_no
    from sale_pace p join stock s using (sku_no, location_no)
    where p.at > ${now}::timestamptz - interval '10 minutes' and p.per_hour >= ${perHour}::float8
      and s.on_hand - s.reserved > 0 and (s.on_hand - s.reserved) / p.per_hour <= ${withinHours}::float8
      and not exists (select from alert a where a.family = 'stock' and a.sku_no = p.sku_no
        and a.location_no = p.location_no and a.resolved_at is null)`;
  return result.count;
}
