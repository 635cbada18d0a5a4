/** Random facts of few orders, SKUs, places and minutes, so that they collide in every way that real ones do. */
import fc from 'fast-check';
import { event } from './books.ts';

type Event = ReturnType<typeof event>;

/** Just before midnight in Shanghai, so that the facts fall on two business days. */
const BASE = Date.UTC(2026, 9, 24, 15, 58);

const skus = fc.constantFrom('A', 'B', 'C');
const places = fc.constantFrom('S1', 'S2', 'W');
const orderIds = fc.constantFrom('o1', 'o2', 'o3');
const qty = fc.integer({ min: 1, max: 5 });
const money = fc.integer({ min: 0, max: 2000 });
const channels = fc.constantFrom('pos', 'mall', 'live');
const sessions = fc.constantFrom('show "1"', 'show,2');
const few = fc.integer({ min: 0, max: 5 });
const stockLines = fc.array(fc.record({ sku: skus, qty }), { minLength: 1, maxLength: 3 });

const placed = fc.record(
  {
    orderId: orderIds,
    channel: channels,
    location: places,
    memberId: fc.constant('m1'),
    lines: fc.array(
      fc.record(
        { sku: skus, qty, unitPrice: money, discount: money },
        { requiredKeys: ['sku', 'qty', 'unitPrice'] },
      ),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
    total: money,
    fulfilment: fc.record({ method: fc.constantFrom('carry', 'pickup', 'ship'), location: places }),
    couponCodes: fc.array(fc.constantFrom('c"1', 'c,2'), { maxLength: 2 }),
    sessionId: sessions,
  },
  { requiredKeys: ['orderId', 'channel', 'lines', 'total', 'fulfilment'] },
);
const step = fc.record({ orderId: orderIds });
const refunded = fc.record(
  {
    orderId: orderIds,
    amount: money,
    lines: fc.array(fc.record({ sku: skus, qty }), { maxLength: 3 }),
    returnTo: places,
  },
  { requiredKeys: ['orderId', 'amount', 'lines'] },
);

const body: fc.Arbitrary<{ type: string; data: object }> = fc.oneof(
  { weight: 6, arbitrary: placed.map((data) => ({ type: 'order.placed', data })) },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom('paid', 'cancelled', 'picked_up', 'shipped', 'delivered'), step)
      .map(([name, data]) => ({ type: `order.${name}`, data })),
  },
  { weight: 3, arbitrary: refunded.map((data) => ({ type: 'order.refunded', data })) },
  {
    weight: 4,
    arbitrary: fc
      .record({
        location: places,
        lines: fc.array(fc.record({ sku: skus, onHand: fc.integer({ min: 0, max: 20 }) }), {
          minLength: 1,
          maxLength: 3,
        }),
      })
      .map((data) => ({ type: 'stock.counted', data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ location: places, ref: fc.constant('r'), lines: stockLines })
      .map((data) => ({ type: 'stock.received', data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({
        location: places,
        reason: fc.constant('broken'),
        lines: fc.array(fc.record({ sku: skus, delta: fc.integer({ min: -5, max: 5 }) }), {
          minLength: 1,
          maxLength: 3,
        }),
      })
      .map((data) => ({ type: 'stock.adjusted', data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ from: places, to: places, ref: fc.constant('t'), lines: stockLines })
      .map((data) => ({ type: 'stock.transferred', data })),
  },
  {
    weight: 1,
    arbitrary: fc.record({ location: places, entered: qty }).map((data) => ({ type: 'traffic.store', data })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ channel: channels, sessions: qty, views: qty, carts: qty, checkouts: qty })
      .map((data) => ({ type: 'traffic.online', data })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record(
        { channel: channels, campaignId: fc.constantFrom('c"1', 'c,2'), amount: money },
        { requiredKeys: ['channel', 'amount'] },
      )
      .map((data) => ({ type: 'spend.recorded', data })),
  },
  {
    weight: 3,
    arbitrary: fc
      .record(
        {
          sessionId: sessions,
          viewers: few,
          entered: few,
          likes: few,
          comments: few,
          clicks: few,
          bySku: fc.array(fc.record({ sku: skus, clicks: few }), { maxLength: 3 }),
        },
        { requiredKeys: ['sessionId', 'viewers', 'entered', 'likes', 'comments', 'clicks'] },
      )
      .map((data) => ({ type: 'live.pulse', data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record(
        {
          sessionId: sessions,
          roomId: fc.constantFrom('r1', 'r2'),
          title: fc.constant('t'),
          skus: fc.array(skus),
        },
        { requiredKeys: ['sessionId', 'roomId'] },
      )
      .map((data) => ({ type: 'live.started', data })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ sessionId: sessions, roomId: fc.constant('r1') })
      .map((data) => ({ type: 'live.ended', data })),
  },
  {
    weight: 2,
    arbitrary: fc
      .record({ sessionId: sessions, sku: skus, price: money }, { requiredKeys: ['sessionId', 'sku'] })
      .map((data) => ({ type: 'live.featured', data })),
  },
);

/** Facts with unique keys; times collide, also to the millisecond. */
export const facts: fc.Arbitrary<Event[]> = fc
  .array(fc.tuple(body, fc.integer({ min: 0, max: 9 }), fc.constantFrom('till', 'shop')), {
    minLength: 2,
    maxLength: 40,
  })
  .map((list) =>
    list.map(([{ type, data }, moment, source], i) =>
      event(`f${i}`, type, new Date(BASE + moment * 30_000).toISOString(), data, source),
    ),
  );

/** One way in which facts may arrive: in any order, some twice, cut into requests, through either of two servers. */
export type Arrival = { requests: { server: 0 | 1; events: Event[] }[]; groupEvents: number };

export const arrivalOf = (list: Event[]): fc.Arbitrary<Arrival> =>
  fc
    .tuple(
      fc.shuffledSubarray([...list, ...list], { minLength: list.length }),
      fc.array(fc.tuple(fc.integer({ min: 1, max: 12 }), fc.constantFrom<0 | 1>(0, 1)), {
        minLength: 1,
        maxLength: 20,
      }),
      fc.integer({ min: 1, max: 30 }),
    )
    .map(([some, cuts, groupEvents]) => {
      const left = [...some, ...list.filter((item) => !some.includes(item))];
      const requests: Arrival['requests'] = [];
      for (let i = 0; left.length > 0; i++) {
        const [size, server] = cuts[i % cuts.length]!;
        requests.push({ server, events: left.splice(0, size) });
      }
      return { requests, groupEvents };
    });
