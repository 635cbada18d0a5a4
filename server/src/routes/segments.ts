import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { listMembers } from '@zhanggui/shared/members/member-store.ts';
import { conditionsOf, ruleSchema } from '@zhanggui/shared/members/rule.ts';
import { tag } from '@zhanggui/shared/members/rows.ts';
import {
  addSegment,
  archiveSegment,
  changeSegment,
  countSegment,
  listSegments,
  listUses,
  readSegment,
  segmentOf,
} from '@zhanggui/shared/members/segment-store.ts';
import { dropTagRule, listTagRules, listValues, setTagRule } from '@zhanggui/shared/members/tag-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { listed, listedMember } from './member-fields.ts';

const rule = ruleSchema.describe(
  'Conditions {field, min, max} · {field, in} · {field, anyOf} · {field, allOf}, put together by {all: […]}, {any: […]} and {not: …}',
);
const segment = z.object({
  id: z.uuid(),
  name: z.string(),
  description: z.string().nullable(),
  rule: z.unknown(),
  createdBy: z.string(),
  createdAt: instant,
  updatedAt: instant,
});
const used = segment.extend({
  usedBy: z
    .array(z.object({ kind: z.enum(['campaign', 'automation']), id: z.uuid(), name: z.string() }))
    .describe('Campaigns that were approved and are not over, and automations that are on, which name it'),
});
const given = z.strictObject({
  name: line(100),
  description: line(500).nullish(),
  rule,
});
const tagRule = z.object({
  tag: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  rule: z.unknown(),
  builtIn: z.boolean(),
  updatedAt: instant,
});

const id = z.object({ id: z.uuid() });
const PREVIEW = 20;
/** What is kept of a command that answers nothing. */
const nothing = z.null();

/** Segments: rules over members, counted while they are made, and looked up whenever they are used. */
export const segmentRoutes = ({ sql, queues, settings, log }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  const today = () => asOf(time, Date.now());
  const gradeAgain = () =>
    void queues.add('grade-members', { payload: { force: true } }).catch((error: unknown) => {
      log.warn({ err: error }, 'tags are left to the next day');
    });
  const found = <S>(row: S | null): S => {
    if (row === null) throw new AppError('not_found', 'There is no such segment');
    return row;
  };
  const nameTaken = (name: string) => new AppError('conflict', `There is a segment called ${name} already`);

  return [
    route({
      method: 'post',
      path: '/api/v1/segments/count',
      permission: 'segments.read',
      tag: 'members',
      summary: 'Count the members that fit a rule now',
      description:
        'Members who wished to be forgotten never fit. `consents` says how many of them may be written to, by medium.',
      body: z.strictObject({ rule, preview: z.boolean().default(false) }),
      answer: z.object({
        count: z.int(),
        ms: z.number().describe('How long the count took'),
        preview: z.array(listedMember).describe('Some of them, phones masked; empty unless asked for'),
      }),
      async handler({ body }) {
        const began = performance.now();
        const count = await countSegment(sql, body.rule, today());
        const ms = Math.round(performance.now() - began);
        const rows = body.preview
          ? await listMembers(sql, { where: segmentOf(sql, body.rule, today()), limit: PREVIEW })
          : [];
        return { count, ms, preview: rows.map(listed) };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/segments',
      permission: 'segments.read',
      tag: 'members',
      summary: 'List saved segments, by name',
      query: z.object(pageQuery),
      answer: pageOf(segment),
      async handler({ query: { limit, cursor } }) {
        const position = decodeCursor(cursor, z.tuple([z.string()]));
        const rows = await listSegments(sql, { after: position?.[0], limit: limit + 1 });
        return cutPage(rows, limit, (row) => [row.name]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/segments',
      permission: 'segments.write',
      tag: 'members',
      summary: 'Save a rule as a segment',
      headers: idempotencyHeaders,
      body: given,
      answer: segment,
      status: 201,
      errors: ['conflict', 'cross_site'],
      handler: (call) =>
        once(sql, call, segment, async (tx) => {
          const { name, description = null, rule: made } = call.body;
          const actor = actorOf(call.who);
          const saved = await addSegment(tx, { name, description, rule: made, by: actor.name });
          if (saved === null) throw nameTaken(name);
          await writeAudit(tx, actor, { action: 'segment.add', target: name });
          return saved;
        }),
    }),
    route({
      method: 'get',
      path: '/api/v1/segments/values',
      permission: 'segments.read',
      tag: 'members',
      summary: 'See what rules can choose from: levels, tags and media in use, categories, stores',
      answer: z.object({
        levels: z.array(z.string()),
        tags: z.array(z.string()),
        media: z.array(z.string()),
        categories: z.array(z.object({ code: z.string(), nameZh: z.string(), nameEn: z.string() })),
        stores: z.array(z.object({ code: z.string(), nameZh: z.string(), nameEn: z.string() })),
      }),
      handler: () => listValues(sql),
    }),
    route({
      method: 'get',
      path: '/api/v1/segments/:id',
      permission: 'segments.read',
      tag: 'members',
      summary: 'See a segment and how many members it has now',
      params: id,
      answer: used.extend({ count: z.int() }),
      errors: ['not_found'],
      async handler({ params }) {
        const saved = found(await readSegment(sql, params.id));
        const [count, usedBy] = await Promise.all([
          countSegment(sql, saved.rule, today()),
          listUses(sql, saved.id),
        ]);
        return { ...saved, count, usedBy };
      },
    }),
    route({
      method: 'put',
      path: '/api/v1/segments/:id',
      permission: 'segments.write',
      tag: 'members',
      summary: 'Change a segment',
      description: 'Campaigns that use it go by the new rule from their next step on.',
      params: id,
      headers: idempotencyHeaders,
      body: given,
      answer: used,
      errors: ['not_found', 'conflict', 'cross_site'],
      handler: (call) =>
        once(sql, call, used, async (tx) => {
          const { name, description = null, rule: made } = call.body;
          const changed = await changeSegment(tx, call.params.id, { name, description, rule: made });
          if (changed === 'taken') throw nameTaken(name);
          const saved = found(changed);
          const usedBy = await listUses(tx, saved.id);
          await writeAudit(tx, actorOf(call.who), {
            action: 'segment.change',
            target: name,
            details: { ...(usedBy.length > 0 && { usedBy: usedBy.map((use) => use.name) }) },
          });
          return { ...saved, usedBy };
        }),
    }),
    route({
      method: 'delete',
      path: '/api/v1/segments/:id',
      permission: 'segments.write',
      tag: 'members',
      summary: 'Put a segment away',
      description: 'Its name is free again; campaigns that name it still find its rule.',
      params: id,
      headers: idempotencyHeaders,
      errors: ['not_found', 'conflict', 'cross_site'],
      async handler(call) {
        await once(sql, call, nothing, async (tx) => {
          const { name } = found(await readSegment(tx, call.params.id));
          if (!(await archiveSegment(tx, call.params.id))) found(null);
          await writeAudit(tx, actorOf(call.who), { action: 'segment.archive', target: name });
          return null;
        });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/tag-rules',
      permission: 'members.read',
      tag: 'members',
      summary: 'List the rules by which members get tags',
      answer: pageOf(tagRule),
      handler: async () => ({ rows: await listTagRules(sql), nextCursor: null }),
    }),
    route({
      method: 'put',
      path: '/api/v1/tag-rules/:tag',
      permission: 'segments.write',
      tag: 'members',
      summary: 'Add or change the rule of a tag',
      description:
        'All members are looked at again within minutes. A rule must not look at tags: which would come first?',
      params: z.object({ tag }),
      headers: idempotencyHeaders,
      body: z.strictObject({ nameZh: line(50), nameEn: line(50), rule }),
      answer: tagRule,
      errors: ['conflict', 'cross_site'],
      async handler(call) {
        const { params, body, who } = call;
        if (conditionsOf(body.rule).some(({ field }) => field === 'tags')) {
          const detail = 'must not look at tags';
          throw new AppError('invalid_request', `rule: ${detail}`, { errors: [{ field: 'rule', detail }] });
        }
        const saved = await once(sql, call, tagRule, async (tx) => {
          await writeAudit(tx, actorOf(who), { action: 'tag_rule.set', target: params.tag });
          return setTagRule(tx, { tag: params.tag, ...body });
        });
        gradeAgain();
        return saved;
      },
    }),
    route({
      method: 'delete',
      path: '/api/v1/tag-rules/:tag',
      permission: 'segments.write',
      tag: 'members',
      summary: 'Delete the rule of a tag of one’s own',
      params: z.object({ tag }),
      headers: idempotencyHeaders,
      errors: ['not_found', 'conflict', 'cross_site'],
      async handler(call) {
        await once(sql, call, nothing, async (tx) => {
          const dropped = await dropTagRule(tx, call.params.tag);
          if (dropped === 'built_in')
            throw new AppError('conflict', 'This tag is built in: change its rule instead');
          if (dropped === 'absent') throw new AppError('not_found', 'There is no such rule');
          await writeAudit(tx, actorOf(call.who), { action: 'tag_rule.delete', target: call.params.tag });
          return null;
        });
        gradeAgain();
      },
    }),
  ];
};
