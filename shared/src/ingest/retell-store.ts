/**
 * Orders told anew from the ledger alone, in SQL, into temporary tables: what `verify` holds the books against. Written
 * apart from the fold on purpose: it shares none of its code, so that a mistake there does not excuse itself here.
 *
 * The tables live until the transaction ends:
 *   retold_order   one row an order that somebody heard of, with the facts' verdict
 *   retold_line    its lines with what each costs
 *   retold_refund  every refund, with the order's channel and location
 *   retold_refund_line  its lines with what each gives back; sku_no 0 for a refund without lines
 */
import type { Sql } from '../platform/database.ts';

/** `time source id` of a fact: what decides between two facts that contradict each other. By bytes. */
export const factKey = (sql: Sql) => sql`
  (to_char(l.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || ' ' || s.name || ' ' || l.id) collate "C"`;

/** Makes all four tables. Takes time and disk in proportion to the ledger. */
export async function retellOrders(sql: Sql): Promise<void> {
  await retellPlaced(sql);
  await retellLines(sql);
  await retellRefunds(sql);
  await retellRefundLines(sql);
}

/** The earliest fact that places the order, and the earliest of each step. */
async function retellPlaced(sql: Sql): Promise<void> {
  await sql`
    create temp table retold_order on commit drop as
    with placed as (
      select distinct on (order_id) * from (
        select l.data ->> 'orderId' as order_id, ${factKey(sql)} as placed_key, l.time as placed_at, l.data
        from ledger l join source s on s.no = l.source_no
        where l.type = 'order.placed') p
      order by order_id, placed_key
    ),
    step as (
      select data ->> 'orderId' as order_id,
        min(time) filter (where type = 'order.paid') as paid_at,
        min(time) filter (where type = 'order.cancelled') as cancelled_at,
        min(time) filter (where type in ('order.picked_up', 'order.shipped')) as gone_at,
        min(time) filter (where type = 'order.delivered') as delivered_at
      from ledger
      where type in ('order.paid', 'order.cancelled', 'order.picked_up', 'order.shipped', 'order.delivered',
        'order.refunded')
      group by 1
    )
    select order_id, placed_key, placed_at, data ->> 'channel' as channel,
      coalesce(sold.no, held.no) as location_no, held.no as stock_location_no,
      data -> 'fulfilment' ->> 'method' as method, data ->> 'memberId' as member_id, (data ->> 'total')::bigint as total,
      data ->> 'sessionId' as session_id, data ->> 'groupId' as group_id, data ->> 'bargainId' as bargain_id,
      data ->> 'touch' as touch,
      case when data ? 'couponCodes' then array(select jsonb_array_elements_text(data -> 'couponCodes')) end as coupon_codes,
      data -> 'lines' as lines, paid_at, cancelled_at, gone_at, delivered_at
    from placed full join step using (order_id)
    left join location sold on sold.code = data ->> 'location'
    left join location held on held.code = data -> 'fulfilment' ->> 'location'`;
  await sql`create index on retold_order (order_id)`;
  await sql`analyze retold_order`;
}

/**
 * An order's total by its lines: in proportion to what they cost, rounded down, and the units that are left over one
 * each to those that lost most by rounding, the earlier line first. Lines that cost nothing share by pieces.
 */
async function retellLines(sql: Sql): Promise<void> {
  await sql`
    create temp table retold_line on commit drop as
    with line as (
      select o.order_id, o.total, e.i::int as i, k.no as sku_no, (e.line ->> 'qty')::bigint as qty,
        greatest(0, (e.line ->> 'qty')::bigint * (e.line ->> 'unitPrice')::bigint
          - coalesce((e.line ->> 'discount')::bigint, 0)) as cost, t.cost as whole_cost, t.qty as whole_qty
      from retold_order o
      cross join lateral (
        select sum((each ->> 'qty')::bigint)::bigint as qty,
          sum(greatest(0, (each ->> 'qty')::bigint * (each ->> 'unitPrice')::bigint
            - coalesce((each ->> 'discount')::bigint, 0)))::bigint as cost
        from jsonb_array_elements(o.lines) as each) t
      cross join lateral jsonb_array_elements(o.lines) with ordinality as e (line, i)
      join sku k on k.code = e.line ->> 'sku'
      where o.lines is not null
    ),
    weighed as (
      select order_id, i, sku_no, qty, total,
        case when whole_cost = 0 then qty else cost end as weight,
        case when whole_cost = 0 then whole_qty else whole_cost end as whole
      from line
    )
    select order_id, i, sku_no, qty, weight as amount from weighed where whole = total
    union all
    select order_id, i, sku_no, qty, ${shared(sql, 'order_id', 'total')} from weighed where whole <> total`;
  await sql`create index on retold_line (order_id)`;
  await sql`analyze retold_line`;
}

async function retellRefunds(sql: Sql): Promise<void> {
  await sql`
    create temp table retold_refund on commit drop as
    select l.seq, l.data ->> 'orderId' as order_id, ${factKey(sql)} as key, l.time as at,
      (l.data ->> 'amount')::bigint as amount, l.data -> 'lines' as lines, back.no as return_to,
      coalesce(o.location_no, 0) as location_no, coalesce(o.channel, '') as channel
    from ledger l
    join source s on s.no = l.source_no
    left join location back on back.code = l.data ->> 'returnTo'
    left join retold_order o on o.order_id = l.data ->> 'orderId' and o.placed_at is not null
    where l.type = 'order.refunded'`;
  await sql`analyze retold_refund`;
}

/**
 * A refund's amount by its lines: by what these pieces had cost where the order holds them all, else by pieces.
 */
async function retellRefundLines(sql: Sql): Promise<void> {
  await sql`
    create temp table retold_refund_line on commit drop as
    with bought as (
      select order_id, sku_no, sum(qty)::bigint as qty, sum(amount)::bigint as amount
      from retold_line where order_id in (select order_id from retold_refund) group by 1, 2
    ),
    line as (
      select r.seq, r.amount as total, e.i::int as i, k.no as sku_no, (e.line ->> 'qty')::bigint as qty,
        div(b.amount::numeric * (e.line ->> 'qty')::bigint, b.qty)::bigint as cost
      from retold_refund r
      cross join lateral jsonb_array_elements(r.lines) with ordinality as e (line, i)
      join sku k on k.code = e.line ->> 'sku'
      left join bought b on b.order_id = r.order_id and b.sku_no = k.no
    ),
    summed as (
      select *, bool_and(cost is not null) over refund and sum(cost) over refund > 0 as by_cost,
        sum(cost) over refund as whole_cost, sum(qty) over refund as whole_qty
      from line window refund as (partition by seq)
    ),
    weighed as (
      select seq, i, sku_no, qty, total, case when by_cost then cost else qty end as weight,
        case when by_cost then whole_cost else whole_qty end::bigint as whole
      from summed
    )
    select seq, i, sku_no, qty, ${shared(sql, 'seq', 'total')} as amount from weighed
    union all
    select seq, 1, 0, 0, amount from retold_refund where jsonb_array_length(lines) = 0`;
  await sql`analyze retold_refund_line`;
}

/** `total` by the rows' `weight` of the `whole`, in whole units that add up; `i` is the rows' order within their `group`. */
function shared(sql: Sql, group: 'order_id' | 'seq', total: 'total') {
  const down = sql`div(${sql(total)}::numeric * weight, whole)`;
  const rest = sql`mod(${sql(total)}::numeric * weight, whole)`;
  return sql`(${down} + case when
      row_number() over (partition by ${sql(group)} order by ${rest} desc, i)
        <= ${sql(total)} - sum(${down}) over (partition by ${sql(group)})
      then 1 else 0 end)::bigint`;
}
