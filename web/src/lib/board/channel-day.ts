import { hourOf } from '@zhanggui/shared/board/business-time.ts';
import { dayCurve, type DayCurve } from './day-curve.ts';

/** A row of `GET /api/v1/sales/summary?groupBy=hour`: `key` is the instant the hour begins. */
export type HourRow = { key: string; net: number };

/**
 * The day's curve from hourly sums of yesterday and today, for what the board does not carry by five minutes. Hours are
 * told by the clock on the company's wall, so that days of 23 and 25 hours stand beside others.
 *
 * @param firstMinute when today began, RFC 3339
 * @param now hours since then
 */
export function curveOfHours(
  rows: readonly HourRow[],
  firstMinute: string,
  now: number,
  timeZone: string,
): DayCurve {
  const began = Date.parse(firstMinute);
  const today: number[] = [];
  const yesterday: number[] = [];
  for (const { key, net } of rows) {
    const at = Date.parse(key);
    const hours = at >= began ? today : yesterday;
    const hour = hourOf(at, timeZone);
    hours[hour] = (hours[hour] ?? 0) + net;
  }
  return dayCurve({ today: (i) => today[i], yesterday: (i) => yesterday[i] }, 24, now, 1);
}
