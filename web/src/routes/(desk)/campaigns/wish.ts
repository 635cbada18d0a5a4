/** What a campaign says of itself, as it is sent to make one or to change a draft. */
import type { Audience } from '@zhanggui/shared/coupons/audience.ts';
import type { CampaignKind, GiveMode } from '@zhanggui/shared/coupons/campaign.ts';
import type { CouponTemplate } from '@zhanggui/shared/coupons/template.ts';
import type { Campaign } from './campaign.ts';

export type Wish = {
  kind: CampaignKind;
  name: string;
  /** Of a coupon; of a group-buy or a bargain theirs. */
  template: CouponTemplate;
  audience: Audience;
  /** Of a coupon alone. */
  give?: GiveMode;
  limits: Campaign['limits'];
  startsAt: string | null;
  endsAt: string | null;
};

/** A campaign that a form begins with: a draft that is changed, or any that a new one is made after. */
export type Origin = { campaign: Campaign; as: 'change' | 'copy'; reload: () => void };

export const NAME_LENGTH = 100;

export function wishOf({ kind, name, template, audience, give, limits, startsAt, endsAt }: Campaign): Wish {
  // An automation holds members out itself.
  const held = give === 'rule' ? { ...audience, holdoutPercent: 0 } : audience;
  return { kind, name, template, audience: held, limits, startsAt, endsAt, ...(give !== null && { give }) };
}

/** The same under another name, at no time yet. */
export function copyOf(campaign: Campaign, suffix: string): Wish {
  const wish = wishOf(campaign);
  const { template } = wish;
  return {
    ...wish,
    name: wish.name.slice(0, NAME_LENGTH - suffix.length) + suffix,
    startsAt: null,
    endsAt: null,
    template: {
      ...template,
      ...(template.validity?.kind === 'fixed' && { validity: { kind: 'fixed', from: '', to: '' } }),
      // What another system's coupon took off, nobody told: it is to be written.
      ...(template.offer?.kind === 'told' && { offer: { kind: 'amount', off: 0, from: 0 } }),
    },
  };
}

/** What a form begins with, and how it said so. `as`: a list of members can be kept, not copied. */
export type Before<Form> = { wish: Wish; form: Form; as: Origin['as'] };

/** What a form begins with. */
export const wishFrom = ({ campaign, as }: Origin, suffix: string): Wish =>
  as === 'copy' ? copyOf(campaign, suffix) : wishOf(campaign);
