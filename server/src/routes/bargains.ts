import { z } from 'zod';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { bargainFlags, bargainStates, promotionSources } from '@zhanggui/shared/contract/words.ts';
import { readBargainSecret } from '@zhanggui/shared/groups/bargain-store.ts';
import { findBargain, listBargains, listHelps } from '@zhanggui/shared/groups/list-store.ts';
import type { Who } from '@zhanggui/shared/access/permissions.ts';
import { memberId } from '@zhanggui/shared/members/rows.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { buyOne, helpBargain, openBargain, type BargainContext } from '../groups/bargains.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { nothing } from '../stock/book-holds.ts';
import { Places } from '../stock/places.ts';
import { flag } from './groups.ts';

const bargainFields = {
  id: z.string(),
  campaignId: z.uuid().nullable(),
  campaign: z.string().nullable(),
  campaignRef: z.string().nullable().describe('The campaign as their facts name it'),
  source: z.enum(promotionSources),
  state: z.enum(bargainStates),
  memberId: z.string().nullable().describe('Whose it is'),
  startPrice: z.int().nullable().describe('Minor units; null: theirs, and nobody told'),
  floorPrice: z.int().nullable(),
  price: z.int().nullable().describe('What it costs now'),
  helpers: z.int().nullable().describe('How many it takes to the floor'),
  helps: z.int().describe('How many have helped'),
  cut: z.int().describe('What they took off in all'),
  buyAnytime: z.boolean().describe('Whether it may be bought before it is at the floor'),
  openedAt: instant,
  expiresAt: instant.nullable(),
  boughtAt: instant.nullable(),
  boughtPrice: z.int().nullable(),
  endedAt: instant.nullable(),
  orderId: z.string().nullable(),
  flags: z.array(z.enum(bargainFlags)).describe('What facts tell of it and what should not be'),
};
const bargain = z.object(bargainFields);
const helped = bargain.extend({ lastCut: z.int().describe('What this helper took off, minor units') });
const detail = bargain.extend({
  help: z.array(z.object({ nth: z.int(), memberId: z.string(), cut: z.int().nullable(), at: instant })),
});

const byId = z.object({ id: line(128) });

/** Bargains: opened, helped with and bought by command. */
export const bargainRoutes = ({ sql, hints, settings, signalled }: Parts) => {
  const places = new Places(sql);
  const time = new BusinessTime(settings.timeZone);
  const context = (who: Who): BargainContext => ({ time, places, now: new Date(), by: actorOf(who) });
  let secret: Promise<Buffer> | null = null;
  const readSecret = () =>
    (secret ??= readBargainSecret(sql).catch((error: unknown) => {
      secret = null;
      throw error;
    }));

  async function find(on: Sql, id: string) {
    const row = await findBargain(on, id);
    if (!row) throw new AppError('not_found', `There is no bargain ${id}`);
    return row;
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/bargains',
      permission: 'groups.read',
      tag: 'groups',
      summary: 'List bargains, newest first',
      query: z.object({
        campaignId: z.uuid().optional(),
        state: z.enum(bargainStates).optional(),
        source: z.enum(promotionSources).optional(),
        flagged: flag,
        ...pageQuery,
      }),
      answer: pageOf(bargain),
      async handler({ query: { limit, cursor, ...filter } }) {
        const before = decodeCursor(cursor, z.tuple([z.int()]));
        const rows = await listBargains(sql, filter, before && before[0], limit + 1);
        return cutPage(rows, limit, ({ no }) => [no]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/bargains',
      permission: 'groups.command',
      tag: 'groups',
      summary: 'Open a bargain',
      description: `What it may take off at most is reserved of the campaign's budget. 409 says why not: \`campaign_not_running\`, \`not_eligible\`,
\`limit_reached\`, \`sold_out\` (the campaign's number or money is used up).`,
      headers: idempotencyHeaders,
      body: z.strictObject({ campaignId: z.uuid(), memberId }),
      answer: bargain,
      status: 201,
      errors: [
        'campaign_not_running',
        'not_eligible',
        'limit_reached',
        'sold_out',
        'not_found',
        'conflict',
        'cross_site',
      ],
      async handler(call) {
        const answer = await once(sql, call, bargain, async (tx) =>
          find(tx, await openBargain(tx, context(call.who), call.body)),
        );
        hints.publish('groups');
        return answer;
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/bargains/:id',
      permission: 'groups.read',
      tag: 'groups',
      summary: 'Show a bargain with everybody who helped',
      params: byId,
      answer: detail,
      errors: ['not_found'],
      async handler({ params: { id } }) {
        const row = await find(sql, id);
        return { ...row, help: await listHelps(sql, row.no) };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/bargains/:id/helps',
      permission: 'groups.command',
      tag: 'groups',
      summary: 'Help with a bargain',
      description: `Takes off a part that follows from a secret of the company, the bargain and the helper's number: nobody foresees it, and it can be
checked. The last helper brings it to the floor exactly. Each member helps once: 409 \`already_helped\`; \`at_floor\`, \`bargain_over\` (bought, or
its time is up), \`not_eligible\` (one's own). A bargain that is open goes on until its own deadline, also when its campaign's time is over
(not while it is paused).`,
      headers: idempotencyHeaders,
      params: byId,
      body: z.strictObject({ memberId }),
      answer: helped,
      status: 201,
      errors: [
        'already_helped',
        'at_floor',
        'bargain_over',
        'not_eligible',
        'campaign_not_running',
        'not_found',
        'conflict',
        'cross_site',
      ],
      async handler(call) {
        const { id } = call.params;
        const known = await readSecret();
        const answer = await once(sql, call, helped, async (tx) => {
          const lastCut = await helpBargain(tx, context(call.who), known, {
            id,
            memberId: call.body.memberId,
          });
          return { ...(await find(tx, id)), lastCut };
        });
        hints.publish('groups');
        return answer;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/bargains/:id/buy',
      permission: 'groups.command',
      tag: 'groups',
      summary: 'Buy at the price as it is now',
      description: `Fixes the price, once; where the campaign names a location the pieces are held for a day, or until \`order.placed\` with this
\`orderId\` (or the bargain's id) arrives. 409: \`not_at_floor\` (the campaign sells at the floor only), \`bargain_over\`, \`insufficient_stock\`.`,
      headers: idempotencyHeaders,
      params: byId,
      body: z.strictObject({ orderId: line(128).optional() }).optional(),
      answer: bargain,
      errors: [
        'not_at_floor',
        'bargain_over',
        'insufficient_stock',
        'campaign_not_running',
        'not_found',
        'conflict',
        'cross_site',
      ],
      async handler(call) {
        const { id } = call.params;
        let booked = nothing;
        const answer = await once(sql, call, bargain, async (tx) => {
          booked = await buyOne(tx, context(call.who), { id, orderId: call.body?.orderId ?? null });
          return find(tx, id);
        });
        hints.publish(...booked.topics);
        if (booked.signals > 0) signalled();
        return answer;
      },
    }),
  ];
};
