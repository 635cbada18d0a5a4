/**
 * Codes of coupons. A code names its coupon and proves it: nobody can guess one, and a till that is offline can check one.
 *
 * 30 characters of Crockford's base32, 150 bits: campaign (20), member (32), which of the member's coupons (4), last day (14, days
 * since 2025-01-01, UTC), and of these 70 bits, padded with two zero bits to nine bytes, the first 80 bits of HMAC-SHA256 under
 * the campaign's key. Hyphens, spaces and case do not matter; O is 0, I and L are 1. The campaign's key is HMAC-SHA256 of
 * "campaign <number>" under the company's secret: a till gets the keys of the campaigns that it needs, and no more.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

export type CouponKey = { campaignNo: number; memberNo: number; nth: number };
/** `lastDay` is the day of its last valid millisecond, days since 1970-01-01, UTC. */
export type CodeParts = CouponKey & { lastDay: number };

const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const VALUES = new Map([...ALPHABET].map((char, value) => [char, value]));
const LENGTH = 30;
const TAG_BITS = 80n;
/** 2025-01-01. */
const FIRST_DAY = 20_089;

export const lastDayOf = (validTo: number): number => Math.floor((validTo - 1) / 86_400_000);

/** As codes are kept and compared; null where it cannot be one of ours. */
export function normalCode(text: string): string | null {
  const plain = text.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{30}$/.test(plain) ? plain : null;
}

/** As people read it: six groups of five. */
export const shownCode = (code: string): string => code.match(/.{5}/g)?.join('-') ?? code;

export const campaignKeyOf = (secret: Buffer, campaignNo: number): Buffer =>
  createHmac('sha256', secret).update(`campaign ${campaignNo}`).digest();

/** The code of a coupon. Throws RangeError for what a code has no room for. */
export function makeCode(parts: CodeParts, campaignKey: Buffer): string {
  const payload = payloadOf(parts);
  return textOf((payload << TAG_BITS) | tagOf(payload, campaignKey));
}

/** What a code says of itself; nothing is proven yet. Null where it is none. */
export function readCode(text: string): CodeParts | null {
  const code = normalCode(text);
  if (code === null) return null;
  const payload = bitsOf(code) >> TAG_BITS;
  const parts = {
    campaignNo: Number(payload >> 50n),
    memberNo: Number((payload >> 18n) & 0xffff_ffffn),
    nth: Number((payload >> 14n) & 0xfn),
    lastDay: Number(payload & 0x3fffn) + FIRST_DAY,
  };
  return parts.campaignNo > 0 && parts.memberNo > 0 && parts.nth > 0 ? parts : null;
}

/** What a code says, where the key of its campaign proves it; else null. For tills too. */
export function verifyCode(
  text: string,
  campaignKey: (campaignNo: number) => Buffer | null | undefined,
): CodeParts | null {
  const parts = readCode(text);
  const key = parts && campaignKey(parts.campaignNo);
  if (!parts || !key) return null;
  const expected = Buffer.from(makeCode(parts, key));
  return timingSafeEqual(expected, Buffer.from(normalCode(text)!)) ? parts : null;
}

function payloadOf({ campaignNo, memberNo, nth, lastDay }: CodeParts): bigint {
  const day = lastDay - FIRST_DAY;
  if (!(campaignNo < 2 ** 20 && memberNo < 2 ** 32 && nth < 16))
    throw new RangeError('a code has no room for it');
  // A validity beyond the year 2069 says 2069: tills that are offline are then too strict, we are not.
  const shown = Math.min(Math.max(day, 0), 2 ** 14 - 1);
  return (((((BigInt(campaignNo) << 32n) | BigInt(memberNo)) << 4n) | BigInt(nth)) << 14n) | BigInt(shown);
}

function tagOf(payload: bigint, key: Buffer): bigint {
  const bytes = Buffer.alloc(9);
  const padded = payload << 2n;
  bytes.writeUInt8(Number(padded >> 64n), 0);
  bytes.writeBigUInt64BE(padded & 0xffff_ffff_ffff_ffffn, 1);
  const mac = createHmac('sha256', key).update(bytes).digest();
  return (mac.readBigUInt64BE(0) << 16n) | BigInt(mac.readUInt16BE(8));
}

function textOf(bits: bigint): string {
  let text = '';
  // Two halves that fit in 75 bits each would still be bigints; shifting by one character is quick enough.
  for (let at = (LENGTH - 1) * 5; at >= 0; at -= 5) text += ALPHABET[Number((bits >> BigInt(at)) & 31n)];
  return text;
}

const bitsOf = (code: string): bigint =>
  [...code].reduce((bits, char) => (bits << 5n) | BigInt(VALUES.get(char)!), 0n);
