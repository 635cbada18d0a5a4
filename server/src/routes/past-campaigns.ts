import { createHash } from 'node:crypto';
import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { resolveSkus } from '@zhanggui/shared/catalog/resolve-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { pastCampaign } from '@zhanggui/shared/coupons/past.ts';
import {
  listPastCampaigns,
  listPastCoupons,
  listPastCouponSkus,
  putPastCampaign,
} from '@zhanggui/shared/coupons/past-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

/** A campaign to a hundred thousand members, or for a hundred thousand SKUs. */
const BODY_BYTES = 8 * 1024 * 1024;

const shownCampaign = z.object({
  id: z.uuid(),
  source: z.string(),
  sourceId: z.string(),
  type: z.string().nullable(),
  name: z.string(),
  startsAt: instant,
  endsAt: instant,
  targeted: z.int().describe('Members that it was sent to'),
  redeemed: z.int().describe('Redemptions'),
  redeemers: z.int().describe('Members who redeemed any'),
  coupons: z.int().describe('Different coupons'),
  couponSkus: z.int().describe('Rows that were told about SKUs of its coupons'),
});
const byId = z.object({ id: z.uuid() });

/** Coupon campaigns that other systems ran: told as a whole, and reported coupon by coupon. */
export const pastCampaignRoutes = ({ sql, settings }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  return [
    route({
      method: 'put',
      path: '/api/v1/past-campaigns',
      permission: 'campaigns.write',
      tag: 'campaigns',
      summary: 'Tell of a coupon campaign that another system ran',
      description: `As a whole, once it is over: told again under the same \`source\` and \`sourceId\` it replaces what was told before, and told again
the same it changes nothing. It stands among the campaigns as finished; each redemption is a coupon that was used on its day, of
an order that nobody told, for an amount that nobody told. Members and SKUs that are not known yet are made.`,
      body: pastCampaign,
      bodyLimit: BODY_BYTES,
      answer: z.object({ id: z.uuid(), changed: z.boolean() }),
      errors: ['cross_site'],
      async handler({ body, who }) {
        await resolveSkus(sql, [...new Set(body.coupons.flatMap(({ skus }) => skus))]);
        return sql.begin(async (tx) => {
          const actor = actorOf(who);
          const written = await putPastCampaign(tx, body, {
            digest: createHash('sha256').update(JSON.stringify(body)).digest(),
            by: { name: actor.name, ref: `${actor.kind} ${actor.id}` },
            startOf: (day) => time.start(day),
            end: new Date(time.start(time.shift(body.toDay, 1))),
          });
          if (written.changed)
            await writeAudit(tx, actor, {
              action: 'campaign.tell',
              target: body.name,
              details: {
                id: written.id,
                source: body.source,
                members: body.members.length,
                redemptions: body.redemptions.length,
              },
            });
          return written;
        });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/past-campaigns',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'List coupon campaigns that other systems ran',
      query: z.object({ source: line(100).optional(), ...pageQuery }),
      answer: pageOf(shownCampaign),
      async handler({ query: { limit, cursor, source } }) {
        const before = decodeCursor(cursor, z.tuple([z.int()]));
        const rows = await listPastCampaigns(sql, source, before && before[0], limit + 1);
        return cutPage(rows, limit, ({ no }) => [no]);
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/past-campaigns/:id/coupons',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'List the coupons of such a campaign, by code',
      params: byId,
      query: z.object(pageQuery),
      answer: pageOf(
        z.object({
          code: z.string(),
          skus: z.int().describe('Different SKUs that it is for'),
          told: z.int().describe('Rows that were told about its SKUs, of which some may be the same'),
          redeemed: z.int(),
        }),
      ),
      errors: ['not_found'],
      async handler({ params: { id }, query: { limit, cursor } }) {
        const after = decodeCursor(cursor, z.tuple([z.string()]));
        const rows = await listPastCoupons(sql, id, after && after[0], limit + 1);
        if (rows === null) throw new AppError('not_found', `There is no campaign ${id} of another system`);
        return cutPage(rows, limit, ({ code }) => [code]);
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/past-campaigns/:id/coupons/:code/skus',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'List what a coupon of such a campaign was for',
      params: byId.extend({ code: line(64) }),
      query: z.object(pageQuery),
      answer: pageOf(z.object({ sku: z.string() })),
      async handler({ params: { id, code }, query: { limit, cursor } }) {
        const after = decodeCursor(cursor, z.tuple([z.string()]));
        const skus = await listPastCouponSkus(sql, id, code, after && after[0], limit + 1);
        return cutPage(
          skus.map((sku) => ({ sku })),
          limit,
          ({ sku }) => [sku],
        );
      },
    }),
  ];
};
