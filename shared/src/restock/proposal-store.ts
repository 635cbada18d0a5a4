/** Proposals: what they are drafted from, and their life until somebody decides. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { nearby, type Coordinates, type Holder } from './nearby.ts';
import { REJECTED_REST_HOURS, type ProposalDraft, type SourcingRow } from './sourcing.ts';

export type Pair = { skuNo: number; locationNo: number };

const pairsOf = (sql: Sql, pairs: readonly Pair[]) => sql`
  select distinct * from unnest(${column(pairs, (p) => p.skuNo)}::int[], ${column(pairs, (p) => p.locationNo)}::int[])
  as p (sku_no, location_no)`;

type Row = Coordinates &
  Omit<SourcingRow, 'policy' | 'supplier' | 'warehouse' | 'sources'> & {
    reorderPoint: number | null;
    orderUpTo: number | null;
    rate: number | null;
    supplierCode: string | null;
    supplierDays: number | null;
    supplierDirect: boolean | null;
    /** Of its own open proposal; `ownQty` is null where there is none. */
    ownQty: number | null;
    ownSource: number | null;
  };

/**
 * What `draftProposals` decides by, for some hundred balances in two statements. Pairs without a balance are left out. Surplus
 * counts what the open proposals of others will take. Who has a SKU is read once, not once for each balance that lacks it.
 */
export async function readSourcing(sql: Sql, pairs: readonly Pair[]): Promise<SourcingRow[]> {
  if (pairs.length === 0) return [];
  const skuNos = [...new Set(pairs.map(({ skuNo }) => skuNo))];
  const [rows, holders] = await Promise.all([
    sql<Row[]>`
      select s.sku_no as "skuNo", s.location_no as "locationNo", l.kind, l.latitude, l.longitude,
        s.on_hand - s.reserved as available, s.inbound,
        p.reorder_point as "reorderPoint", p.order_up_to as "orderUpTo", p.rate::float8 as rate,
        k.pack_size as "packSize", greatest(k.min_order, p.min_order) as "minOrder", k.cost as "unitCost",
        k.list_price as "listPrice", k.supplier as "supplierCode",
        coalesce(k.lead_time_days, u.lead_time_days) as "supplierDays", u.direct as "supplierDirect",
        r.qty as "ownQty", r.source_location_no as "ownSource"
      from (${pairsOf(sql, pairs)}) pair join stock s using (sku_no, location_no)
      join sku k on k.no = s.sku_no
      join location l on l.no = s.location_no
      left join supplier u on u.code = k.supplier
      left join policy p on p.sku_no = s.sku_no and p.location_no = s.location_no
      left join proposal r on r.sku_no = s.sku_no and r.location_no = s.location_no and r.state = 'open'
      order by 1, 2`,
    sql<(Holder & { skuNo: number })[]>`
      with promised as (
        select sku_no, source_location_no as location_no, sum(qty)::int as qty from proposal
        where state = 'open' and sku_no = any(${skuNos}::int[]) group by 1, 2
      )
      select o.sku_no as "skuNo", o.location_no as "locationNo", l.code, l.kind, l.latitude, l.longitude,
        o.on_hand - o.reserved as available, o.inbound, p.reorder_point as "reorderPoint", p.order_up_to as "orderUpTo",
        coalesce(p.rate, 0)::float8 as rate, coalesce(r.qty, 0) as promised
      from stock o join location l on l.no = o.location_no
      left join policy p using (sku_no, location_no)
      left join promised r using (sku_no, location_no)
      where o.sku_no = any(${skuNos}::int[]) and (o.on_hand - o.reserved > 0 or l.kind = 'hq_warehouse')`,
  ]);
  const bySku = Map.groupBy(holders, ({ skuNo }) => skuNo);
  return rows.map(
    ({
      latitude,
      longitude,
      reorderPoint,
      orderUpTo,
      rate,
      supplierCode,
      supplierDays,
      supplierDirect,
      ownQty,
      ownSource,
      ...row
    }) => ({
      ...row,
      policy:
        reorderPoint === null || orderUpTo === null ? null : { reorderPoint, orderUpTo, rate: rate ?? 0 },
      supplier:
        supplierCode === null
          ? null
          : { code: supplierCode, leadTimeDays: supplierDays, direct: supplierDirect ?? false },
      ...nearby(
        { locationNo: row.locationNo, latitude, longitude },
        bySku.get(row.skuNo) ?? [],
        ownQty === null ? null : { locationNo: ownSource, qty: ownQty },
      ),
    }),
  );
}

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

/**
 * Takes open proposals of these balances back: they are not needed any more. Answers how many there were. A purchase that
 * stores wait for stays while one of them does, though the warehouse itself may lack nothing.
 */
export async function withdrawProposals(sql: Sql, pairs: readonly Pair[]): Promise<number> {
  if (pairs.length === 0) return 0;
  const result = await sql`
    with due as (
      select p.id from proposal p join (${pairsOf(sql, pairs)}) b using (sku_no, location_no)
      where p.state = 'open' and not proposal_awaited(p) order by p.sku_no, p.location_no for update of p
    )
    update proposal p set state = 'withdrawn', decided_at = now(), updated_at = now()
    from due where p.id = due.id and p.state = 'open'`;
  return result.count;
}
