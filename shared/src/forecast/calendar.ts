/**
 * Days on which people shop otherwise: Chinese festivals by the lunar calendar, public holidays, the shopping festivals with
 * their run-up and the lull after them, and the company's own promotions. How much otherwise is learnt, not known. Pure; the
 * lunar calendar is Intl's.
 */
import { DAY_MS, dayNo } from './day.ts';

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

/** Lunar month and day of a day number; `null` in a leap month, which has no festivals. */
function lunarDay(day: number): { month: number; day: number } | null {
  const part: Record<string, string> = {};
  for (const { type, value } of lunar.formatToParts(day * DAY_MS)) part[type] = value;
  const month = Number(part['month']);
  return Number.isNaN(month) ? null : { month, day: Number(part['day']) };
}

/** Qingming is the sun's: 15° after the equinox, which in this century falls on April 4 or 5 by this count. */
const qingming = (year: number) => Math.floor((year % 100) * 0.2422 + 4.81) - Math.floor((year % 100) / 4);

/**
 * The calendar from `from` through `to`. Weekends that are worked to make a holiday longer are decreed each year and not
 * foreseen; a company for which they matter names them among its promotions.
 */
export function makeCalendar(from: string, to: string, promotions: readonly Promotion[] = []): Calendar {
  const firstDay = dayNo(from);
  const size = Math.max(0, dayNo(to) - firstDay + 1);
  const kinds = new Uint8Array(size);
  const mark = (day: number, kind: DayKind) => {
    const at = day - firstDay;
    if (at >= 0 && at < size) kinds[at] = Math.max(kinds[at]!, kindNo(kind));
  };
  const span = (start: number, days: number, kind: DayKind) => {
    for (let day = start; day < start + days; day++) mark(day, kind);
  };
  // What lies outside may reach in: the run-up to the new year is two weeks long.
  for (let day = firstDay - 20; day < firstDay + size + 20; day++) {
    const date = new Date(day * DAY_MS);
    const [month, dayOfMonth] = [date.getUTCMonth() + 1, date.getUTCDate()];
    switch (month * 100 + dayOfMonth) {
      case 101:
        mark(day, 'holiday');
        break;
      case 214:
        mark(day, 'lovers');
        break;
      case 501:
        span(day, 5, 'holiday');
        break;
      case 520:
        mark(day, 'lovers');
        break;
      case 618:
        span(day - 17, 15, '618 run-up');
        span(day - 2, 3, '618');
        span(day + 1, 5, 'lull');
        break;
      case 1001:
        span(day, 7, 'golden week');
        break;
      case 1111:
        span(day - 10, 9, '11.11 run-up');
        span(day - 1, 2, '11.11');
        span(day + 1, 7, 'lull');
        break;
      case 1212:
        span(day - 1, 2, '12.12');
        break;
    }
    if (month === 4 && dayOfMonth === qingming(date.getUTCFullYear())) span(day, 3, 'holiday');
    const moon = lunarDay(day);
    switch (moon && moon.month * 100 + moon.day) {
      case 101:
        span(day - 15, 14, 'spring run-up');
        span(day - 1, 8, 'spring festival');
        break;
      case 505:
        mark(day, 'holiday');
        break;
      case 707:
        mark(day, 'lovers');
        break;
      case 815:
        span(day - 14, 14, 'mid-autumn run-up');
        mark(day, 'holiday');
        break;
    }
  }
  for (const promotion of promotions)
    span(dayNo(promotion.from), dayNo(promotion.to) - dayNo(promotion.from) + 1, 'promotion');
  return { firstDay, kinds };
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
