/** A company's books for tests of ingest: a fresh database, committers on pools of their own, and a dump to compare. */
import type { Sql, SqlPool } from '@zhanggui/shared/platform/database.ts';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { GroupCommitter, type CommitterOptions } from '@zhanggui/server/src/ingest/committer.ts';
import { Resolver } from '@zhanggui/server/src/ingest/resolver.ts';
import { createDatabase } from './database.ts';

export const TIME_ZONE = 'Asia/Shanghai';

export type Books = {
  url: string;
  sql: SqlPool;
  time: BusinessTime;
  /** A committer with its own memory of codes, on the connections of the server of that name. */
  committer(server?: string, options?: Partial<CommitterOptions>): GroupCommitter;
  /** Ends the connections; the database goes with the test file. */
  close(): Promise<void>;
};

export async function openBooks(): Promise<Books> {
  const database = await createDatabase();
  const pools = new Map<string, SqlPool>();
  const pool = (name: string) => {
    const sql = pools.get(name) ?? connect(database.url, { max: 3, application: name });
    pools.set(name, sql);
    return sql;
  };
  const time = new BusinessTime(TIME_ZONE);
  return {
    url: database.url,
    sql: pool('test'),
    time,
    committer: (server = 'one', options = {}) =>
      new GroupCommitter({ sql: pool(server), resolver: new Resolver(), time, currency: 'CNY', ...options }),
    close: async () => {
      await Promise.all([...pools.values()].map((sql) => sql.end({ timeout: 5 })));
    },
  };
}

/** Empties every table that facts write, so that one database serves many runs. */
export async function emptyBooks(sql: Sql): Promise<void> {
  await sql`truncate source, ledger_key, ledger, rejected_event, orders, sales_minute, sales_day, sales_sku_day,
    traffic_hour, campaign_spend, stock, stock_movement, stock_location, reservation, policy, proposal, alert, sale_pace, signal, board_change, feed_item, sku, location,
    live_session, live_minute, live_product, live_product_minute, live_mark,
    group_buy, group_seat, refund_request, bargain, bargain_help, group_touch, group_told
    restart identity cascade`;
}

/** A CloudEvent of a test. */
export const event = (id: string, type: string, time: string | number, data: object, source = 'till') => ({
  specversion: '1.0',
  id,
  source,
  type,
  time: typeof time === 'number' ? new Date(time).toISOString() : time,
  data,
});

/**
 * What the books say, in codes instead of numbers (which depend on who came first) and sorted. Left out is what says
 * nothing: sums that are all 0, balances of nothing that were never counted.
 */
export async function dumpBooks(sql: Sql): Promise<Record<string, unknown[]>> {
  const [facts, orders, minutes, days, skuDays, traffic, spend, stock, sources, live] = await Promise.all([
    sql`select s.name as source, l.id, l.type, l.time, l.data from ledger l join source s on s.no = l.source_no
        order by s.name, l.id`,
    sql`select to_jsonb(o) - 'location_no' - 'stock_location_no' - 'line_sku' - 'refunds' as state, l.code as location,
          k.code as stock_location,
          (select array_agg(s.code order by i.place) from unnest(o.line_sku) with ordinality i (no, place)
            join sku s on s.no = i.no) as skus,
          (select jsonb_agg(jsonb_build_object('key', r->>'key', 'at', r->'at', 'amount', r->'amount',
              'returnTo', (select code from location where no = (r->>'returnTo')::int),
              'lines', (select jsonb_agg(jsonb_build_array((select code from sku where no = (line->>0)::int), line->1))
                from jsonb_array_elements(r->'lines') line)) order by r->>'key')
            from jsonb_array_elements(o.refunds) r) as refunds
        from orders o left join location l on l.no = o.location_no left join location k on k.no = o.stock_location_no
        order by o.order_id`,
    sql`select minute, l.code as location, channel, orders, units, placed, paid, refunded
        from sales_minute left join location l on l.no = location_no
        where (orders, units, placed, paid, refunded) <> (0, 0, 0, 0, 0) order by 1, 2 nulls first, 3`,
    sql`select day, l.code as location, channel, orders, units, placed, paid, refunded, last_sale_at
        from sales_day left join location l on l.no = location_no
        where (orders, units, placed, paid, refunded) <> (0, 0, 0, 0, 0) order by 1, 2 nulls first, 3`,
    sql`select k.code as sku, day, l.code as location, channel, orders, units, placed, paid, refunded
        from sales_sku_day left join location l on l.no = location_no left join sku k on k.no = sku_no
        where (orders, units, placed, paid, refunded) <> (0, 0, 0, 0, 0) order by 1 nulls first, 2, 3 nulls first, 4`,
    sql`select hour, l.code as location, channel, entered, sessions, views, carts, checkouts
        from traffic_hour left join location l on l.no = location_no order by 1, 2 nulls first, 3`,
    sql`select * from campaign_spend order by campaign_id, channel`,
    sql`select k.code as sku, l.code as location, on_hand, reserved, available, counted_at, counted_key
        from stock join sku k on k.no = sku_no join location l on l.no = location_no
        where on_hand <> 0 or reserved <> 0 or counted_at is not null order by 1, 2`,
    sql`select name, accepted, duplicates, rejected, last_event_at from source order by name`,
    dumpLive(sql),
  ]);
  return { facts, orders, minutes, days, skuDays, traffic, spend, stock, sources, ...live };
}

/** What the books say of livestreams. */
export async function dumpLive(sql: Sql): Promise<Record<string, unknown[]>> {
  const [liveSessions, liveMinutes, liveProducts, liveProductMinutes, liveMarks] = await Promise.all([
    sql`select * from live_session where coalesce(started_at, ended_at, pulse_at) is not null
          or (orders, units, placed, paid, refunded) <> (0, 0, 0, 0, 0) order by session_id`,
    sql`select * from live_minute where (viewers, entered, likes, comments, clicks, orders, units, placed, paid)
          <> (0, 0, 0, 0, 0, 0, 0, 0, 0) order by session_id, minute`,
    sql`select k.code as sku, l.code as location, p.session_id, p.clicks, p.orders, p.units, p.amount
        from live_product p join sku k on k.no = p.sku_no left join location l on l.no = p.location_no
        where (clicks, orders, units, amount) <> (0, 0, 0, 0) order by 3, 1, 2 nulls first`,
    sql`select k.code as sku, l.code as location, p.session_id, p.minute, p.units
        from live_product_minute p join sku k on k.no = p.sku_no join location l on l.no = p.location_no
        where units <> 0 order by 3, 1, 4, 2`,
    sql`select k.code as sku, m.session_id, m.at, m.key, m.price from live_mark m join sku k on k.no = m.sku_no
        order by session_id, key collate "C"`,
  ]);
  return { liveSessions, liveMinutes, liveProducts, liveProductMinutes, liveMarks };
}

/** What must hold in the books at any time. Each list names the rows that break a rule; all must be empty. */
export async function brokenRules(sql: Sql): Promise<Record<string, unknown[]>> {
  const [onHand, reserved, counters, flags, days] = await Promise.all([
    sql`select s.sku_no, s.location_no, s.on_hand, coalesce(m.delta, 0) as delta from stock s
        full join (select sku_no, location_no, sum(delta) as delta from stock_movement group by 1, 2) m
          using (sku_no, location_no)
        where s.on_hand is distinct from coalesce(m.delta, 0)`,
    sql`select s.sku_no, s.location_no, s.reserved, o.qty from stock s
        full join (select sku_no, location_no, sum(qty) as qty from (
            select line.sku as sku_no, stock_location_no as location_no, line.qty
            from orders, unnest(line_sku, line_qty) as line (sku, qty)
            where placed_at is not null and method <> 'carry' and gone_at is null and cancelled_at is null
            union all select line.* from reservation, unnest(line_sku, line_location, line_qty) as line where holds) p
          group by 1, 2) o using (sku_no, location_no)
        where s.reserved is distinct from coalesce(o.qty, 0)`,
    sql`select * from stock_location c
        full join (select location_no, count(*) as balances, count(*) filter (where available = 0) as sold_out,
          count(*) filter (where available < 0) as oversold from stock group by 1) s using (location_no)
        where (c.balances, c.sold_out, c.oversold) is distinct from (s.balances, s.sold_out, s.oversold)`,
    sql`select * from stock where (flagged_at is not null) is distinct from (available <= 0)`,
    sql`select day, location_no, channel from sales_day d
        full join (select (minute at time zone ${TIME_ZONE})::date as day, location_no, channel, sum(orders) as orders,
          sum(units) as units, sum(placed) as placed, sum(paid) as paid, sum(refunded) as refunded
          from sales_minute group by 1, 2, 3) m using (day, location_no, channel)
        where (coalesce(d.orders, 0), coalesce(d.units, 0), coalesce(d.placed, 0), coalesce(d.paid, 0), coalesce(d.refunded, 0))
          is distinct from (coalesce(m.orders, 0), coalesce(m.units, 0), coalesce(m.placed, 0), coalesce(m.paid, 0), coalesce(m.refunded, 0))`,
  ]);
  return { onHand, reserved, counters, flags, days };
}
