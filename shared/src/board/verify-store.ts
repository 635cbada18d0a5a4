/** What the board of the whole company has to show, straight from the rollups. */
import { LOST_MS, TRAILING_MS } from '../live/session.ts';
import type { Sql } from '../platform/database.ts';
import { MOST_CAMPAIGNS } from './board-coupon-store.ts';

/** Values by topic and key, only the fields that are sums: `{sales: {today: {orders: 7, …}}}`. Money in minor units. */
export type BoardSums = Record<
  'sales' | 'stores' | 'stock' | 'live' | 'groups' | 'coupons' | 'alerts' | 'health',
  Record<string, Record<string, number>>
>;

/**
 * Sums of the business day, by channel and store, the stock counters, restocks and alerts; livestreams on air, open groups and
 * bargains, and coupon campaigns. Warehouses are no stores; their sales are under the channels. Which orders are late is left out:
 * time alone changes it. One statement: one view of the database.
 */
export async function readBoardSums(sql: Sql, day: string): Promise<BoardSums> {
  const [row] = await sql<[{ sums: BoardSums }]>`
    with day as (
      select coalesce(p.code, '') as code, p.kind, d.channel, d.orders, d.units, d.placed, d.paid, d.refunded
      from sales_day d left join location p on p.no = d.location_no where d.day = ${day}
    ),
    store as (
      select code, sum(orders) as orders, sum(units) as units, sum(paid - refunded) as net
      from day where kind in ('store', 'unknown') group by 1
    ),
    channel as (
      select channel, ${sumsOf(sql)} as sums from day where channel <> '' group by 1
    ),
    low as (select location_no, count(*) as low from stock where low_at is not null group by 1),
    place as (
      select p.code, c.balances, c.sold_out, c.oversold, coalesce(l.low, 0) as low
      from stock_location c join location p on p.no = c.location_no left join low l on l.location_no = c.location_no
    ),
    way as (select no from supply_order where state in ('open', 'sent', 'shipped')),
    asked as (
      select a.status, a.severity from alert a
      where a.resolved_at is null and a.group_id is null and not alert_silenced(a, now())
        and (a.snoozed_until is null or a.snoozed_until <= now())
    ),
    show as (
      select * from live_session
      where (ended_at is null or pulse_at > ended_at + ${TRAILING_MS}::int * interval '1 millisecond')
        and greatest(started_at, pulse_at) > now() - ${LOST_MS}::int * interval '1 millisecond'
    ),
    coupons as (
      select * from campaign where kind = 'coupon' and state in ('running', 'paused') order by no desc limit ${MOST_CAMPAIGNS}
    )
    select jsonb_build_object(
      'sales', jsonb_build_object('today', (select ${sumsOf(sql)} from day))
        || coalesce((select jsonb_object_agg('channel:' || channel, sums) from channel), '{}'),
      'stores', coalesce((
        select jsonb_object_agg(code, jsonb_build_object('orders', orders, 'units', units, 'net', net)) from store), '{}'),
      'stock', jsonb_build_object('summary', (
          select jsonb_build_object('balances', coalesce(sum(balances), 0), 'soldOut', coalesce(sum(sold_out), 0),
            'oversold', coalesce(sum(oversold), 0), 'low', coalesce(sum(low), 0)) from place),
          'restock', jsonb_build_object(
            'openProposals', (select count(*) from proposal where state = 'open'),
            'underWay', (select count(*) from way),
            'underWayUnits', (select coalesce(sum(greatest(0, qty - received)), 0) from supply_order_line
              where order_no in (select no from way))))
        || coalesce((
          select jsonb_object_agg('location:' || code,
            jsonb_build_object('balances', balances, 'soldOut', sold_out, 'oversold', oversold, 'low', low)) from place), '{}'),
      'live', jsonb_build_object('summary', (
          select jsonb_build_object('running', count(*), 'viewers', coalesce(sum(viewers), 0),
            'orders', coalesce(sum(orders), 0), 'placed', coalesce(sum(placed), 0)) from show))
        || coalesce((
          select jsonb_object_agg('session:' || session_id, jsonb_build_object('viewers', viewers, 'peak', peak,
            'entered', entered, 'clicks', clicks, 'orders', orders, 'units', units, 'placed', placed, 'paid', paid))
          from show), '{}'),
      'groups', jsonb_build_object('summary', (
          select jsonb_build_object('open', count(*), 'members', coalesce(sum(members), 0),
            'lacking', coalesce(sum(greatest(0, size - members)), 0),
            'refunds', (select count(*) from refund_request where confirmed_at is null),
            'refundAmount', (select coalesce(sum(amount), 0) from refund_request where confirmed_at is null),
            'bargains', (select count(*) from bargain where state = 'open'))
          from group_buy where state = 'open')),
      'coupons', jsonb_build_object('summary', (
          select jsonb_build_object('running', count(*) filter (where state = 'running'),
            'paused', count(*) filter (where state = 'paused')) from campaign where kind = 'coupon'))
        || coalesce((
          select jsonb_object_agg('campaign:' || id, jsonb_build_object('targeted', targeted, 'issued', issued,
            'redeemed', redeemed, 'returned', returned, 'failed', failed, 'reserved', reserved, 'spent', spent))
          from coupons), '{}'),
      'alerts', jsonb_build_object('summary', (
          select jsonb_build_object('open', count(*) filter (where status = 'open'),
            'acknowledged', count(*) filter (where status = 'acknowledged'),
            'critical', count(*) filter (where status = 'open' and severity = 'critical')) from asked)),
      'health', jsonb_build_object('ledger', jsonb_build_object('events', (select count(*) from ledger)))
    ) as sums`;
  return row.sums;
}

const sumsOf = (sql: Sql) => sql`
  jsonb_build_object('orders', coalesce(sum(orders), 0), 'units', coalesce(sum(units), 0),
    'placed', coalesce(sum(placed), 0), 'paid', coalesce(sum(paid), 0), 'refunded', coalesce(sum(refunded), 0),
    'net', coalesce(sum(paid - refunded), 0))`;
