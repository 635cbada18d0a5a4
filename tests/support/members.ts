/** Members in tests: random facts about them, and what their profile must be, worked out anew from the orders. */
import fc from 'fast-check';
import { minorPerUnit, refreshMembers } from '@zhanggui/shared/members/refresh-store.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import type { Sql, SqlPool } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { event, TIME_ZONE } from './books.ts';

const time = new BusinessTime(TIME_ZONE);

/** As asked at noon of a business day. */
export const onDay = (today: string) => asOf(time, time.start(today) + 43_200_000);

/** Works off all touches, as the workers do. */
export async function refreshAll(sql: SqlPool, today: string, size = 1000): Promise<void> {
  while ((await refreshMembers(sql, { size, minor: minorPerUnit('CNY'), asOf: onDay(today) })) !== null);
}

const BASE = Date.UTC(2026, 9, 24, 15, 58);
const members = fc.constantFrom('m1', 'm2', 'm3');
const skus = fc.constantFrom('A', 'B', 'C');
const places = fc.constantFrom('S1', 'S2');
const orderIds = fc.constantFrom('o1', 'o2', 'o3', 'o4', 'o5');
const money = fc.integer({ min: 0, max: 9_000 });
const channels = fc.constantFrom('pos', 'mall', 'live');

const body: fc.Arbitrary<{ type: string; data: object }> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .record(
        {
          orderId: orderIds,
          channel: channels,
          location: places,
          memberId: members,
          lines: fc.array(fc.record({ sku: skus, qty: fc.integer({ min: 1, max: 3 }), unitPrice: money }), {
            minLength: 1,
            maxLength: 3,
          }),
          total: money,
          fulfilment: fc.record({ method: fc.constantFrom('carry', 'ship'), location: places }),
          couponCodes: fc.constant(['c1']),
        },
        { requiredKeys: ['orderId', 'channel', 'lines', 'total', 'fulfilment', 'memberId'] },
      )
      .map((data) => ({ type: 'order.placed', data })),
  },
  {
    weight: 5,
    arbitrary: fc
      .tuple(fc.constantFrom('paid', 'paid', 'cancelled'), orderIds)
      .map(([name, orderId]) => ({ type: `order.${name}`, data: { orderId } })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ orderId: orderIds, amount: money, lines: fc.constant([]) })
      .map((data) => ({ type: 'order.refunded', data })),
  },
  {
    weight: 4,
    arbitrary: fc
      .record(
        {
          memberId: members,
          name: fc.constantFrom('王芳', ' Li "Lei" ', ''),
          phone: fc.constantFrom('138 0013-8000', '+86 (138) 00138001'),
          level: fc.constantFrom('gold', 'silver'),
          birthday: fc.constantFrom('1990-02-28', '1992-02-29', '1985-11-02'),
          tags: fc.array(fc.constantFrom('vip', 'b,c', '老街坊'), { maxLength: 3 }),
          consents: fc.dictionary(fc.constantFrom('sms', 'mail'), fc.boolean()),
        },
        { requiredKeys: ['memberId'] },
      )
      .map((data) => ({ type: 'member.updated', data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record(
        { memberId: members, sku: skus, location: places, channel: channels },
        { requiredKeys: ['memberId'] },
      )
      .map((data) => ({ type: 'member.visited', data })),
  },
);

/** Facts about few members and orders; times collide, also to the millisecond. */
export const memberFacts = fc
  .array(fc.tuple(body, fc.integer({ min: 0, max: 9 }), fc.constantFrom('till', 'shop')), {
    minLength: 2,
    maxLength: 40,
  })
  .map((list) =>
    list.map(([{ type, data }, moment, source], i) =>
      event(`f${i}`, type, new Date(BASE + moment * 36_000_000).toISOString(), data, source),
    ),
  );

/**
 * What the members say, without what depends on who came first: also without rows of whom nothing is known. Of two placements of one order
 * the earlier counts; the member of the other keeps an empty row where that one was heard first.
 */
export async function dumpMembers(sql: Sql): Promise<unknown> {
  const rows = await sql`
    select m.id, m.name, m.phone, m.mail, m.level, m.birthday, m.joined_at, m.tags, m.auto_tags, m.consents, m.orders, m.units, m.net,
      m.refunded, m.average_ticket, m.first_order_at, m.last_order_at, m.gap_days, m.discount_share, m.favourite_category,
      m.favourite_channel, (select code from location where no = m.favourite_location_no) as store, m.categories, m.channels,
      (select array_agg(code order by code) from location where no = any(m.location_nos)) as stores, m.last_visit_at,
      m.points, s.fields, (select count(*) from member_look k where k.member_no = m.no) as looks,
      (select jsonb_object_agg(ref, points) from (
        select ref, sum(delta) as points from point_entry e where e.member_no = m.no group by 1 having sum(delta) <> 0) p) as earned
    from member m left join member_said s on s.member_no = m.no
    where m.orders <> 0 or m.net <> 0 or m.refunded <> 0 or m.points <> 0 or m.last_visit_at is not null or s.fields is not null
    order by m.id`;
  return rows.map((row) => ({ ...row }));
}

type OrderRow = {
  member_id: string;
  order_id: string;
  channel: string;
  location: string;
  method: string;
  placed_at: Date;
  paid_at: Date | null;
  cancelled_at: Date | null;
  total: number;
  skus: string[];
  line_qty: number[];
  line_amount: number[];
  coupon_codes: string[] | null;
  refunds: { amount: number }[] | null;
};

/** Profiles and points of all members who have orders, the plain way: order by order. `catalog`: list price and category by SKU. */
export async function profilesByHand(
  sql: Sql,
  catalog: Readonly<Record<string, { listPrice: number; category: string | null }>>,
): Promise<Record<string, Record<string, unknown>>> {
  const orders = await sql<OrderRow[]>`
    select o.*, l.code as location,
      (select array_agg(s.code order by i.place) from unnest(o.line_sku) with ordinality i (no, place)
        join sku s on s.no = i.no) as skus
    from orders o join location l on l.no = o.location_no where placed_at is not null and member_id is not null`;
  const found: Record<string, Record<string, unknown>> = {};
  for (const member of new Set(orders.map((order) => order.member_id))) {
    const own = orders.filter((order) => order.member_id === member);
    const refundOf = (order: OrderRow) => (order.refunds ?? []).reduce((sum, { amount }) => sum + amount, 0);
    const isPaid = (order: OrderRow) => order.method === 'carry' || order.paid_at !== null;
    const bought = own.filter((order) => isPaid(order) && order.cancelled_at === null);
    const byCategory = new Map<string, number>();
    const byChannel = new Map<string, number>();
    const byStore = new Map<string, number>();
    const add = (sums: Map<string, number>, key: string, amount: number) =>
      sums.set(key, (sums.get(key) ?? 0) + amount);
    let [units, amounts, cheap] = [0, 0, 0];
    const earned: Record<string, number> = {};
    for (const order of bought) {
      add(byChannel, order.channel, order.total);
      add(byStore, order.location, order.total);
      const points = Math.floor((order.total - refundOf(order)) / 100);
      if (points > 0) earned[order.order_id] = points;
      order.skus.forEach((sku, i) => {
        const { listPrice, category } = catalog[sku]!;
        const [qty, amount] = [order.line_qty[i]!, Number(order.line_amount[i])];
        units += qty;
        amounts += amount;
        if ((order.coupon_codes ?? []).length > 0 || amount < qty * listPrice * 0.99) cheap += amount;
        if (category !== null) add(byCategory, category, amount);
      });
    }
    const favourite = (sums: Map<string, number>) =>
      [...sums].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0] ?? null;
    const times = bought.map((order) => order.placed_at.getTime());
    const [first, last] = [Math.min(...times), Math.max(...times)];
    found[member] = {
      orders: bought.length,
      units,
      net: own.reduce((sum, order) => sum + (isPaid(order) ? order.total : 0) - refundOf(order), 0),
      first_order_at: bought.length > 0 ? new Date(first) : null,
      last_order_at: bought.length > 0 ? new Date(last) : null,
      discount_share: bought.length === 0 ? null : amounts === 0 ? 0 : Math.round((100 * cheap) / amounts),
      favourite_category: favourite(byCategory),
      favourite_channel: favourite(byChannel),
      categories: [...byCategory.keys()].sort(),
      channels: [...byChannel.keys()].sort(),
      stores: bought.length > 0 ? [...byStore.keys()].sort() : null,
      points: Object.values(earned).reduce((sum, points) => sum + points, 0),
      earned: Object.keys(earned).length > 0 ? earned : null,
    };
  }
  return found;
}
