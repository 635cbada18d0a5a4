/**
 * Profiles and points, computed anew from the members' orders: whatever came late, twice or in which order, the outcome is what
 * the orders say now. Callers hold the members' locks.
 */
import type { PendingQuery, Row } from 'postgres';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

type Fragment = PendingQuery<Row[]>;

/** Cheaper than the list price by more than this is bought at a discount: shops round. Percent. */
const DISCOUNT_FROM = 1;
/** More pieces than this are no purchase, and more than the column holds. */
const MOST_UNITS = 2 ** 31 - 1;

/** Paid orders of `member w`; without those that were called off they are what was bought. */
const paidOrders = (sql: Sql) => sql`
  select w.no, o.order_id, o.channel, o.location_no, o.placed_at, o.total, o.line_sku, o.line_qty, o.line_amount,
    cardinality(o.coupon_codes) > 0 as with_coupon, o.cancelled_at is not null as called_off,
    case when o.method = 'carry' then o.placed_at else o.paid_at end as paid_at,
    coalesce((select sum((r->>'amount')::bigint) from jsonb_array_elements(o.refunds) r), 0)::bigint as refunded
  from wanted w join orders o on o.member_id = w.id
  where o.placed_at is not null`;

/**
 * What the orders of these members add up to, as a query of one row a member (also for those without any). Exactly what
 * `writeProfiles` writes; the check of the books compares with it.
 *
 * @param wanted a query of `no` and `id` of members
 */
export const profilesOf = (sql: Sql, wanted: Fragment) => sql`
  with wanted as (${wanted}),
  told as materialized (${paidOrders(sql)}),
  bought as (select * from told where paid_at is not null and not called_off),
  money as (
    select no, sum(case when paid_at is null then 0 else total end - refunded)::bigint as net, sum(refunded)::bigint as refunded
    from told group by no
  ),
  visits as (
    select no, count(*)::int as orders, min(placed_at) as first_order_at, max(placed_at) as last_order_at,
      round(avg(total - refunded))::bigint as average_ticket
    from bought group by no
  ),
  line as (
    select b.no, s.category, l.qty, l.amount,
      b.with_coupon or l.amount * 100 < l.qty::numeric * s.list_price * ${100 - DISCOUNT_FROM} as cheap
    from bought b, unnest(b.line_sku, b.line_qty, b.line_amount) as l (sku, qty, amount) join sku s on s.no = l.sku
  ),
  goods as (
    select no, least(sum(qty), ${MOST_UNITS}::bigint)::int as units,
      case when sum(amount) > 0 then round(100 * sum(amount) filter (where cheap) / sum(amount)) end as discount_share
    from line group by no
  ),
  category as (
    select no, (array_agg(category order by amount desc, category))[1] as favourite, array_agg(category order by category) as all
    from (select no, category, sum(amount) as amount from line where category is not null group by 1, 2) c group by no
  ),
  channel as (
    select no, (array_agg(channel order by amount desc, channel))[1] as favourite, array_agg(channel order by channel) as all
    from (select no, channel, sum(total) as amount from bought group by 1, 2) c group by no
  ),
  place as (
    select no, (array_agg(location_no order by amount desc, location_no))[1] as favourite,
      array_agg(location_no order by location_no) as all
    from (select no, location_no, sum(total) as amount from bought group by 1, 2) c group by no
  )
  select w.no, coalesce(v.orders, 0) as orders, coalesce(g.units, 0) as units, coalesce(m.net, 0) as net,
    coalesce(m.refunded, 0) as refunded, v.average_ticket, v.first_order_at, v.last_order_at,
    case when v.orders > 1
      then round(extract(epoch from v.last_order_at - v.first_order_at) / 86400 / (v.orders - 1))::int end as gap_days,
    case when v.orders > 0 then coalesce(g.discount_share, 0)::smallint end as discount_share,
    category.favourite as favourite_category, channel.favourite as favourite_channel,
    place.favourite as favourite_location_no, coalesce(category.all, '{}') as categories,
    coalesce(channel.all, '{}') as channels, coalesce(place.all, '{}') as location_nos
  from wanted w
  left join money m using (no) left join visits v using (no) left join goods g using (no)
  left join category using (no) left join channel using (no) left join place using (no)`;

/** Writes what the orders of these members add up to. */
export async function writeProfiles(sql: Sql, nos: readonly number[]): Promise<void> {
  if (nos.length === 0) return;
  const wanted = sql`select no, id from member where no = any(${column(nos, (no) => no)}::int[])`;
  await sql`
    update member m set orders = p.orders, units = p.units, net = p.net, refunded = p.refunded,
      average_ticket = p.average_ticket, first_order_at = p.first_order_at, last_order_at = p.last_order_at,
      gap_days = p.gap_days, discount_share = p.discount_share, favourite_category = p.favourite_category,
      favourite_channel = p.favourite_channel, favourite_location_no = p.favourite_location_no,
      categories = p.categories, channels = p.channels, location_nos = p.location_nos, profiled_at = now()
    from (${profilesOf(sql, wanted)}) p
    where m.no = p.no`;
}

/**
 * What each order of these members should have earned: points for each whole unit of the currency that was paid and not given
 * back, at the rate of the moment it was paid. None for an order that was called off.
 */
const pointsDue = (sql: Sql, wanted: Fragment, minorPerUnit: number) => sql`
  with wanted as (${wanted}), told as (${paidOrders(sql)})
  select t.no as member_no, t.order_id as ref, t.channel,
    floor(floor((t.total - t.refunded)::numeric / ${minorPerUnit}::int) * r.per_unit)::bigint as points
  from told t cross join lateral (
    select per_unit from point_rate where from_at <= t.paid_at order by from_at desc limit 1) r
  where t.paid_at is not null and not t.called_off and t.total > t.refunded`;

/** Orders whose entries are not what they should have earned, as (member_no, ref, channel, due, had, entries). */
export const pointsOff = (sql: Sql, wanted: Fragment, minorPerUnit: number) => sql`
  select member_no, ref, d.channel, coalesce(d.points, 0) as due, coalesce(h.points, 0)::bigint as had,
    coalesce(h.entries, 0)::int as entries
  from (${pointsDue(sql, wanted, minorPerUnit)}) d
  full join (
    select e.member_no, e.ref, sum(e.delta) as points, count(*) as entries from point_entry e
    where e.kind = 'order' and e.member_no in (select no from (${wanted}) w) group by 1, 2) h using (member_no, ref)
  where coalesce(d.points, 0) <> coalesce(h.points, 0)`;

/** Adds the entries that these members' orders still lack, and takes back what refunds took away. */
export async function writeOrderPoints(
  sql: Sql,
  nos: readonly number[],
  minorPerUnit: number,
): Promise<void> {
  if (nos.length === 0) return;
  const wanted = sql`select no, id from member where no = any(${column(nos, (no) => no)}::int[])`;
  await sql`
    with entry as (
      insert into point_entry (member_no, kind, ref, turn, delta, channel)
      select member_no, 'order', ref, entries, due - had, channel
      from (${pointsOff(sql, wanted, minorPerUnit)}) o order by member_no, ref
      returning member_no, delta)
    update member m set points = m.points + e.delta
    from (select member_no, sum(delta)::bigint as delta from entry group by 1) e
    where m.no = e.member_no`;
}
