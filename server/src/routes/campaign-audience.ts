import { z } from 'zod';
import { listAudience } from '@zhanggui/shared/coupons/audience-store.ts';
import { findCampaign } from '@zhanggui/shared/coupons/campaign-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { whereOf } from '../campaigns/audience.ts';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { campaignById } from './campaign-fields.ts';

/** Whom a campaign is for, one by one: for a rehearsal, and for who wants to know before it is launched. */
export const campaignAudienceRoutes = ({ sql, settings }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  return [
    route({
      method: 'get',
      path: '/api/v1/campaigns/:id/audience',
      permission: 'campaigns.write',
      tag: 'campaigns',
      summary: 'List the members that a campaign is for now',
      description:
        'Without those held out and those who wished to be forgotten. Of all kinds of audiences: everybody, a segment, a rule, a list.',
      params: campaignById,
      query: z.object(pageQuery),
      answer: pageOf(z.object({ id: z.string() })),
      errors: ['not_found'],
      async handler({ params: { id }, query: { limit, cursor } }) {
        const after = decodeCursor(cursor, z.tuple([z.int()]));
        const { given } = await whereOf(sql, time, await findCampaign(sql, id));
        const rows = await listAudience(sql, given.where, after ? after[0] : 0, limit + 1);
        const { rows: page, nextCursor } = cutPage(rows, limit, ({ no }) => [no]);
        return { rows: page.map(({ id: memberId }) => ({ id: memberId })), nextCursor };
      },
    }),
  ];
};
