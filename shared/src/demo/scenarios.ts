/** The days that a simulation can play: which stories are told, and how often. */
import type { Channel } from '../contract/words.ts';
import type { Random } from './random.ts';
import type { Story, StoryTeller } from './simulation.ts';
import {
  bargainStory,
  groupStory,
  makeTeller,
  memberOf,
  orderStory,
  parcelPlaces,
  showStory,
  step,
  zipfShelf,
  type Market,
  type Teller,
} from './stories.ts';

/** A bit of everything: every fact type comes up within a few thousand events. */
export function ordinaryDay(market: Market, random: Random): StoryTeller {
  const teller = makeTeller(market, random);
  return () => ordinaryStory(teller);
}

/** One show that everybody watches: orders pour in for what is in the host's hands. */
export function flashLive(market: Market, random: Random): StoryTeller {
  const teller = makeTeller(market, random);
  const sessionId = `${market.run}-flash`;
  const roomId = 'room-flash';
  const onShow = Array.from({ length: 12 }, () => teller.shelf.pick(random));
  const places = parcelPlaces(market);
  let nextPulse = 0;
  return (offset) => {
    if (offset >= nextPulse) {
      const second = Math.floor(offset / 1000);
      nextPulse = (second + 1) * 1000;
      if (second === 0)
        return [
          step(0, 'live', 'live.started', {
            roomId,
            sessionId,
            title: '一元秒杀',
            skus: [...new Set(onShow.map((o) => o.code))],
          }),
        ];
      return flashPulse(
        teller,
        sessionId,
        second,
        onShow[Math.floor(second / 10) % onShow.length]?.code ?? '',
      );
    }
    const inHand = onShow[Math.floor(offset / 10_000) % onShow.length];
    if (inHand === undefined || random.chance(0.15)) return ordinaryStory(teller);
    const shelf = random.chance(0.7)
      ? { pick: () => inHand }
      : { pick: (chance: Random) => chance.pick(onShow) };
    return orderStory(teller, 'live', 'ship', random.pick(places), { sessionId }, shelf);
  };
}

function flashPulse({ random }: Teller, sessionId: string, second: number, sku: string): Story {
  const crowd = (until: number) => 60_000 * (1 - Math.exp(-until / 15));
  const viewers = Math.round(crowd(second) * (0.95 + 0.1 * random.next()));
  // Who watches has come in before.
  const came = Math.ceil((crowd(second) - crowd(second - 1)) * 1.05);
  const pulse = step(0, 'live', 'live.pulse', {
    sessionId,
    viewers,
    entered: came + random.poisson(viewers * 0.02),
    likes: random.poisson(viewers * 0.2),
    comments: random.poisson(viewers * 0.02),
    clicks: random.poisson(viewers * 0.03),
  });
  if (second % 10 !== 1) return [pulse];
  return [pulse, step(1, 'live', 'live.featured', { sessionId, sku, price: 9_900 })];
}

/** Three stores sell a dozen SKUs until the shelves are empty, and a little beyond: what a till sells is a fact. */
export function stockout(market: Market, random: Random): StoryTeller {
  const teller = makeTeller(market, random);
  const first = random.int(market.stores.length);
  const stores = [0, 1, 2].flatMap((n) => market.stores[(first + n) % market.stores.length] ?? []);
  const wanted = Array.from({ length: 12 }, () => teller.shelf.pick(random));
  const scarce = zipfShelf(wanted, random);
  // The shelves are counted low to begin with: the scenario works whatever the books say.
  const counts = stores.map((location) => [
    step(0, 'wms', 'stock.counted', {
      location,
      lines: [...new Set(wanted.map(({ code }) => code))].map((sku) => ({
        sku,
        onHand: random.between(4, 25),
      })),
    }),
  ]);
  return () => {
    const count = counts.shift();
    if (count !== undefined) return count;
    if (random.chance(0.25)) return ordinaryStory(teller);
    return orderStory(teller, 'pos', 'carry', random.pick(stores), {}, scarce);
  };
}

/** Group-buying takes off: groups open and fill within seconds. */
export function groupRush(market: Market, random: Random): StoryTeller {
  const teller = makeTeller(market, random);
  const hits = Array.from({ length: 20 }, () => teller.shelf.pick(random));
  const shelf = zipfShelf(hits, random);
  return () => (random.chance(0.75) ? groupStory(teller, shelf) : ordinaryStory(teller));
}

/** Weights of the stories of an ordinary day. */
const mix: [number, (teller: Teller) => Story][] = [
  [520, (teller) => orderStory(teller, 'pos', 'carry', teller.random.pick(teller.market.stores))],
  [70, (teller) => orderStory(teller, 'miniapp', 'pickup', teller.random.pick(teller.market.stores))],
  [220, (teller) => webOrder(teller)],
  [12, groupStory],
  [10, bargainStory],
  [1, (teller) => showStory(teller, 30)],
  [30, storeTraffic],
  [30, webTraffic],
  [12, stockMove],
  [25, memberStory],
  [8, feedback],
  [
    6,
    ({ random }) => [
      step(0, 'ads', 'spend.recorded', {
        channel: webChannel(random),
        amount: random.between(1_000, 90_000),
      }),
    ],
  ],
];
const WHOLE = mix.reduce((sum, [weight]) => sum + weight, 0);

function ordinaryStory(teller: Teller): Story {
  let left = teller.random.next() * WHOLE;
  for (const [weight, tell] of mix) {
    if (left < weight) return tell(teller);
    left -= weight;
  }
  return webOrder(teller);
}

function webChannel(random: Random): Channel {
  return random.pick(['mall', 'miniapp', 'live', 'marketplace'] as const);
}

function webOrder(teller: Teller): Story {
  return orderStory(
    teller,
    webChannel(teller.random),
    'ship',
    teller.random.pick(parcelPlaces(teller.market)),
  );
}

function storeTraffic({ market, random }: Teller): Story {
  return [
    step(0, 'doors', 'traffic.store', {
      location: random.pick(market.stores),
      entered: random.between(1, 12),
    }),
  ];
}

function webTraffic({ random, shelf }: Teller): Story {
  const sessions = random.between(5, 60);
  const carts = random.int(Math.ceil(sessions / 6));
  return [
    step(0, 'web', 'traffic.online', {
      channel: webChannel(random),
      sessions,
      views: sessions * random.between(2, 7),
      carts,
      checkouts: random.int(carts + 1),
      bySku: [{ sku: shelf.pick(random).code, views: random.between(1, sessions), carts: random.int(3) }],
    }),
  ];
}

/** Goods come, go, are counted or break. */
function stockMove({ market, random, shelf, number }: Teller): Story {
  const places = [...market.stores, ...market.warehouses];
  const location = random.pick(places);
  const sku = shelf.pick(random).code;
  const ref = `${market.run}-r${number()}`;
  const kind = random.int(4);
  if (kind === 0)
    return [
      step(0, 'wms', 'stock.received', { location, ref, lines: [{ sku, qty: random.between(6, 48) }] }),
    ];
  if (kind === 1)
    return [step(0, 'pos', 'stock.counted', { location, lines: [{ sku, onHand: random.between(20, 90) }] })];
  if (kind === 2)
    return [
      step(0, 'pos', 'stock.adjusted', {
        location,
        reason: '破损',
        lines: [{ sku, delta: -random.between(1, 2) }],
      }),
    ];
  const lines = [{ sku, qty: random.between(6, 24) }];
  return [
    step(0, 'wms', 'stock.transferred', {
      from: random.pick(parcelPlaces(market)),
      to: location,
      ref,
      lines,
    }),
  ];
}

function memberStory({ market, random, shelf }: Teller): Story {
  const memberId = memberOf(random);
  if (random.chance(0.4))
    return [
      step(0, 'crm', 'member.updated', {
        memberId,
        level: random.pick(['普通', '银卡', '金卡']),
        consents: { sms: true },
      }),
    ];
  if (random.chance(0.5))
    return [
      step(0, 'crm', 'member.visited', { memberId, location: random.pick(market.stores), channel: 'pos' }),
    ];
  return [step(0, 'crm', 'member.visited', { memberId, sku: shelf.pick(random).code, channel: 'miniapp' })];
}

function feedback({ market, random }: Teller): Story {
  const location = random.pick(market.stores);
  if (random.chance(0.2)) return [step(0, 'crm', 'feedback.received', { kind: 'complaint', location })];
  return [step(0, 'crm', 'feedback.received', { kind: 'nps', score: random.between(0, 10), location })];
}
