/** A past for a company: orders of the ninety days before today, written straight into the tables, as ingest would have. */
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { PLACES, SKUS } from './orders.ts';

const CHUNK = 500_000;
const DAYS = 90;

/**
 * Writes `events` placed orders of two lines each: keys, facts, orders, movements and rollups. Their places, SKUs and minutes
 * are spread evenly; all are paid at once and belong to days before today, so that today's sums stay as they were.
 */
export async function writeHistory(sql: Sql, events: number, onChunk: (done: number) => void): Promise<void> {
  await sql`create unlogged table history (n bigint, seq bigint, at timestamptz, location_no int, source_no int,
    sku_a int, sku_b int)`;
  for (let done = 0; done < events; done += CHUNK) {
    const last = Math.min(events, done + CHUNK);
    await sql`truncate history`;
    await sql`insert into history
      select n, nextval('ledger_seq'),
        date_trunc('day', now() at time zone 'Asia/Shanghai') at time zone 'Asia/Shanghai'
          - make_interval(secs => 1 + (${DAYS * 86_400}::float8 * (1 - n / ${events}::float8))),
        1 + n % ${PLACES - 3}::int, 1 + n % ${PLACES - 3}::int,
        1 + (n * 7919) % ${SKUS}::int, 1 + (n * 104729 + 1) % ${SKUS}::int
      from generate_series(${done}::bigint, ${last - 1}::bigint) n`;
    await sql`insert into ledger_key (source_no, id, seq) select source_no, 'past-' || n, seq from history`;
    await sql`insert into ledger (seq, source_no, id, type, time, data)
      select seq, source_no, 'past-' || n, 'order.placed', at, jsonb_build_object('orderId', 'past-' || n, 'channel', 'pos',
        'location', location_no::text, 'total', 3000, 'currency', 'CNY',
        'lines', jsonb_build_array(jsonb_build_object('sku', sku_a::text, 'qty', 1, 'unitPrice', 1000),
          jsonb_build_object('sku', sku_b::text, 'qty', 1, 'unitPrice', 2000)),
        'fulfilment', jsonb_build_object('method', 'carry', 'location', location_no::text)) from history`;
    await sql`insert into orders (order_id, placed_at, placed_key, channel, location_no, stock_location_no, method, total,
        line_sku, line_qty, line_amount)
      select 'past-' || n, at, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS".000Z"') || ' pos past-' || n, 'pos',
        location_no, location_no, 'carry', 3000, array[sku_a, sku_b], '{1,1}', '{1000,2000}' from history`;
    await sql`insert into stock_movement (seq, sku_no, location_no, kind, qty, delta, at, ref)
      select seq, sku, location_no, 'sale', -1, -1, at, 'past-' || n from history, unnest(array[sku_a, sku_b]) sku`;
    await sql`insert into sales_minute as t (minute, location_no, channel, orders, units, placed, paid)
      select date_trunc('minute', at), location_no, 'pos', count(*), count(*) * 2, count(*) * 3000, count(*) * 3000
      from history group by 1, 2 on conflict (minute, location_no, channel) do update set
      orders = t.orders + excluded.orders, units = t.units + excluded.units, placed = t.placed + excluded.placed,
      paid = t.paid + excluded.paid`;
    await sql`insert into sales_day as t (day, location_no, channel, orders, units, placed, paid)
      select (at at time zone 'Asia/Shanghai')::date, location_no, 'pos', count(*), count(*) * 2, count(*) * 3000,
        count(*) * 3000
      from history group by 1, 2 on conflict (day, location_no, channel) do update set
      orders = t.orders + excluded.orders, units = t.units + excluded.units, placed = t.placed + excluded.placed,
      paid = t.paid + excluded.paid`;
    await sql`insert into sales_sku_day as t (sku_no, day, location_no, channel, orders, units, placed, paid)
      select sku, (at at time zone 'Asia/Shanghai')::date, location_no, 'pos', count(*), count(*), sum(amount), sum(amount)
      from history, unnest(array[sku_a, sku_b], array[1000, 2000]) as line (sku, amount)
      group by 1, 2, 3 on conflict (day, sku_no, location_no, channel) do update set
      orders = t.orders + excluded.orders, units = t.units + excluded.units, placed = t.placed + excluded.placed,
      paid = t.paid + excluded.paid`;
    onChunk(last);
  }
  await sql`drop table history`;
  await sql`update stock s set on_hand = s.on_hand + m.delta
    from (select sku_no, location_no, sum(delta)::int as delta from stock_movement group by 1, 2) m
    where m.sku_no = s.sku_no and m.location_no = s.location_no`;
}
