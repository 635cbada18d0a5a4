import type { BusinessTime } from '../sales/business-time.ts';

/** Minute of the business day, which quiet times are told in. */
export function minuteOfDay(time: BusinessTime, now: Date): number {
  const ms = now.getTime();
  return Math.floor((ms + time.offset(ms)) / 60_000) % 1440;
}
