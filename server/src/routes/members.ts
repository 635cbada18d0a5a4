import { randomUUID } from 'node:crypto';
import type { Request } from 'express';
import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { may, type Who } from '@zhanggui/shared/access/permissions.ts';
import { catalogLimits, checkRows, type RowRejection } from '@zhanggui/shared/catalog/rows.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { asOf } from '@zhanggui/shared/members/as-of.ts';
import { PHONE_TAIL, typedPhone } from '@zhanggui/shared/members/member.ts';
import {
  listMembers,
  listOrdersOf,
  listProfiles,
  readMember,
  type MemberFilter,
  type MemberProfile,
} from '@zhanggui/shared/members/member-store.ts';
import { consents, memberId, memberRow, tag } from '@zhanggui/shared/members/rows.ts';
import { readSegment, segmentOf } from '@zhanggui/shared/members/segment-store.ts';
import { forgetMember, tellMembers } from '@zhanggui/shared/members/statement-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, line, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import { limitByUser } from '../http/throttle.ts';
import type { Parts } from '../parts.ts';
import { bulkAnswer, bulkBody, demandFewRows, describeBulk } from './bulk.ts';
import { csvLine } from './csv-line.ts';
import { listed, listedMember, memberOrder, memberProfile, shown, sightOn } from './member-fields.ts';

const params = z.object({ id: memberId });
const ORDERS_SHOWN = 20;
/** Whole phones that someone who may not see them looks up in an hour: of a masked one four digits are missing. */
const WHOLE_PHONES = 30;
const EXPORT_PAGE = 2_000;

/** Members: what is known of them and what they bought. */
export const memberRoutes = ({ sql, queues, settings, log }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  /** Profiles follow within seconds anyway; whoever just changed a member looks at once. */
  const refresh = () =>
    void queues.add('refresh-members', { payload: {} }).catch((error: unknown) => {
      log.debug({ err: error }, 'members are left to the next run');
    });

  const wholePhones = limitByUser({
    limit: WHOLE_PHONES,
    windowMs: 3_600_000,
    counts: ({ query: { q }, res }) => {
      const typed = typeof q === 'string' ? typedPhone(q) : null;
      return typed !== null && typed.length > PHONE_TAIL && !may(res!.locals.who, 'members.phone');
    },
    detail: 'Too many phones looked up; wait, or look by name',
  });

  /** Changes one member by a command, in the audit log. Throws `not_found`, or `conflict` where they were forgotten. */
  async function change(
    call: { params: { id: string }; who: Who; req: Request },
    said: Omit<Parameters<typeof tellMembers>[1][number], 'memberId'>,
    action: string,
    details: Parameters<typeof writeAudit>[2]['details'],
  ): Promise<MemberProfile> {
    const { id } = call.params;
    const sight = sightOn(call.who);
    // The profile is not kept with the key: what is known of a person must not outlive their wish to be forgotten.
    await once(sql, call, nothing, async (tx) => {
      if ((await readMember(tx, id, sight)) === null) throw noSuchMember();
      const { changed, forgotten } = await tellMembers(tx, [{ memberId: id, ...said }], commandKey());
      if (forgotten.has(id)) throw new AppError('conflict', 'They wished to be forgotten');
      if (changed.length > 0)
        await writeAudit(tx, actorOf(call.who), { action, target: id, ...(details && { details }) });
      return null;
    });
    refresh();
    const profile = await readMember(sql, id, sight);
    if (profile === null) throw noSuchMember();
    return shown(call.who, profile);
  }

  return [
    route({
      method: 'put',
      path: '/api/v1/members',
      permission: 'members.write',
      tag: 'members',
      summary: 'Add or change members, by the shop’s id',
      description:
        `At most ${catalogLimits.rows} rows and 1 MiB. A field left out stays as it is, null empties it. Rows that fit are taken, also when ` +
        'others do not. Facts that were told before do not overwrite it, later ones do.',
      headers: idempotencyHeaders,
      body: bulkBody,
      describeBody: describeBulk(memberRow),
      bodyLimit: catalogLimits.bodyBytes,
      answer: bulkAnswer,
      errors: ['conflict', 'cross_site'],
      async handler(call) {
        const { body, who } = call;
        demandFewRows(body.rows);
        const { valid, indexes, rejected } = checkRows(memberRow, body.rows, (row) => ({
          key: row.memberId,
          field: 'memberId',
        }));
        const answer = await once(sql, call, bulkAnswer, async (tx) => {
          const { changed, forgotten } = await tellMembers(tx, valid, commandKey());
          if (changed.length > 0)
            await writeAudit(tx, actorOf(who), {
              action: 'members.upsert',
              details: { rows: valid.length, changed: changed.length, rejected: rejected.length },
            });
          const gone: RowRejection[] = valid.flatMap((row, i) =>
            forgotten.has(row.memberId)
              ? [
                  {
                    index: indexes[i]!,
                    key: row.memberId,
                    code: 'conflict' as const,
                    field: 'memberId',
                    detail: 'wished to be forgotten',
                  },
                ]
              : [],
          );
          return {
            upserted: valid.length - gone.length,
            rejected: [...rejected, ...gone].sort((a, b) => a.index - b.index),
          };
        });
        if (answer.upserted > 0) refresh();
        return answer;
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/members',
      permission: 'members.read',
      tag: 'members',
      summary: 'List members, by id',
      description:
        'A manager sees those who bought in their stores. Phones are masked; who may not see them finds at most ' +
        `${WHOLE_PHONES} whole ones an hour.`,
      before: [wholePhones],
      query: z.object({
        ...pageQuery,
        q: z
          .string()
          .trim()
          .min(1)
          .max(100)
          .optional()
          .describe(
            'Start of an id or a name, the last four digits of a phone or all of them; for who sees phones as they are also any number of the last digits',
          ),
        tag: tag.optional().describe('One given by hand or by a rule'),
        segment: z.uuid().optional().describe('Members of a saved segment'),
      }),
      answer: pageOf(listedMember),
      errors: ['not_found', 'too_many_requests'],
      async handler({ query: { limit, cursor, segment, ...filter }, who }) {
        const position = decodeCursor(cursor, z.tuple([z.string()]));
        const rows = await listMembers(sql, {
          ...filter,
          ...(await inSegment(segment)),
          phones: may(who, 'members.phone') ? 'any' : undefined,
          sight: sightOn(who),
          after: position?.[0],
          limit: limit + 1,
        });
        return cutPage(rows.map(listed), limit, (row) => [row.id]);
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/members/export',
      permission: 'members.export',
      tag: 'members',
      summary: 'Export members as CSV',
      description:
        'Phones are not masked. Needs a right of its own; each export is in the audit log before its first line is sent.',
      query: z.object({ segment: z.uuid().optional(), tag: tag.optional() }),
      answerType: 'text/csv',
      errors: ['not_found'],
      async handler({ query: { segment, tag: marked }, who, req, res }) {
        const filter = { tag: marked, ...(await inSegment(segment)) };
        await writeAudit(sql, actorOf(who), {
          action: 'members.export',
          target: segment ?? null,
          details: { ...(marked !== undefined && { tag: marked }) },
        });
        res.status(200).type('text/csv').set('Content-Disposition', 'attachment; filename="members.csv"');
        // So that a spreadsheet takes it for UTF-8.
        res.write('\u{FEFF}' + csvLine(Object.keys(exportColumns)));
        let after: string | undefined;
        do {
          const page = await listProfiles(sql, { ...filter, after, limit: EXPORT_PAGE });
          const text = page
            .map((row) => csvLine(Object.values(exportColumns).map((cell) => cell(row))))
            .join('');
          if (text !== '' && !res.write(text)) await drained(res);
          after = page.length < EXPORT_PAGE || req.destroyed ? undefined : page.at(-1)!.id;
        } while (after !== undefined);
        res.end();
        return undefined;
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/members/:id',
      permission: 'members.read',
      tag: 'members',
      summary: 'See a member, their profile and latest orders',
      description:
        'A manager sees those who bought in their stores, and of their orders those in their stores.',
      params,
      answer: memberProfile.extend({ latestOrders: z.array(memberOrder) }),
      errors: ['not_found'],
      async handler({ params: { id }, who }) {
        const sight = sightOn(who);
        const [member, latestOrders] = await Promise.all([
          readMember(sql, id, sight),
          listOrdersOf(sql, id, { sight, limit: ORDERS_SHOWN }),
        ]);
        if (member === null) throw noSuchMember();
        return { ...shown(who, member), latestOrders };
      },
    }),
    route({
      method: 'put',
      path: '/api/v1/members/:id/tags',
      permission: 'members.tag',
      tag: 'members',
      summary: 'Replace the tags given by hand',
      params,
      headers: idempotencyHeaders,
      body: z.strictObject({ tags: z.array(tag).max(50) }),
      answer: memberProfile,
      errors: ['not_found', 'conflict', 'cross_site'],
      handler: (call) => change(call, { tags: call.body.tags }, 'member.tag', { tags: call.body.tags }),
    }),
    route({
      method: 'put',
      path: '/api/v1/members/:id/consents',
      permission: 'members.tag',
      tag: 'members',
      summary: 'Note what a member agreed to, by medium',
      description: 'A medium left out stays as it is; null takes the answer back.',
      params,
      headers: idempotencyHeaders,
      body: z.strictObject({ consents }),
      answer: memberProfile,
      errors: ['not_found', 'conflict', 'cross_site'],
      handler: (call) => change(call, call.body, 'member.consent', { consents: call.body.consents }),
    }),
    route({
      method: 'post',
      path: '/api/v1/members/:id/forget',
      permission: 'members.forget',
      tag: 'members',
      summary: 'Forget a member',
      description:
        'Erases name, phone, mail, birthday, level, tags, consents and looks, also in the ledger’s facts. Orders and points stay, under the ' +
        'shop’s id. What is told of them later is not kept. Cannot be undone.',
      params,
      headers: idempotencyHeaders,
      body: z.strictObject({ reason: line(500).optional() }),
      status: 204,
      errors: ['not_found', 'conflict', 'cross_site'],
      async handler(call) {
        const { id } = call.params;
        const { reason } = call.body;
        await once(sql, call, nothing, async (tx) => {
          if (await forgetMember(tx, id))
            await writeAudit(tx, actorOf(call.who), {
              action: 'member.forget',
              target: id,
              details: { ...(reason !== undefined && { reason }) },
            });
          // Forgotten already is as good; only who was never here is not found.
          else if ((await readMember(tx, id)) === null) throw noSuchMember();
          return null;
        });
        refresh();
      },
    }),
  ];

  async function inSegment(id: string | undefined): Promise<Pick<MemberFilter, 'where'>> {
    if (id === undefined) return {};
    const segment = await readSegment(sql, id);
    if (segment === null) throw new AppError('not_found', 'There is no such segment');
    return { where: segmentOf(sql as Sql, segment.rule, asOf(time, Date.now())) };
  }
};

const noSuchMember = () => new AppError('not_found', 'There is no such member');
/** What is kept of a command that answers nothing. */
const nothing = z.null();

/** Sorts after every fact of an earlier time. */
const commandKey = () => `${new Date().toISOString()} zhanggui/members ${randomUUID()}`;

const exportColumns: Record<string, (row: MemberProfile) => string | number | null> = {
  memberId: (row) => row.id,
  name: (row) => row.name,
  phone: (row) => row.phone,
  mail: (row) => row.mail,
  level: (row) => row.level,
  birthday: (row) => row.birthday,
  joinedAt: (row) => row.joinedAt?.toISOString() ?? null,
  tags: (row) => row.tags.join('|'),
  autoTags: (row) => row.autoTags.join('|'),
  consents: (row) =>
    Object.entries(row.consents)
      .flatMap(([name, given]) => (given ? [name] : []))
      .join('|'),
  orders: (row) => row.orders,
  units: (row) => row.units,
  net: (row) => row.net,
  averageTicket: (row) => row.averageTicket,
  firstOrderAt: (row) => row.firstOrderAt?.toISOString() ?? null,
  lastOrderAt: (row) => row.lastOrderAt?.toISOString() ?? null,
  discountShare: (row) => row.discountShare,
  favouriteCategory: (row) => row.favouriteCategory,
  favouriteChannel: (row) => row.favouriteChannel,
  favouriteStore: (row) => row.favouriteStore,
  points: (row) => row.points,
  forgotten: (row) => (row.forgottenAt === null ? null : 'true'),
};

const drained = (res: { once: (event: 'drain' | 'close', listener: () => void) => unknown }) =>
  new Promise<void>((resolve) => {
    res.once('drain', resolve);
    res.once('close', resolve);
  });
