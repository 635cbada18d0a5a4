import type { BusinessTime } from '../sales/business-time.ts';

/** The business day on which a rule is asked, and when business days begin (epoch ms). */
export type AsOf = {
  today: string;
  start: (day: string) => number;
  shift: (day: string, days: number) => string;
};

/** The business day of `now` (epoch ms). */
export const asOf = (time: BusinessTime, now: number): AsOf => ({
  today: time.day(now),
  start: (day) => time.start(day),
  shift: (day, days) => time.shift(day, days),
});
