/**
 * The orders that one location fulfils, placed on one day: at its tills if it is a store, from the web and the rooms if it
 * is an online warehouse. Apart by location, so that a week's sales of one store can be told without telling the company's.
 */
import type { TimedFact } from './facts.ts';
import { bargainOrders, groupOrders } from './joint-orders.ts';
import type { Show } from './live-shows.ts';
import { placeOrder, type Counter } from './place-order.ts';
import { demoStores, type DemoLocation } from './places.ts';
import { randomFrom } from './random.ts';
import { channelShare, dayFactor, momentOfDay, type DemoDate } from './rhythm.ts';
import { miniappShare, type World } from './world.ts';
import type { Channel, FulfilmentMethod } from '../contract/words.ts';

/** All facts about the orders of a day that the location fulfils, in no particular order; some lie up to LIFE_DAYS later. */
export function locationDay(
  world: World,
  location: DemoLocation,
  date: DemoDate,
  shows: readonly Show[],
): TimedFact[] {
  if (location.kind === 'hq_warehouse') return [];
  const random = randomFrom(`${world.seed}/orders/${location.code}/${date.text}`);
  const counter: Counter = { world, location, date, shows, random, count: 0 };
  return location.kind === 'store' ? storeDay(counter) : warehouseDay(counter);
}

function storeDay(counter: Counter): TimedFact[] {
  const perStore = counter.location.pull / demoStores.length;
  return [
    ...ordersOfChannel(counter, 'pos', perStore, 'carry'),
    ...ordersOfChannel(counter, 'miniapp', perStore * miniappShare.pickup, 'pickup'),
    ...ordersOfChannel(counter, 'miniapp', perStore * miniappShare.shipFromStore, 'ship'),
  ];
}

function warehouseDay(counter: Counter): TimedFact[] {
  const { pull } = counter.location;
  const shipped = 1 - miniappShare.pickup - miniappShare.shipFromStore;
  return [
    ...ordersOfChannel(counter, 'mall', pull, 'ship'),
    ...ordersOfChannel(counter, 'marketplace', pull, 'ship'),
    ...ordersOfChannel(counter, 'live', pull, 'ship'),
    ...ordersOfChannel(counter, 'miniapp', pull * shipped, 'ship'),
    ...groupOrders(counter, expectedOrders(counter, 'group', pull)),
    ...bargainOrders(counter, pull),
  ];
}

/** Orders of a channel that are to be expected here today; `part` is this location's part of the channel. */
function expectedOrders({ world, date, random }: Counter, channel: Channel, part: number): number {
  return world.ordersADay * channelShare[channel] * part * dayFactor(channel, date, random.next());
}

function ordersOfChannel(
  counter: Counter,
  channel: Channel,
  part: number,
  method: FulfilmentMethod,
): TimedFact[] {
  const { random, date } = counter;
  const facts: TimedFact[] = [];
  for (let left = random.poisson(expectedOrders(counter, channel, part)); left > 0; left--) {
    const at = date.start + momentOfDay(channel, random);
    facts.push(...placeOrder(counter, { at, channel, method }));
  }
  return facts;
}
