import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { findCampaign } from '@zhanggui/shared/coupons/campaign-store.ts';
import { ClaimWatch } from '@zhanggui/shared/coupons/claim.ts';
import { couponTemplate } from '@zhanggui/shared/coupons/template.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { claimGroup, type ClaimOutcome, type ClaimRequest, type Given } from '../coupons/claim-group.ts';
import { Terms } from '../coupons/terms.ts';
import { actorOf } from '../http/actor.ts';
import { instant, line } from '../http/fields.ts';
import { Grouped } from '../http/grouped.ts';
import { answeredBefore, idempotencyHeaders, keyedCommand } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { campaignById } from './campaign-fields.ts';

const claimAnswer = z.object({
  code: z.string(),
  campaignId: z.uuid(),
  memberId: z.string(),
  validFrom: instant,
  validTo: instant,
});

const memberId = line(128);

/** What members claim of campaigns, and the keys that prove the codes of their coupons. */
export const campaignClaimRoutes = ({ sql, settings }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  const terms = new Terms(sql);
  const watch = new ClaimWatch();

  const grouped = new Grouped<ClaimRequest, ClaimOutcome>({
    decide: async (requests) => {
      // So that answers that are kept with their commands can be made without waiting.
      await terms.secret();
      return claimGroup(
        { sql, time, now: () => new Date(), encode: (given, memberOf) => encodeClaim(given, memberOf) },
        requests,
      );
    },
    mostWaiting: 10_000,
  });
  const encodeClaim = (
    given: Given,
    { campaignId, memberId: member }: { campaignId: string; memberId: string },
  ) => z.encode(claimAnswer, { ...given, campaignId, memberId: member, code: terms.codeNow(given) });

  return [
    route({
      method: 'post',
      path: '/api/v1/campaigns/:id/claims',
      permission: 'coupons.command',
      tag: 'coupons',
      summary: 'Claim a coupon for a member',
      description: `Answered after commit. 409 says why not: \`sold_out\` (number or money is used up), \`limit_reached\` (the member has as many
as one may have), \`not_eligible\` (not for this member), \`campaign_not_running\`. A member that nobody named before is made, where the campaign
is for everybody. More than 30 claims in a minute with the same \`source\` are shown with the campaign.`,
      headers: idempotencyHeaders,
      params: campaignById,
      body: z.strictObject({
        memberId,
        source: line(64)
          .optional()
          .describe('Who claims beside the member: a device or an address, as the shop knows it'),
      }),
      answer: claimAnswer,
      status: 201,
      errors: [
        'sold_out',
        'limit_reached',
        'not_eligible',
        'campaign_not_running',
        'not_found',
        'conflict',
        'overloaded',
        'cross_site',
      ],
      async handler({ params: { id }, body, who, req }) {
        const command = keyedCommand({ req, who });
        const outcome = await grouped.submit({
          campaignId: id,
          memberId: body.memberId,
          command,
          flag: flagOf(watch, id, body.source ?? null),
        });
        switch (outcome.kind) {
          case 'given':
            return {
              ...outcome.coupon,
              campaignId: id,
              memberId: body.memberId,
              code: terms.codeNow(outcome.coupon),
            };
          case 'answered':
            return answeredBefore(command!, outcome.kept, claimAnswer);
          case 'refused':
            throw outcome.error;
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/campaigns/:id/key',
      permission: 'coupons.keys',
      tag: 'coupons',
      summary: 'The key by which a till that is offline checks the codes of a campaign',
      description: `Base64url of 32 bytes. Whoever has it can also make codes of this campaign that pass offline; online they do not, without
their coupon. docs/coupons.md has the form of codes.`,
      params: campaignById,
      answer: z.object({ campaignNo: z.int(), key: z.string(), template: couponTemplate }),
      errors: ['not_found'],
      async handler({ params: { id }, who }) {
        const row = await findCampaign(sql, id);
        if (row.kind !== 'coupon') throw new AppError('not_found', 'Only coupons have codes');
        await sql.begin((tx) =>
          writeAudit(tx, actorOf(who), { action: 'campaign.key', target: row.name, details: { id } }),
        );
        const key = await terms.key(row.no);
        return {
          campaignNo: row.no,
          key: key.toString('base64url'),
          template: couponTemplate.parse(row.template),
        };
      },
    }),
  ];
};

function flagOf(watch: ClaimWatch, campaignId: string, source: string | null): ClaimRequest['flag'] {
  if (source === null) return null;
  const claims = watch.count(campaignId, source, Date.now());
  return claims === null ? null : { source, claims };
}
