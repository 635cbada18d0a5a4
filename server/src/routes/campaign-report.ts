import { z } from 'zod';
import { report } from '@zhanggui/shared/campaigns/report.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { campaignStates } from '@zhanggui/shared/coupons/campaign.ts';
import { findCampaign } from '@zhanggui/shared/coupons/campaign-store.ts';
import { Reports } from '../campaigns/reports.ts';
import { instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { campaignById } from './campaign-fields.ts';

const MOST_COMPARED = 4;

const answer = report.extend({
  id: z.uuid(),
  name: z.string(),
  status: z.enum(campaignStates),
  madeAt: instant,
  final: z.boolean().describe('Nothing of it changes any more'),
});

/** What campaigns came to. */
export const campaignReportRoutes = ({ sql }: Parts) => {
  const reports = new Reports(sql);

  async function reportOf(id: string): Promise<z.output<typeof answer>> {
    const [campaign, kept] = await Promise.all([findCampaign(sql, id), reports.of(id)]);
    if (kept === null) throw new AppError('not_found', 'It was not launched yet');
    const { madeAt, final } = kept;
    return { ...kept.report, id, name: campaign.name, status: campaign.state, madeAt, final };
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/campaigns/:id/report',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'What a campaign came to so far',
      description: `Reach, use, sales and margin of the orders that used it, and what it cost: discount, and advertising that facts name it with.
And, where a part of the audience was held out, what it did: the difference between those who were to be given a coupon at its launch and those
who were not, with the interval in which it lies 19 times of 20, or why nothing can be said of that. Some seconds old at most; final three days after the last coupon, group or bargain is over.`,
      params: campaignById,
      answer,
      errors: ['not_found'],
      handler: ({ params: { id } }) => reportOf(id),
    }),
    route({
      method: 'get',
      path: '/api/v1/campaign-reports',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'Reports of some campaigns, to compare them',
      query: z.object({
        ids: z
          .string()
          .transform((text) => [...new Set(text.split(','))])
          .pipe(z.array(z.uuid()).min(1).max(MOST_COMPARED))
          .describe(`Up to ${MOST_COMPARED}, separated by commas`),
      }),
      answer: z.object({ rows: z.array(answer) }),
      errors: ['not_found'],
      async handler({ query: { ids } }) {
        return { rows: await Promise.all(ids.map(reportOf)) };
      },
    }),
  ];
};
