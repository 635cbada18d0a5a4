/** One order of company R, placed at a location on a day, with all that follows from it. */
import { fillBasket, type Basket } from './basket.ts';
import { timed, type TimedFact } from './facts.ts';
import { showAt, type Show } from './live-shows.ts';
import { orderLife, type PlacedOrder } from './order-life.ts';
import { tillSource, type DemoLocation } from './places.ts';
import type { Random } from './random.ts';
import { MINUTE_MS, type DemoDate } from './rhythm.ts';
import type { World } from './world.ts';
import type { Channel, FulfilmentMethod, Touch } from '../contract/words.ts';

/** Members of company R; ids count up to it. */
export const MEMBERS = 1_000_000;

/** What a location and day need to make orders: handed on, so that a stream of chance is used in one order only. */
export type Counter = {
  world: World;
  location: DemoLocation;
  date: DemoDate;
  shows: readonly Show[];
  random: Random;
  /** Number of the order at this location and day, counted up by `nextOrderId`. */
  count: number;
};

type Placing = {
  at: number;
  channel: Channel;
  method: FulfilmentMethod;
  memberId?: string;
  groupId?: string;
  bargainId?: string;
  /** Taken off the total, minor units: what a group or a bargain has won. */
  cut?: (basket: Basket) => number;
};

/** Places one order with all that follows from it. */
export function placeOrder(counter: Counter, placing: Placing): TimedFact[] {
  const { world, location, date, random, shows } = counter;
  const { at, channel, method, cut, groupId, bargainId } = placing;
  const { lines, total, couponCode } = fillBasket(
    world.shelf(location, date.month),
    random,
    channel === 'pos' ? 0.05 : cut === undefined ? 0.12 : 0,
  );
  const memberId =
    placing.memberId ?? (channel !== 'pos' || random.chance(0.45) ? memberOf(random) : undefined);
  const show = channel === 'live' ? showAt(shows, at, random) : null;
  const touch = location.kind === 'store' && random.chance(0.1) ? touchOf(channel, random) : undefined;
  const order: PlacedOrder = {
    at,
    source: channel === 'pos' ? tillSource(location) : channel,
    goodsSource: location.kind === 'store' ? tillSource(location) : 'wms',
    data: {
      orderId: nextOrderId(counter),
      channel,
      // A web order belongs to the warehouse that sends it; a store's own are said to be its own.
      ...(location.kind === 'store' ? { location: location.code } : {}),
      ...(memberId === undefined ? {} : { memberId }),
      lines,
      total: Math.max(0, total - (cut?.({ lines, total, couponCode }) ?? 0)),
      fulfilment: { method, location: location.code },
      ...(couponCode === null ? {} : { couponCodes: [couponCode] }),
      ...(show === null ? {} : { sessionId: show.sessionId }),
      ...(groupId === undefined ? {} : { groupId }),
      ...(bargainId === undefined ? {} : { bargainId }),
      ...(touch === undefined ? {} : { touch }),
    },
  };
  return [...orderLife(order, date.start, random), ...visit(order, random)];
}

/** A member who buys in a store was there: some stores know it by their Wi-Fi or a code at the door. */
function visit({ at, data, goodsSource }: PlacedOrder, random: Random): TimedFact[] {
  if (data.channel !== 'pos' || data.memberId === undefined || !random.chance(0.08)) return [];
  const { memberId, location } = data;
  const earlier = at - random.between(3 * MINUTE_MS, 25 * MINUTE_MS);
  return [
    timed(earlier, goodsSource, `${data.orderId}/visited`, 'member.visited', {
      memberId,
      location,
      channel: 'pos',
    }),
  ];
}

/** Who buys in a store may have met us on a screen first; who buys online from a store may have been there. */
function touchOf(channel: Channel, random: Random): Touch {
  return channel === 'pos' ? random.pick(['scan', 'guide-screen']) : 'store-visit';
}

export function memberOf(random: Random): string {
  return `M${String(random.int(MEMBERS) + 1).padStart(7, '0')}`;
}

/** "SH01-20251123-0042": where, when, the how-manieth. */
function nextOrderId(counter: Counter): string {
  counter.count += 1;
  return `${counter.location.code}-${counter.date.text.replaceAll('-', '')}-${String(counter.count).padStart(4, '0')}`;
}
