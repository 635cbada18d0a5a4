/** Whether a coupon may be redeemed for an order, and what it takes off. Pure. */
import type { CampaignState } from './campaign.ts';
import type { Basket } from './discount.ts';
import { applyAll, mayStack, type Candidate } from './quote.ts';
import type { CouponState } from './use.ts';

export type Redeemable = Candidate & {
  state: CouponState;
  /** Epoch ms. */
  validFrom: number;
  campaignState: CampaignState;
};

export type RedeemRefusal =
  | 'campaign_not_running'
  | 'coupon_used'
  | 'coupon_not_yet_valid'
  | 'coupon_expired'
  | 'coupon_not_applicable'
  | 'coupon_not_combinable';

/** Coupons stay good when their campaign is over; not while it stands still, nor after it was called off. */
export const campaignHonours = (state: CampaignState): boolean => state === 'running' || state === 'finished';

/** What the audit log says of a campaign that its brake stopped: who, and what. */
export const brakeEntry = ({ id, name }: { id: string; name: string }) =>
  [
    { kind: 'operator', id: null, name: 'brake' },
    { action: 'campaign.brake', target: name, details: { id } },
  ] as const;

/** Why a coupon cannot be used now at all, or null. */
export function refusalOf(coupon: Redeemable, now: number): RedeemRefusal | null {
  if (coupon.state === 'redeemed') return 'coupon_used';
  if (!campaignHonours(coupon.campaignState)) return 'campaign_not_running';
  if (coupon.state !== 'issued' || now >= coupon.validTo) return 'coupon_expired';
  return now < coupon.validFrom ? 'coupon_not_yet_valid' : null;
}

/** What a coupon takes off an order to which the others were applied already: so much less is to pay than without it. */
export function redemptionOf(
  basket: Basket,
  coupon: Candidate,
  others: readonly Candidate[],
): { off: number; lines: number[]; payable: number } | RedeemRefusal {
  if (!mayStack([...others, coupon])) return 'coupon_not_combinable';
  const before = applyAll(basket, others);
  const after = applyAll(basket, [...others, coupon]);
  const off = after.off - before.off;
  if (off <= 0) return 'coupon_not_applicable';
  return { off, lines: after.lines.map((part, i) => part - before.lines[i]!), payable: after.payable };
}
