/**
 * When people buy: the shape of a day, a week and a year, by channel.
 * Hours and weekdays are those of the company's business time; who calls turns them into instants.
 */
import type { Channel } from '../contract/words.ts';
import type { Random } from './random.ts';
import type { Season } from './words/words.ts';

export const HOUR_MS = 3_600_000;
export const MINUTE_MS = 60_000;
export const DAY_MS = 86_400_000;

/** Hours in which the stores are open: 10 ≤ hour < 22. */
export const openHours = { from: 10, to: 22 } as const;

/** Share of the company's orders that each channel makes; the sum is 1. */
export const channelShare: Record<Channel, number> = {
  pos: 0.56,
  miniapp: 0.15,
  mall: 0.11,
  marketplace: 0.08,
  live: 0.06,
  group: 0.04,
};

/** Orders of an average day of company R: 20,000 × a ticket of 205 yuan is 1.5 bn yuan a year. */
export const ORDERS_A_DAY = 20_000;

/** Weight of each hour, 0 to 23. Stores: lunch and evening. Online: evening, and little, but never nothing, at night. */
const hours: Record<'store' | 'online' | 'live', readonly number[]> = {
  store: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 45, 62, 78, 70, 64, 66, 74, 90, 104, 112, 98, 60, 0, 0],
  online: [26, 13, 7, 4, 3, 4, 9, 20, 34, 46, 54, 56, 62, 58, 50, 48, 50, 54, 60, 74, 96, 112, 98, 60],
  live: [10, 4, 2, 1, 1, 1, 2, 4, 8, 12, 16, 24, 60, 46, 20, 18, 20, 24, 40, 92, 140, 150, 110, 40],
};

/** Sunday first, as `Date.getUTCDay`. */
const weekdays: Record<'store' | 'online', readonly number[]> = {
  store: [1.2, 0.86, 0.84, 0.88, 0.91, 1.05, 1.26],
  online: [1.04, 1.0, 0.97, 0.98, 0.98, 1.0, 1.03],
};

function hoursOf(channel: Channel): readonly number[] {
  if (channel === 'pos') return hours.store;
  return channel === 'live' ? hours.live : hours.online;
}

/**
 * How much a day sells against an average one: weekday, a promotion on the 8th, 18th and 28th online, and the day's
 * own luck of a few percent. `noise` is 0…1.
 */
export function dayFactor(channel: Channel, date: DemoDate, noise: number): number {
  const weekday = weekdays[channel === 'pos' ? 'store' : 'online'][date.weekday] ?? 1;
  const promotion = channel !== 'pos' && date.dayOfMonth % 10 === 8 ? 1.3 : 1;
  return weekday * promotion * (0.94 + 0.12 * noise);
}

/** The expected share of the day that has been sold when `ms` of it have passed, 0…1. */
export function shareOfDay(channel: Channel, ms: number): number {
  const weights = hoursOf(channel);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let passed = 0;
  for (const [hour, weight] of weights.entries())
    passed += weight * Math.min(1, Math.max(0, (ms - hour * HOUR_MS) / HOUR_MS));
  return passed / whole;
}

/** A moment of the day at which an order of the channel comes, in ms since midnight. */
export function momentOfDay(channel: Channel, random: Random): number {
  const weights = hoursOf(channel);
  const whole = weights.reduce((sum, weight) => sum + weight, 0);
  let at = random.next() * whole;
  for (const [hour, weight] of weights.entries()) {
    // What is left over of the hour's weight says where in the hour: one number decides both.
    if (at < weight) return Math.floor((hour + at / weight) * HOUR_MS);
    at -= weight;
  }
  return DAY_MS - 1;
}

/** A business day: `number` counts days since 1970-01-01, `start` is its midnight in ms since the epoch. */
export type DemoDate = {
  number: number;
  /** YYYY-MM-DD */
  text: string;
  /** 0 is Sunday. */
  weekday: number;
  /** 1…12 */
  month: number;
  dayOfMonth: number;
  start: number;
};

/** The business day with this number; `startOf` knows the company's midnights. */
export function demoDate(number: number, startOf: (day: string) => number): DemoDate {
  const utc = new Date(number * DAY_MS);
  const text = utc.toISOString().slice(0, 10);
  return {
    number,
    text,
    weekday: utc.getUTCDay(),
    month: utc.getUTCMonth() + 1,
    dayOfMonth: utc.getUTCDate(),
    start: startOf(text),
  };
}

const seasonOfMonth: readonly Season[] = [
  'winter',
  'winter',
  'spring',
  'spring',
  'spring',
  'summer',
  'summer',
  'summer',
  'autumn',
  'autumn',
  'autumn',
  'winter',
];

/** How much better or worse a SKU of a season sells in a month. */
export function seasonFactor(season: Season | null, month: number): number {
  if (season === null) return 1;
  return seasonOfMonth[month - 1] === season ? 1.9 : 0.75;
}
