/** Checks of orders and sales rollups against the orders told anew (`ingest/retell-store.ts`); run in its transaction. */
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';

/** The state of every order, line by line. */
export function compareOrders(sql: Sql, limit: number): Promise<Differences> {
  const columns = [
    'placed_at', 'placed_key', 'channel', 'location_no', 'stock_location_no', 'method', 'member_id', 'total', 'session_id',
    'group_id', 'bargain_id', 'touch', 'coupon_codes', 'line_sku', 'line_qty', 'line_amount', 'paid_at', 'cancelled_at',
    'gone_at', 'delivered_at', 'refunds',
  ]; // prettier-ignore
  return differences(
    sql,
    {
      expected: sql`
        select o.order_id, o.placed_at, o.placed_key, o.channel, o.location_no, o.stock_location_no, o.method, o.member_id,
          o.total, o.session_id, o.group_id, o.bargain_id, o.touch, o.coupon_codes, n.line_sku, n.line_qty, n.line_amount,
          o.paid_at, o.cancelled_at, o.gone_at, o.delivered_at, r.refunds
        from retold_order o
        left join (
          select order_id, array_agg(sku_no order by i) as line_sku, array_agg(qty::int order by i) as line_qty,
            array_agg(amount order by i) as line_amount
          from retold_line group by 1) n using (order_id)
        left join (
          select order_id, jsonb_agg(jsonb_build_object(
            'key', key, 'at', (extract(epoch from at) * 1000)::bigint, 'amount', amount, 'returnTo', return_to,
            'lines', (select coalesce(jsonb_agg(jsonb_build_array(k.no, each -> 'qty') order by i), '[]')
              from jsonb_array_elements(lines) with ordinality as e (each, i) join sku k on k.code = each ->> 'sku')
            ) order by key) as refunds
          from retold_refund group by 1) r using (order_id)`,
      found: sql`select * from orders`,
      keys: ['order_id'],
      values: columns,
    },
    limit,
  );
}

/**
 * Every contribution to the rollups: an order when it was placed, its money when it was paid (at once, when carried
 * away), a refund when it was given.
 */
const contributions = (sql: Sql) => sql`
  select o.placed_at as at, o.location_no, o.channel, 1 as orders,
    (select sum(qty) from retold_line n where n.order_id = o.order_id) as units, o.total as placed, 0 as paid, 0 as refunded
  from retold_order o where o.placed_at is not null
  union all
  select ${paidAt(sql)}, o.location_no, o.channel, 0, 0, 0, o.total, 0
  from retold_order o where o.placed_at is not null and ${paidAt(sql)} is not null
  union all
  select at, location_no, channel, 0, 0, 0, 0, amount from retold_refund`;

const paidAt = (sql: Sql) => sql`case when o.method = 'carry' then o.placed_at else o.paid_at end`;

const sums = ['orders', 'units', 'placed', 'paid', 'refunded'] as const;
const added = (sql: Sql) => sql`
  sum(orders)::bigint as orders, sum(units)::bigint as units, sum(placed)::bigint as placed, sum(paid)::bigint as paid,
  sum(refunded)::bigint as refunded`;
const kept = (sql: Sql) => sql`orders::bigint, units::bigint, placed, paid, refunded`;
/** A row that came back to zero says the same as no row. */
const nonZero = (sql: Sql) => sql`(orders <> 0 or units <> 0 or placed <> 0 or paid <> 0 or refunded <> 0)`;

export function compareMinutes(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select * from (
          select date_trunc('minute', at) as minute, location_no, channel, ${added(sql)}
          from (${contributions(sql)}) c group by 1, 2, 3) m where ${nonZero(sql)}`,
      found: sql`select minute, location_no, channel, ${kept(sql)} from sales_minute where ${nonZero(sql)}`,
      keys: ['minute', 'location_no', 'channel'],
      values: sums,
    },
    limit,
  );
}

/** `timeZone` cuts the business days. */
export function compareDays(sql: Sql, timeZone: string, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select * from (
          select (at at time zone ${timeZone})::date as day, location_no, channel, ${added(sql)}
          from (${contributions(sql)}) c group by 1, 2, 3) d where ${nonZero(sql)}`,
      found: sql`select day, location_no, channel, ${kept(sql)} from sales_day where ${nonZero(sql)}`,
      keys: ['day', 'location_no', 'channel'],
      values: sums,
    },
    limit,
  );
}

/** The newest sale of each day, of all facts that place an order, also those that another one outdid. */
export function compareLastSales(sql: Sql, timeZone: string, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select (l.time at time zone ${timeZone})::date as day, p.no as location_no, l.data ->> 'channel' as channel,
          max(l.time) as last_sale_at
        from ledger l
        join location p on p.code = coalesce(l.data ->> 'location', l.data -> 'fulfilment' ->> 'location')
        where l.type = 'order.placed' group by 1, 2, 3`,
      found: sql`select day, location_no, channel, last_sale_at from sales_day where last_sale_at is not null`,
      keys: ['day', 'location_no', 'channel'],
      values: ['last_sale_at'],
    },
    limit,
  );
}

/** `orders` counts orders that hold the SKU, however many of their lines do. */
export function compareSkuDays(sql: Sql, timeZone: string, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        with contribution as (
          select o.placed_at as at, n.sku_no, o.location_no, o.channel,
            case when n.i = min(n.i) over (partition by n.order_id, n.sku_no) then 1 else 0 end as orders,
            n.qty as units, n.amount as placed, 0 as paid, 0 as refunded
          from retold_order o join retold_line n using (order_id)
          union all
          select ${paidAt(sql)}, n.sku_no, o.location_no, o.channel, 0, 0, 0, n.amount, 0
          from retold_order o join retold_line n using (order_id) where ${paidAt(sql)} is not null
          union all
          select r.at, n.sku_no, r.location_no, r.channel, 0, 0, 0, 0, n.amount
          from retold_refund r join retold_refund_line n using (seq)
        )
        select * from (
          select sku_no, (at at time zone ${timeZone})::date as day, location_no, channel, ${added(sql)}
          from contribution group by 1, 2, 3, 4) d where ${nonZero(sql)}`,
      found: sql`select sku_no, day, location_no, channel, ${kept(sql)} from sales_sku_day where ${nonZero(sql)}`,
      keys: ['sku_no', 'day', 'location_no', 'channel'],
      values: sums,
    },
    limit,
  );
}

/** Footfall and web traffic by the hours of the company's clock. */
export function compareTraffic(sql: Sql, timeZone: string, limit: number): Promise<Differences> {
  const wall = sql`(l.time at time zone ${timeZone})`;
  const number = (field: string) => sql`coalesce(sum((l.data ->> ${field}::text)::bigint), 0)::bigint`;
  return differences(
    sql,
    {
      expected: sql`
        select l.time - (${wall} - date_trunc('hour', ${wall})) as hour, coalesce(p.no, 0) as location_no,
          coalesce(l.data ->> 'channel', '') as channel, ${number('entered')} as entered, ${number('sessions')} as sessions,
          ${number('views')} as views, ${number('carts')} as carts, ${number('checkouts')} as checkouts
        from ledger l left join location p on l.type = 'traffic.store' and p.code = l.data ->> 'location'
        where l.type in ('traffic.store', 'traffic.online') group by 1, 2, 3`,
      found: sql`select * from traffic_hour`,
      keys: ['hour', 'location_no', 'channel'],
      values: ['entered', 'sessions', 'views', 'carts', 'checkouts'],
    },
    limit,
  );
}
