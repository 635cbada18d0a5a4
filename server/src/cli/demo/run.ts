/**
 * Runs the demo company: founds it, keeps today live, and tells five weeks of past in the background. Everything it sends
 * is a function of the seed and the day, so that it may be stopped anywhere, and goes on where it was.
 */
import { foundDemo, readDemoParts } from '@zhanggui/shared/demo/demo-store.ts';
import { DAY_MS } from '@zhanggui/shared/demo/rhythm.ts';
import { makeWorld, type World } from '@zhanggui/shared/demo/world.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import { loadCatalog, loadOpeningStock, loadTargets } from './found.ts';
import { DayTeller, dayPart } from './tell-day.ts';
import { Throttle } from './throttle.ts';

export type DemoOptions = {
  sql: SqlPool;
  api: Api;
  timeZone: string;
  seed: string;
  /** Days of past that a new company has. */
  historyDays: number;
  /** Facts a second at most: of the past, and of today while it catches up. */
  historyRate: number;
  todayRate: number;
  /** A smaller company, for tests. */
  skus?: number;
  ordersADay?: number;
  /** The business clock, ms since the epoch. */
  now: () => number;
  signal: AbortSignal;
  onStep: (message: string) => void;
};

/** Looks at the clock at least this often while today is told. */
const TICK_MS = 1_000;
/** Facts of the same moment go out together: a wait shorter than this is not worth a request of its own. */
const GATHER_MS = 200;

/** Runs until the signal goes off; then it rejects with the signal's reason, having finished what was under way. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { sql, api, signal, onStep, now } = options;
  const time = new BusinessTime(options.timeZone);
  const today = time.day(now());
  const company = await foundDemo(sql, {
    seed: options.seed,
    firstDay: time.shift(today, -options.historyDays),
  });
  const world = makeWorld({
    seed: company.seed,
    firstDay: dayNumber(company.firstDay),
    startOf: (day) => time.start(day),
    ...(options.skus === undefined ? {} : { skus: options.skus }),
    ...(options.ordersADay === undefined ? {} : { ordersADay: options.ordersADay }),
  });
  const parts = { sql, api, world, signal };
  await loadCatalog(parts);
  await loadTargets(parts, dayNumber(today));
  onStep('catalog and targets are loaded');
  await loadOpeningStock(parts);
  onStep('the shelves are filled');

  // If one of the two fails the other must not go on alone, nor stay behind.
  const both = new AbortController();
  const together = AbortSignal.any([signal, both.signal]);
  const caughtUp = Promise.withResolvers<void>();
  // One look at the clock for both: a midnight between two looks would leave a day to nobody.
  const first = dayNumber(time.day(now()));
  const tasks = [
    keepToday({ ...options, signal: together }, world, first, caughtUp.resolve),
    caughtUp.promise.then(() => tellPast({ ...options, signal: together }, world, first)),
  ];
  try {
    await Promise.all(tasks);
  } finally {
    both.abort(new Error('the other half of the demo has stopped'));
    caughtUp.resolve();
    await Promise.allSettled(tasks);
  }
}

/** Tells the day `from` up to now, then as it happens, day after day. */
async function keepToday(
  options: DemoOptions,
  world: World,
  from: number,
  caughtUp: () => void,
): Promise<never> {
  const { sql, api, now, signal, onStep, todayRate } = options;
  const throttle = new Throttle({ most: todayRate, least: todayRate / 4, slowMs: 1_000 });
  let told = false;
  for (let number = from; ; number++) {
    const teller = await DayTeller.plan(world, number, { sql, api });
    const end = world.date(number + 1).start;
    while (now() < end) {
      await teller.tell(now(), throttle, signal);
      if (!told) onStep('today is up to date');
      told = true;
      caughtUp();
      const wait = (teller.nextAt ?? end) - now();
      await sleep(Math.min(TICK_MS, Math.max(GATHER_MS, wait)), undefined, { signal });
    }
    await teller.tell(end, throttle, signal);
    caughtUp();
    await loadTargets({ sql, api, world, signal }, number + 1);
  }
}

/** Tells the days before today that are not told yet, those first that today is compared with. */
async function tellPast(options: DemoOptions, world: World, today: number): Promise<void> {
  const { sql, api, now, signal, onStep, historyRate, todayRate } = options;
  const steady = new Throttle({ most: historyRate, least: historyRate / 10, slowMs: 250 });
  // What today is compared with is wanted within the minute.
  const quick = new Throttle({ most: todayRate, least: historyRate / 2, slowMs: 500 });
  const told = await readDemoParts(sql);
  const days = pastDays(world.firstDay, today).filter((number) => {
    const part = told.get(dayPart(world.date(number).text));
    return part === undefined || part.done < part.total;
  });
  for (const [index, number] of days.entries()) {
    const teller = await DayTeller.plan(world, number, { sql, api });
    const throttle = comparedDays(today).includes(number) ? quick : steady;
    await teller.tell(Math.min(now(), world.date(number + 1).start), throttle, signal);
    onStep(`history: ${world.date(number).text} is told, ${days.length - index - 1} days to go`);
  }
}

/** Yesterday, the same weekday last week, then the newest first. */
export function pastDays(firstDay: number, today: number): number[] {
  const all = Array.from({ length: Math.max(0, today - firstDay) }, (_, n) => today - 1 - n);
  const urgent = comparedDays(today).filter((number) => number >= firstDay);
  return [...new Set([...urgent, ...all])];
}

/** Days that the board compares today with: yesterday, and the same weekday last week. */
function comparedDays(today: number): number[] {
  return [today - 1, today - 7];
}

function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}
