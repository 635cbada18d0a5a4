/** Messages about coupons, as they are sent: whether now, and with which codes. */
import { campaignKeyOf, lastDayOf, makeCode } from '@zhanggui/shared/coupons/code.ts';
import { readCouponSecret } from '@zhanggui/shared/coupons/coupon-store.ts';
import {
  addressOf,
  COUPON_EVENT,
  fillMessage,
  findMessage,
  holdMessage,
  type CouponMessage,
} from '@zhanggui/shared/coupons/message-store.ts';
import { quietUntil } from '@zhanggui/shared/delivery/endpoint.ts';
import { minuteOfDay } from '@zhanggui/shared/delivery/minute-of-day.ts';
import type { Message } from '@zhanggui/shared/delivery/message.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** A campaign that stands still is looked at again so often. */
const PAUSED_MS = 15_000;

/**
 * Whether a delivery may be tried now. Members are not written to in quiet time, nor of a campaign that is paused, nor ever of one that
 * was cancelled. True for deliveries about anything else.
 */
export async function mayTell(
  sql: SqlPool,
  deliveryId: string,
  time: BusinessTime,
  now: Date,
): Promise<boolean> {
  const message = await findMessage(sql, deliveryId);
  if (message === null) return true;
  const until = quietUntil(message, 'info', minuteOfDay(time, now), now);
  if (message.state === 'cancelled') await holdMessage(sql, deliveryId, null);
  else if (message.state === 'paused')
    await holdMessage(sql, deliveryId, new Date(now.getTime() + PAUSED_MS));
  else if (until > now) await holdMessage(sql, deliveryId, until);
  else return true;
  return false;
}

/** The message with its coupons; null where nobody in it may be written to. Other messages as they are. */
export async function filled(sql: SqlPool, message: Message, now: Date): Promise<Message | null> {
  if (message.event !== COUPON_EVENT) return message;
  const about = message.data as CouponMessage;
  const [{ name, title, medium, coupons }, secret] = await Promise.all([
    fillMessage(sql, message.id, about, now),
    readCouponSecret(sql),
  ]);
  if (coupons.length === 0) return null;
  const key = campaignKeyOf(secret, coupons[0]!.campaignNo);
  const address = addressOf(medium);
  const told = coupons.map((coupon) => ({
    memberId: coupon.memberId,
    ...(address !== null && { [address]: coupon.address }),
    code: makeCode({ ...coupon, lastDay: lastDayOf(coupon.validTo.getTime()) }, key),
    validFrom: coupon.validFrom,
    validTo: coupon.validTo,
  }));
  return { ...message, data: { campaignId: about.campaignId, name, title, coupons: told } };
}

const couponsOf = (message: Message): { code: string }[] => message.data['coupons'] as { code: string }[];

/** Members whom a filled message tells; null where it is none about coupons. */
export const membersOf = (message: Message): number | null =>
  message.event === COUPON_EVENT ? couponsOf(message).length : null;

/** What the log keeps of it: codes are worth money, and numbers are nobody's business. */
export const logged = (message: Message, body: string): string =>
  message.event === COUPON_EVENT
    ? JSON.stringify({ type: message.event, coupons: couponsOf(message).length })
    : body;

const NUMBER = /\+?\d[\d\s().-]{5,}\d/g;
const MAIL = /[^\s"'<>(),:;]+@[^\s"'<>(),:;]+/g;

/**
 * What a gateway said, without codes and without what looks like a number or an address: it may have repeated what it was sent, in its own
 * way of writing. `HTTP 400` before it stays.
 */
export function unnamed(message: Message, said: string): string {
  if (message.event !== COUPON_EVENT) return said;
  const [head] = /^HTTP \d{3} ?/.exec(said) ?? [''];
  const codes = new Set(couponsOf(message).map(({ code }) => code));
  const rest = said.slice(head.length).replace(/[0-9A-Z]{30}/g, (text) => (codes.has(text) ? '…' : text));
  return head + rest.replace(MAIL, '…').replace(NUMBER, '…');
}
