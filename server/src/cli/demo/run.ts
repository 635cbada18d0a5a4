/**
 * Runs the demo company: founds it, keeps today live, and tells five weeks of past in the background. Everything it sends
 * is a function of the seed and the day, so that it may be stopped anywhere, and goes on where it was.
 */
import { foundDemo, readDemoParts } from '@zhanggui/shared/demo/demo-store.ts';
import { DAY_MS } from '@zhanggui/shared/demo/rhythm.ts';
import type { World } from '@zhanggui/shared/demo/world.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type Api } from '../api.ts';
import { loadCatalog, loadTargets } from './found.ts';
import { worldOf, type WorldSeed } from './planner.ts';
import { keepPromotions } from './promotions.ts';
import { dayPieces, Teller, type Pieces } from './teller.ts';
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
  /** Who approves the promotions that it runs; without, it runs none. */
  approver?: Api;
};

/** Looks at the clock at least this often while today is told. */
const TICK_MS = 1_000;
/** Facts of the same moment go out together: a wait shorter than this is not worth a request of its own. */
const GATHER_MS = 200;

/** What the parts of a run share. */
type Run = DemoOptions & { seedOfWorld: WorldSeed; world: World };

/** Runs until the signal goes off; then it rejects with the signal's reason, having finished what was under way. */
export async function runDemo(options: DemoOptions): Promise<void> {
  const { sql, signal, onStep, now, timeZone, skus, ordersADay } = options;
  const time = new BusinessTime(timeZone);
  const company = await foundDemo(sql, {
    seed: options.seed,
    firstDay: time.shift(time.day(now()), -options.historyDays),
  });
  const seedOfWorld = {
    seed: company.seed,
    firstDay: dayNumber(company.firstDay),
    timeZone,
    skus,
    ordersADay,
  };
  const run: Run = { ...options, seedOfWorld, world: worldOf(seedOfWorld) };
  await loadCatalog(run);
  await loadTargets(run, dayNumber(time.day(now())));
  onStep('catalog and targets are loaded');
  await fillShelves(run);
  onStep('the shelves are filled');

  // If one of them fails the others must not go on alone, nor stay behind.
  const both = new AbortController();
  const together = { ...run, signal: AbortSignal.any([signal, both.signal]) };
  const caughtUp = Promise.withResolvers<void>();
  // One look at the clock for both: a midnight between two looks would leave a day to nobody.
  const today = dayNumber(time.day(now()));
  const tasks = [
    keepToday(together, today, caughtUp.resolve),
    caughtUp.promise.then(() => tellPast(together, today)),
    caughtUp.promise.then(() => runPromotions(together, today)),
  ];
  try {
    await Promise.all(tasks);
  } finally {
    both.abort(new Error('another part of the demo has stopped'));
    caughtUp.resolve();
    await Promise.allSettled(tasks);
  }
}

/** Promotions begin once today is told: what people wait for comes first. */
async function runPromotions(run: Run, today: number): Promise<void> {
  const { approver, onStep } = run;
  if (approver === undefined) return;
  try {
    await keepPromotions({ ...run, approver }, today);
  } catch (error) {
    // What somebody at the desk did to a campaign must not end the whole demo.
    if (!(error instanceof ApiError)) throw error;
    onStep(`promotions stand still: ${error.message}`);
  }
}

/** The facts that fill the shelves hold hundreds of lines each: a few make a transaction. */
const openingPieces: Pieces = { chunk: 32, request: 8 };

async function fillShelves(run: Run): Promise<void> {
  const part = (await readDemoParts(run.sql)).get('opening');
  if (part !== undefined && part.done >= part.total) return;
  const teller = await Teller.plan(
    { world: run.seedOfWorld, part: 'opening' },
    'opening',
    run,
    openingPieces,
    run.signal,
  );
  await teller.tell(Infinity, unhurried(run.todayRate), run.signal);
}

/** Tells the day `from` up to now, then as it happens, day after day. */
async function keepToday(run: Run, from: number, caughtUp: () => void): Promise<never> {
  const { now, signal, onStep, world } = run;
  const throttle = unhurried(run.todayRate);
  let told = false;
  for (let number = from; ; number++) {
    const teller = await planDay(run, number);
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
    await loadTargets(run, number + 1);
  }
}

/** Tells the days before today that are not told yet, those first that today is compared with. */
async function tellPast(run: Run, today: number): Promise<void> {
  const { sql, now, signal, onStep, world, historyRate, todayRate } = run;
  const steady = new Throttle({ most: historyRate, least: historyRate / 4, slowMs: 250 });
  // What today is compared with is wanted within the minute.
  const quick = new Throttle({ most: todayRate, least: historyRate / 2, slowMs: 500 });
  const told = await readDemoParts(sql);
  const days = pastDays(world.firstDay, today).filter((number) => {
    const part = told.get(dayPart(world.date(number).text));
    return part === undefined || part.done < part.total;
  });
  for (const [index, number] of days.entries()) {
    const teller = await planDay(run, number);
    const throttle = comparedDays(today).includes(number) ? quick : steady;
    await teller.tell(Math.min(now(), world.date(number + 1).start), throttle, signal);
    onStep(`history: ${world.date(number).text} is told, ${days.length - index - 1} days to go`);
    // With a day known there is something to plan from, with all of them it is planned well.
    if (index === 0 || index === days.length - 1) await run.api.post('/api/v1/plans');
  }
}

function planDay(run: Run, number: number): Promise<Teller> {
  const name = dayPart(run.world.date(number).text);
  return Teller.plan({ world: run.seedOfWorld, part: number }, name, run, dayPieces, run.signal);
}

/** For what people wait for: it gives way to an overloaded company only. */
function unhurried(rate: number): Throttle {
  return new Throttle({ most: rate, least: rate / 4, slowMs: 1_000 });
}

/** What the progress of a day is noted under. */
const dayPart = (day: string) => `day:${day}`;

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
