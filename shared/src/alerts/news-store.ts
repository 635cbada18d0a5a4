/** Which alerts are to be told. Taking them marks them as told, in the transaction that hands them to delivery. */
import type { Sql } from '../platform/database.ts';
import { addEvents } from './alert-store.ts';
import type { AlertNews } from './news.ts';

/** What happens within this time makes one message. */
export const BURST_MS = 10_000;
/** As many alerts as one run takes. */
const BATCH = 500;

/** Where it happened; of a company-wide alert every place that it stands for. */
export type ToldAlert = AlertNews & { places: { code: string; region: string | null }[] };

const columns = (sql: Sql) => sql`
  a.id, a.kind, a.severity, a.level, k.code as sku, k.name_zh as "skuNameZh", k.name_en as "skuNameEn",
  l.code as location, l.name_zh as "locationNameZh", l.name_en as "locationNameEn", l.region, a.opened_at as "openedAt",
  a.resolved_at as "resolvedAt", a.params,
  coalesce((select jsonb_agg(jsonb_build_object('code', p.code, 'region', p.region))
    from location p where p.no = a.location_no
      or (a.location_no = 0 and p.no in (select m.location_no from alert m where m.group_id = a.id))), '[]') as places`;

type Row = Omit<ToldAlert, 'openedAt' | 'resolvedAt' | 'why'> & {
  openedAt: Date;
  resolvedAt: Date | null;
  why: string | null;
};

const told = (rows: readonly Row[]): ToldAlert[] =>
  rows.map((row) => ({
    ...row,
    why: row.why ?? 'opened',
    openedAt: row.openedAt.toISOString(),
    resolvedAt: row.resolvedAt?.toISOString() ?? null,
  }));

/**
 * SKUs of which it is to be decided, before anything is told, whether they are one matter of the company: those of alerts that
 * wait to be told, and those that are one now.
 */
export async function skuNosToGroup(sql: Sql): Promise<number[]> {
  const rows = await sql<{ skuNo: number }[]>`
    select distinct sku_no as "skuNo" from alert
    where resolved_at is null and family = 'stock'
      and ((told_at is null and group_id is null and location_no <> 0) or location_no = 0)`;
  return rows.map(({ skuNo }) => skuNo);
}

/** Any number, the same in every process: whoever holds this lock tells. */
const TELL_LOCK = 7_203_442;

/** Whether this transaction may tell; not while another one does. */
export async function beginTelling(sql: Sql): Promise<boolean> {
  const [row] = await sql<
    { mine: boolean }[]
  >`select pg_try_advisory_xact_lock(${TELL_LOCK}::bigint) as mine`;
  return row!.mine;
}

/**
 * Takes the alerts that are to be told: nothing as long as the oldest is younger than a burst, then all of them. Left out are
 * those that somebody is on, that are put aside or silenced, and that a company-wide one stands for.
 */
export async function takeNews(sql: Sql, now: Date): Promise<ToldAlert[]> {
  const ready = sql`
    a.resolved_at is null and a.told_at is null and a.status = 'open' and a.group_id is null
    and (a.snoozed_until > ${now}) is not true and not alert_silenced(a, ${now})`;
  const rows = await sql<Row[]>`
    with taken as (
      select a.id from alert a
      where ${ready} and exists (
        select from alert a where ${ready} and a.raised_at <= ${new Date(now.getTime() - BURST_MS)})
      order by a.raised_at limit ${BATCH} for update skip locked
    ), marked as (
      update alert a set told_at = ${now} from taken where a.id = taken.id returning a.*
    )
    select ${columns(sql)}, (select e.what from alert_event e where e.alert_id = a.id
        and e.what in ('opened', 'reopened', 'worse', 'escalated', 'reminded', 'woken') order by e.no desc limit 1) as why
    from marked a left join sku k on k.no = a.sku_no left join location l on l.no = a.location_no
    order by array_position(array['critical', 'warning', 'info'], a.severity), a.raised_at, a.id`;
  await addEvents(
    sql,
    rows.map(({ id }) => ({ id, what: 'told', at: now })),
  );
  return told(rows);
}

/** Takes the ends of alerts whose beginning was told, in bursts as above. */
export async function takeEnds(sql: Sql, now: Date): Promise<ToldAlert[]> {
  const ready = sql`a.resolved_at is not null and a.told_at is not null and a.end_told_at is null`;
  const rows = await sql<Row[]>`
    with taken as (
      select a.id from alert a
      where ${ready} and exists (
        select from alert a where ${ready} and a.resolved_at <= ${new Date(now.getTime() - BURST_MS)})
      order by a.resolved_at limit ${BATCH} for update skip locked
    ), marked as (
      update alert a set end_told_at = ${now} from taken where a.id = taken.id returning a.*
    )
    select ${columns(sql)}, 'resolved' as why
    from marked a left join sku k on k.no = a.sku_no left join location l on l.no = a.location_no
    order by a.resolved_at, a.id`;
  return told(rows);
}
