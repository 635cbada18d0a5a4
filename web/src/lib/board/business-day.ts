import { CURVE_MINUTES } from '@zhanggui/shared/contract/board.ts';

const A_DAY = (24 * 60) / CURVE_MINUTES;
const AN_HOUR = 60 / CURVE_MINUTES;

/** Buckets of the curve: those of 24 hours, and an hour's more on the day the clocks go back. */
export const bucketsOf = (has: (key: `curve:${number}` | `yesterday:${number}`) => boolean): number =>
  has(`curve:${A_DAY}`) || has(`yesterday:${A_DAY}`) ? A_DAY + AN_HOUR : A_DAY;

/** Hours since the business day began. */
export const hoursInto = (firstMinute: string, now: number): number =>
  (now - Date.parse(firstMinute)) / 3_600_000;
