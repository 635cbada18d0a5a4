/**
 * Facts, version 1: CloudEvents 1.0 whose `data` is checked by type.
 * Money is integer minor units (分), quantities are whole units, times are RFC 3339.
 */
import { z } from 'zod';
import { channels, fulfilmentMethods, touches, visitActs } from './words.ts';

/** The largest request body and event count taken in one non-streaming request. NDJSON has no such limit. */
export const ingestLimits = {
  bodyBytes: 1024 * 1024,
  eventsPerRequest: 2000,
  eventBytes: 256 * 1024,
} as const;

/** Beyond this a number is a typing error, not a quantity or a price; it also keeps every sum below 2^53. */
const MAX_QTY = 1_000_000;
const MAX_MONEY = 100_000_000_000;

const code = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');
const id = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');
const text = z
  .string()
  .max(500)
  .regex(/^[^\u0000]*$/, 'must not hold NUL characters');
const qty = z.int().min(1).max(MAX_QTY);
const count = z.int().min(0).max(1_000_000_000);
const money = z.int().min(0).max(MAX_MONEY);
const channel = z.enum(channels);

/** The years of people's lives. Postgres has no year 0, and beyond four digits texts do not sort by time. */
const FIRST_YEAR = 1800;
const LAST_YEAR = 2199;
const inReason = (text: string): boolean => {
  const year = new Date(text).getUTCFullYear();
  return year >= FIRST_YEAR && year <= LAST_YEAR;
};
const years = `in the years ${FIRST_YEAR} to ${LAST_YEAR}`;
/** YYYY-MM-DD. */
export const dayOfLife = z.iso.date().refine(inReason, `must be ${years}`).describe(`A day ${years}`);
/** RFC 3339. */
export const momentOfLife = z.iso
  .datetime({ offset: true })
  .refine(inReason, `must be ${years}`)
  .describe(`A moment ${years}`);

const lines = z
  .array(z.object({ sku: code, qty }))
  .min(1)
  .max(1000);

export const orderLine = z.object({
  sku: code,
  qty,
  /** Minor units for one piece. */
  unitPrice: money,
  /** Minor units off the whole line. */
  discount: money.optional(),
});

const orderPlaced = z.object({
  orderId: id,
  channel,
  location: code.optional(),
  memberId: id.optional(),
  lines: z.array(orderLine).min(1).max(1000),
  /** What the customer owes, minor units. Where it differs from the lines it is shared out over them. */
  total: money,
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  fulfilment: z.object({ method: z.enum(fulfilmentMethods), location: code }),
  couponCodes: z.array(id).max(50).optional(),
  sessionId: id.optional(),
  groupId: id.optional(),
  bargainId: id.optional(),
  touch: z.enum(touches).optional(),
});

const orderStep = z.object({ orderId: id });

/** `data` of every fact type. Unknown fields are kept: a source may say more than we read. */
export const factData = {
  'order.placed': orderPlaced,
  'order.paid': orderStep,
  'order.cancelled': orderStep,
  'order.picked_up': orderStep,
  'order.shipped': orderStep,
  'order.delivered': orderStep,
  'order.refunded': z.object({
    orderId: id,
    amount: money,
    lines: z.array(z.object({ sku: code, qty })).max(1000),
    returnTo: code.optional(),
  }),
  'stock.received': z.object({ location: code, ref: id, lines }),
  'stock.counted': z.object({
    location: code,
    lines: z
      .array(z.object({ sku: code, onHand: z.int().min(0).max(MAX_QTY) }))
      .min(1)
      .max(1000),
  }),
  'stock.adjusted': z.object({
    location: code,
    reason: text,
    lines: z
      .array(z.object({ sku: code, delta: z.int().min(-MAX_QTY).max(MAX_QTY) }))
      .min(1)
      .max(1000),
  }),
  'stock.transferred': z.object({ from: code, to: code, ref: id, lines }),
  'traffic.store': z.object({ location: code, entered: count }),
  'traffic.online': z.object({
    channel,
    sessions: count,
    views: count,
    carts: count,
    checkouts: count,
    bySku: z
      .array(z.object({ sku: code, views: count, carts: count }))
      .max(1000)
      .optional(),
  }),
  'live.started': z.object({
    roomId: id,
    sessionId: id,
    host: text.optional(),
    platform: text.optional(),
    title: text.optional(),
    skus: z.array(code).max(1000).optional(),
  }),
  'live.ended': z.object({ roomId: id, sessionId: id }),
  'live.pulse': z.object({
    sessionId: id,
    viewers: count,
    entered: count,
    likes: count,
    comments: count,
    clicks: count,
    bySku: z
      .array(z.object({ sku: code, clicks: count }))
      .max(1000)
      .optional(),
  }),
  'live.featured': z.object({ sessionId: id, sku: code, price: money.optional() }),
  'group.opened': z.object({
    campaignId: id,
    groupId: id,
    memberId: id,
    orderId: id.optional(),
    size: z
      .int()
      .min(2)
      .max(100)
      .optional()
      .describe('How many fill it; a campaign of ours knows that itself'),
  }),
  'group.joined': z.object({ campaignId: id, groupId: id, memberId: id, orderId: id.optional() }),
  'group.left': z.object({ campaignId: id, groupId: id, memberId: id, orderId: id.optional() }),
  'bargain.opened': z.object({ campaignId: id, bargainId: id, memberId: id, cut: money.optional() }),
  'bargain.helped': z.object({ campaignId: id, bargainId: id, memberId: id, cut: money.optional() }),
  'coupon.redeemed': z.object({ code: id, orderId: id }),
  'member.updated': z.object({
    memberId: id,
    name: text.optional(),
    phone: z.string().max(32).optional(),
    mail: z.string().max(254).optional(),
    level: text.optional(),
    birthday: dayOfLife.optional(),
    joinedAt: momentOfLife.optional(),
    tags: z.array(text).max(200).optional(),
    consents: z.record(z.string().max(64), z.boolean()).optional(),
  }),
  'member.visited': z.object({
    memberId: id,
    location: code.optional(),
    sku: code.optional(),
    channel: channel.optional(),
    /** Put it into a basket, or (also when it is absent) looked at it. */
    act: z.enum(visitActs).optional(),
  }),
  'spend.recorded': z.object({ channel, campaignId: id.optional(), amount: money }),
  'feedback.received': z.object({
    kind: z.enum(['complaint', 'nps']),
    score: z.number().min(0).max(10).optional(),
    orderId: id.optional(),
    location: code.optional(),
  }),
} as const;

export type FactType = keyof typeof factData;
export type FactData<T extends FactType> = z.infer<(typeof factData)[T]>;
export type OrderPlaced = FactData<'order.placed'>;

/** The CloudEvents attributes that we read; extension attributes are kept beside them. */
export const envelope = z.object({
  specversion: z.literal('1.0'),
  id: id.max(256),
  source: z
    .string()
    .min(1)
    .max(256)
    .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters'),
  type: z.string().min(1).max(128),
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.string().max(128).optional(),
  data: z.unknown(),
});

/** A validated fact: the envelope with `data` of its type. */
export type Fact = {
  [T in FactType]: { id: string; source: string; type: T; time: string; data: FactData<T> };
}[FactType];

/** One event of a request that was not taken, and why. `index` counts from 0 in the request. */
export type Rejection = { index: number; id: string | null; code: string; detail: string; field?: string };

/** Answer of `POST /api/v1/events`. Sent after commit. */
export type IngestAnswer = { accepted: number; duplicates: number; rejected: Rejection[] };
