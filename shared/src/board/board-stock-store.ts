/** What the board shows of low shelves, restocks and alerts. Only reads; absolute values. */
import type { AlertSums, AlertTile, RestockTile, RunningOut } from '../contract/board.ts';
import { severities } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';
import { PACE_MINUTES } from '../stock/pace.ts';

/** Balances at or below their reorder point, by location; locations without one are left out. */
export function readLowCounts(sql: Sql): Promise<{ locationNo: number; low: number }[]> {
  return sql<{ locationNo: number; low: number }[]>`
    select location_no as "locationNo", count(*)::int as low from stock where low_at is not null group by 1`;
}

const within = (sql: Sql, column: string, locationNos: readonly number[] | null) =>
  locationNos === null ? sql`` : sql`and ${sql(column)} = any(${locationNos as number[]}::int[])`;

/** A rate that has not been measured for this long is next to nothing (exp(-8) of what it was). */
const FORGOTTEN_MINUTES = 8 * PACE_MINUTES;

/**
 * The ten balances that will be sold out first within `withinHours` if they go on selling as at `now` (`paceNow` in
 * stock/pace.ts, in SQL), soonest first. Slower than `perHour` is no rate but a single sale.
 */
export async function readRunningOut(
  sql: Sql,
  locationNos: readonly number[] | null,
  { now, perHour, withinHours }: { now: Date; perHour: number; withinHours: number },
): Promise<RunningOut[]> {
  const rows = await sql<(Omit<RunningOut, 'soldOutAt'> & { hours: number })[]>`
    with pace as materialized (
      select sku_no, location_no,
        per_hour * exp(least(0, extract(epoch from at - ${now}::timestamptz)) / ${PACE_MINUTES * 60}::float8) as rate
      from sale_pace
      where at > ${now}::timestamptz - ${FORGOTTEN_MINUTES}::int * interval '1 minute'
        and per_hour >= ${perHour}::float8 ${within(sql, 'location_no', locationNos)}
    ), soon as (
      select p.sku_no, p.location_no, p.rate, s.on_hand - s.reserved as available,
        (s.on_hand - s.reserved) / p.rate as hours
      from pace p join stock s using (sku_no, location_no)
      where p.rate >= ${perHour}::float8 and s.on_hand - s.reserved > 0
        and (s.on_hand - s.reserved) / p.rate <= ${withinHours}::float8
      order by hours, p.sku_no, p.location_no limit 10)
    select k.code as sku, k.name_zh as "nameZh", k.name_en as "nameEn", l.code as location,
      l.name_zh as "locationNameZh", l.name_en as "locationNameEn", n.available,
      round(n.rate::numeric, 1)::float8 as "perHour", n.hours::float8 as hours
    from soon n join sku k on k.no = n.sku_no join location l on l.no = n.location_no
    order by n.hours, n.sku_no, n.location_no`;
  // To the second: more would make a new value of each look.
  return rows.map(({ hours, ...row }) => ({
    ...row,
    soldOutAt: new Date(Math.round(now.getTime() / 1000 + hours * 3600) * 1000).toISOString(),
  }));
}

/** `turnsAt`: when time alone changes it, if nothing else does; null: never. */
export type Restock = { tile: RestockTile; turnsAt: Date | null };

/** Proposals for, and orders to, the locations. */
export async function readRestock(
  sql: Sql,
  locationNos: readonly number[] | null,
  now: Date,
): Promise<Restock> {
  const [row] = await sql<[RestockTile & { turnsAt: Date | null }]>`
    with way as materialized (
      select no, expected_at from supply_order
      where state in ('open', 'sent', 'shipped') ${within(sql, 'to_location_no', locationNos)}
    )
    select
      (select count(*) from proposal where state = 'open' ${within(sql, 'location_no', locationNos)})::int
        as "openProposals",
      (select count(*) from way)::int as "underWay",
      (select coalesce(sum(greatest(0, qty - received)), 0) from supply_order_line where order_no in (select no from way))
        ::int as "underWayUnits",
      (select count(*) from way where expected_at <= ${now}::timestamptz)::int as late,
      (select min(expected_at) from way where expected_at > ${now}::timestamptz) as "turnsAt",
      (select round((percentile_cont(0.5) within group (order by extract(epoch from received_at - wanted_at)) / 3600)::numeric, 1)
        ::float8 from supply_order
        where state = 'received' and received_at > ${now}::timestamptz - interval '30 days'
          ${within(sql, 'to_location_no', locationNos)}) as "cycleHours"`;
  const { turnsAt, ...tile } = row;
  return { tile, turnsAt };
}

/** The counts of the summary: `critical` are those of `open`. */
export type AlertCounts = Pick<AlertSums, 'open' | 'acknowledged' | 'critical'>;
export type OpenAlerts = { tiles: AlertTile[]; counts: AlertCounts; turnsAt: Date | null };

/**
 * The `limit` alerts that matter most (severity, then the oldest), and how many there are. Left out is what nobody is asked
 * about now (snoozed, silenced), and of a whole company what its company-wide alerts stand for. Fewer places do not have
 * those, so each has its own.
 */
export async function readOpenAlerts(
  sql: Sql,
  locationNos: readonly number[] | null,
  { now, limit }: { now: Date; limit: number },
): Promise<OpenAlerts> {
  const [row] = await sql<
    [{ tiles: AlertTile[]; open: number; acknowledged: number; critical: number; turnsAt: Date | null }]
  >`
    with standing as materialized (
      select a.*, alert_silenced(a, ${now}::timestamptz) as silenced from alert a
      where a.resolved_at is null ${locationNos === null ? sql`and a.group_id is null` : sql``}
        ${within(sql, 'location_no', locationNos)}
    ), shown as materialized (
      select * from standing where not silenced and (snoozed_until is null or snoozed_until <= ${now}::timestamptz)
    ), first as (
      select * from shown order by array_position(${[...severities]}::text[], severity), opened_at, id limit ${limit}
    )
    select
      (select count(*) from shown where status = 'open')::int as open,
      (select count(*) from shown where status = 'acknowledged')::int as acknowledged,
      (select count(*) from shown where status = 'open' and severity = 'critical')::int as critical,
      least(
        (select min(snoozed_until) from standing where snoozed_until > ${now}::timestamptz),
        (select min(until) from alert_silence where until > ${now}::timestamptz)) as "turnsAt",
      (select coalesce(jsonb_agg(jsonb_build_object(
          'id', a.id, 'kind', a.kind, 'severity', a.severity, 'status', a.status, 'level', a.level,
          'sku', k.code, 'nameZh', k.name_zh, 'nameEn', k.name_en,
          'location', l.code, 'locationNameZh', l.name_zh, 'locationNameEn', l.name_en,
          'openedAt', ${utc(sql, 'a.opened_at')}, 'ownerId', a.owner_id, 'owner', a.owner_name, 'snoozedUntil', null,
          'dueAt', ${utc(sql, 'a.due_at')}, 'params', a.params,
          'proposal', case when p.id is not null then jsonb_build_object('id', p.id, 'qty', p.qty,
            'sourceKind', p.source_kind, 'expectedAt', ${utc(sql, 'p.expected_at')}) end)
        order by array_position(${[...severities]}::text[], a.severity), a.opened_at, a.id), '[]')
        from first a left join sku k on k.no = a.sku_no left join location l on l.no = a.location_no
        left join proposal p on p.sku_no = a.sku_no and p.location_no = a.location_no and p.state = 'open') as tiles`;
  const { tiles, turnsAt, ...counts } = row;
  return { tiles, counts, turnsAt };
}

/** RFC 3339 as `toISOString` writes it. */
const utc = (sql: Sql, column: string) =>
  sql`to_char(${sql(column)} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** Medians of the alerts opened in the seven days before `now`, in minutes. */
export async function readAnswerTimes(
  sql: Sql,
  locationNos: readonly number[] | null,
  now: Date,
): Promise<Pick<AlertSums, 'acknowledgeMinutes' | 'resolveMinutes'>> {
  const median = (column: string) => sql`
    (round((percentile_cont(0.5) within group (order by extract(epoch from ${sql(column)} - opened_at)) / 60)::numeric, 1))::float8`;
  const [row] = await sql<[Pick<AlertSums, 'acknowledgeMinutes' | 'resolveMinutes'>]>`
    select ${median('first_acknowledged_at')} as "acknowledgeMinutes", ${median('resolved_at')} as "resolveMinutes"
    from alert where opened_at > ${now}::timestamptz - interval '7 days' ${within(sql, 'location_no', locationNos)}`;
  return row;
}
