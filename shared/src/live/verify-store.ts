/**
 * Checks of livestreams against the ledger and the orders told anew (`ingest/retell-store.ts`); run in its transaction.
 * Written apart from the fold: sums over facts here, additions there.
 */
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';

const number = (sql: Sql, field: string) => sql`coalesce((data ->> ${field}::text)::bigint, 0)`;

/** Rows (session_id, minute, viewers, entered, likes, comments, clicks, orders, units, placed, paid) that add up to the minutes. */
const parts = (sql: Sql) => sql`
  select data ->> 'sessionId' as session_id, date_trunc('minute', time) as minute, ${number(sql, 'viewers')} as viewers,
    ${number(sql, 'entered')} as entered, ${number(sql, 'likes')} as likes, ${number(sql, 'comments')} as comments,
    ${number(sql, 'clicks')} as clicks, 0::bigint as orders, 0::bigint as units, 0::bigint as placed, 0::bigint as paid
  from ledger where type = 'live.pulse'
  union all
  select session_id, date_trunc('minute', placed_at), 0, 0, 0, 0, 0, 1,
    (select sum(n.qty) from retold_line n where n.order_id = o.order_id)::bigint, total, 0
  from retold_order o where session_id is not null and placed_at is not null
  union all
  select session_id, date_trunc('minute', coalesce(case when method = 'carry' then placed_at end, paid_at)),
    0, 0, 0, 0, 0, 0, 0, 0, total
  from retold_order where session_id is not null and placed_at is not null and (method = 'carry' or paid_at is not null)`;

const summed = (sql: Sql) => sql`
  max(viewers)::bigint as viewers, sum(entered)::bigint as entered, sum(likes)::bigint as likes,
  sum(comments)::bigint as comments, sum(clicks)::bigint as clicks, sum(orders)::bigint as orders,
  sum(units)::bigint as units, sum(placed)::bigint as placed, sum(paid)::bigint as paid`;

const counts = ['entered', 'likes', 'comments', 'clicks', 'orders', 'units', 'placed', 'paid'];

/** Sums, peak and viewers now, and what the winning start and end say. */
export function compareSessions(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        with fact as (
          select l.data ->> 'sessionId' as session_id, l.type, l.time, l.data,
            (to_char(l.time at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || ' ' || s.name || ' ' || l.id)
              collate "C" as key
          from ledger l join source s on s.no = l.source_no
          where l.type in ('live.started', 'live.ended', 'live.pulse')
        ),
        sums as (select session_id, ${summed(sql)} from (${parts(sql)}) p group by 1),
        refund as (
          select o.session_id, sum(r.amount)::bigint as refunded
          from retold_refund r join retold_order o using (order_id)
          where o.session_id is not null and o.placed_at is not null group by 1
        )
        select i.session_id, b.time as started_at, b.data ->> 'roomId' as room_id, b.data ->> 'title' as title,
          e.time as ended_at, p.time as pulse_at, coalesce((p.data ->> 'viewers')::bigint, 0) as viewers,
          coalesce(s.viewers, 0) as peak, coalesce(s.entered, 0) as entered, coalesce(s.likes, 0) as likes,
          coalesce(s.comments, 0) as comments, coalesce(s.clicks, 0) as clicks, coalesce(s.orders, 0) as orders,
          coalesce(s.units, 0) as units, coalesce(s.placed, 0) as placed, coalesce(s.paid, 0) as paid,
          coalesce(r.refunded, 0) as refunded
        from (select session_id from fact union select session_id from sums) i
        left join (select distinct on (session_id) * from fact where type = 'live.started' order by session_id, key) b
          using (session_id)
        left join (select distinct on (session_id) * from fact where type = 'live.pulse' order by session_id, key desc) p
          using (session_id)
        left join (select session_id, max(time) as time from fact where type = 'live.ended' group by 1) e using (session_id)
        left join sums s using (session_id) left join refund r using (session_id)`,
      found: sql`
        select session_id, started_at, room_id, title, ended_at, pulse_at, viewers, peak, entered, likes, comments, clicks,
          orders::bigint, units::bigint, placed, paid, refunded
        from live_session where coalesce(started_at, pulse_at, ended_at) is not null
          or (orders, units, placed, paid, refunded) <> (0, 0, 0, 0, 0)`,
      keys: ['session_id'],
      values: [
        'started_at',
        'room_id',
        'title',
        'ended_at',
        'pulse_at',
        'viewers',
        'peak',
        'refunded',
        ...counts,
      ],
    },
    limit,
  );
}

/** Every minute of every session. */
export function compareLiveMinutes(sql: Sql, limit: number): Promise<Differences> {
  const nonZero = sql`(viewers, entered, likes, comments, clicks, orders, units, placed, paid) <> (0, 0, 0, 0, 0, 0, 0, 0, 0)`;
  return differences(
    sql,
    {
      expected: sql`
        select * from (select session_id, minute, ${summed(sql)} from (${parts(sql)}) p group by 1, 2) m where ${nonZero}`,
      found: sql`
        select session_id, minute, viewers, entered, likes, comments, clicks, orders::bigint, units::bigint, placed, paid
        from live_minute where ${nonZero}`,
      keys: ['session_id', 'minute'],
      values: ['viewers', ...counts],
    },
    limit,
  );
}

/** What each session sold of each product, from where; and by minute, which has the same pieces. */
export function compareLiveProducts(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select * from (
          select session_id, sku_no, location_no, sum(clicks)::bigint as clicks, sum(orders)::bigint as orders,
            sum(units)::bigint as units, sum(amount)::bigint as amount, sum(units)::bigint as by_minute
          from (
            select l.data ->> 'sessionId' as session_id, k.no as sku_no, 0 as location_no,
              (each ->> 'clicks')::bigint as clicks, 0 as orders, 0::bigint as units, 0::bigint as amount
            from ledger l cross join lateral jsonb_array_elements(l.data -> 'bySku') as each
            join sku k on k.code = each ->> 'sku' where l.type = 'live.pulse'
            union all
            select o.session_id, n.sku_no, o.stock_location_no, 0, 1, sum(n.qty)::bigint, sum(n.amount)::bigint
            from retold_order o join retold_line n using (order_id)
            where o.session_id is not null and o.placed_at is not null
            group by o.order_id, o.session_id, n.sku_no, o.stock_location_no) p
          group by 1, 2, 3) s
        where (clicks, orders, units, amount) <> (0, 0, 0, 0)`,
      found: sql`
        select session_id, sku_no, location_no, p.clicks, p.orders::bigint, p.units::bigint, p.amount,
          coalesce(m.units, 0)::bigint as by_minute
        from live_product p
        full join (select session_id, sku_no, location_no, sum(units) as units from live_product_minute group by 1, 2, 3) m
          using (session_id, sku_no, location_no)
        where (p.clicks, p.orders, p.units, p.amount) is distinct from (0, 0, 0, 0) or m.units <> 0`,
      keys: ['session_id', 'sku_no', 'location_no'],
      values: ['clicks', 'orders', 'units', 'amount', 'by_minute'],
    },
    limit,
  );
}

/** Everything that was held up. */
export function compareMarks(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select l.data ->> 'sessionId' as session_id, s.name || ' ' || l.id as fact, l.time as at, k.no as sku_no,
          (l.data ->> 'price')::bigint as price
        from ledger l join source s on s.no = l.source_no join sku k on k.code = l.data ->> 'sku'
        where l.type = 'live.featured'`,
      found: sql`select session_id, substr(key, strpos(key, ' ') + 1) as fact, at, sku_no, price from live_mark`,
      keys: ['session_id', 'fact'],
      values: ['at', 'sku_no', 'price'],
    },
    limit,
  );
}
