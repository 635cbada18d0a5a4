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
const PAYLOAD_CHARS = 14;
/** 2025-01-01. */
const FIRST_DAY = 20_089;

export const lastDayOf = (validTo: number): number => Math.floor((validTo - 1) / 86_400_000);

/** As codes are kept and compared; null where it cannot be one of ours. */
export function normalCode(text: string): string | null {
  const plain = text.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{30}$/.test(plain) ? plain : null;
}

export const campaignKeyOf = (secret: Buffer, campaignNo: number): Buffer =>
  createHmac('sha256', secret).update(`campaign ${campaignNo}`).digest();

/** The code of a coupon. Throws RangeError for what a code has no room for. */
export function makeCode(parts: CodeParts, campaignKey: Buffer): string {
  const payload = payloadOf(parts);
  // Bit by bit into whole bytes and characters: big integers took ten times as long.
  return textOf(payload, PAYLOAD_CHARS) + textOf(tagOf(payload, campaignKey), LENGTH - PAYLOAD_CHARS);
}

/** What all codes of a campaign begin with. */
export const codesBegin = (campaignNo: number): string =>
  [15, 10, 5, 0].map((shift) => ALPHABET[(campaignNo >> shift) % 32]).join('');

/** What a code says of itself; nothing is proven yet. Null where it is none. */
export function readCode(text: string): CodeParts | null {
  const code = normalCode(text);
  if (code === null) return null;
  const value = (from: number, to: number): number => {
    let bits = 0;
    for (let at = from; at < to; at++) bits = bits * 32 + VALUES.get(code[at]!)!;
    return bits;
  };
  // Seven characters a half: 20 bits of campaign and 15 of member, 17 of member, 4 and 14.
  const [left, right] = [value(0, 7), value(7, 14)];
  const parts = {
    campaignNo: Math.floor(left / 2 ** 15),
    memberNo: (left % 2 ** 15) * 2 ** 17 + Math.floor(right / 2 ** 18),
    nth: Math.floor(right / 2 ** 14) % 16,
    lastDay: (right % 2 ** 14) + FIRST_DAY,
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

/** The 70 bits, and two zero bits. */
function payloadOf({ campaignNo, memberNo, nth, lastDay }: CodeParts): Buffer {
  if (!(campaignNo < 2 ** 20 && memberNo < 2 ** 32 && nth < 16))
    throw new RangeError('a code has no room for it');
  // A validity beyond the year 2069 says 2069: tills that are offline are then too strict, we are not.
  const day = Math.min(Math.max(lastDay - FIRST_DAY, 0), 2 ** 14 - 1);
  const bytes = Buffer.alloc(9);
  // 20 bits of campaign and the first 16 of member: four and a half bytes each side.
  const left = campaignNo * 2 ** 16 + Math.floor(memberNo / 2 ** 16);
  const right = ((memberNo % 2 ** 16) * 2 ** 4 + nth) * 2 ** 16 + day * 4;
  bytes.writeUInt32BE(Math.floor(left / 16), 0);
  bytes.writeUInt8((left % 16) * 16 + Math.floor(right / 2 ** 32), 4);
  bytes.writeUInt32BE(right % 2 ** 32, 5);
  return bytes;
}

const tagOf = (payload: Buffer, key: Buffer): Buffer =>
  createHmac('sha256', key).update(payload).digest().subarray(0, 10);

/** The first characters of bytes in base32. */
function textOf(bytes: Buffer, chars: number): string {
  let [text, bits, held] = ['', 0, 0];
  for (const byte of bytes) {
    bits = bits * 256 + byte;
    held += 8;
    for (; held >= 5 && text.length < chars; held -= 5) {
      const rest = 2 ** (held - 5);
      text += ALPHABET[Math.floor(bits / rest)];
      bits %= rest;
    }
  }
  return text;
}
