/** What can happen in a simulated company: the stories that the scenarios mix. Times are squeezed into a minute or so. */
import type { FactData, FactType } from '../contract/events.ts';
import type { Channel, FulfilmentMethod } from '../contract/words.ts';
import { fillBasket, type Offer, type Shelf } from './basket.ts';
import type { Random } from './random.ts';
import type { Step, Story } from './simulation.ts';

/** What a simulation knows of the company: its own SKUs and places. */
export type Market = {
  /** At least one. */
  offers: readonly Offer[];
  /** Codes; at least one store and one place that sends parcels (a store will do). */
  stores: readonly string[];
  warehouses: readonly string[];
  /** Makes order, group and session ids unique to this run. */
  run: string;
};

/** Counts up what needs a number of its own. */
export type Teller = { market: Market; random: Random; shelf: Shelf; number: () => number };

export function makeTeller(market: Market, random: Random): Teller {
  let count = 0;
  return { market, random, shelf: zipfShelf(market.offers, random), number: () => ++count };
}

/** A step that comes `after` ms; typed so that the data fits the type. */
export function step<T extends FactType>(after: number, source: string, type: T, data: FactData<T>): Step {
  return { after, source: `simulator/${source}`, type, data };
}

/** A shelf of which few SKUs are bought often. Which ones is chance, not their place in the catalog. */
export function zipfShelf(offers: readonly Offer[], random: Random): Shelf {
  const first = random.int(offers.length);
  // A step that shares no divisor with the length visits every offer once.
  let stride = Math.max(1, Math.floor(offers.length * 0.618));
  while (gcd(stride, offers.length) > 1) stride++;
  return {
    pick: (chance) => {
      // Inverse of a density that falls off as 1 / rank.
      const rank = Math.min(offers.length - 1, Math.floor(offers.length ** chance.next()) - 1);
      const offer = offers[(first + rank * stride) % offers.length];
      if (offer === undefined) throw new RangeError('the company has no SKUs');
      return offer;
    },
  };
}

/** An order with a life of its own. `extra` says what it belongs to. */
export function orderStory(
  { market, random, shelf, number }: Teller,
  channel: Channel,
  method: FulfilmentMethod,
  place: string,
  extra: Partial<FactData<'order.placed'>> = {},
  from: Shelf = shelf,
): Story {
  const orderId = `${market.run}-${number()}`;
  const { lines, total, couponCode } = fillBasket(from, random, 0.1);
  const source = channel === 'pos' ? 'pos' : 'web';
  const atStore = method !== 'ship';
  const placed = step(0, source, 'order.placed', {
    orderId,
    channel,
    ...(atStore ? { location: place } : {}),
    ...(random.chance(0.6) || !atStore ? { memberId: memberOf(random) } : {}),
    lines,
    total,
    fulfilment: { method, location: place },
    ...(couponCode === null ? {} : { couponCodes: [couponCode] }),
    ...(channel === 'pos' && random.chance(0.1) ? { touch: 'scan' } : {}),
    ...extra,
  });
  const story: Story = [placed];
  if (couponCode !== null) story.push(step(100, 'crm', 'coupon.redeemed', { code: couponCode, orderId }));
  const refund = (after: number, goodsReturn: boolean) =>
    step(after, source, 'order.refunded', {
      orderId,
      amount: total,
      lines: lines.map(({ sku, qty }) => ({ sku, qty })),
      ...(goodsReturn ? { returnTo: place } : {}),
    });
  if (method === 'carry')
    return random.chance(0.02) ? [...story, refund(random.between(5_000, 40_000), true)] : story;

  const paid = random.between(500, 8_000);
  if (random.chance(0.05)) return [...story, step(paid + 5_000, source, 'order.cancelled', { orderId })];
  story.push(step(paid, source, 'order.paid', { orderId }));
  if (random.chance(0.03))
    return [
      ...story,
      step(paid + 3_000, source, 'order.cancelled', { orderId }),
      refund(paid + 4_000, false),
    ];
  const left = paid + random.between(5_000, 25_000);
  if (method === 'pickup') return [...story, step(left, 'pos', 'order.picked_up', { orderId })];
  story.push(step(left, 'wms', 'order.shipped', { orderId }));
  story.push(step(left + random.between(5_000, 15_000), 'wms', 'order.delivered', { orderId }));
  if (random.chance(0.04)) story.push(refund(left + 20_000, true));
  return story;
}

/** Several people fill a group within seconds; each orders. In some somebody thinks better of it. */
export function groupStory(teller: Teller, offer: Shelf = teller.shelf): Story {
  const { market, random, number } = teller;
  const groupId = `${market.run}-g${number()}`;
  const campaignId = `${market.run}-group`;
  const place = random.pick(parcelPlaces(market));
  const story: Story = [];
  let at = 0;
  const size = random.between(2, 5);
  for (let member = 0; member < size; member++) {
    const memberId = memberOf(random);
    const order = orderStory(teller, 'group', 'ship', place, { groupId, memberId }, offer);
    const data = { campaignId, groupId, memberId, orderId: orderIdOf(order) };
    story.push(
      member === 0
        ? step(at, 'group', 'group.opened', { ...data, size })
        : step(at, 'group', 'group.joined', data),
      ...later(order, at + 50),
    );
    if (member === 0 && size > 2 && random.chance(0.2)) {
      const who = { campaignId, groupId, memberId: memberOf(random) };
      story.push(step(at + 100, 'group', 'group.joined', who), step(at + 200, 'group', 'group.left', who));
    }
    at += random.between(300, 6_000);
  }
  return story;
}

/** A price that friends cut, and the order at the end. */
export function bargainStory(teller: Teller): Story {
  const { market, random, number } = teller;
  const bargainId = `${market.run}-b${number()}`;
  const campaignId = `${market.run}-bargain`;
  const memberId = memberOf(random);
  const story: Story = [step(0, 'web', 'bargain.opened', { campaignId, bargainId, memberId })];
  let at = 0;
  for (let helper = random.between(1, 5); helper > 0; helper--) {
    at += random.between(500, 5_000);
    const data = { campaignId, bargainId, memberId: memberOf(random), cut: random.between(10, 500) };
    story.push(step(at, 'web', 'bargain.helped', data));
  }
  const order = orderStory(teller, 'miniapp', 'ship', random.pick(parcelPlaces(market)), {
    bargainId,
    memberId,
  });
  return [...story, ...later(order, at + 500)];
}

/** A livestream of half a minute that reports each second. */
export function showStory({ market, random, shelf, number }: Teller, seconds: number): Story {
  const sessionId = `${market.run}-s${number()}`;
  const roomId = `room-${random.between(1, 3)}`;
  const skus = [...new Set(Array.from({ length: 8 }, () => shelf.pick(random).code))];
  const story: Story = [
    step(0, 'live', 'live.started', {
      roomId,
      sessionId,
      host: '小鹿',
      platform: '抖音',
      title: '限时专场',
      skus,
    }),
  ];
  for (let second = 1; second < seconds; second++) {
    const viewers = Math.round(4_000 * Math.min(1, second / 10) * (0.9 + 0.2 * random.next()));
    const sku = skus[Math.floor(second / 8) % skus.length] ?? '';
    const clicks = random.poisson(viewers * 0.004);
    if (second % 8 === 1)
      story.push(step(second * 1000 - 10, 'live', 'live.featured', { sessionId, sku, price: 9_900 }));
    story.push(
      step(second * 1000, 'live', 'live.pulse', {
        sessionId,
        viewers,
        // Who watches has come in before.
        entered: (second <= 10 ? 440 : 0) + random.poisson(viewers * 0.01),
        likes: random.poisson(viewers * 0.05),
        comments: random.poisson(viewers * 0.005),
        clicks,
        bySku: clicks > 0 ? [{ sku, clicks }] : [],
      }),
    );
  }
  return [...story, step(seconds * 1000, 'live', 'live.ended', { roomId, sessionId })];
}

/** Where parcels are sent from. */
export function parcelPlaces({ warehouses, stores }: Market): readonly string[] {
  return warehouses.length > 0 ? warehouses : stores;
}

export function memberOf(random: Random): string {
  return `M${String(random.between(1, 1_000_000)).padStart(7, '0')}`;
}

/** The same story, so many ms later. */
export function later(story: Story, by: number): Story {
  return story.map((each) => ({ ...each, after: each.after + by }));
}

function orderIdOf([first]: Story): string {
  if (first === undefined || !('orderId' in first.data) || first.data.orderId === undefined)
    throw new RangeError('a story that begins without an order');
  return first.data.orderId;
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}
