/** A day of company R: every fact that begins on it, in order of time. */
import { UNITS_A_BASKET } from './basket.ts';
import type { DemoCatalog } from './catalog.ts';
import { engagementFacts } from './engagement.ts';
import { inOrder, type TimedFact } from './facts.ts';
import { showFacts, showsOf } from './live-shows.ts';
import { locationDay } from './location-day.ts';
import { LIFE_DAYS } from './order-life.ts';
import { demoLocations } from './places.ts';
import { dayFactor } from './rhythm.ts';
import { supplyFacts } from './supply.ts';
import { trafficFacts } from './traffic.ts';
import { ordersOf, type World } from './world.ts';

/** Facts of a day's plan lie at most this many days after the day itself. */
export const PLAN_REACH_DAYS = LIFE_DAYS + 1;

/**
 * All facts of the day with this number, in order of time: orders placed on it with their later steps (which lie up to
 * PLAN_REACH_DAYS later), deliveries, traffic, livestreams. The same world and day always give the same facts.
 * A day before the books opened has none.
 */
export function planDay(world: World, number: number): TimedFact[] {
  if (number < world.firstDay) return [];
  const date = world.date(number);
  const shows = showsOf(world, date);
  return inOrder([
    ...demoLocations.flatMap((location) => locationDay(world, location, date, shows)),
    ...supplyFacts(world, date),
    ...trafficFacts(world, date),
    ...showFacts(world, date),
    ...engagementFacts(world, date),
  ]);
}

export type DemoTarget = {
  /** YYYY-MM-DD */
  day: string;
  location: string;
  /** Minor units. */
  amount: number;
};

/** How much more than expected the head office wants to see. */
const AMBITION = 1.04;
/** What is left of list prices after discounts, coupons and returns. */
const KEPT = 0.93;

/** Targets of a day for every location that sells, rounded to 100 yuan. */
export function targetsOf(world: World, number: number): DemoTarget[] {
  const date = world.date(number);
  const ticket = UNITS_A_BASKET * meanPrice(world.catalog) * KEPT;
  return demoLocations.flatMap((location) => {
    const orders = ordersOf(location, world.ordersADay);
    if (orders === 0) return [];
    const factor = dayFactor(location.kind === 'store' ? 'pos' : 'mall', date, 0.5);
    const amount = orders * factor * ticket * AMBITION;
    return [{ day: date.text, location: location.code, amount: Math.round(amount / 10_000) * 10_000 }];
  });
}

/** Mean list price of a sold piece, in minor units. */
function meanPrice({ skus }: DemoCatalog): number {
  let pull = 0;
  let worth = 0;
  for (const sku of skus) {
    pull += sku.pull;
    worth += sku.pull * sku.listPrice;
  }
  return worth / pull;
}
