/** What a campaign of each kind gives: the schema of its template, and what one of it costs at worst. */
import { z } from 'zod';
import type { CampaignKind } from '@zhanggui/shared/coupons/campaign.ts';
import { couponTemplate, liabilityOf } from '@zhanggui/shared/coupons/template.ts';
import {
  bargainLiability,
  bargainTemplate,
  groupLiability,
  groupTemplate,
} from '@zhanggui/shared/groups/template.ts';

type Kind<S extends z.ZodType> = {
  template: S;
  /** Minor units, reserved of the budget for each one issued. */
  liability: (template: z.output<S>) => number;
};

/** What is reserved for a template is asked only for one that its own schema has checked. */
type Erased = { template: z.ZodType; liability: (template: unknown) => number };

const kind = <S extends z.ZodType>(made: Kind<S>): Erased => made as unknown as Erased;

export const campaignKindsOffered = {
  coupon: kind({
    template: couponTemplate.refine(({ offer }) => offer.kind !== 'told', {
      path: ['offer', 'kind'],
      message: 'is of campaigns that other systems ran: see past-campaigns',
    }),
    liability: liabilityOf,
  }),
  group: kind({ template: groupTemplate, liability: groupLiability }),
  bargain: kind({ template: bargainTemplate, liability: bargainLiability }),
} as const satisfies Record<CampaignKind, unknown>;

/** Any of them, for the description. */
export const describedTemplate = z.union([couponTemplate, groupTemplate, bargainTemplate]);
