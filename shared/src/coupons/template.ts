/** What a coupon is worth and where: the template of a campaign of kind `coupon`. Pure. Money in minor units. */
import { z } from 'zod';
import { channels } from '../contract/words.ts';

const money = z.int().min(0).max(100_000_000_000);
const some = money.min(1);
const code = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');
const codes = z.array(code).min(1).max(500);

/** Amount off what is in scope, once that is worth `from`. */
const amountOff = z.object({
  kind: z.literal('amount'),
  off: some,
  from: money.default(0),
});

/** Percent off what is in scope (20: pay 80 %, 八折), never more than `maxOff`. */
const percentOff = z.object({
  kind: z.literal('percent'),
  percent: z.int().min(1).max(100),
  maxOff: some,
  from: money.default(0),
});

/** 满减: of the steps that are reached the one that takes most off. */
const spendOver = z.object({
  kind: z.literal('threshold'),
  steps: z
    .array(
      z
        .object({ from: some, off: some })
        .refine(({ from, off }) => off <= from, 'takes off more than is spent'),
    )
    .min(1)
    .max(10)
    .refine(
      (steps) => steps.every((step, i) => i === 0 || step.from > steps[i - 1]!.from),
      'each step must need more than the one before',
    ),
});

/** Up to `maxQty` pieces of what is in scope for `price` each: the dearest first, never more than `maxOff` in all. */
const goodsForPrice = z.object({
  kind: z.literal('goods'),
  price: money,
  maxQty: z.int().min(1).max(1_000).default(1),
  maxOff: some,
});

/** Of campaigns that other systems ran (past.ts): what their coupons took off, nobody told. None of ours is written like that. */
const told = z.object({ kind: z.literal('told') });

export const offer = z.discriminatedUnion('kind', [amountOff, percentOff, spendOver, goodsForPrice, told]);
export type Offer = z.infer<typeof offer>;
/** What a marketer writes. */
export const offerKinds = ['amount', 'percent', 'threshold', 'goods'] as const satisfies Offer['kind'][];

/** What is absent limits nothing. A line is in scope when its SKU or its category is named; a basket by channel and place. */
export const couponScope = z.object({
  skus: codes.optional(),
  categories: codes.optional(),
  channels: z.array(z.enum(channels)).min(1).optional(),
  locations: codes.optional(),
});
export type CouponScope = z.infer<typeof couponScope>;

/** From and to a moment, or so many days from the moment of issue. */
export const couponValidity = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('fixed'),
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
  }),
  z.object({ kind: z.literal('days'), days: z.int().min(1).max(3_650) }),
]);
export type CouponValidity = z.infer<typeof couponValidity>;

export const couponTemplate = z
  .object({
    /** What members see. */
    title: z.string().trim().min(1).max(60),
    offer,
    scope: couponScope.default({}),
    validity: couponValidity,
    /** Of one class only one coupon goes into a basket; one that stands alone goes with no other. */
    stacking: z
      .object({ class: z.string().trim().min(1).max(32).default('order'), alone: z.boolean().default(false) })
      .default({ class: 'order', alone: false }),
    /** Whether a coupon comes back when its order is cancelled or refunded in full. */
    returned: z.boolean().default(true),
  })
  .refine(({ validity }) => validity.kind === 'days' || Date.parse(validity.from) < Date.parse(validity.to), {
    path: ['validity', 'to'],
    message: 'must be after its beginning',
  })
  .refine(({ offer, scope }) => offer.kind !== 'goods' || scope.skus || scope.categories, {
    path: ['scope', 'skus'],
    message: 'goods for a price need SKUs or categories',
  });
export type CouponTemplate = z.infer<typeof couponTemplate>;

/** What one coupon costs at worst, minor units: so much is reserved of the budget when it is issued. */
export function liabilityOf({ offer }: Pick<CouponTemplate, 'offer'>): number {
  switch (offer.kind) {
    case 'amount':
      return offer.off;
    case 'threshold':
      return Math.max(...offer.steps.map(({ off }) => off));
    case 'percent':
    case 'goods':
      return offer.maxOff;
    case 'told':
      return 0;
  }
}

/** From when and until when (exclusive) a coupon that is issued now is good. Epoch ms. */
export function validityOf(validity: CouponValidity, now: number): { from: number; to: number } {
  if (validity.kind === 'days') return { from: now, to: now + validity.days * 86_400_000 };
  return { from: Date.parse(validity.from), to: Date.parse(validity.to) };
}
