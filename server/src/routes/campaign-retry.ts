import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { findCampaign } from '@zhanggui/shared/coupons/campaign-store.ts';
import { retryChunks } from '@zhanggui/shared/coupons/fan-out-store.ts';
import { retryMessages } from '@zhanggui/shared/coupons/message-store.ts';
import { actorOf } from '../http/actor.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { campaignById } from './campaign-fields.ts';

const retried = z.object({
  ranges: z.int().describe('Ranges of the audience that are done again'),
  members: z.int().describe('Members in them; they are not counted as `failed` any more'),
});

const sentAgain = z.object({
  messages: z.int(),
  members: z.int().describe('Whom they tell; once for each message that they are in'),
});

/** What failed of a campaign, once more. */
export const campaignRetryRoutes = ({ sql, queues, log }: Parts) => [
  route({
    method: 'post',
    path: '/api/v1/campaigns/:id/retry',
    permission: 'campaigns.write',
    tag: 'campaigns',
    summary: 'Give coupons once more to those for whom it failed',
    description: `An audience is given its coupons range by range. A range that fails five times is given up, and its members are \`failed\`;
\`progress.failedChunks\` and \`progress.error\` tell of it. Here such ranges are begun anew, of a campaign that runs or is paused: nobody gets
a second coupon. Members who got none because number or money was used up stay as they are. What passes by itself (a full disk, a database
that is away) needs no retry: such ranges are never given up.`,
    headers: idempotencyHeaders,
    params: campaignById,
    answer: retried,
    errors: ['conflict', 'not_found', 'cross_site'],
    async handler(call) {
      const { id } = call.params;
      const answer = await once(sql, call, retried, async (tx) => {
        const { no, name, state } = await findCampaign(tx, id);
        const again = await retryChunks(tx, no);
        if (again === null)
          throw new AppError('conflict', `Of a campaign that is ${state} nothing is done again`);
        if (again.ranges > 0)
          await writeAudit(tx, actorOf(call.who), {
            action: 'campaign.retry',
            target: name,
            details: { id, ...again },
          });
        return again;
      });
      // What is lost here the workers find by themselves some seconds later.
      if (answer.ranges > 0)
        await queues
          .add('fan-out-coupons', { payload: { campaignId: id } })
          .catch((error: unknown) => log.warn({ err: error }, 'a fan-out is left to the watch'));
      return answer;
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/campaigns/:id/messages/retry',
    permission: 'campaigns.write',
    tag: 'campaigns',
    summary: 'Send the messages of a campaign again that could not be sent',
    description: `A message to a gateway is tried eight times in two hours, then it has failed (\`messages.failed\`). It is sent again under the
same id, to a gateway that is still there and switched on, and at its hours. Who has no coupon of it any more is left out: redeemed, over, or
consent withdrawn.`,
    headers: idempotencyHeaders,
    params: campaignById,
    answer: sentAgain,
    errors: ['conflict', 'not_found', 'cross_site'],
    handler: (call) =>
      once(sql, call, sentAgain, async (tx) => {
        const { id, name, state } = await findCampaign(tx, call.params.id);
        if (state === 'cancelled')
          throw new AppError('conflict', 'Its coupons are void: nobody is told of them');
        const again = await retryMessages(tx, id, new Date());
        if (again.messages > 0)
          await writeAudit(tx, actorOf(call.who), {
            action: 'campaign.retry-messages',
            target: name,
            details: { id, ...again },
          });
        return again;
      }),
  }),
];
