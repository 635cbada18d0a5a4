import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import type { Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import {
  cap,
  condition,
  holdoutPercent,
  outcomes,
  trigger,
} from '@zhanggui/shared/automations/automation.ts';
import {
  changeAutomation,
  findAllCap,
  findAutomation,
  insertAutomation,
  listAutomations,
  lockAutomation,
  removeAutomation,
  setAllCap,
  switchOff,
  switchOn,
  type AutomationRow,
} from '@zhanggui/shared/automations/automation-store.ts';
import { countOutcomes, readArms, type Arm } from '@zhanggui/shared/automations/effect-store.ts';
import { ruleOf } from '@zhanggui/shared/coupons/audience-store.ts';
import { campaignStates } from '@zhanggui/shared/coupons/campaign.ts';
import { findCampaign } from '@zhanggui/shared/coupons/campaign-store.ts';
import { compareMeans, compareRates, isClear, type Effect } from '@zhanggui/shared/members/effect.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

/** Outcomes are counted over so many days: what came to nothing is forgotten later. */
const OUTCOME_DAYS = 30;
const BODY_BYTES = 256 * 1024;

const fields = {
  name: line(100),
  campaignId: z
    .uuid()
    .describe('Its coupons are given: a coupon campaign with `give: rule`, of this automation only'),
  trigger: trigger.describe(
    'What makes an occasion: looked at something and did not buy it in so many hours; left a basket for so many minutes; has their ' +
      'birthday within so many days; has not come for so many days',
  ),
  condition: condition
    .nullable()
    .default(null)
    .describe('Whom it is for, besides the campaign’s audience; null: everybody in that'),
  holdoutPercent: holdoutPercent
    .default(10)
    .describe(
      'Percent of the members who get nothing, always the same ones, so that the effect can be measured',
    ),
  windowDays: z
    .int()
    .min(1)
    .max(180)
    .default(14)
    .describe('What is bought in so many days after the draw counts'),
  cap: cap
    .nullable()
    .default(null)
    .describe(
      'At most so many coupons of it for a member in so many days; null: as the campaign’s limit by member says',
    ),
};
const wish = z.strictObject(fields);

const automation = z.object({
  id: z.uuid(),
  ...fields,
  trigger: z.unknown(),
  condition: z.unknown().nullable(),
  campaignName: z.string(),
  campaignStatus: z.enum(campaignStates).describe('Nothing is given unless it is running'),
  on: z.boolean(),
  issued: z.int().describe('Coupons that it has given'),
  onAt: instant.nullable().describe('Since when it is on'),
  startedAt: instant
    .nullable()
    .describe('When it was first switched on: since then only its name and its cap change'),
  createdAt: instant,
  createdBy: z.string(),
  revision: z.int(),
});

const arm = z.object({
  members: z.int().describe('Whose window is over; a member counts once, by their first draw'),
  buyers: z.int(),
  orders: z.int(),
  net: z.int().describe('Minor units: paid − refunded, when the window was over'),
});
const effect = z.object({
  difference: z.number().describe('Treated − holdout'),
  low: z.number().describe('Lower end of the 95 % interval'),
  high: z.number(),
  enough: z.boolean().describe('Whether the interval means anything: with few members or buyers it does not'),
  clear: z.boolean().describe('Enough, and 0 is not in the interval: chance alone does not make it'),
});
const report = z.object({
  asOf: instant,
  windowDays: z.int(),
  holdoutPercent: z.int(),
  treated: arm,
  holdout: arm,
  unmeasured: z.int().describe('Members who were drawn and whose window is not over'),
  rate: effect.describe('Share of members who bought: Newcombe’s interval, of two Wilson intervals'),
  money: effect.describe('Net by member, minor units: Welch’s interval'),
  waiting: z.int().describe('Occasions whose time has not come, or whose campaign stands still'),
  outcomes: z
    .record(z.enum(outcomes), z.int())
    .describe('Occasions of the last 30 days by what became of them'),
});

const params = z.object({ id: z.uuid() });
const tag = 'automations';

const shown = (row: AutomationRow): z.output<typeof automation> => ({
  ...row,
  on: row.onAt !== null,
  campaignStatus: row.campaignState,
});

const invalid = (field: string, detail: string): AppError =>
  new AppError('invalid_request', `${field}: ${detail}`, { errors: [{ field, detail }] });

/** Rules by behaviour: made, switched on and off, and what they brought. */
export const automationRoutes = ({ sql }: Parts) => {
  /** The number of the campaign that a wish names. Throws `invalid_request`. */
  async function campaignOf(tx: Sql, body: z.output<typeof wish>): Promise<number> {
    const campaign = await findCampaign(tx, body.campaignId).catch(() => null);
    if (campaign === null) throw invalid('campaignId', 'there is no such campaign');
    if (campaign.kind !== 'coupon' || campaign.give !== 'rule')
      throw invalid('campaignId', 'must be a coupon campaign that is given by a rule');
    if (body.condition?.kind === 'segment')
      await ruleOf(tx, { ...body.condition, holdoutPercent: 0 }).catch(() => {
        throw invalid('condition.segmentId', 'there is no such segment');
      });
    return campaign.no;
  }

  const audit = (tx: Sql, who: Who, what: string, { id, name }: { id: string; name: string }) =>
    writeAudit(tx, actorOf(who), { action: `automation.${what}`, target: name, details: { id } });

  const flip = (what: 'on' | 'off', summary: string, description: string) =>
    route({
      method: 'post',
      path: `/api/v1/automations/:id/${what}`,
      permission: 'automations.write',
      tag,
      summary,
      description,
      headers: idempotencyHeaders,
      params,
      answer: automation,
      errors: ['conflict', 'not_found', 'cross_site'],
      handler: (call) =>
        once(sql, call, automation, async (tx) => {
          const before = await lockAutomation(tx, call.params.id);
          if ((before.onAt !== null) === (what === 'on')) return shown(before);
          if (what === 'on' && ['finished', 'cancelled'].includes(before.campaignState))
            throw new AppError('conflict', 'Its campaign is over');
          if (what === 'on') await switchOn(tx, before.no, new Date());
          else await switchOff(tx, before.no);
          await audit(tx, call.who, what, before);
          return shown(await findAutomation(tx, before.id));
        }),
    });

  return [
    route({
      method: 'get',
      path: '/api/v1/automations',
      permission: 'automations.read',
      tag,
      summary: 'List automations, newest first',
      query: z.object(pageQuery),
      answer: pageOf(automation),
      async handler({ query: { limit, cursor } }) {
        const before = decodeCursor(cursor, z.tuple([z.int()]));
        const rows = await listAutomations(sql, before && before[0], limit + 1);
        const { rows: page, nextCursor } = cutPage(rows, limit, ({ no }) => [no]);
        return { rows: page.map(shown), nextCursor };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/automations',
      permission: 'automations.write',
      tag,
      summary: 'Make an automation',
      description: `It is off. Switched on, it gives coupons of its campaign, as long as that is running: number, money and the limit by
member are the campaign’s, and so is who approved them. Each occasion is decided once. Who is held out passes every test that the others
pass and counts for every limit, so that the two groups differ by the draw alone.`,
      headers: idempotencyHeaders,
      body: wish,
      bodyLimit: BODY_BYTES,
      answer: automation,
      status: 201,
      errors: ['conflict', 'cross_site'],
      handler: (call) =>
        once(sql, call, automation, async (tx) => {
          const campaignNo = await campaignOf(tx, call.body);
          const row = await insertAutomation(tx, { ...call.body, campaignNo }, actorOf(call.who).name);
          await audit(tx, call.who, 'add', row);
          return shown(row);
        }),
    }),
    route({
      method: 'get',
      path: '/api/v1/automations/:id',
      permission: 'automations.read',
      tag,
      summary: 'Show an automation',
      params,
      answer: automation,
      errors: ['not_found'],
      handler: async ({ params: { id } }) => shown(await findAutomation(sql, id)),
    }),
    route({
      method: 'put',
      path: '/api/v1/automations/:id',
      permission: 'automations.write',
      tag,
      summary: 'Change an automation',
      description: `Once it was on, only its name and its cap change: \`conflict\` otherwise, as where somebody else changed it since. Else
what it brought would be of two things mixed; make another one.`,
      headers: idempotencyHeaders,
      params,
      body: wish.extend({ revision: z.int() }),
      bodyLimit: BODY_BYTES,
      answer: automation,
      errors: ['conflict', 'not_found', 'cross_site'],
      handler: (call) =>
        once(sql, call, automation, async (tx) => {
          const { body, who } = call;
          const { id } = call.params;
          const before = await lockAutomation(tx, id);
          if (before.revision !== body.revision)
            throw new AppError('conflict', 'It was changed in the meantime');
          if (before.startedAt !== null && fixed(before) !== fixed(body))
            throw new AppError('conflict', 'It was switched on before: only its name and its cap change');
          const campaignNo = await campaignOf(tx, body);
          await changeAutomation(tx, before.no, { ...body, campaignNo });
          await audit(tx, who, 'change', body.name === before.name ? before : { id, name: body.name });
          return shown(await findAutomation(tx, id));
        }),
    }),
    route({
      method: 'delete',
      path: '/api/v1/automations/:id',
      permission: 'automations.write',
      tag,
      summary: 'Put an automation away',
      description:
        'It gives nothing any more. Coupons that it gave stay good; its campaign goes to no other automation.',
      headers: idempotencyHeaders,
      params,
      errors: ['conflict', 'not_found', 'cross_site'],
      async handler(call) {
        await once(sql, call, z.null(), async (tx) => {
          const row = await lockAutomation(tx, call.params.id);
          await removeAutomation(tx, row.no);
          await audit(tx, call.who, 'remove', row);
          return null;
        });
      },
    }),
    flip(
      'on',
      'Switch an automation on',
      'From now on: what was looked at or put into a basket before makes no occasion.',
    ),
    flip(
      'off',
      'Switch an automation off',
      'Nothing is given any more. What waits is decided when it is on again, unless it is a day late by then.',
    ),
    route({
      method: 'get',
      path: '/api/v1/automations/:id/report',
      permission: 'automations.read',
      tag,
      summary: 'See what an automation brought, beside those who were held out',
      params,
      answer: report,
      errors: ['not_found'],
      async handler({ params: { id } }) {
        const { no, windowDays, holdoutPercent: percent } = await findAutomation(sql, id);
        const [{ treated, holdout, unmeasured }, counts] = await Promise.all([
          readArms(sql, no),
          countOutcomes(sql, no, OUTCOME_DAYS),
        ]);
        const count = (name: string) => counts.find(({ outcome }) => outcome === name)?.count ?? 0;
        return {
          asOf: new Date(),
          windowDays,
          holdoutPercent: percent,
          treated,
          holdout,
          unmeasured,
          rate: judged(compareRates(rateOf(treated), rateOf(holdout))),
          money: judged(compareMeans(moneyOf(treated), moneyOf(holdout))),
          waiting: count('waiting'),
          outcomes: Object.fromEntries(outcomes.map((name) => [name, count(name)])) as Record<
            (typeof outcomes)[number],
            number
          >,
        };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/automation-rules',
      permission: 'automations.read',
      tag,
      summary: 'The company’s limit over all automations',
      answer: cap,
      handler: () => findAllCap(sql),
    }),
    route({
      method: 'put',
      path: '/api/v1/automation-rules',
      permission: 'automations.rule',
      tag,
      summary: 'Set how many coupons of all automations together a member gets at most in so many days',
      headers: idempotencyHeaders,
      body: cap,
      answer: cap,
      errors: ['conflict', 'cross_site'],
      handler: (call) =>
        once(sql, call, cap, async (tx) => {
          await writeAudit(tx, actorOf(call.who), { action: 'automation.rule', details: call.body });
          return setAllCap(tx, call.body);
        }),
    }),
  ];
};

const rateOf = ({ members, buyers }: Arm) => ({ n: members, k: buyers });
const moneyOf = ({ members, net, netSquares }: Arm) => ({ n: members, sum: net, sumOfSquares: netSquares });
const judged = (found: Effect) => ({ ...found, clear: isClear(found) });

/** What stays as it was once an automation was on. Keys are sorted: Postgres keeps no order of them. */
const fixed = ({
  campaignId,
  trigger: when,
  condition: whom,
  holdoutPercent: held,
  windowDays,
}: Pick<AutomationRow, 'campaignId' | 'trigger' | 'condition' | 'holdoutPercent' | 'windowDays'>): string =>
  JSON.stringify(sorted([campaignId, when, whom, held, windowDays]));

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, part]) => [key, sorted(part)]),
  );
}
