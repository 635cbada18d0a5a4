/** Reads and writes `orders`. Set-based; callers pass rows sorted by order id, which is the lock order. */
import type { Sql } from '../platform/database.ts';
import { emptyOrder, type OrderState, type Placed, type Refund } from './order.ts';

export type OrderRow = { orderId: string; state: OrderState };

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/**
 * The rows as one JSON document: columns of nullable and nested arrays would need an encoding of their own, and Postgres
 * reads one document about as fast as thirty arrays.
 */
const document = (rows: readonly OrderRow[]) =>
  JSON.stringify(
    rows.map(({ orderId, state: { placed, ...rest } }) => ({
      order_id: orderId,
      placed_at: placed && iso(placed.at),
      placed_key: placed?.key,
      channel: placed?.channel,
      location_no: placed?.locationNo,
      stock_location_no: placed?.stockLocationNo,
      method: placed?.method,
      member_id: placed?.memberId ?? undefined,
      total: placed?.total,
      session_id: placed?.sessionId ?? undefined,
      group_id: placed?.groupId ?? undefined,
      bargain_id: placed?.bargainId ?? undefined,
      touch: placed?.touch ?? undefined,
      coupon_codes: placed?.couponCodes ?? undefined,
      line_sku: placed?.lineSku,
      line_qty: placed?.lineQty,
      line_amount: placed?.lineAmount,
      paid_at: iso(rest.paidAt) ?? undefined,
      cancelled_at: iso(rest.cancelledAt) ?? undefined,
      gone_at: iso(rest.goneAt) ?? undefined,
      delivered_at: iso(rest.deliveredAt) ?? undefined,
      refunds: rest.refunds.length > 0 ? rest.refunds : undefined,
    })),
  );

/** Inserts orders that nobody heard of before; returns the ids that it inserted. The others exist: lock and fold them. */
export async function insertOrders(sql: Sql, rows: readonly OrderRow[]): Promise<Set<string>> {
  if (rows.length === 0) return new Set();
  const inserted = await sql<{ order_id: string }[]>`
    insert into orders
    select * from json_populate_recordset(null::orders, ${document(rows)}::text::json)
    on conflict (order_id) do nothing
    returning order_id`;
  return new Set(inserted.map((row) => row.order_id));
}

/** States of existing orders, locked until the transaction ends. Ids must be sorted. */
export async function lockOrders(sql: Sql, orderIds: readonly string[]): Promise<Map<string, OrderState>> {
  const rows = await sql<OrderColumns[]>`
    select o.* from unnest(${orderIds as string[]}::text[]) with ordinality as wanted (order_id, position)
    join orders o using (order_id)
    order by position
    for update of o`;
  return new Map(rows.map((row) => [row.order_id, stateOf(row)]));
}

/** Writes back states of orders locked before. */
export async function updateOrders(sql: Sql, rows: readonly OrderRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update orders o set
      placed_at = n.placed_at, placed_key = n.placed_key, channel = n.channel, location_no = n.location_no,
      stock_location_no = n.stock_location_no, method = n.method, member_id = n.member_id, total = n.total,
      session_id = n.session_id, group_id = n.group_id, bargain_id = n.bargain_id, touch = n.touch,
      coupon_codes = n.coupon_codes, line_sku = n.line_sku, line_qty = n.line_qty, line_amount = n.line_amount,
      paid_at = n.paid_at, cancelled_at = n.cancelled_at, gone_at = n.gone_at, delivered_at = n.delivered_at,
      refunds = n.refunds
    from json_populate_recordset(null::orders, ${document(rows)}::text::json) n
    where o.order_id = n.order_id`;
}

type OrderColumns = {
  order_id: string;
  placed_at: Date | null;
  placed_key: string;
  channel: string;
  location_no: number;
  stock_location_no: number;
  method: Placed['method'];
  member_id: string | null;
  total: number;
  session_id: string | null;
  group_id: string | null;
  bargain_id: string | null;
  touch: string | null;
  coupon_codes: string[] | null;
  line_sku: number[];
  line_qty: number[];
  line_amount: number[];
  paid_at: Date | null;
  cancelled_at: Date | null;
  gone_at: Date | null;
  delivered_at: Date | null;
  refunds: Refund[] | null;
};

function stateOf(row: OrderColumns): OrderState {
  const placed: Placed | null = row.placed_at && {
    key: row.placed_key,
    at: row.placed_at.getTime(),
    channel: row.channel,
    locationNo: row.location_no,
    stockLocationNo: row.stock_location_no,
    method: row.method,
    memberId: row.member_id,
    total: row.total,
    sessionId: row.session_id,
    groupId: row.group_id,
    bargainId: row.bargain_id,
    touch: row.touch,
    couponCodes: row.coupon_codes,
    lineSku: row.line_sku,
    lineQty: row.line_qty,
    lineAmount: row.line_amount.map(Number),
  };
  return {
    ...emptyOrder,
    placed,
    paidAt: row.paid_at?.getTime() ?? null,
    cancelledAt: row.cancelled_at?.getTime() ?? null,
    goneAt: row.gone_at?.getTime() ?? null,
    deliveredAt: row.delivered_at?.getTime() ?? null,
    refunds: row.refunds ?? [],
  };
}
