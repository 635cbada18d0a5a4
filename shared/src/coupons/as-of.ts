import type { AsOf } from '../members/segment-store.ts';
import type { BusinessTime } from '../sales/business-time.ts';

/** What rules about members ask of the calendar, at a moment. */
export const asOf = (time: BusinessTime, now: Date): AsOf => ({
  today: time.day(now.getTime()),
  start: (day) => time.start(day),
  shift: (day, days) => time.shift(day, days),
});

/** Minute of the business day. */
export function minuteOfDay(time: BusinessTime, now: Date): number {
  const ms = now.getTime();
  return Math.floor((ms + time.offset(ms)) / 60_000) % 1440;
}
