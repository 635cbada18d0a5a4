import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { isScope } from '@zhanggui/shared/access/permissions.ts';
import { scopeExists } from '@zhanggui/shared/catalog/place-store.ts';
import type { Scope } from '@zhanggui/shared/contract/board.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { locales, severities } from '@zhanggui/shared/contract/words.ts';
import {
  deliveryStatuses,
  insertDeliveries,
  listDeliveries,
  retryDelivery,
} from '@zhanggui/shared/delivery/delivery-store.ts';
import {
  addEndpoint,
  changeEndpoint,
  findEndpoint,
  listEndpoints,
  removeEndpoint,
  type EndpointRow,
} from '@zhanggui/shared/delivery/endpoint-store.ts';
import {
  addressProblem,
  deliveryEvents,
  endpointKinds,
  perMinuteOf,
  shownAddress,
} from '@zhanggui/shared/delivery/endpoint.ts';
import { medium } from '@zhanggui/shared/members/rows.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const minuteOfDay = z.int().min(0).max(1439);
const settings = {
  name: line(100),
  events: z
    .array(z.enum(deliveryEvents))
    .min(1)
    .max(deliveryEvents.length)
    .refine((list) => new Set(list).size === list.length, 'names an event twice'),
  scope: z.custom<Scope>(
    (value) => typeof value === 'string' && isScope(value),
    'must be all, region:<code> or store:<code>',
  ),
  supplier: code.nullable().describe('Hears only of orders to this supplier'),
  minSeverity: z.enum(severities),
  locale: z.enum(locales),
  perMinute: z.int().min(1).max(600).describe('Messages at most in any minute'),
  quietFrom: minuteOfDay
    .nullable()
    .describe('Minute of the business day from which only what is critical is sent'),
  quietTo: minuteOfDay.nullable().describe('Until then; before quietFrom: of the next day'),
  medium: medium
    .nullable()
    .describe(
      'How it writes to members, e.g. `sms`: only those who agreed to it are in its messages about coupons; of `sms` (and `phone`) with their phone, of `mail` with their ' +
        'mail address. ' +
        'Null: it writes to nobody, and hears of all',
    ),
  enabled: z.boolean(),
};
const url = z
  .string()
  .trim()
  .min(1)
  .max(2000)
  .describe('https; of a group bot as it was given. Never answered');
const secret = z
  .string()
  .trim()
  .min(8)
  .max(200)
  .nullable()
  .describe('Signs what is sent; whsec_… of a webhook is base64. Never answered');

const endpointRow = z.object({
  id: z.uuid(),
  kind: z.enum(endpointKinds),
  ...settings,
  address: z.string().describe('The address without what lets others write there'),
  signed: z.boolean(),
  createdAt: instant,
});

const newEndpoint = z.strictObject({
  kind: z.enum(endpointKinds),
  name: settings.name,
  url,
  secret: secret.default(null),
  events: settings.events.optional(),
  scope: settings.scope.default('all'),
  supplier: settings.supplier.default(null),
  minSeverity: settings.minSeverity.default('info'),
  locale: settings.locale.default('zh-CN'),
  perMinute: settings.perMinute.optional(),
  quietFrom: settings.quietFrom.default(null),
  quietTo: settings.quietTo.default(null),
  medium: settings.medium.default(null),
  enabled: settings.enabled.default(true),
});

const deliveryRow = z.object({
  id: z.uuid().describe('The webhook-id'),
  endpointId: z.uuid(),
  endpoint: z.string(),
  event: z.string(),
  status: z.enum(deliveryStatuses),
  attempts: z.int(),
  lastStatus: z.int().nullable().describe('HTTP status of the last answer'),
  error: z.string().nullable(),
  createdAt: instant,
  nextAt: instant.nullable().describe('When it is tried (again)'),
  doneAt: instant.nullable(),
  body: z.string().nullable().describe('What was sent, without signatures'),
});

const params = z.object({ id: z.uuid() });
const tag = 'delivery';
const permission = 'delivery.manage';

const shown = ({ url: address, ...row }: EndpointRow) => ({ ...row, address: shownAddress(address) });

const wrong = (field: string, detail: string) =>
  new AppError('invalid_request', `${field}: ${detail}`, { errors: [{ field, detail }] });

/** Where news is sent, and what came of it, for administrators. */
export const deliveryRoutes = ({ sql, settings: { deliveryLocal } }: Parts) => {
  async function check(body: {
    url?: string | undefined;
    scope?: Scope | undefined;
    quietFrom?: number | null | undefined;
    quietTo?: number | null | undefined;
  }): Promise<void> {
    const problem = body.url === undefined ? null : addressProblem(body.url, deliveryLocal);
    if (problem !== null) throw wrong('url', problem);
    if (body.scope !== undefined && !(await scopeExists(sql, body.scope)))
      throw wrong('scope', 'there is no such store or region');
    if ((body.quietFrom ?? null) === null ? (body.quietTo ?? null) !== null : (body.quietTo ?? null) === null)
      throw wrong('quietTo', 'goes with quietFrom');
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/delivery-endpoints',
      permission,
      tag,
      summary: 'List endpoints by name',
      answer: pageOf(endpointRow),
      handler: async () => ({ rows: (await listEndpoints(sql)).map(shown), nextCursor: null }),
    }),
    route({
      method: 'post',
      path: '/api/v1/delivery-endpoints',
      permission,
      tag,
      summary: 'Add a group bot or a webhook',
      description:
        'Webhooks are signed by Standard Webhooks. Without `events` a group hears of alerts, a webhook of their ends too, and ' +
        'an endpoint of a supplier of its orders.',
      body: newEndpoint,
      answer: endpointRow,
      status: 201,
      errors: ['cross_site'],
      async handler({ body, who }) {
        await check(body);
        const { kind, supplier } = body;
        const events =
          body.events ??
          (supplier !== null
            ? (['supply_order.sent'] as const)
            : kind === 'webhook'
              ? (['alert.opened', 'alert.resolved'] as const)
              : (['alert.opened'] as const));
        const row = await sql.begin(async (tx) => {
          const added = await addEndpoint(tx, {
            ...body,
            events: [...events],
            perMinute: body.perMinute ?? perMinuteOf[kind],
          });
          await writeAudit(tx, actorOf(who), {
            action: 'endpoint.add',
            target: added.name,
            details: { id: added.id, kind, address: shownAddress(added.url), scope: added.scope },
          });
          return added;
        });
        return shown(row);
      },
    }),
    route({
      method: 'patch',
      path: '/api/v1/delivery-endpoints/:id',
      permission,
      tag,
      summary: 'Change an endpoint',
      params,
      body: z.strictObject({ ...settings, url, secret }).partial(),
      answer: endpointRow,
      errors: ['not_found', 'cross_site'],
      async handler({ params: { id }, body, who }) {
        const before = await findEndpoint(sql, id);
        await check({ quietFrom: before.quietFrom, quietTo: before.quietTo, ...defined(body) });
        const row = await sql.begin(async (tx) => {
          const changed = await changeEndpoint(tx, id, body);
          const { url: address, secret: newSecret, ...rest } = defined(body);
          await writeAudit(tx, actorOf(who), {
            action: 'endpoint.change',
            target: changed.name,
            details: {
              id,
              ...rest,
              ...(address !== undefined && { address: shownAddress(address) }),
              ...(newSecret !== undefined && { secret: newSecret === null ? 'removed' : 'replaced' }),
            },
          });
          return changed;
        });
        return shown(row);
      },
    }),
    route({
      method: 'delete',
      path: '/api/v1/delivery-endpoints/:id',
      permission,
      tag,
      summary: 'Remove an endpoint; its log stays',
      params,
      errors: ['not_found', 'cross_site'],
      async handler({ params: { id }, who }) {
        await sql.begin(async (tx) => {
          const { name } = await removeEndpoint(tx, id);
          await writeAudit(tx, actorOf(who), { action: 'endpoint.remove', target: name, details: { id } });
        });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/delivery-endpoints/:id/test',
      permission,
      tag,
      summary: 'Send a test message; the delivery log says what came of it',
      params,
      answer: z.object({ deliveryId: z.uuid() }),
      status: 202,
      errors: ['not_found', 'cross_site'],
      async handler({ params: { id } }) {
        await findEndpoint(sql, id);
        const [deliveryId] = await insertDeliveries(sql, [{ endpointId: id, event: 'test', data: {} }]);
        return { deliveryId: deliveryId! };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/deliveries',
      permission,
      tag,
      summary: 'List what was sent, newest first',
      query: z.object({
        endpoint: z.uuid().optional(),
        status: z.enum(deliveryStatuses).optional(),
        id: z.uuid().optional(),
        ...pageQuery,
      }),
      answer: pageOf(deliveryRow),
      async handler({ query: { limit, cursor, ...filter } }) {
        const position = decodeCursor(cursor, z.tuple([z.uuid()]));
        const rows = await listDeliveries(sql, filter, position?.[0] ?? null, limit + 1);
        return cutPage(rows, limit, (row) => [row.id]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/deliveries/:id/retry',
      permission,
      tag,
      summary: 'Try a failed delivery again',
      params,
      answer: deliveryRow,
      errors: ['not_found', 'conflict', 'cross_site'],
      async handler({ params: { id }, who }) {
        return sql.begin(async (tx) => {
          const row = await retryDelivery(tx, id);
          await writeAudit(tx, actorOf(who), {
            action: 'delivery.retry',
            target: row.endpoint,
            details: { id, event: row.event },
          });
          return row;
        });
      },
    }),
  ];
};

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const defined = <T extends object>(value: T): Defined<T> =>
  Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>;
