/** Times of the board in the company's time zone. The screen's own zone and clock never matter. */
import { CURVE_MINUTES } from '../contract/board.ts';
import type { Locale } from '../contract/words.ts';

const formats = new Map<string, Intl.DateTimeFormat>();
function format(locale: string, timeZone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale}|${timeZone}|${JSON.stringify(options)}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, { ...options, timeZone });
    formats.set(key, made);
  }
  return made;
}

const hm = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;

/** `20:41` */
export const hourMinute = (at: number, timeZone: string) => format('en-GB', timeZone, hm).format(at);
/** `20:41:07` */
export const clockTime = (at: number, timeZone: string) =>
  format('en-GB', timeZone, { ...hm, second: '2-digit' }).format(at);
/** `11月23日 星期一`, `Mon 23 Nov` */
export function longDay(at: number, timeZone: string, locale: Locale): string {
  if (locale === 'en') {
    return format('en-GB', timeZone, { weekday: 'short', day: 'numeric', month: 'short' })
      .format(at)
      .replace(',', '');
  }
  const day = format(locale, timeZone, { month: 'long', day: 'numeric' }).format(at);
  return `${day} ${format(locale, timeZone, { weekday: 'long' }).format(at)}`;
}
/** `2026-11-23`, the business day that `at` belongs to. */
export const businessDay = (at: number, timeZone: string) =>
  format('en-CA', timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
/** `2026-11-23 20:41:07` */
export const fullTime = (at: number, timeZone: string) =>
  `${businessDay(at, timeZone)} ${clockTime(at, timeZone)}`;
/** `GMT+8`, `北京时间`: how people call the zone. */
export function zoneName(at: number, timeZone: string, locale: Locale): string {
  const parts = format(locale, timeZone, { timeZoneName: 'long' }).formatToParts(at);
  return parts.find((part) => part.type === 'timeZoneName')?.value ?? timeZone;
}
/** Hour of the day 0…23 in the company's zone. */
export const hourOf = (at: number, timeZone: string) =>
  Number(format('en-GB', timeZone, { hour: '2-digit', hourCycle: 'h23' }).format(at));

/**
 * Index of the curve's bucket that `at` falls into. Counted from the day's first minute in elapsed time, so that a day
 * of 23 or 25 hours needs no special case.
 */
export function curveIndex(at: number, firstMinute: string): number {
  return Math.floor((at - Date.parse(firstMinute)) / (CURVE_MINUTES * 60_000));
}
