/** What is to be sent, what was sent, and what came of it. */
import { AppError } from '../contract/errors.ts';
import type { Locale } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql, SqlTransaction } from '../platform/database.ts';
import { slot, slotsWithin, type Outcome } from './attempt.ts';
import { atOnceOf, type DeliveryEvent, type EndpointKind } from './endpoint.ts';
import type { Message } from './message.ts';

/** One message to one endpoint. `notBefore` holds it back, e.g. until a quiet time is over. */
export type NewDelivery = {
  endpointId: string;
  event: DeliveryEvent | 'test';
  data: Record<string, unknown>;
  notBefore?: Date;
};

/** Hands messages over; they are sent after commit, by job `send-delivery` or at the latest some seconds later. Answers their ids. */
export async function insertDeliveries(
  sql: Sql,
  list: readonly NewDelivery[],
  now = new Date(),
): Promise<string[]> {
  if (list.length === 0) return [];
  const rows = await sql<{ id: string }[]>`
    insert into delivery (endpoint_id, event, data, next_at, created_at)
    select endpoint_id, event, data::jsonb, next_at, ${now} from unnest(
      ${column(list, (d) => d.endpointId)}::uuid[], ${column(list, (d) => d.event)}::text[],
      ${column(list, (d) => JSON.stringify(d.data))}::text[],
      ${column(list, (d) => (d.notBefore ?? now).toISOString())}::timestamptz[]) as d (endpoint_id, event, data, next_at)
    returning id`;
  return rows.map(({ id }) => id);
}

/**
 * Hands alerts over for one endpoint: with those that a quiet time holds back already, if there are any, so that the morning
 * begins with one message. Answers the delivery's id.
 */
export async function insertNews(
  sql: Sql,
  {
    endpointId,
    event,
    alerts,
    notBefore,
  }: { endpointId: string; event: DeliveryEvent; alerts: readonly object[]; notBefore: Date },
  now: Date,
): Promise<string> {
  const list = JSON.stringify(alerts);
  if (notBefore > now) {
    const [held] = await sql<{ id: string }[]>`
      update delivery set data = jsonb_set(data, '{alerts}', (data->'alerts') || ${list}::text::jsonb)
      where id = (select id from delivery where endpoint_id = ${endpointId} and event = ${event} and status = 'waiting'
        and attempts = 0 and next_at > ${now} order by id limit 1 for update)
      returning id`;
    if (held) return held.id;
  }
  const [id] = await insertDeliveries(sql, [{ endpointId, event, data: { alerts }, notBefore }], now);
  return id ?? '';
}

/**
 * Hands an event over to whoever wants it: every enabled endpoint that takes such events, of this supplier or of no supplier
 * in particular. Answers the deliveries' ids, none where nobody wants it; enqueue `send-delivery` for each after commit, or
 * leave it to the sweep.
 */
export async function queueDelivery(
  sql: Sql,
  {
    event,
    data,
    supplier = null,
  }: { event: DeliveryEvent; data: Record<string, unknown>; supplier?: string | null },
): Promise<string[]> {
  const endpoints = await sql<{ id: string }[]>`
    select id from delivery_endpoint
    where enabled and deleted_at is null and ${event} = any(events) and (supplier is null or supplier = ${supplier})
    order by id`;
  return insertDeliveries(
    sql,
    endpoints.map(({ id: endpointId }) => ({ endpointId, event, data })),
  );
}

/**
 * Deliveries whose time has come, the oldest first: what a crash left behind, and what waited. Of each endpoint only as many as its rate
 * lets through within `ms`: a thousand messages to a slow gateway, each tried and put off again and again, would keep everybody busy.
 */
export async function dueDeliveries(
  sql: Sql,
  now: Date,
  { ms, limit }: { ms: number; limit: number },
): Promise<{ id: string; nextAt: Date }[]> {
  const endpoints = await sql<
    { id: string; kind: EndpointKind; perMinute: number; freeAt: Date; usable: boolean }[]
  >`
    select id, kind, per_minute as "perMinute", free_at as "freeAt", enabled and deleted_at is null as usable from delivery_endpoint e
    where exists (select from delivery d where d.endpoint_id = e.id and d.status = 'waiting' and d.next_at <= ${now})`;
  // To one that is switched off nothing is sent: its deliveries fail, at once.
  const mostOf = ({ kind, perMinute, freeAt, usable }: (typeof endpoints)[number]): number =>
    usable ? Math.min(limit, slotsWithin(ms, freeAt, now, perMinute, atOnceOf[kind])) : limit;
  return sql<{ id: string; nextAt: Date }[]>`
    select d.id, d.next_at as "nextAt"
    from unnest(${column(endpoints, ({ id }) => id)}::uuid[], ${column(endpoints, mostOf)}::int[]) as e (id, most)
    cross join lateral (
      select id, next_at from delivery where endpoint_id = e.id and status = 'waiting' and next_at <= ${now}
      order by next_at limit e.most) d
    order by d.next_at limit ${limit}`;
}

/** A try that takes longer than this counts as lost, and another may begin. */
const LEASE_MS = 60_000;

export type ClaimedDelivery = {
  message: Message;
  /** Of which try this is: 1, 2, … */
  attempt: number;
  endpoint: { kind: EndpointKind; url: string; secret: string | null; locale: Locale };
};

/**
 * Takes a delivery for one try. Null when another worker has it, its time has not come, it is done, or its endpoint is switched
 * off (then it has failed); the time to wait when the endpoint's rate allows no more now.
 */
export async function claimDelivery(
  tx: SqlTransaction,
  id: string,
  now: Date,
): Promise<ClaimedDelivery | { waitMs: number } | null> {
  const [row] = await tx<
    {
      id: string;
      event: Message['event'];
      data: Record<string, unknown>;
      createdAt: Date;
      attempts: number;
      endpointId: string;
      kind: EndpointKind;
      url: string;
      secret: string | null;
      locale: Locale;
      perMinute: number;
      freeAt: Date;
      usable: boolean;
    }[]
  >`
    select d.id, d.event, d.data, d.created_at as "createdAt", d.attempts, e.id as "endpointId", e.kind, e.url, e.secret, e.locale,
      e.per_minute as "perMinute", e.free_at as "freeAt", e.enabled and e.deleted_at is null as usable
    from delivery d join delivery_endpoint e on e.id = d.endpoint_id
    where d.id = ${id} and d.status = 'waiting' and d.next_at <= ${now}
    for update of d, e`;
  if (!row) return null;
  if (!row.usable) {
    await tx`update delivery set status = 'failed', error = 'the endpoint is switched off', done_at = ${now} where id = ${id}`;
    return null;
  }
  const { at, freeAt } = slot(row.freeAt, now, row.perMinute, atOnceOf[row.kind]);
  if (at > now) {
    await tx`update delivery set next_at = ${at} where id = ${id}`;
    return { waitMs: at.getTime() - now.getTime() };
  }
  const lost = new Date(now.getTime() + LEASE_MS);
  await tx`update delivery_endpoint set free_at = ${freeAt} where id = ${row.endpointId}`;
  await tx`update delivery set attempts = attempts + 1, next_at = ${lost} where id = ${id}`;
  const { event, data, createdAt, attempts, kind, url, secret, locale } = row;
  return {
    message: { id: row.id, event, data, createdAt },
    attempt: attempts + 1,
    endpoint: { kind, url, secret, locale },
  };
}

/**
 * Writes down what came of a try. A try that was given up as lost changes nothing any more. `members`: how many members it tells, where it
 * is a message to members.
 */
export async function recordAttempt(
  sql: Sql,
  {
    id,
    attempt,
    body,
    members,
    outcome,
  }: { id: string; attempt: number; body: string; members: number | null; outcome: Outcome },
  now: Date,
): Promise<void> {
  const waits = outcome.kind === 'retry';
  await sql`
    update delivery set status = ${waits ? 'waiting' : outcome.kind}, body = ${body},
      members = coalesce(${members}::int, members), last_status = ${outcome.status},
      error = ${outcome.kind === 'sent' ? null : outcome.error},
      next_at = ${new Date(now.getTime() + (waits ? outcome.afterMs : 0))}, done_at = ${waits ? null : now}
    where id = ${id} and status = 'waiting' and attempts = ${attempt}`;
}

export const deliveryStatuses = ['waiting', 'sent', 'failed'] as const;
export type DeliveryStatus = (typeof deliveryStatuses)[number];

export type DeliveryRow = {
  id: string;
  endpointId: string;
  endpoint: string;
  event: string;
  status: DeliveryStatus;
  attempts: number;
  lastStatus: number | null;
  error: string | null;
  createdAt: Date;
  /** When it is tried (again); null when it is done. */
  nextAt: Date | null;
  doneAt: Date | null;
  body: string | null;
};

/** Newest first, at most `limit` before the delivery `before`. */
export function listDeliveries(
  sql: Sql,
  filter: { endpoint?: string | undefined; status?: DeliveryStatus | undefined; id?: string | undefined },
  before: string | null,
  limit: number,
): Promise<DeliveryRow[]> {
  const { endpoint, status, id } = filter;
  return sql<DeliveryRow[]>`
    select d.id, d.endpoint_id as "endpointId", e.name as endpoint, d.event, d.status, d.attempts, d.last_status as "lastStatus",
      d.error, d.created_at as "createdAt", case when d.status = 'waiting' then d.next_at end as "nextAt", d.done_at as "doneAt", d.body
    from delivery d join delivery_endpoint e on e.id = d.endpoint_id
    where true
      ${id === undefined ? sql`` : sql`and d.id = ${id}`}
      ${endpoint === undefined ? sql`` : sql`and d.endpoint_id = ${endpoint}`}
      ${status === undefined ? sql`` : sql`and d.status = ${status}`}
      ${before === null ? sql`` : sql`and d.id < ${before}`}
    order by d.id desc limit ${limit}`;
}

/** Tries a failed delivery again from the start. Throws `conflict` when it has not failed; `not_found`. */
export async function retryDelivery(sql: Sql, id: string): Promise<DeliveryRow> {
  const tried = await sql`
    update delivery set status = 'waiting', attempts = 0, next_at = now(), done_at = null where id = ${id} and status = 'failed'`;
  const [row] = await listDeliveries(sql, { id }, null, 1);
  if (!row) throw new AppError('not_found', 'There is no such delivery');
  if (tried.count === 0) throw new AppError('conflict', 'Only what has failed can be tried again');
  return row;
}

/** Deletes what was done long ago. Answers how many. */
export async function pruneDeliveries(
  sql: Sql,
  { olderThanDays }: { olderThanDays: number },
): Promise<number> {
  const { count } = await sql`
    delete from delivery where created_at < now() - ${olderThanDays}::int * interval '1 day' and status <> 'waiting'`;
  return count;
}
