import { z } from 'zod';
import { expectation, type Expectation } from '@zhanggui/shared/campaigns/expect.ts';
import { readPast } from '@zhanggui/shared/campaigns/expect-store.ts';
import { keepExpected } from '@zhanggui/shared/campaigns/preflight-store.ts';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import type { Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { Audience, AudienceChange } from '@zhanggui/shared/coupons/audience.ts';
import { countAudience, keepRule, ruleOf } from '@zhanggui/shared/coupons/audience-store.ts';
import {
  campaignKinds,
  campaignStates,
  exposureOf,
  needsSecondPerson,
  stepOf,
  steps,
  type CampaignAction,
} from '@zhanggui/shared/coupons/campaign.ts';
import {
  changeDraft,
  findApprovalRule,
  findCampaign,
  insertCampaign,
  listCampaigns,
  listMembers,
  listMinutes,
  lockApprovals,
  makeStep,
  setApprovalRule,
  type CampaignRow,
} from '@zhanggui/shared/coupons/campaign-store.ts';
import { listFlags } from '@zhanggui/shared/coupons/claim-store.ts';
import { noteSides, planFanOut, readProgress } from '@zhanggui/shared/coupons/fan-out-store.ts';
import { countTold } from '@zhanggui/shared/coupons/message-store.ts';
import { couponTemplate, validityOf } from '@zhanggui/shared/coupons/template.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { whereOf } from '../campaigns/audience.ts';
import { expectedOf, readiness } from '../campaigns/preflight.ts';
import { stakeOf } from '../campaigns/stake.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, money, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route, type Call } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import {
  campaign,
  campaignById,
  CAMPAIGN_BYTES,
  campaignChange,
  campaignDetail,
  campaignLook,
  campaignWish,
  describedChange,
  describedLook,
  describedWish,
  draftOf,
  invalid,
  showCampaign,
  showTold,
} from './campaign-fields.ts';

/** Campaigns of every kind: made, approved, launched, watched and stopped. */
export const campaignRoutes = ({ sql, queues, settings, log }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  /** Has workers go on with a fan-out; what is lost here they find by themselves some seconds later. */
  const push = (row: CampaignRow): void => {
    if (row.kind !== 'coupon' || row.give !== 'push' || row.state !== 'running') return;
    queues
      .add('fan-out-coupons', { payload: { campaignId: row.id } })
      .catch((error: unknown) => log.warn({ err: error }, 'a fan-out is left to the watch'));
  };

  async function detail(on: Sql, id: string): Promise<z.output<typeof campaignDetail>> {
    const row = await findCampaign(on, id);
    const [found, flags, told] = await Promise.all([
      readProgress(on, row.no),
      listFlags(on, row.no, 20),
      countTold(on, id),
    ]);
    const shown = { ...showCampaign(row), messages: showTold(told), flags };
    if (!found) return { ...shown, progress: null };
    const { failed: failedChunks, ...rest } = found;
    const left = Math.max(0, row.targeted - found.seen);
    const secondsLeft = found.perSecond ? Math.ceil(left / found.perSecond) : left === 0 ? 0 : null;
    return { ...shown, progress: { ...rest, failedChunks, secondsLeft } };
  }

  async function save(tx: Sql, id: number, given: AudienceChange): Promise<void> {
    if (given.kind !== 'members') await ruleOf(tx, given as Audience);
    else if (given.members) await listMembers(tx, id, given.members);
  }

  /** Steps beside the conditional update itself: who approved, what is written with it. */
  async function step(
    tx: Sql,
    action: CampaignAction,
    id: string,
    who: Who,
    { revision, startNow }: StepWish = {},
  ) {
    const now = new Date();
    const before = await findCampaign(tx, id);
    const actor = actorOf(who);
    const made = stepOf(action, before, now, { startNow });
    if (before.state === steps[made].to) return before;
    const row = await (async () => {
      switch (action) {
        case 'approve': {
          const stake = await stakeOf(tx, before);
          await demandSecondPerson(tx, before, stake, who);
          const set = tx`, approved_at = ${now}, approved_by = ${actor.name}, approved_by_ref = ${refOf(who)}, stake = ${stake}`;
          return makeStep(tx, id, made, set, tx`and revision = ${revision ?? before.revision}`);
        }
        case 'launch': {
          await keepRule(tx, before.no);
          const early = startNow ? tx`, starts_at = ${now}` : tx``;
          const launched = await makeStep(tx, id, made, tx`, launched_at = ${now} ${early}`);
          if (!launched || (launched.give === 'push' && launched.state !== 'running')) return launched;
          const { given, held } = await whereOf(tx, time, launched);
          if (launched.give === 'push') await planFanOut(tx, launched.no, given.where, held);
          else if (held && before.state === 'approved')
            await noteSides(tx, launched.no, given.where, held.where);
          return launched;
        }
        case 'pause':
          return makeStep(tx, id, made, tx`, paused_at = ${now}, paused_because = ${actor.name}`);
        case 'resume':
          return makeStep(tx, id, made, tx`, paused_at = null, paused_because = null`);
        case 'finish': {
          const over = tx`, ends_at = least(ends_at, ${now}), ended_at = coalesce(ended_at, ${now})`;
          return makeStep(tx, id, made, tx`${over}, paused_at = null, paused_because = null`);
        }
        case 'cancel':
          return makeStep(tx, id, made, tx`, ended_at = ${now}`);
      }
    })();
    if (!row)
      throw new AppError('conflict', `A campaign that is ${before.state} cannot be asked to ${action}`);
    await writeAudit(tx, actor, {
      action: `campaign.${made}`,
      target: row.name,
      details: { id, budget: row.budget, total: row.total, liability: row.liability },
    });
    return row;
  }

  /** Above the company's limit nobody approves what they made or changed themselves, also not in pieces. */
  async function demandSecondPerson(
    tx: Sql,
    row: CampaignRow,
    stake: number | null,
    who: Who,
  ): Promise<void> {
    const ref = refOf(who);
    const rule = await lockApprovals(tx, ref);
    if (row.createdByRef !== ref && !row.changedByRefs.includes(ref)) return;
    if (needsSecondPerson(stake, rule))
      throw new AppError(
        'second_person_needed',
        'It may cost more than one person decides alone: somebody else has to approve it',
      );
  }

  /**
   * What there is to be expected of a campaign that is about to be launched; null where it is not about to be. Throws where nothing could
   * come of it. Looked at beforehand: counting a million members takes a moment, for which nobody should wait at the campaign's row.
   */
  async function demandReady(id: string): Promise<Expectation | null> {
    const now = new Date();
    const row = await findCampaign(sql, id);
    if (row.state !== 'approved') return null;
    if (row.endsAt && row.endsAt <= now) throw invalid('endsAt', 'is over');
    demandGood(row, now);
    const { expectation: expected, stops } = await readiness(sql, time, row, now);
    if (stops.length > 0)
      throw new AppError('conflict', `Nothing could come of it: ${stops.join(', ')}; see its preflight`);
    return expected;
  }

  const act = (action: CampaignAction, summary: string, description: string) =>
    route({
      method: 'post',
      path: `/api/v1/campaigns/:id/${action}`,
      permission: action === 'approve' ? 'campaigns.approve' : 'campaigns.write',
      tag: 'campaigns',
      summary,
      description,
      headers: idempotencyHeaders,
      params: campaignById,
      body: z
        .strictObject({
          revision: z
            .int()
            .optional()
            .describe('The one that was looked at: `conflict` where it was changed since'),
          startNow: z
            .boolean()
            .optional()
            .describe('Of a launch: its start is now, also where it is scheduled for later already'),
        })
        .optional(),
      answer: campaign,
      errors: ['conflict', 'not_found', 'second_person_needed', 'cross_site'],
      async handler(call) {
        const { id } = call.params;
        const expected = action === 'launch' ? await demandReady(id) : null;
        const answer = await once(sql, call, campaign, async (tx) => {
          const row = await step(tx, action, id, call.who, call.body);
          if (expected) await keepExpected(tx, row.no, expected);
          return showCampaign(row);
        });
        push(await findCampaign(sql, id));
        return answer;
      },
    });

  return [
    route({
      method: 'get',
      path: '/api/v1/campaigns',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'List campaigns, newest first',
      query: z.object({
        kind: z.enum(campaignKinds).optional(),
        status: z.enum(campaignStates).optional(),
        ...pageQuery,
      }),
      answer: pageOf(campaign),
      async handler({ query: { limit, cursor, kind, status } }) {
        const before = decodeCursor(cursor, z.tuple([z.int()]));
        const rows = await listCampaigns(sql, { kind, state: status }, before && before[0], limit + 1);
        const { rows: page, nextCursor } = cutPage(rows, limit, ({ no }) => [no]);
        return { rows: page.map(showCampaign), nextCursor };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/campaigns',
      permission: 'campaigns.write',
      tag: 'campaigns',
      summary: 'Make a campaign',
      description: `A draft: nobody gets anything before it is approved and launched. Above a limit of money that the company sets
(\`/api/v1/campaign-rules\`) somebody has to approve it who neither made nor changed it; what such a person approved alone in the last 30
days counts too. Of group-buys and bargains that also counts by which their price lies below what the goods are worth.

The budget covers the worst case: when a coupon is issued, the most that it can take off is reserved; when it is redeemed, what it took
off is spent, and what was reserved beyond is free again (of coupons that come back with a refund, or of which only a till told, when they end). So what is spent and
reserved together never passes the budget. Nothing is issued for which there is no money left.`,
      headers: idempotencyHeaders,
      body: campaignWish,
      describeBody: describedWish,
      bodyLimit: CAMPAIGN_BYTES,
      answer: campaign,
      status: 201,
      errors: ['not_found', 'cross_site'],
      handler(call) {
        const draft = draftOf(call.body);
        const actor = actorOf(call.who);
        return once(sql, call, campaign, async (tx) => {
          const row = await insertCampaign(tx, draft, { name: actor.name, ref: refOf(call.who) });
          await save(tx, row.no, call.body.audience);
          await writeAudit(tx, actor, {
            action: 'campaign.create',
            target: row.name,
            details: {
              id: row.id,
              kind: row.kind,
              budget: row.budget,
              total: row.total,
              liability: row.liability,
            },
          });
          return showCampaign(row);
        });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/campaigns/preview',
      permission: 'campaigns.write',
      tag: 'campaigns',
      summary: 'Say what a campaign would be like, without making it',
      description:
        'How many members it is for, what it may cost, and whether somebody else has to approve it.',
      body: campaignLook,
      describeBody: describedLook,
      bodyLimit: CAMPAIGN_BYTES,
      answer: z.object({
        audience: z.int().describe('Members that it is for now, without those held out'),
        liability: z.int(),
        exposure: z.int().nullable(),
        stake: z
          .int()
          .nullable()
          .describe(
            'What it takes at worst off what is sold: the exposure, and how far the price of a group-buy or bargain lies below what its goods are worth by the catalog; null: without bound, or their prices are not known. It decides about `secondPerson`',
          ),
        coupons: z.int().describe('How many can be issued at most, by audience, number and money'),
        secondPerson: z.boolean(),
        expectation: expectation.describe('Learnt from campaigns like it that are over, or a default'),
        template: z.unknown().describe('As it would be kept'),
      }),
      errors: ['not_found', 'cross_site'],
      async handler({ body, who }) {
        const draft = draftOf(
          body,
          body.id === undefined ? null : (await findCampaign(sql, body.id)).audience,
        );
        const planned = { ...draft, no: 0 };
        const [members, past] = await Promise.all([
          draft.audience.kind === 'members'
            ? draft.audience.count
            : whereOf(sql, time, planned).then(({ given }) => countAudience(sql, given.where)),
          readPast(sql, new Date()),
        ]);
        const { liability, budget, total, template } = draft;
        const wanted = members * (draft.give === 'push' ? 1 : draft.perMember);
        const byMoney = budget === null || liability === 0 ? Infinity : Math.floor(budget / liability);
        const rule = await sql.begin((tx) => lockApprovals(tx, refOf(who)));
        const stake = await stakeOf(sql, planned);
        return {
          audience: members,
          liability,
          exposure: exposureOf(draft),
          stake,
          coupons: Math.min(wanted, total ?? Infinity, byMoney),
          secondPerson: needsSecondPerson(stake, rule),
          expectation: expectedOf(planned, members, past),
          template,
        };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/campaigns/:id',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'Show a campaign as it is now',
      params: campaignById,
      answer: campaignDetail,
      errors: ['not_found'],
      handler: ({ params: { id } }) => detail(sql, id),
    }),
    route({
      method: 'put',
      path: '/api/v1/campaigns/:id',
      permission: 'campaigns.write',
      tag: 'campaigns',
      summary: 'Change a draft',
      description: 'What is approved stays as it is: `conflict`, as where somebody else changed it since.',
      params: campaignById,
      body: campaignChange,
      describeBody: describedChange,
      bodyLimit: CAMPAIGN_BYTES,
      answer: campaign,
      errors: ['conflict', 'not_found', 'cross_site'],
      async handler({ params: { id }, body, who }) {
        return sql.begin(async (tx) => {
          const before = await findCampaign(tx, id);
          if (before.kind !== body.kind) throw invalid('kind', 'cannot be changed');
          const draft = draftOf(body, before.audience);
          const row = await changeDraft(tx, id, body.revision, draft, refOf(who));
          await save(tx, row.no, body.audience);
          await writeAudit(tx, actorOf(who), {
            action: 'campaign.change',
            target: row.name,
            details: { id, budget: row.budget, total: row.total, liability: row.liability },
          });
          return showCampaign(row);
        });
      },
    }),
    act(
      'approve',
      'Approve a draft',
      'Above the company’s limit of money somebody has to who neither made nor changed it: 403 `second_person_needed` otherwise.',
    ),
    act(
      'launch',
      'Launch a campaign that is approved',
      'Before its `startsAt` it is scheduled, unless `startNow` is given; else it runs from now on.',
    ),
    act(
      'pause',
      'Stop a campaign for now',
      'Nothing is issued and nothing redeemed from the answer on. Also of one that is finished, as long as anything of it is open; it stays so until it is resumed, also beyond its end.',
    ),
    act('resume', 'Let a campaign go on', 'It goes on where it was; after its end it is finished.'),
    act(
      'finish',
      'End a campaign',
      'Nothing is given any more; what was given stays good. Its `endsAt` is now.',
    ),
    act('cancel', 'Call a campaign off', 'For good: what was issued cannot be redeemed any more.'),
    route({
      method: 'get',
      path: '/api/v1/campaigns/:id/minutes',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'What a campaign did in each minute, oldest first',
      params: campaignById,
      query: z.object({ minutes: z.coerce.number().int().min(1).max(1440).default(60) }),
      answer: z.object({
        rows: z.array(z.object({ minute: instant, issued: z.int(), redeemed: z.int(), spent: z.int() })),
      }),
      errors: ['not_found'],
      async handler({ params: { id }, query: { minutes } }) {
        const { no } = await findCampaign(sql, id);
        return { rows: await listMinutes(sql, no, minutes) };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/campaign-rules',
      permission: 'campaigns.read',
      tag: 'campaigns',
      summary: 'The company’s rule about campaigns',
      answer: z.object({ approvalAbove: money.describe('What may cost more needs a second person') }),
      handler: () => findApprovalRule(sql),
    }),
    route({
      method: 'put',
      path: '/api/v1/campaign-rules',
      permission: 'campaigns.rule',
      tag: 'campaigns',
      summary: 'Set from which cost on a second person approves',
      body: z.strictObject({ approvalAbove: money }),
      answer: z.object({ approvalAbove: money }),
      errors: ['cross_site'],
      handler: ({ body, who }) =>
        sql.begin(async (tx) => {
          await writeAudit(tx, actorOf(who), { action: 'campaign.rule', details: body });
          return setApprovalRule(tx, body);
        }),
    }),
  ];
};

type StepWish = { revision?: number | undefined; startNow?: boolean | undefined };

/** Who acted, so that two names for the same person are not two persons. */
function refOf(who: Call<undefined, undefined, undefined>['who']): string {
  const { kind, id } = actorOf(who);
  return `${kind} ${id}`;
}

/** Coupons that would be over before they are given are a slip. */
function demandGood({ kind, template }: CampaignRow, now: Date): void {
  if (kind !== 'coupon') return;
  const { to } = validityOf(couponTemplate.parse(template).validity, now.getTime());
  if (to <= now.getTime()) throw invalid('template.validity.to', 'is over');
}
