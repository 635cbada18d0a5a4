/** Who comes in and looks around: footfall of the stores by the hour, sessions of the web channels every ten minutes. */
import { timed, type TimedFact } from './facts.ts';
import { demoLocations, demoStores, onlineWarehouses } from './places.ts';
import { randomFrom, type Random } from './random.ts';
import {
  channelShare,
  dayFactor,
  HOUR_MS,
  MINUTE_MS,
  openHours,
  shareOfDay,
  type DemoDate,
} from './rhythm.ts';
import { ordersOf, type World } from './world.ts';
import type { Channel } from '../contract/words.ts';

/** Of a hundred people who come in, so many buy. */
const STORE_CONVERSION = 0.19;

/** Orders to a session; the marketplaces tell us nothing about theirs. */
const onlineConversion: Partial<Record<Channel, number>> = {
  mall: 0.021,
  miniapp: 0.034,
  live: 0.028,
  group: 0.06,
};

const SLICE_MS = 10 * MINUTE_MS;

/** All traffic facts of a day, each at the end of the time it counts. */
export function trafficFacts(world: World, date: DemoDate): TimedFact[] {
  return [...footfall(world, date), ...online(world, date)];
}

function footfall(world: World, date: DemoDate): TimedFact[] {
  const random = randomFrom(`${world.seed}/footfall/${date.text}`);
  const facts: TimedFact[] = [];
  for (const store of demoStores) {
    const orders = ordersOf(store, world.ordersADay) * dayFactor('pos', date, random.next());
    for (let hour: number = openHours.from; hour < openHours.to; hour++) {
      const share = shareBetween('pos', hour * HOUR_MS, (hour + 1) * HOUR_MS);
      const entered = random.poisson((orders * share) / STORE_CONVERSION);
      // A second before the hour is full: the count belongs to the hour that it counted.
      const at = date.start + (hour + 1) * HOUR_MS - 1000;
      const id = `footfall/${store.code}/${date.text}/${hour}`;
      facts.push(timed(at, 'footfall', id, 'traffic.store', { location: store.code, entered }));
    }
  }
  return facts;
}

function online(world: World, date: DemoDate): TimedFact[] {
  const random = randomFrom(`${world.seed}/web/${date.text}`);
  const warehouse = demoLocations.find((each) => each.code === onlineWarehouses[0]);
  if (warehouse === undefined) return [];
  const shelf = world.shelf(warehouse, date.month);
  const facts: TimedFact[] = [];
  for (const [channel, conversion] of entries(onlineConversion)) {
    const orders = world.ordersADay * channelShare[channel] * dayFactor(channel, date, random.next());
    for (let from = 0; from < 24 * HOUR_MS; from += SLICE_MS) {
      const sessions = random.poisson((orders * shareBetween(channel, from, from + SLICE_MS)) / conversion);
      const looked = Array.from({ length: Math.min(3, sessions) }, () => shelf.pick(random).code);
      facts.push(
        timed(
          date.start + from + SLICE_MS - 1000,
          'web-analytics',
          `web/${channel}/${date.text}/${from / SLICE_MS}`,
          'traffic.online',
          {
            channel,
            ...funnel(sessions, random),
            bySku: [...new Set(looked)].map((sku) => ({ sku, ...interest(sessions, random) })),
          },
        ),
      );
    }
  }
  return facts;
}

function funnel(sessions: number, random: Random) {
  const carts = random.poisson(sessions * 0.11);
  return {
    sessions,
    views: sessions + random.poisson(sessions * 4.6),
    carts,
    checkouts: Math.min(carts, random.poisson(sessions * 0.045)),
  };
}

function interest(sessions: number, random: Random) {
  const views = 1 + random.poisson(sessions * 0.02);
  return { views, carts: Math.min(views, random.poisson(views * 0.12)) };
}

function shareBetween(channel: Channel, from: number, to: number): number {
  return shareOfDay(channel, to) - shareOfDay(channel, from);
}

/** `Object.entries` that keeps the keys' type. */
function entries<K extends string, V>(record: Partial<Record<K, V>>): [K, V][] {
  return Object.entries(record) as [K, V][];
}
