/** What a campaign of each kind gives: the schema of its template, and what one of it costs at worst. */
import type { z } from 'zod';
import type { CampaignKind } from '@zhanggui/shared/coupons/campaign.ts';
import { couponTemplate, liabilityOf } from '@zhanggui/shared/coupons/template.ts';

type Kind<S extends z.ZodType> = {
  template: S;
  /** Minor units, reserved of the budget for each one issued. */
  liability: (template: z.output<S>) => number;
};

const kind = <S extends z.ZodType>(made: Kind<S>): Kind<S> => made;

export const campaignKindsOffered = {
  coupon: kind({ template: couponTemplate, liability: liabilityOf }),
} as const satisfies Partial<Record<CampaignKind, unknown>>;
