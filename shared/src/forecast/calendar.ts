/**
 * Days on which people shop otherwise: Chinese festivals by the lunar calendar, public holidays, the shopping festivals with
 * their run-up and the lull after them, and the company's own promotions. How much otherwise is learnt, not known. Pure; the
 * lunar calendar is Intl's.
 */
import { DAY_MS, dayNo, dayText } from './day.ts';

/** Where two fall on one day the later in this list counts. */
export const dayKinds = [
  'ordinary',
  'mid-autumn run-up',
  'spring run-up',
  '618 run-up',
  '11.11 run-up',
  'lull',
  'holiday',
  'golden week',
  'spring festival',
  'lovers',
  '12.12',
  '618',
  '11.11',
  'promotion',
] as const;
export type DayKind = (typeof dayKinds)[number];

export type Calendar = {
  /** Day number (days since 1970-01-01) of `kinds[0]`. */
  firstDay: number;
  /** Index into `dayKinds` for each day. */
  kinds: Uint8Array;
};

/** A promotion of the company, business days `YYYY-MM-DD`, both inclusive. */
export type Promotion = { from: string; to: string };

const kindNo = (kind: DayKind) => dayKinds.indexOf(kind);

const lunar = new Intl.DateTimeFormat('en-u-ca-chinese', {
  timeZone: 'UTC',
  month: 'numeric',
  day: 'numeric',
});

/** Month × 100 + day of the lunar calendar; 0 in a leap month, which has no festivals. */
function lunarDay(day: number): number {
  const part: Record<string, string> = {};
  for (const { type, value } of lunar.formatToParts(day * DAY_MS)) part[type] = value;
  // A leap month reads `6bis`.
  return Number(part['month']) * 100 + Number(part['day']) || 0;
}

/** Qingming is the sun's: 15° after the equinox, which in this century falls on April 4 or 5 by this count. */
const qingming = (year: number) => Math.floor((year % 100) * 0.2422 + 4.81) - Math.floor((year % 100) / 4);

/** From when to when, in days from the festival, both inclusive. */
type Span = readonly [from: number, to: number, kind: DayKind];

/** By month × 100 + day of the sun's calendar, and of the moon's. */
const solarSpans: Readonly<Record<number, readonly Span[]>> = {
  101: [[0, 0, 'holiday']],
  214: [[0, 0, 'lovers']],
  501: [[0, 4, 'holiday']],
  520: [[0, 0, 'lovers']],
  618: [
    [-17, -3, '618 run-up'],
    [-2, 0, '618'],
    [1, 5, 'lull'],
  ],
  1001: [[0, 6, 'golden week']],
  1111: [
    [-10, -2, '11.11 run-up'],
    [-1, 0, '11.11'],
    [1, 7, 'lull'],
  ],
  1212: [[-1, 0, '12.12']],
};
const lunarSpans: Readonly<Record<number, readonly Span[]>> = {
  101: [
    [-15, -2, 'spring run-up'],
    [-1, 6, 'spring festival'],
  ],
  505: [[0, 0, 'holiday']],
  707: [[0, 0, 'lovers']],
  815: [
    [-14, -1, 'mid-autumn run-up'],
    [0, 0, 'holiday'],
  ],
};
const qingmingSpans: readonly Span[] = [[0, 2, 'holiday']];
/** New years that Intl has a day off, by the day it says: their new moons are minutes from midnight. */
const newYearsMoved: Readonly<Record<string, number>> = { '2027-02-07': -1, '2030-02-02': 1 };
/** The longest reach of a festival, in days. */
const REACH = 20;

/**
 * The calendar from `from` through `to`. Weekends that are worked to make a holiday longer are decreed each year and not
 * foreseen; a company for which they matter names them among its promotions.
 */
export function makeCalendar(from: string, to: string, promotions: readonly Promotion[] = []): Calendar {
  const firstDay = dayNo(from);
  const size = Math.max(0, dayNo(to) - firstDay + 1);
  const kinds = new Uint8Array(size);
  const mark = (festival: number, spans: readonly Span[] = []) => {
    for (const [start, end, kind] of spans)
      for (let at = festival + start - firstDay; at <= festival + end - firstDay; at++)
        if (at >= 0 && at < size) kinds[at] = Math.max(kinds[at]!, kindNo(kind));
  };
  for (let day = firstDay - REACH; day < firstDay + size + REACH; day++) {
    const date = new Date(day * DAY_MS);
    const [month, dayOfMonth] = [date.getUTCMonth() + 1, date.getUTCDate()];
    mark(day, solarSpans[month * 100 + dayOfMonth]);
    if (month === 4 && dayOfMonth === qingming(date.getUTCFullYear())) mark(day, qingmingSpans);
    mark(day + (newYearsMoved[dayText(day)] ?? 0), lunarSpans[lunarDay(day)]);
  }
  return withPromotions({ firstDay, kinds }, promotions);
}

/** The same calendar with promotions that not every SKU has; itself where there are none. */
export function withPromotions(calendar: Calendar, promotions: readonly Promotion[]): Calendar {
  if (promotions.length === 0) return calendar;
  const kinds = Uint8Array.from(calendar.kinds);
  for (const promotion of promotions) {
    const from = Math.max(0, dayNo(promotion.from) - calendar.firstDay);
    const to = Math.min(kinds.length - 1, dayNo(promotion.to) - calendar.firstDay);
    for (let at = from; at <= to; at++) kinds[at] = kindNo('promotion');
  }
  return { firstDay: calendar.firstDay, kinds };
}

/** Index into `dayKinds`; a day outside the calendar is ordinary. */
export const kindOf = ({ firstDay, kinds }: Calendar, day: number): number => kinds[day - firstDay] ?? 0;
