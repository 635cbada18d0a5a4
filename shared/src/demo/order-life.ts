/**
 * What becomes of an order after it was placed: paid or not, collected, sent, delivered, cancelled, refunded.
 * Every step is a fact with an id made of the order's, so that the same life told again is recognised.
 */
import { lineAmount } from './basket.ts';
import { timed, type TimedFact } from './facts.ts';
import type { OrderPlaced } from '../contract/events.ts';
import type { Random } from './random.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS, openHours } from './rhythm.ts';

/** No step of an order comes later than this after it was placed: 30 hours to the van, 4 days to the door, 4 to regret it. */
export const LIFE_DAYS = 9;

export type PlacedOrder = {
  at: number;
  /** Who reports the order, and who reports that its goods left. */
  source: string;
  goodsSource: string;
  data: OrderPlaced;
};

/** Shares of orders. Returns are by channel: what was tried on in a shop comes back less often. */
const NEVER_PAID = 0.05;
const CANCELLED_BEFORE_SENT = 0.015;
const NEVER_COLLECTED = 0.025;
const RETURNED = { carry: 0.012, pickup: 0.015, ship: 0.045 } as const;

/** The order and all later facts about it. `midnight` is a business midnight at or before `order.at`, in ms. */
export function orderLife(order: PlacedOrder, midnight: number, random: Random): TimedFact[] {
  const { at, source, data } = order;
  const facts = [timed(at, source, `${data.orderId}/placed`, 'order.placed', data)];
  for (const code of data.couponCodes ?? [])
    facts.push(
      timed(at, 'crm', `${data.orderId}/coupon/${code}`, 'coupon.redeemed', { code, orderId: data.orderId }),
    );
  if (data.fulfilment.method === 'carry') facts.push(...carried(order, midnight, random));
  else if (data.fulfilment.method === 'pickup') facts.push(...collected(order, midnight, random));
  else facts.push(...sent(order, midnight, random));
  return facts;
}

/** Bought at the till: the goods are gone, and sometimes come back within three days. */
function carried(order: PlacedOrder, midnight: number, random: Random): TimedFact[] {
  if (!random.chance(RETURNED.carry)) return [];
  const at = inHours(order.at + random.between(HOUR_MS, 3 * DAY_MS), midnight, openHours.from, openHours.to);
  return [refund(order, at, order.source, random)];
}

/** Ordered to collect: paid at once, collected within hours, or after two days given up. */
function collected(order: PlacedOrder, midnight: number, random: Random): TimedFact[] {
  const { orderId } = order.data;
  const paidAt = order.at + random.between(5_000, 90_000);
  const facts = [timed(paidAt, order.source, `${orderId}/paid`, 'order.paid', { orderId })];
  if (random.chance(NEVER_COLLECTED)) {
    const at = inHours(order.at + 2 * DAY_MS, midnight, openHours.from, openHours.to);
    return [...facts, ...cancelAndRefund(order, at)];
  }
  const wait = random.between(20 * MINUTE_MS, 6 * HOUR_MS);
  const at = inHours(paidAt + wait, midnight, openHours.from, openHours.to);
  facts.push(timed(at, order.goodsSource, `${orderId}/picked_up`, 'order.picked_up', { orderId }));
  if (random.chance(RETURNED.pickup)) {
    const back = inHours(
      at + random.between(2 * HOUR_MS, 3 * DAY_MS),
      midnight,
      openHours.from,
      openHours.to,
    );
    facts.push(refund(order, back, order.goodsSource, random));
  }
  return facts;
}

/** Ordered to be sent: a few never pay, a few change their mind in time, the others get a parcel, and some send it back. */
function sent(order: PlacedOrder, midnight: number, random: Random): TimedFact[] {
  const { orderId } = order.data;
  if (random.chance(NEVER_PAID))
    return [
      timed(order.at + 30 * MINUTE_MS, order.source, `${orderId}/cancelled`, 'order.cancelled', { orderId }),
    ];
  const paidAt = order.at + random.between(5_000, 10 * MINUTE_MS);
  const facts = [timed(paidAt, order.source, `${orderId}/paid`, 'order.paid', { orderId })];
  if (random.chance(CANCELLED_BEFORE_SENT))
    return [...facts, ...cancelAndRefund(order, paidAt + random.between(5 * MINUTE_MS, 2 * HOUR_MS))];
  const sentAt = inHours(paidAt + random.between(HOUR_MS, 24 * HOUR_MS), midnight, 8, 21);
  facts.push(timed(sentAt, order.goodsSource, `${orderId}/shipped`, 'order.shipped', { orderId }));
  const thereAt = inHours(sentAt + random.between(18 * HOUR_MS, 70 * HOUR_MS), midnight, 9, 20);
  facts.push(timed(thereAt, order.goodsSource, `${orderId}/delivered`, 'order.delivered', { orderId }));
  if (random.chance(RETURNED.ship)) {
    const back = inHours(thereAt + random.between(4 * HOUR_MS, 72 * HOUR_MS), midnight, 9, 21);
    facts.push(refund(order, back, order.source, random));
  }
  return facts;
}

function cancelAndRefund(order: PlacedOrder, at: number): TimedFact[] {
  const { orderId, total } = order.data;
  return [
    timed(at, order.source, `${orderId}/cancelled`, 'order.cancelled', { orderId }),
    // The goods never left: nothing returns to a shelf.
    timed(at + 5 * MINUTE_MS, order.source, `${orderId}/refunded`, 'order.refunded', {
      orderId,
      amount: total,
      lines: order.data.lines.map(({ sku, qty }) => ({ sku, qty })),
    }),
  ];
}

/** All of it comes back, or one line. The goods return to where they came from. */
function refund(order: PlacedOrder, at: number, source: string, random: Random): TimedFact {
  const { orderId, lines, total, fulfilment } = order.data;
  const whole = lines.reduce((sum, line) => sum + lineAmount(line), 0);
  const part = lines.length > 1 && random.chance(0.6) ? random.pick(lines) : null;
  const amount = part === null || whole === 0 ? total : Math.round((total * lineAmount(part)) / whole);
  return timed(at, source, `${orderId}/refunded`, 'order.refunded', {
    orderId,
    amount,
    lines: (part === null ? lines : [part]).map(({ sku, qty }) => ({ sku, qty })),
    returnTo: fulfilment.location,
  });
}

/**
 * The moment itself where it lies between the hours `from` and `to` of its day, else a little after the next `from`:
 * what came in overnight is done in the morning, one after the other in the order it came.
 */
export function inHours(at: number, midnight: number, from: number, to: number): number {
  const passed = (at - midnight) % DAY_MS;
  const day = at - passed;
  if (passed < from * HOUR_MS) return day + from * HOUR_MS + Math.floor(passed / (2 * from));
  if (passed < to * HOUR_MS) return at;
  return day + DAY_MS + from * HOUR_MS + Math.floor((passed - to * HOUR_MS) / 8);
}
