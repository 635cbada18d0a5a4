/**
 * What becomes known on a business day: the facts whose time lies in it, also those of orders placed on days before.
 * Every fact of every plan lies in exactly one window, so that the past can be told day by day, in any order of days.
 */
import { PLAN_REACH_DAYS, planDay } from './day-plan.ts';
import type { TimedFact } from './facts.ts';
import { locationDay } from './location-day.ts';
import { showsOf } from './live-shows.ts';
import { demoLocations } from './places.ts';
import type { World } from './world.ts';

/**
 * The window's facts in pieces, in no particular order: whoever collects them may do something else in between, for it
 * takes a second or two in all. Sort them with `inOrder`.
 */
export function* dayWindow(world: World, number: number): Generator<TimedFact[]> {
  const from = world.date(number).start;
  const to = world.date(number + 1).start;
  const inside = (facts: TimedFact[]) => facts.filter(({ at }) => at >= from && at < to);
  yield inside(planDay(world, number));
  // Only orders reach beyond their day.
  for (let day = Math.max(world.firstDay, number - PLAN_REACH_DAYS); day < number; day++) {
    const date = world.date(day);
    const shows = showsOf(world, date);
    yield demoLocations.flatMap((location) => inside(locationDay(world, location, date, shows)));
  }
}
