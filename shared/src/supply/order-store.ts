/** Reads transfers and purchases, and how the loop from signal to shelf does. Quantities in pieces. */
import type { SupplyOrderKind, SupplyOrderState } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';

type Sight = { locations: readonly string[]; regions: readonly string[] } | null;

export type SupplyOrderRow = {
  no: number;
  code: string;
  kind: SupplyOrderKind;
  status: SupplyOrderState;
  /** Code and names of the location or supplier that sends. */
  from: string | null;
  fromNameZh: string | null;
  fromNameEn: string | null;
  supplier: string | null;
  to: string;
  toNameZh: string;
  toNameEn: string;
  lineCount: number;
  qty: number;
  received: number;
  damaged: number;
  /** Still to come; 0 where it is over. */
  outstanding: number;
  /** At cost, minor units; null where a cost is not known. */
  value: number | null;
  late: boolean;
  expectedAt: Date;
  createdAt: Date;
  createdBy: string;
  wantedAt: Date;
  sentAt: Date | null;
  shippedAt: Date | null;
  receivedAt: Date | null;
  closedShort: boolean;
  note: string | null;
  fromRegion: string | null;
  toRegion: string | null;
};

const orders = (sql: Sql) => sql`
  select o.no, o.code, o.kind, o.state as status, coalesce(f.code, o.supplier) as from,
    coalesce(f.name_zh, u.name_zh) as "fromNameZh", coalesce(f.name_en, u.name_en) as "fromNameEn", o.supplier,
    l.code as to, l.name_zh as "toNameZh", l.name_en as "toNameEn", n.line_count as "lineCount", n.qty, n.received,
    n.damaged, case when o.state in ('open', 'sent', 'shipped') then n.outstanding else 0 end as outstanding, n.value,
    o.state in ('open', 'sent', 'shipped') and o.expected_at < now() as late, o.expected_at as "expectedAt",
    o.created_at as "createdAt", o.created_by as "createdBy", o.wanted_at as "wantedAt", o.sent_at as "sentAt",
    o.shipped_at as "shippedAt", o.received_at as "receivedAt", o.closed_short as "closedShort", o.note,
    f.region as "fromRegion", l.region as "toRegion"
  from supply_order o join location l on l.no = o.to_location_no
  left join location f on f.no = o.from_location_no
  left join supplier u on u.code = o.supplier
  cross join lateral (
    select count(*)::int as line_count, sum(n.qty)::int as qty, sum(n.received)::int as received, sum(n.damaged)::int as damaged,
      sum(greatest(0, n.qty - n.received - n.damaged))::int as outstanding,
      case when bool_and(k.cost is not null) then sum(n.qty * k.cost)::bigint end as value
    from supply_order_line n join sku k on k.no = n.sku_no where n.order_no = o.no) n`;

/** Where it goes or where it comes from: both have something to do with it. */
const inSight = (sql: Sql, sight: Sight) =>
  sight === null
    ? sql``
    : sql`and (l.code = any(${sight.locations as string[]}::text[]) or l.region = any(${sight.regions as string[]}::text[])
        or f.code = any(${sight.locations as string[]}::text[]) or f.region = any(${sight.regions as string[]}::text[]))`;

export type OrderFilter = {
  status?: SupplyOrderState | 'under_way' | 'late' | undefined;
  kind?: SupplyOrderKind | undefined;
  location?: string | undefined;
  sku?: string | undefined;
  code?: string | undefined;
  sight: Sight;
};

/** Newest first; `before` is the number where the page before ended. */
export function listOrders(
  sql: Sql,
  { status, kind, location, sku, code, sight }: OrderFilter,
  before: number | null,
  limit: number,
): Promise<SupplyOrderRow[]> {
  const underWay = sql`o.state in ('open', 'sent', 'shipped')`;
  return sql<SupplyOrderRow[]>`
    ${orders(sql)}
    where true
      ${code === undefined ? sql`` : sql`and o.code = ${code}`}
      ${
        status === undefined
          ? sql``
          : status === 'under_way'
            ? sql`and ${underWay}`
            : status === 'late'
              ? sql`and ${underWay} and o.expected_at < now()`
              : sql`and o.state = ${status}`
      }
      ${kind === undefined ? sql`` : sql`and o.kind = ${kind}`}
      ${
        location === undefined
          ? sql``
          : sql`and (select no from location where code = ${location}) in (o.to_location_no, o.from_location_no)`
      }
      ${
        sku === undefined
          ? sql``
          : sql`and exists (select from supply_order_line s where s.order_no = o.no
              and s.sku_no = (select no from sku where code = ${sku}))`
      }
      ${inSight(sql, sight)}
      ${before === null ? sql`` : sql`and o.no < ${before}`}
    order by o.no desc limit ${limit}`;
}

export type SupplyLineRow = {
  skuNo: number;
  sku: string;
  nameZh: string;
  nameEn: string;
  qty: number;
  received: number;
  damaged: number;
  cost: number | null;
  packSize: number;
  proposalId: string | null;
};

export const listLines = (sql: Sql, orderNo: number): Promise<SupplyLineRow[]> => sql<SupplyLineRow[]>`
  select n.sku_no as "skuNo", k.code as sku, k.name_zh as "nameZh", k.name_en as "nameEn", n.qty, n.received, n.damaged,
    k.cost, k.pack_size as "packSize", n.proposal_id as "proposalId"
  from supply_order_line n join sku k on k.no = n.sku_no where n.order_no = ${orderNo} order by k.code`;

export type ReceiptRow = {
  deliveryId: string;
  at: Date;
  by: string;
  final: boolean;
  qty: number;
  damaged: number;
};

export const listReceipts = (sql: Sql, orderNo: number): Promise<ReceiptRow[]> => sql<ReceiptRow[]>`
  select r.delivery_id as "deliveryId", r.at, r.by, r.final, coalesce(sum(l.qty), 0)::int as qty,
    coalesce(sum(l.damaged), 0)::int as damaged
  from supply_receipt r left join supply_receipt_line l using (order_no, delivery_id)
  where r.order_no = ${orderNo} group by 1, 2, 3, 4 order by r.at, r.delivery_id`;

export type RestockSummary = {
  openProposals: number;
  underWay: number;
  underWayUnits: number;
  late: number;
  /** Median hours from the first signal to the shelf, of orders that arrived within 30 days; null: none did. */
  cycleHours: number | null;
  /** Share of the balances that have nothing left; null: there is none. */
  stockoutShare: number | null;
};

/** @param locationNos null for all */
export async function readRestockSummary(
  sql: Sql,
  locationNos: readonly number[] | null,
): Promise<RestockSummary> {
  const at = (name: string) =>
    locationNos === null ? sql`` : sql`and ${sql(name)} = any(${locationNos as number[]}::int[])`;
  const [row] = await sql<RestockSummary[]>`
    select
      (select count(*)::int from proposal where state = 'open' ${at('location_no')}) as "openProposals",
      u.orders as "underWay", u.units as "underWayUnits", u.late,
      (select percentile_cont(0.5) within group (order by extract(epoch from received_at - wanted_at) / 3600)
        from supply_order where state = 'received' and received_at > now() - interval '30 days'
          ${at('to_location_no')})::float8 as "cycleHours",
      (select (sum(sold_out) + sum(oversold))::float8 / nullif(sum(balances), 0) from stock_location
        where true ${at('location_no')}) as "stockoutShare"
    from (
      select count(distinct o.no)::int as orders,
        coalesce(sum(greatest(0, n.qty - n.received - n.damaged)), 0)::int as units,
        (count(distinct o.no) filter (where o.expected_at < now()))::int as late
      from supply_order o left join supply_order_line n on n.order_no = o.no
      where o.state in ('open', 'sent', 'shipped') ${at('to_location_no')}) u`;
  return row!;
}
