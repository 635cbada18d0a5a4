/** Policies in force, planned and by hand; `stock.reorder_point` is their copy that ingest looks at. */
import { column } from '../platform/column.ts';
import type { Sql, SqlPool } from '../platform/database.ts';
import type { Policy, PolicyInput } from './policy.ts';

export type PlannedPolicy = { skuNo: number; locationNo: number; input: PolicyInput; policy: Policy };

/** Rows a transaction: sales of the same balances wait for as long as one takes. */
const CHUNK = 2_000;

/** Writes planned policies; values by hand stay in force. Any number of rows, in transactions of some thousand. */
export async function writePolicies(sql: SqlPool, rows: readonly PlannedPolicy[]): Promise<void> {
  const sorted = rows.toSorted((a, b) => a.skuNo - b.skuNo || a.locationNo - b.locationNo);
  for (let from = 0; from < sorted.length; from += CHUNK) {
    const chunk = sorted.slice(from, from + CHUNK);
    await sql.begin(async (tx) => {
      await upsertPlanned(tx, chunk);
      await copyReorderPoints(tx, chunk, 'reorder');
    });
  }
}

async function upsertPlanned(sql: Sql, rows: readonly PlannedPolicy[]): Promise<void> {
  await sql`
    insert into policy as t (sku_no, location_no, abc, xyz, service_level, rate, sd, lead_days, lead_sd, review_days,
      pack_size, min_order, safety_stock, reorder_point, order_up_to)
    select * from unnest(
      ${column(rows, (r) => r.skuNo)}::int[], ${column(rows, (r) => r.locationNo)}::int[],
      ${column(rows, (r) => r.input.abc)}::text[], ${column(rows, (r) => r.input.xyz)}::text[],
      ${column(rows, (r) => r.policy.serviceLevel)}::real[], ${column(rows, (r) => r.input.rate)}::real[],
      ${column(rows, (r) => r.input.sd)}::real[], ${column(rows, (r) => r.input.leadDays)}::real[],
      ${column(rows, (r) => r.input.leadSd)}::real[], ${column(rows, (r) => r.input.reviewDays)}::int[],
      ${column(rows, (r) => r.input.packSize)}::int[], ${column(rows, (r) => r.input.minOrder)}::int[],
      ${column(rows, (r) => r.policy.safetyStock)}::int[], ${column(rows, (r) => r.policy.reorderPoint)}::int[],
      ${column(rows, (r) => r.policy.orderUpTo)}::int[])
    on conflict (sku_no, location_no) do update set
      abc = excluded.abc, xyz = excluded.xyz, service_level = excluded.service_level, rate = excluded.rate,
      sd = excluded.sd, lead_days = excluded.lead_days, lead_sd = excluded.lead_sd,
      review_days = excluded.review_days, pack_size = excluded.pack_size, min_order = excluded.min_order,
      safety_stock = excluded.safety_stock,
      reorder_point = coalesce(t.hand_reorder_point, excluded.reorder_point),
      order_up_to = coalesce(t.hand_order_up_to, excluded.order_up_to), updated_at = now()
    -- Most of what is planned today was planned so yesterday: a rate that moved by less than a hundredth changes nothing that
    -- anybody does.
    where (t.abc, t.xyz, t.service_level, t.lead_days, t.lead_sd, t.review_days, t.pack_size, t.min_order, t.safety_stock,
        t.reorder_point, t.order_up_to) is distinct from (excluded.abc, excluded.xyz, excluded.service_level,
        excluded.lead_days, excluded.lead_sd, excluded.review_days, excluded.pack_size, excluded.min_order,
        excluded.safety_stock, coalesce(t.hand_reorder_point, excluded.reorder_point),
        coalesce(t.hand_order_up_to, excluded.order_up_to))
      or abs(t.rate - excluded.rate) > 0.01 * t.rate or abs(t.sd - excluded.sd) > 0.01 * t.sd`;
}

/**
 * Brings `stock.reorder_point` of these balances up to the policies in force, and leaves a signal for each that became low by
 * it, or ceased to be. What is not worth stocking (order-up-to 0) has none: an empty shelf of it is nobody's concern; nor has
 * what has no policy (any more). Rows
 * sorted by (SKU, location), the lock order.
 *
 * @param signal `stock` is looked at now, `reorder` by the plan that set it
 */
export async function copyReorderPoints(
  sql: Sql,
  rows: readonly { skuNo: number; locationNo: number }[],
  signal: 'stock' | 'reorder',
): Promise<void> {
  await sql`
    with due as materialized (
      select s.sku_no, s.location_no, case when p.order_up_to > 0 then p.reorder_point end as reorder_point
      from unnest(${column(rows, (r) => r.skuNo)}::int[], ${column(rows, (r) => r.locationNo)}::int[])
        as r (sku_no, location_no)
      join stock s using (sku_no, location_no) left join policy p using (sku_no, location_no)
      where s.reorder_point is distinct from case when p.order_up_to > 0 then p.reorder_point end
      order by s.sku_no, s.location_no for no key update of s
    ),
    changed as (
      update stock s set reorder_point = due.reorder_point,
        low_at = case when s.on_hand - s.reserved <= due.reorder_point then coalesce(s.low_at, now()) end
      from due where s.sku_no = due.sku_no and s.location_no = due.location_no
      returning s.sku_no, s.location_no, (old.low_at is null) <> (new.low_at is null) as crossed
    )
    insert into signal (kind, sku_no, location_no)
    select ${signal}, sku_no, location_no from changed where crossed`;
}
