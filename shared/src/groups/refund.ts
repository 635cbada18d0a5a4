/** Refunds that shops are asked for: how they are told, and when they are late. Pure. */
import type { RefundReason } from '../contract/words.ts';

/** Not confirmed for so long after it was told, a refund is late and asked about again; then once a day. */
export const LATE_MINUTES = 30;
export const REMIND_AGAIN_HOURS = 24;
/** So often at most; then it is for people. */
export const MOST_REMINDERS = 7;

/** Refunds in one message. */
export const PER_MESSAGE = 100;

/** Asked for the first time, and asked about again. Receivers know a refund by its id: it is paid back once, however often they hear of it. */
export const REFUND_EVENT = 'refund.asked';
export const REMINDER_EVENT = 'refund.reminded';

export type AskedRefund = {
  id: string;
  groupId: string;
  memberId: string;
  orderId: string;
  /** What is still owed, minor units. */
  amount: number;
  reason: RefundReason;
};

/** What goes into one message each, by number or by what each weighs; one is never cut. */
export function inMessages<T>(
  list: readonly T[],
  most = PER_MESSAGE,
  weigh: (each: T) => number = () => 1,
): T[][] {
  const messages: T[][] = [];
  let room = 0;
  for (const each of list) {
    const weight = weigh(each);
    if (weight > room || messages.length === 0) {
      messages.push([]);
      room = most;
    }
    messages.at(-1)!.push(each);
    room -= weight;
  }
  return messages;
}
