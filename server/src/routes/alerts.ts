import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { may, maySee, sightOf, type Who } from '@zhanggui/shared/access/permissions.ts';
import { findUser, listUsers, type UserRow } from '@zhanggui/shared/access/user-store.ts';
import {
  acknowledgeAlert,
  assignAlert,
  closeAlert,
  snoozeAlert,
  unacknowledgeAlert,
  type Answerer,
  type ChangedAlert,
} from '@zhanggui/shared/alerts/answer-store.ts';
import { MAX_SNOOZE_MINUTES } from '@zhanggui/shared/alerts/life.ts';
import {
  alertHistory,
  alertSummary,
  findAlert,
  listAlerts,
  type AlertRow,
} from '@zhanggui/shared/alerts/reading-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import {
  alertKinds,
  alertLevels,
  alertStatuses,
  severities,
  sourceKinds,
} from '@zhanggui/shared/contract/words.ts';
import type { SqlTransaction } from '@zhanggui/shared/platform/database.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const name = z.string().nullable();
const alertRow = z.object({
  id: z.uuid(),
  kind: z.enum(alertKinds),
  severity: z.enum(severities),
  status: z.enum(alertStatuses),
  level: z.enum(alertLevels).describe('Who is asked now'),
  sku: name,
  skuNameZh: name,
  skuNameEn: name,
  location: name.describe('null: of the whole company'),
  locationNameZh: name,
  locationNameEn: name,
  region: name,
  openedAt: instant,
  raisedAt: instant.describe('When it last got worse or came back'),
  ownerId: z.uuid().nullable(),
  owner: name,
  acknowledgedAt: instant.nullable(),
  dueAt: instant.nullable().describe('Until when the owner has time, or until when an answer is awaited'),
  snoozedUntil: instant.nullable(),
  resolvedAt: instant.nullable(),
  resolvedBy: name.describe('`cause`: it was gone by itself'),
  groupId: z.uuid().nullable().describe('The company-wide alert that stands for this one'),
  silenced: z.boolean(),
  params: z.record(z.string(), z.union([z.number(), z.string()])),
  proposal: z
    .object({
      id: z.uuid(),
      qty: z.int(),
      sourceKind: z.enum(sourceKinds),
      expectedAt: z.iso.datetime(),
    })
    .nullable(),
});

const history = z.array(
  z.object({
    at: instant,
    what: z.string(),
    who: name.describe('null: the clock, or the goods'),
    details: z.record(z.string(), z.unknown()),
  }),
);

const minutes = z.number().nullable().describe('Minutes from the opening; null: none');
const answerTimes = {
  alerts: z.int(),
  acknowledged: z.int(),
  resolved: z.int(),
  acknowledgeP50: minutes,
  acknowledgeP90: minutes,
  resolveP50: minutes,
  resolveP90: minutes,
};

const flag = z.enum(['true', 'false']).transform((text) => text === 'true');
const params = z.object({ id: z.uuid() });
const tag = 'alerts';
/** More than any company has at its desks. */
const MOST_PEOPLE = 10_000;

const filterOf = (who: Who) => {
  const sight = sightOf(who);
  return sight === 'all' ? null : sight;
};

/** Alerts: who has them, and what is done about them. A manager has those of their own stores. */
export const alertRoutes = ({ sql, hints }: Parts) => {
  /** The alert, if it is one of the caller's. Throws `not_found` or `outside_scope`. */
  async function alertOf(id: string, who: Who): Promise<AlertRow> {
    const alert = await findAlert(sql, id);
    if (!alert) throw new AppError('not_found', 'There is no such alert');
    const { location, region } = alert;
    if (location === null ? sightOf(who) !== 'all' : !maySee(who, { code: location, region }))
      throw new AppError('outside_scope');
    return alert;
  }

  /** Makes a change with its audit entry and the note that lets the screens follow; answers the alert as it is then. */
  async function change(
    id: string,
    who: Who,
    action: string,
    details: Record<string, string>,
    make: (tx: SqlTransaction, now: Date) => Promise<ChangedAlert>,
  ): Promise<AlertRow> {
    const before = await alertOf(id, who);
    await sql.begin(async (tx) => {
      const alert = await make(tx, new Date());
      const target = [before.kind, before.sku, before.location].filter((part) => part !== null).join(' ');
      await writeAudit(tx, actorOf(who), { action: `alert.${action}`, target, details: { id, ...details } });
      const locationNos = alert.locationNo === 0 ? [] : [alert.locationNo];
      await noteChange(tx, { topics: ['alerts'], minutes: [], locationNos });
    });
    hints.publish('alerts');
    return alertOf(id, who);
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/alerts',
      permission: 'restock.read',
      tag,
      summary: 'List alerts, the most severe first, the oldest first among equals',
      description:
        'Without `status` those that are not over. Alerts that a company-wide one stands for are left out for those who see ' +
        'the whole company, unless they ask for the SKU, the location or the `group`. Silenced ones are listed only with ' +
        '`silenced=true`. Resolved ones come newest first.',
      query: z.object({
        status: z.enum(alertStatuses).optional(),
        kind: z.enum(alertKinds).optional(),
        severity: z.enum(severities).optional(),
        sku: code.optional(),
        location: code.optional(),
        group: z.uuid().optional(),
        mine: flag.optional().describe('Only those that the caller is on'),
        snoozed: flag.optional().describe('Only those that are put aside, or none of them'),
        silenced: flag.optional(),
        ...pageQuery,
      }),
      answer: pageOf(alertRow),
      async handler({ query: { limit, cursor, mine, group, ...filter }, who }) {
        const position = decodeCursor(cursor, z.tuple([z.int(), z.uuid()]));
        const sight = filterOf(who);
        const single =
          filter.sku !== undefined || filter.location !== undefined || sight !== null || mine === true;
        const rows = await listAlerts(
          sql,
          {
            ...filter,
            group: group ?? (single ? undefined : null),
            ownerId: mine === true ? answererOf(who).id : undefined,
            sight,
          },
          position && { rank: position[0], id: position[1] },
          limit + 1,
        );
        return cutPage(rows, limit, (row) => [row.rank, row.id]);
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/alerts/summary',
      permission: 'restock.read',
      tag,
      summary: 'Show how fast alerts are acknowledged and resolved',
      query: z.object({ days: z.coerce.number().int().min(1).max(366).default(7) }),
      answer: z.object({
        days: z.int(),
        all: z.object(answerTimes),
        byKind: z.array(z.object({ kind: z.enum(alertKinds), ...answerTimes })),
        byLocation: z.array(z.object({ location: name, nameZh: name, nameEn: name, ...answerTimes })),
      }),
      async handler({ query: { days }, who }) {
        const from = new Date(Date.now() - days * 86_400_000);
        return { days, ...(await alertSummary(sql, from, filterOf(who))) };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/alerts/:id',
      permission: 'restock.read',
      tag,
      summary: 'See an alert and its history',
      params,
      answer: alertRow.extend({ history }),
      errors: ['not_found', 'outside_scope'],
      async handler({ params: { id }, who }) {
        const alert = await alertOf(id, who);
        return { ...alert, history: [...(await alertHistory(sql, id))] };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/alerts/:id/acknowledge',
      permission: 'alerts.answer',
      tag,
      summary: 'Say that one is on it',
      description: 'Whose it is already may say so again, and has time anew. 409 names whoever was faster.',
      params,
      answer: alertRow,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      handler: ({ params: { id }, who }) =>
        change(id, who, 'acknowledge', {}, (tx, now) => acknowledgeAlert(tx, id, answererOf(who), now)),
    }),
    route({
      method: 'post',
      path: '/api/v1/alerts/:id/unacknowledge',
      permission: 'alerts.answer',
      tag,
      summary: 'Take "I’m on it" back',
      description: 'One’s own; an administrator anybody’s.',
      params,
      answer: alertRow,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      handler: ({ params: { id }, who }) =>
        change(id, who, 'unacknowledge', {}, (tx, now) => {
          const { id: me, name: by } = answererOf(who);
          return unacknowledgeAlert(tx, id, isAdmin(who) ? null : me, by, now);
        }),
    }),
    route({
      method: 'post',
      path: '/api/v1/alerts/:id/snooze',
      permission: 'alerts.answer',
      tag,
      summary: 'Put an alert aside; it comes back by itself',
      params,
      body: z
        .strictObject({
          until: instant.optional(),
          minutes: z.int().min(1).max(MAX_SNOOZE_MINUTES).optional(),
        })
        .refine(({ until, minutes: many }) => (until === undefined) !== (many === undefined), {
          error: 'name until or minutes, one of them',
          path: ['until'],
        }),
      answer: alertRow,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      handler({ params: { id }, body, who }) {
        const now = Date.now();
        const until = body.until ?? new Date(now + (body.minutes ?? 0) * 60_000);
        if (until.getTime() <= now || until.getTime() > now + MAX_SNOOZE_MINUTES * 60_000) {
          const detail = 'must lie within the next 24 hours';
          throw new AppError('invalid_request', `until: ${detail}`, { errors: [{ field: 'until', detail }] });
        }
        return change(id, who, 'snooze', { until: until.toISOString() }, (tx, at) =>
          snoozeAlert(tx, id, until, answererOf(who).name, at),
        );
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/alerts/:id/assign',
      permission: 'alerts.answer',
      tag,
      summary: 'Make somebody the owner of an alert',
      description: 'Somebody who may answer alerts of that place.',
      params,
      body: z.strictObject({ userId: z.uuid() }),
      answer: alertRow,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      async handler({ params: { id }, body: { userId }, who }) {
        const { location, region } = await alertOf(id, who);
        const user = await findUser(sql, userId);
        if (!user || !answersAt(user, location, region)) {
          const detail = 'must be somebody who answers alerts of this place';
          throw new AppError('invalid_request', `userId: ${detail}`, {
            errors: [{ field: 'userId', detail }],
          });
        }
        return change(id, who, 'assign', { to: user.email }, (tx, now) =>
          assignAlert(tx, id, user, answererOf(who).name, now),
        );
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/alerts/:id/answerers',
      permission: 'alerts.answer',
      tag,
      summary: 'List the people that an alert can be handed to',
      description: 'Names only: whoever hands over need not see anything else of them.',
      params,
      answer: z.object({ rows: z.array(z.object({ id: z.uuid(), name: z.string() })) }),
      errors: ['not_found', 'outside_scope'],
      async handler({ params: { id }, who }) {
        const { location, region, ownerId } = await alertOf(id, who);
        const users = await listUsers(sql, { after: null, limit: MOST_PEOPLE });
        const rows = users
          .filter((user) => user.id !== ownerId && answersAt(user, location, region))
          .map((user) => ({ id: user.id, name: user.name }));
        return { rows };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/alerts/:id/resolve',
      permission: 'alerts.answer',
      tag,
      summary: 'Say that the cause is gone, where no machine can see it',
      description: 'Of a count far from the book and a late order. Every other alert ends by itself.',
      params,
      body: z.strictObject({ reason: line(500) }),
      answer: alertRow,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      handler: ({ params: { id }, body: { reason }, who }) =>
        change(id, who, 'resolve', { reason }, (tx, now) =>
          closeAlert(tx, id, answererOf(who).name, reason, now),
        ),
    }),
  ];
};

/** Under which name someone answers. */
function answererOf(who: Who): Answerer {
  if (who.kind !== 'user' && who.kind !== 'key') throw new AppError('forbidden');
  return { id: who.id, name: who.name };
}

/** Whether somebody may answer alerts of a place; null: of the whole company. */
function answersAt(user: UserRow, location: string | null, region: string | null): boolean {
  const who: Who = { kind: 'user', ...user };
  if (user.disabledAt !== null || !may(who, 'alerts.answer')) return false;
  return location === null ? sightOf(who) === 'all' : maySee(who, { code: location, region });
}

const isAdmin = (who: Who): boolean => who.kind === 'user' && who.role === 'admin';
