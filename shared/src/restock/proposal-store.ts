/** Proposals: what they are drafted from, and their life until somebody decides. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { REJECTED_REST_HOURS, type ProposalDraft, type SourcingRow, type Stocked } from './sourcing.ts';

export type Pair = { skuNo: number; locationNo: number };

/** Stores that are weighed for one restock: those with most to give that is near. */
const STORES_WEIGHED = 15;

const pairsOf = (sql: Sql, pairs: readonly Pair[]) => sql`
  select distinct * from unnest(${column(pairs, (p) => p.skuNo)}::int[], ${column(pairs, (p) => p.locationNo)}::int[])
  as p (sku_no, location_no)`;

type Row = Omit<SourcingRow, 'policy' | 'supplier' | 'warehouse' | 'sources'> & {
  reorderPoint: number | null;
  orderUpTo: number | null;
  rate: number | null;
  supplierCode: string | null;
  supplierDays: number | null;
  supplierDirect: boolean | null;
  sources: Stocked[];
  headquarters: Stocked | null;
};

/**
 * What `draftProposals` decides by, for some hundred balances in one statement. Pairs without a balance are left out. Of the
 * stores only those with most surplus are read, of the warehouses all; surplus counts what open proposals will take.
 */
export async function readSourcing(sql: Sql, pairs: readonly Pair[]): Promise<SourcingRow[]> {
  if (pairs.length === 0) return [];
  const rows = await sql<Row[]>`
    with pair as materialized (${pairsOf(sql, pairs)}),
    -- What every location has of these SKUs and needs itself.
    stocked as materialized (
      select o.sku_no, o.location_no, l.code, l.kind, o.on_hand - o.reserved as available, o.inbound,
        p.reorder_point, p.order_up_to, coalesce(p.rate, 0)::float8 as rate, l.latitude, l.longitude,
        coalesce((select sum(r.qty)::int from proposal r where r.state = 'open' and r.source_location_no = o.location_no
          and r.sku_no = o.sku_no), 0) as promised
      from (select distinct sku_no from pair) k join stock o using (sku_no)
      join location l on l.no = o.location_no
      left join policy p using (sku_no, location_no)
      where o.on_hand - o.reserved > 0 or l.kind = 'hq_warehouse'
    )
    select s.sku_no as "skuNo", s.location_no as "locationNo", l.kind, s.on_hand - s.reserved as available, s.inbound,
      p.reorder_point as "reorderPoint", p.order_up_to as "orderUpTo", p.rate::float8 as rate,
      k.pack_size as "packSize", greatest(k.min_order, p.min_order) as "minOrder", k.cost as "unitCost", k.list_price as "listPrice",
      k.supplier as "supplierCode", coalesce(k.lead_time_days, u.lead_time_days) as "supplierDays",
      u.direct as "supplierDirect",
      coalesce(near.list, '[]') as sources,
      (select ${stockedJson(sql)} from stocked t
        where t.sku_no = s.sku_no and t.kind = 'hq_warehouse' and t.location_no <> s.location_no
        order by t.location_no limit 1) as headquarters
    from pair join stock s using (sku_no, location_no)
    join sku k on k.no = s.sku_no
    join location l on l.no = s.location_no
    left join supplier u on u.code = k.supplier
    left join policy p on p.sku_no = s.sku_no and p.location_no = s.location_no
    left join lateral (
      select jsonb_agg(${stockedJson(sql)} order by t.location_no) as list from (
        select t.*, row_number() over (
          partition by t.kind = 'store' order by t.available - t.promised - coalesce(t.order_up_to, t.available) > 0 desc,
            ${distance(sql)}, t.location_no) as place
        from stocked t
        where t.sku_no = s.sku_no and t.location_no <> s.location_no and t.available - t.promised > 0) t
      where t.kind <> 'store' or t.place <= ${STORES_WEIGHED}
    ) near on true
    order by 1, 2`;
  return rows.map(
    ({
      reorderPoint,
      orderUpTo,
      rate,
      supplierCode,
      supplierDays,
      supplierDirect,
      headquarters,
      ...row
    }) => ({
      ...row,
      policy:
        reorderPoint === null || orderUpTo === null ? null : { reorderPoint, orderUpTo, rate: rate ?? 0 },
      supplier:
        supplierCode === null
          ? null
          : { code: supplierCode, leadTimeDays: supplierDays, direct: supplierDirect ?? false },
      warehouse: headquarters,
    }),
  );
}

/** Kilometres as the crow flies from `l` to `t`; good to some per cent, which is better than the roads are known. */
const distance = (sql: Sql) => sql`
  111.2 * sqrt(power(t.latitude - l.latitude, 2)
    + power((t.longitude - l.longitude) * cos(radians((t.latitude + l.latitude) / 2)), 2))`;

const stockedJson = (sql: Sql) => sql`
  jsonb_build_object('locationNo', t.location_no, 'code', t.code, 'kind', t.kind, 'available', t.available,
    'inbound', t.inbound, 'reorderPoint', t.reorder_point, 'orderUpTo', t.order_up_to, 'rate', t.rate,
    'promised', t.promised, 'km', ${distance(sql)})`;

const draftsOf = (sql: Sql, drafts: readonly ProposalDraft[]) => sql`
  select * from unnest(
    ${column(drafts, (d) => d.skuNo)}::int[], ${column(drafts, (d) => d.locationNo)}::int[],
    ${column(drafts, (d) => d.sourceKind)}::text[], ${column(drafts, (d) => d.sourceLocationNo)}::int[],
    ${column(drafts, (d) => d.supplier)}::text[], ${column(drafts, (d) => d.qty)}::int[],
    ${column(drafts, (d) => d.cost)}::bigint[], ${column(drafts, (d) => d.expectedAt.toISOString())}::timestamptz[],
    ${column(drafts, (d) => JSON.stringify(d.why))}::text[])
  as d (sku_no, location_no, source_kind, source_location_no, supplier, qty, cost, expected_at, why)`;

/**
 * Opens proposals, at most one for a balance: where one is open already, or a person said no within the last day, nothing
 * happens. Answers those that were made.
 */
export async function insertProposals(
  sql: Sql,
  drafts: readonly ProposalDraft[],
): Promise<(Pair & { id: string })[]> {
  if (drafts.length === 0) return [];
  return sql<(Pair & { id: string })[]>`
    insert into proposal (sku_no, location_no, source_kind, source_location_no, supplier, qty, cost, expected_at, why)
    select d.sku_no, d.location_no, d.source_kind, d.source_location_no, d.supplier, d.qty, d.cost, d.expected_at, d.why::jsonb
    from (${draftsOf(sql, drafts)}) d
    where not exists (
      select from proposal r where r.sku_no = d.sku_no and r.location_no = d.location_no and r.state = 'rejected'
        and r.decided_at > now() - ${REJECTED_REST_HOURS} * interval '1 hour')
    order by d.sku_no, d.location_no
    on conflict (sku_no, location_no) where state = 'open' do nothing
    returning id, sku_no as "skuNo", location_no as "locationNo"`;
}

/** Brings open proposals up to what would be proposed now; balances without one are left alone. Answers how many it changed. */
export async function refreshProposals(sql: Sql, drafts: readonly ProposalDraft[]): Promise<number> {
  if (drafts.length === 0) return 0;
  const result = await sql`
    with d as (${draftsOf(sql, drafts)}), due as (
      select p.id, d.* from proposal p join d using (sku_no, location_no)
      where p.state = 'open' and (p.qty, p.source_kind, p.source_location_no, p.supplier)
        is distinct from (d.qty, d.source_kind, d.source_location_no, d.supplier)
      order by p.sku_no, p.location_no for update of p
    )
    update proposal p set source_kind = due.source_kind, source_location_no = due.source_location_no,
      supplier = due.supplier, qty = due.qty, cost = due.cost, expected_at = due.expected_at, why = due.why::jsonb,
      updated_at = now()
    from due where p.id = due.id and p.state = 'open'`;
  return result.count;
}

/** Takes open proposals of these balances back: they are not needed any more. Answers how many there were. */
export async function withdrawProposals(sql: Sql, pairs: readonly Pair[]): Promise<number> {
  if (pairs.length === 0) return 0;
  const result = await sql`
    with due as (
      select p.id from proposal p join (${pairsOf(sql, pairs)}) b using (sku_no, location_no)
      where p.state = 'open' order by p.sku_no, p.location_no for update of p
    )
    update proposal p set state = 'withdrawn', decided_at = now(), updated_at = now()
    from due where p.id = due.id and p.state = 'open'`;
  return result.count;
}
