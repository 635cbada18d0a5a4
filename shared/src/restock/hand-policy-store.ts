/** Policies as people read them, and set them by hand. Quantities in pieces. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { explain, type KeptPolicy } from './explain.ts';
import { copyReorderPoints } from './policy-store.ts';

type Sight = { locations: readonly string[]; regions: readonly string[] } | null;

export type PolicyRow = KeptPolicy & {
  sku: string;
  skuNameZh: string;
  skuNameEn: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  /** In force. */
  reorderPoint: number;
  orderUpTo: number;
  /** As planned. */
  serviceLevel: number | null;
  safetyStock: number | null;
  handBy: string | null;
  handAt: Date | null;
  updatedAt: Date;
  skuNo: number;
  locationNo: number;
};

const columnsOf = (sql: Sql) => sql`
  p.sku_no as "skuNo", p.location_no as "locationNo", k.code as sku, k.name_zh as "skuNameZh", k.name_en as "skuNameEn",
  l.code as location, l.name_zh as "locationNameZh", l.name_en as "locationNameEn", p.abc, p.xyz,
  p.service_level as "serviceLevel", p.rate, p.sd, p.lead_days as "leadDays", p.lead_sd as "leadSd",
  p.review_days as "reviewDays", p.pack_size as "packSize", p.min_order as "minOrder", p.safety_stock as "safetyStock",
  p.reorder_point as "reorderPoint", p.order_up_to as "orderUpTo", p.hand_reorder_point as "handReorderPoint",
  p.hand_order_up_to as "handOrderUpTo", p.hand_by as "handBy", p.hand_at as "handAt", p.updated_at as "updatedAt",
  l.kind, k.cost as "unitCost", coalesce(u.direct, false) as direct`;

const tablesOf = (sql: Sql) => sql`
  policy p join sku k on k.no = p.sku_no join location l on l.no = p.location_no left join supplier u on u.code = k.supplier`;

/** Policies in order of (SKU, location) number; `after` is where the page before ended. */
export function listPolicies(
  sql: Sql,
  filter: {
    sku?: string | undefined;
    location?: string | undefined;
    byHand?: boolean | undefined;
    sight: Sight;
  },
  after: { skuNo: number; locationNo: number } | null,
  limit: number,
): Promise<PolicyRow[]> {
  const { sku, location, byHand, sight } = filter;
  return sql<PolicyRow[]>`
    select ${columnsOf(sql)} from ${tablesOf(sql)}
    where true
      ${sku === undefined ? sql`` : sql`and p.sku_no = (select no from sku where code = ${sku})`}
      ${location === undefined ? sql`` : sql`and p.location_no = (select no from location where code = ${location})`}
      ${byHand === undefined ? sql`` : byHand ? sql`and p.hand_at is not null` : sql`and p.hand_at is null`}
      ${
        sight === null
          ? sql``
          : sql`and (l.code = any(${sight.locations as string[]}::text[]) or l.region = any(${sight.regions as string[]}::text[]))`
      }
      ${after === null ? sql`` : sql`and (p.sku_no, p.location_no) > (${after.skuNo}, ${after.locationNo})`}
    order by p.sku_no, p.location_no limit ${limit}`;
}

/** `levels` null: what the plan says counts again. */
export type HandChange = {
  skuNo: number;
  locationNo: number;
  levels: { reorderPoint: number; orderUpTo: number } | null;
};

/**
 * Sets levels by hand, or gives them back to the plan; they are in force at once, and what becomes low by them leaves a
 * signal. Pairs of SKU and location must be unique. Answers how many policies changed.
 */
export async function changeByHand(sql: Sql, changes: readonly HandChange[], by: string): Promise<number> {
  const sorted = changes.toSorted((a, b) => a.skuNo - b.skuNo || a.locationNo - b.locationNo);
  const set = sorted.flatMap(({ levels, ...balance }) => (levels === null ? [] : [{ ...balance, levels }]));
  const count = await setLevels(sql, set, by);
  const cleared = await clearLevels(
    sql,
    sorted.filter(({ levels }) => levels === null),
  );
  await openBalances(sql, set);
  await copyReorderPoints(sql, sorted, 'stock');
  return count + cleared;
}

async function setLevels(
  sql: Sql,
  rows: readonly (HandChange & { levels: { reorderPoint: number; orderUpTo: number } })[],
  by: string,
): Promise<number> {
  if (rows.length === 0) return 0;
  const { count } = await sql`
    insert into policy as t (sku_no, location_no, pack_size, min_order, reorder_point, order_up_to, hand_reorder_point,
      hand_order_up_to, hand_by, hand_at)
    select r.sku_no, r.location_no, k.pack_size, 1, point, up_to, point, up_to, ${by}, now()
    from unnest(
      ${column(rows, (r) => r.skuNo)}::int[], ${column(rows, (r) => r.locationNo)}::int[],
      ${column(rows, (r) => r.levels.reorderPoint)}::int[], ${column(rows, (r) => r.levels.orderUpTo)}::int[])
      as r (sku_no, location_no, point, up_to)
    join sku k on k.no = r.sku_no
    order by r.sku_no, r.location_no
    on conflict (sku_no, location_no) do update set
      reorder_point = excluded.reorder_point, order_up_to = excluded.order_up_to,
      hand_reorder_point = excluded.hand_reorder_point, hand_order_up_to = excluded.hand_order_up_to,
      hand_by = excluded.hand_by, hand_at = excluded.hand_at, updated_at = now()
    where (t.hand_reorder_point, t.hand_order_up_to)
      is distinct from (excluded.hand_reorder_point, excluded.hand_order_up_to)`;
  return count;
}

/** Back to what the plan's columns say; what was never planned has no policy then. */
async function clearLevels(
  sql: Sql,
  rows: readonly { skuNo: number; locationNo: number }[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const found = await sql<PolicyRow[]>`
    select ${columnsOf(sql)} from ${tablesOf(sql)}
    join unnest(${column(rows, (r) => r.skuNo)}::int[], ${column(rows, (r) => r.locationNo)}::int[])
      as r (sku_no, location_no) on r.sku_no = p.sku_no and r.location_no = p.location_no
    where p.hand_at is not null
    order by p.sku_no, p.location_no for no key update of p`;
  if (found.length === 0) return 0;
  const planned = found.map((row) => explain({ ...row, handReorderPoint: null, handOrderUpTo: null }));
  await sql`
    with r as materialized (
      select * from unnest(
        ${column(found, (p) => p.skuNo)}::int[], ${column(found, (p) => p.locationNo)}::int[],
        ${column(planned, (p) => p?.reorderPoint ?? null)}::int[], ${column(planned, (p) => p?.orderUpTo ?? null)}::int[])
      as r (sku_no, location_no, point, up_to)
    ),
    back as (
      update policy p set reorder_point = r.point, order_up_to = r.up_to, hand_reorder_point = null,
        hand_order_up_to = null, hand_by = null, hand_at = null, updated_at = now()
      from r where p.sku_no = r.sku_no and p.location_no = r.location_no and r.point is not null
    )
    delete from policy p using r
    where p.sku_no = r.sku_no and p.location_no = r.location_no and r.point is null`;
  return found.length;
}

/**
 * What somebody wants on a shelf where it never was is a balance of nothing, or nobody would see that it is missing. The
 * counters by location follow, as when ingest makes a balance.
 */
async function openBalances(sql: Sql, rows: readonly { skuNo: number; locationNo: number }[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    with made as (
      insert into stock (sku_no, location_no, flagged_at)
      select sku_no, location_no, now() from unnest(
        ${column(rows, (r) => r.skuNo)}::int[], ${column(rows, (r) => r.locationNo)}::int[]) as r (sku_no, location_no)
      order by sku_no, location_no
      on conflict (sku_no, location_no) do nothing
      returning location_no
    )
    insert into stock_location as t (location_no, balances, sold_out)
    select location_no, count(*)::int, count(*)::int from made group by location_no order by location_no
    on conflict (location_no) do update set
      balances = t.balances + excluded.balances, sold_out = t.sold_out + excluded.sold_out`;
}

/** A location by code, with its region. */
export type PolicyPlace = { no: number; code: string; region: string | null };

/** SKUs and locations by code; codes that nobody has heard of are absent. */
export async function resolvePolicyCodes(
  sql: Sql,
  skus: readonly string[],
  locations: readonly string[],
): Promise<{ skus: Map<string, number>; places: Map<string, PolicyPlace> }> {
  const [found, places] = await Promise.all([
    sql<{ no: number; code: string }[]>`
      select no, code from sku where code = any(${[...new Set(skus)]}::text[])`,
    sql<PolicyPlace[]>`
      select no, code, region from location where code = any(${[...new Set(locations)]}::text[])`,
  ]);
  return {
    skus: new Map(found.map(({ no, code }) => [code, no])),
    places: new Map(places.map((place) => [place.code, place])),
  };
}
