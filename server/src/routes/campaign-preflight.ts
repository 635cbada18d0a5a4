import { z } from 'zod';
import { expectation } from '@zhanggui/shared/campaigns/expect.ts';
import { checkLevels, checkSubjects, sayings, type Saying } from '@zhanggui/shared/campaigns/preflight.ts';
import { campaignKinds } from '@zhanggui/shared/coupons/campaign.ts';
import { findCampaign } from '@zhanggui/shared/coupons/campaign-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { LOOK_DAYS, MOST_SKUS, preflight } from '../campaigns/preflight.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { campaignById } from './campaign-fields.ts';

const named = z.object({ code: z.string(), nameZh: z.string(), nameEn: z.string() });

const answer = z.object({
  checks: z.array(
    z.object({
      subject: z.enum(checkSubjects),
      level: z.enum(checkLevels).describe('`stop`: it is not launched; `warn`: a person decides'),
      says: z.enum(Object.keys(sayings) as [Saying, ...Saying[]]),
      numbers: z.record(z.string(), z.number()).describe('Of the sentence; money in minor units'),
    }),
  ),
  expectation,
  stock: z.object({
    skus: z.int().describe('SKUs in scope'),
    looked: z.int().describe('Of them were looked at: those that sell most'),
    days: z.int().describe('Days for which there must be enough'),
    need: z.int().describe('Pieces: what sells anyway by the forecast, and what the campaign moves'),
    have: z.int(),
    inbound: z.int(),
    short: z.int().describe('Pieces missing, balance by balance: a surplus elsewhere does not help'),
    locations: z.array(
      z.object({
        location: z.string(),
        nameZh: z.string(),
        nameEn: z.string(),
        need: z.int(),
        have: z.int(),
        inbound: z.int(),
        short: z.int(),
        skus: z.int().describe('SKUs that are short there'),
      }),
    ),
    moves: z
      .array(
        z.object({
          sku: named,
          from: named.nullable().describe('Null: bought from `supplier`'),
          supplier: z.string().nullable(),
          to: named,
          qty: z.int(),
          expectedAt: z.string(),
        }),
      )
      .describe('What to move for the balances that lack most; sources keep what they need themselves'),
  }),
  belowCost: z.array(
    named.extend({ cost: z.int(), lowest: z.int().describe('Lowest price of one piece, minor units') }),
  ),
  overlaps: z.array(
    z.object({
      id: z.uuid(),
      name: z.string(),
      kind: z.enum(campaignKinds),
      status: z.string(),
      members: z.int().nullable().describe('Members whom both are for; null: not counted'),
    }),
  ),
  media: z.array(z.object({ medium: z.string(), members: z.int().describe('Who may be written to') })),
});

/** What stands in a campaign's way before it is launched. */
export const campaignPreflightRoutes = ({ sql, settings }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  return [
    route({
      method: 'get',
      path: '/api/v1/campaigns/:id/preflight',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'Look a campaign over before it is launched',
      description: `What it may be expected to do, and whether stock, budget, prices, other campaigns, validity and consents bear it. As things are
now; nothing is changed. Of stock the ${MOST_SKUS} SKUs that sell most are looked at, for ${LOOK_DAYS} days at most: what is wanted later the
usual restock brings. What is expected is learnt from campaigns like it that are over; \`campaigns\` says from how many, 0 is a default.`,
      params: campaignById,
      answer,
      errors: ['not_found'],
      async handler({ params: { id } }) {
        return preflight(sql, time, await findCampaign(sql, id), new Date());
      },
    }),
  ];
};
