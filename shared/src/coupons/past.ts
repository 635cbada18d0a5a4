/** A coupon campaign of the past that another system ran, as it is told: what of it goes where. Pure. */
import { z } from 'zod';
import { memberId } from '../members/rows.ts';
import { MOST_LISTED } from './audience.ts';

const text = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');

/** Goods of all coupons of a campaign together, at most. */
export const MOST_COUPON_SKUS = 200_000;

export const pastCampaign = z
  .strictObject({
    source: text(100).describe('Who tells'),
    sourceId: text(64).describe(
      'What they call the campaign: told again under it, it is replaced as a whole',
    ),
    name: text(100),
    type: text(100).nullable().default(null).describe('What they call this sort of campaign'),
    fromDay: z.iso.date(),
    toDay: z.iso.date().describe('Inclusive'),
    members: z.array(memberId).max(MOST_LISTED).describe('To whom it was sent'),
    coupons: z
      .array(z.strictObject({ code: text(64), skus: z.array(text(64)).max(MOST_COUPON_SKUS) }))
      .max(10_000)
      .describe('Its coupons, as they were printed, and what each was for'),
    redemptions: z.array(z.strictObject({ memberId, coupon: text(64), day: z.iso.date() })).max(1_000_000),
  })
  .refine(({ fromDay, toDay }) => fromDay <= toDay, {
    path: ['toDay'],
    message: 'must not be before fromDay',
  })
  .refine(({ coupons }) => new Set(coupons.map(({ code }) => code)).size === coupons.length, {
    path: ['coupons'],
    message: 'names a coupon twice',
  })
  .refine(({ coupons }) => coupons.reduce((sum, { skus }) => sum + skus.length, 0) <= MOST_COUPON_SKUS, {
    path: ['coupons'],
    message: `must be for at most ${MOST_COUPON_SKUS} SKUs in all`,
  })
  .refine(
    ({ coupons, redemptions }) => {
      const codes = new Set(coupons.map(({ code }) => code));
      return redemptions.every(({ coupon }) => codes.has(coupon));
    },
    { path: ['redemptions'], message: 'must name coupons of the campaign' },
  );
export type PastCampaign = z.output<typeof pastCampaign>;

/** A coupon in a member's hands: redeemed on a day by a coupon's code, or never. */
export type PastRight = {
  memberId: string;
  nth: number;
  used: { coupon: string; day: string; ref: string } | null;
};

/**
 * What members had: one right for each redemption, in order of days, and one that was never used for whoever redeemed nothing. Which of
 * the coupons they were sent nobody told, so no more than that is known. `ref` stands for the order, which nobody told either.
 */
export function rightsOf({ source, sourceId, members, redemptions }: PastCampaign): PastRight[] {
  const byMember = Map.groupBy(
    redemptions.toSorted((a, b) => compare(a.day, b.day) || compare(a.coupon, b.coupon)),
    (each) => each.memberId,
  );
  const used = [...byMember].flatMap(([memberId, list]) =>
    list.map(({ coupon, day }, i): PastRight => {
      const nth = i + 1;
      return { memberId, nth, used: { coupon, day, ref: `${source}/${sourceId}/${memberId}/${nth}` } };
    }),
  );
  const unused = [...new Set(members)]
    .filter((memberId) => !byMember.has(memberId))
    .map((memberId): PastRight => ({ memberId, nth: 1, used: null }));
  return [...used, ...unused];
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
