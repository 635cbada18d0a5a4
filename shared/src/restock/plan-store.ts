/** Runs of the planning, and what it must know of SKUs and locations besides their demand. */
import type { LocationKind } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

export type PlanRun = {
  id: string;
  day: string;
  requestedBy: string | null;
  requestedAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** Number of the last SKU that is done; 0: none. */
  afterSku: number;
  skusTotal: number;
  skus: number;
  policies: number;
};

const columnsOf = (sql: Sql) => sql`
  id, day::text, requested_by as "requestedBy", requested_at as "requestedAt", started_at as "startedAt",
  finished_at as "finishedAt", after_sku as "afterSku", skus_total as "skusTotal", skus, policies`;

/** A worker that has said nothing for so long is dead. */
const SILENT_MINUTES = 2;

/** Asks for a run; where one waits or is under way already, that one is meant. */
export async function requestPlan(sql: Sql, day: string, by: string | null): Promise<PlanRun> {
  await sql`insert into plan_run (day, requested_by) values (${day}, ${by}) on conflict do nothing`;
  const [run] = await sql<PlanRun[]>`
    select ${columnsOf(sql)} from plan_run order by finished_at is null desc, requested_at desc limit 1`;
  return run!;
}

/** Asks for the day's run by the clock, unless there was one today that found something to plan. */
export async function requestDailyPlan(sql: Sql, day: string): Promise<void> {
  await sql`
    insert into plan_run (day) select ${day}::date
    where not exists (select from plan_run where (day >= ${day} and policies > 0) or finished_at is null)
    on conflict do nothing`;
}

/** Takes the run that waits, or one whose worker died; null: there is none, or somebody is at it. */
export async function takePlan(sql: Sql): Promise<PlanRun | null> {
  const [run] = await sql<PlanRun[]>`
    update plan_run set started_at = coalesce(started_at, now()), beat_at = now(),
      skus_total = (select count(*) from sku)
    where finished_at is null and (beat_at is null or beat_at < now() - ${SILENT_MINUTES} * interval '1 minute')
    returning ${columnsOf(sql)}`;
  return run ?? null;
}

/** Whether a worker is at a run just now. */
export async function isPlanning(sql: Sql): Promise<boolean> {
  const [row] = await sql<[{ busy: boolean }]>`
    select exists (select from plan_run where finished_at is null
      and beat_at > now() - ${SILENT_MINUTES} * interval '1 minute') as busy`;
  return row.busy;
}

/** Notes how far a run is. */
export async function notePlan(
  sql: Sql,
  id: string,
  { afterSku, skus, policies }: { afterSku: number; skus: number; policies: number },
): Promise<void> {
  await sql`
    update plan_run set after_sku = ${afterSku}, skus = skus + ${skus}, policies = policies + ${policies}, beat_at = now()
    where id = ${id}`;
}

/** Gives a run back after a failure: the next try takes it up at once. */
export async function releasePlan(sql: Sql, id: string): Promise<void> {
  await sql`update plan_run set beat_at = null where id = ${id} and finished_at is null`;
}

export async function finishPlan(sql: Sql, id: string): Promise<void> {
  await sql`update plan_run set finished_at = now() where id = ${id}`;
}

/** The newest runs, newest first. */
export function listPlans(sql: Sql, limit: number): Promise<PlanRun[]> {
  return sql<PlanRun[]>`select ${columnsOf(sql)} from plan_run order by requested_at desc limit ${limit}`;
}

/** What ordering a SKU is like. */
export type Terms = {
  skuNo: number;
  supplier: string | null;
  /** Minor units; null: unknown. */
  unitCost: number | null;
  packSize: number;
  minOrder: number;
  /** Days from order to arrival; null: unknown. */
  supplierDays: number | null;
  /** The supplier sends to stores itself. */
  direct: boolean;
};

export async function readTerms(sql: Sql, skuNos: readonly number[]): Promise<Map<number, Terms>> {
  const rows = await sql<Terms[]>`
    select k.no as "skuNo", k.supplier, k.cost as "unitCost", k.pack_size as "packSize", k.min_order as "minOrder",
      coalesce(k.lead_time_days, u.lead_time_days) as "supplierDays", coalesce(u.direct, false) as direct
    from sku k left join supplier u on u.code = k.supplier
    where k.no = any(${column(skuNos, (no) => no)}::int[])`;
  return new Map(rows.map((row) => [row.skuNo, row]));
}

export async function readLocationKinds(sql: Sql): Promise<Map<number, LocationKind>> {
  const rows = await sql<{ no: number; kind: LocationKind }[]>`select no, kind from location`;
  return new Map(rows.map(({ no, kind }) => [no, kind]));
}

/** Net sales by SKU of `from` up to, not including, `today`, in minor units; SKUs without sales are left out. */
export async function readRevenue(
  sql: Sql,
  { from, today }: { from: string; today: string },
): Promise<Map<number, number>> {
  const rows = await sql<{ no: number; revenue: number }[]>`
    select sku_no as no, sum(paid - refunded)::bigint as revenue from sales_sku_day
    where day >= ${from} and day < ${today} and sku_no <> 0 group by sku_no`;
  return new Map(rows.map(({ no, revenue }) => [no, revenue]));
}

/**
 * Days from a supplier's order to its arrival as they were in the last year, by supplier: how far they spread around their
 * mean. Suppliers with fewer than five arrivals are left out.
 */
export async function readLeadSpread(sql: Sql): Promise<Map<string, { days: number; sd: number }>> {
  const rows = await sql<{ supplier: string; days: number; sd: number }[]>`
    select supplier, avg(days)::float8 as days, coalesce(stddev_samp(days), 0)::float8 as sd from (
      select supplier, extract(epoch from received_at - created_at) / 86400 as days from supply_order
      where kind = 'purchase' and state = 'received' and received_at > now() - interval '1 year') arrived
    where supplier is not null group by supplier having count(*) >= 5`;
  return new Map(rows.map(({ supplier, days, sd }) => [supplier, { days, sd }]));
}
