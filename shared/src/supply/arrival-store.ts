/**
 * What becomes of an order: sent, shipped, received, called off. What has arrived is what the movements with its code say,
 * counted anew each time, so that it does not matter who told of it, how often, or in which order.
 */
import type { SupplyOrderKind, SupplyOrderState } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Pair, SupplyDoor } from './door.ts';
import { boardChange, keepInbound, signalBalances } from './supply-store.ts';

/** Source and id of the facts that we tell ourselves; a fact sent again is a duplicate. */
export const OUR_SOURCE = 'zhanggui';
export const shipFactId = (code: string): string => `ship/${code}`;
export const receiptFactId = (code: string, deliveryId: string): string => `receive/${code}/${deliveryId}`;

/** Takes signals of arrivals, oldest first; answers the codes that they name, each once. */
export async function takeArrivals(sql: Sql, limit: number): Promise<{ taken: number; codes: string[] }> {
  const rows = await sql<{ ref: string }[]>`
    delete from signal where no in (
      select no from signal where kind = 'arrival' and params ? 'ref' order by no limit ${limit} for update skip locked)
    returning params->>'ref' as ref`;
  return { taken: rows.length, codes: [...new Set(rows.map(({ ref }) => ref))].sort() };
}

type Locked = {
  no: number;
  code: string;
  kind: SupplyOrderKind;
  state: SupplyOrderState;
  toLocationNo: number;
};

const lockOrders = (sql: Sql, codes: readonly string[]) => sql<Locked[]>`
  select no, code, kind, state, to_location_no as "toLocationNo" from supply_order
  where code = any(${codes as string[]}::text[]) order by no for update`;

/**
 * Brings these orders up to what the facts and receipts say: pieces received and damaged, shipped, closed when everything
 * came or somebody said that the rest will not. Ends their holds and late alerts, keeps inbound, tells whoever watches the
 * balances. May be called at any time, any number of times. Codes that are none of ours are passed over.
 *
 * Answers how many orders it changed.
 */
export async function bookArrivals(sql: Sql, codes: readonly string[], door: SupplyDoor): Promise<number> {
  if (codes.length === 0) return 0;
  const orders = await lockOrders(sql, codes);
  if (orders.length === 0) return 0;
  const nos = sql`${column(orders, (o) => o.no)}::bigint[]`;
  const changed = await sql<{ no: number; skuNo: number }[]>`
    with arrived as (
      select o.no, m.sku_no, least(sum(m.qty), 2000000000)::int as qty
      from supply_order o join stock_movement m on m.ref = o.code and m.kind in ('received', 'transfer_in')
        and m.location_no = o.to_location_no
      where o.no = any(${nos}) group by 1, 2
    ), broken as (
      select order_no as no, sku_no, sum(damaged)::int as qty from supply_receipt_line where order_no = any(${nos}) group by 1, 2
    ), told as (
      select n.order_no, n.sku_no, coalesce(a.qty, 0) as received, coalesce(b.qty, 0) as damaged
      from supply_order_line n
      left join arrived a on a.no = n.order_no and a.sku_no = n.sku_no
      left join broken b on b.no = n.order_no and b.sku_no = n.sku_no
      where n.order_no = any(${nos})
    )
    update supply_order_line n set received = t.received, damaged = t.damaged
    from told t
    where n.order_no = t.order_no and n.sku_no = t.sku_no and (n.received, n.damaged) <> (t.received, t.damaged)
    returning n.order_no as no, n.sku_no as "skuNo"`;
  const moved = await sql<{ no: number; code: string; left: boolean; closed: boolean }[]>`
    with told as (
      select o.no,
        bool_and(n.received + n.damaged >= n.qty) as complete,
        bool_or(n.received + n.damaged > 0) as any,
        exists (select from supply_receipt r where r.order_no = o.no and r.final) as final,
        exists (select from stock_movement m where m.ref = o.code and m.kind = 'transfer_out') or exists (
          select from ledger_key k join source s on s.no = k.source_no
          where s.name = ${OUR_SOURCE} and k.id = 'ship/' || o.code) as gone,
        (select max(m.at) from stock_movement m where m.ref = o.code and m.kind in ('received', 'transfer_in')) as last_at
      from supply_order o join supply_order_line n on n.order_no = o.no
      where o.no = any(${nos}) and o.state <> 'cancelled' group by o.no
    ), next as (
      select told.*, complete or final as closed, gone or "any" or complete or final as shipped from told
    )
    update supply_order o set
      state = case when n.closed then 'received' when n.shipped then 'shipped' else o.state end,
      shipped_at = case when n.shipped then coalesce(o.shipped_at, now()) end,
      -- Facts may come late: the goods were there when they say so.
      received_at = case when n.closed then
        coalesce(o.received_at, greatest(o.created_at, least(now(), coalesce(n.last_at, now())))) end,
      closed_short = n.closed and not n.complete
    from next n
    where o.no = n.no and ((n.closed and (o.state <> 'received' or o.closed_short <> not n.complete))
      or (n.shipped and o.state in ('open', 'sent')))
    returning o.no, o.code, true as left, n.closed`;
  const touched = orders.filter(
    ({ no }) => changed.some((row) => row.no === no) || moved.some((row) => row.no === no),
  );
  if (touched.length === 0) return 0;
  await door.addSignals(
    sql,
    await door.freeGoods(
      sql,
      moved.map(({ code }) => code),
      'left',
    ),
  );
  await leaveNoTrace(
    sql,
    touched,
    door,
    moved.filter(({ closed }) => closed).map(({ no }) => no),
  );
  return touched.length;
}

/** Inbound, signals, late alerts of those that ended, and the screens. */
async function leaveNoTrace(
  sql: Sql,
  orders: readonly Locked[],
  door: SupplyDoor,
  ended: readonly number[],
): Promise<void> {
  const balances = await balancesOf(sql, orders);
  await keepInbound(sql, balances);
  await signalBalances(sql, balances);
  const over = orders.filter(({ no }) => ended.includes(no));
  if (over.length > 0) await door.resolveAlerts(sql, over.map(lateAlertOf), 'cause');
  await door.noteChange(sql, boardChange);
}

/** Which alert says that an order is late. */
export const lateAlertOf = ({ no, toLocationNo }: { no: number; toLocationNo: number }) => ({
  family: 'supply' as const,
  skuNo: 0,
  locationNo: toLocationNo,
  supplyOrderNo: no,
});

const balancesOf = (sql: Sql, orders: readonly Locked[]) => sql<Pair[]>`
  select n.sku_no as "skuNo", o.to_location_no as "locationNo"
  from supply_order o join supply_order_line n on n.order_no = o.no
  where o.no = any(${column(orders, (o) => o.no)}::bigint[])`;

export type ReceiptLine = { skuNo: number; qty: number; damaged: number };

/** Keeps a delivery as a person took it in; false where it is known already, and then nothing of it is kept again. */
export async function keepReceipt(
  sql: Sql,
  receipt: { orderNo: number; deliveryId: string; by: string; final: boolean; lines: readonly ReceiptLine[] },
): Promise<boolean> {
  const { orderNo, deliveryId, lines } = receipt;
  const kept = await sql`
    insert into supply_receipt (order_no, delivery_id, by, final)
    values (${orderNo}, ${deliveryId}, ${receipt.by}, ${receipt.final}) on conflict do nothing`;
  if (kept.count === 0) return false;
  await sql`
    insert into supply_receipt_line (order_no, delivery_id, sku_no, qty, damaged)
    select ${orderNo}, ${deliveryId}, * from unnest(${column(lines, (l) => l.skuNo)}::int[],
      ${column(lines, (l) => l.qty)}::int[], ${column(lines, (l) => l.damaged)}::int[])`;
  return true;
}

/** The order was told to whoever has to send it, by file until `markSentByWebhook`. False where it was told before, or is over. */
export async function markSent(sql: Sql, code: string): Promise<boolean> {
  const { count } = await sql`
    update supply_order set state = 'sent', sent_at = now(), sent_how = 'file' where code = ${code} and state = 'open'`;
  return count === 1;
}

/** Machines were told of it. */
export async function markSentByWebhook(sql: Sql, code: string): Promise<void> {
  await sql`update supply_order set sent_how = 'webhook' where code = ${code}`;
}

/**
 * Somebody begins to book the goods out: from here on the order can't be called off. True also where that was begun before
 * and did not come to its end. `expectedAt` is when they now should arrive.
 */
export async function beginShipping(sql: Sql, code: string, expectedAt: Date | null): Promise<boolean> {
  const { count } = await sql`
    update supply_order set shipping_at = now(), expected_at = coalesce(${expectedAt}::timestamptz, expected_at)
    where code = ${code} and state in ('open', 'sent')`;
  return count === 1;
}

/** A purchase left its supplier: no goods of ours have moved yet. */
export async function markShipped(sql: Sql, code: string): Promise<void> {
  await sql`
    update supply_order set state = 'shipped', shipped_at = now() where code = ${code} and state in ('open', 'sent')`;
}

/** Calls an order off: nothing is held or inbound for it any more. False where goods have left, or it is over. */
export async function cancelOrder(sql: Sql, code: string, door: SupplyDoor): Promise<boolean> {
  const [order] = await lockOrders(sql, [code]);
  if (order === undefined) return false;
  const { count } = await sql`
    update supply_order o set state = 'cancelled' where no = ${order.no} and state in ('open', 'sent')
      -- Whoever booked the goods out and was cut off may be on the point of doing it again.
      and (shipping_at is null or shipping_at < now() - interval '5 minutes')
      and not exists (select from ledger_key k join source s on s.no = k.source_no
        where s.name = ${OUR_SOURCE} and k.id = ${shipFactId(code)})`;
  if (count === 0) return false;
  await door.addSignals(sql, await door.freeGoods(sql, [code], 'cancelled'));
  await leaveNoTrace(sql, [order], door, [order.no]);
  return true;
}

/** Orders whose goods should be there and are not, that nobody was told of; they are marked as told. Oldest first. */
export function takeLateOrders(
  sql: Sql,
  now: Date,
  limit: number,
): Promise<{ no: number; code: string; toLocationNo: number; expectedAt: Date }[]> {
  return sql`
    update supply_order o set chased_at = ${now}
    from (
      select no from supply_order
      where state in ('open', 'sent', 'shipped') and expected_at < ${now} and (chased_at is null or chased_at < expected_at)
      order by expected_at limit ${limit} for update skip locked) late
    where o.no = late.no
    returning o.no, o.code, o.to_location_no as "toLocationNo", o.expected_at as "expectedAt"`;
}

/** Codes of transfers that left although their order does not say so: whoever booked them out was cut off. */
export async function findUnbookedShipments(sql: Sql): Promise<string[]> {
  const rows = await sql<{ code: string }[]>`
    select o.code from supply_order o join source s on s.name = ${OUR_SOURCE}
    join ledger_key k on k.source_no = s.no and k.id = 'ship/' || o.code
    where o.state in ('open', 'sent') and o.shipping_at is not null order by 1`;
  return rows.map(({ code }) => code);
}
