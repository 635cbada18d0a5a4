import type { AsOf } from '@zhanggui/shared/members/segment-store.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** The business day of `now`, for rules that count days. */
export const asOfNow = (time: BusinessTime, now: Date): AsOf => ({
  today: time.day(now.getTime()),
  start: (day) => time.start(day),
  shift: (day, days) => time.shift(day, days),
});
