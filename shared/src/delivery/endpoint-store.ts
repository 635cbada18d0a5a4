/** Where news is sent: what administrators set. */
import type { Scope } from '../contract/board.ts';
import { AppError } from '../contract/errors.ts';
import type { Locale, Severity } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';
import type { DeliveryEvent, EndpointKind } from './endpoint.ts';

export type EndpointSettings = {
  name: string;
  url: string;
  /** Null: not signed. */
  secret: string | null;
  events: DeliveryEvent[];
  scope: Scope;
  /** Hears only of orders to this supplier; null: of all. */
  supplier: string | null;
  minSeverity: Severity;
  locale: Locale;
  perMinute: number;
  quietFrom: number | null;
  quietTo: number | null;
  /** Only members who agreed to it are told of in messages to members; null: the receiver writes to nobody. */
  medium: string | null;
  enabled: boolean;
};

export type NewEndpoint = EndpointSettings & { kind: EndpointKind };
/** What is absent stays. */
export type EndpointChange = { [K in keyof EndpointSettings]?: EndpointSettings[K] | undefined };

/** The url as it is: show it only as `shownAddress`. The secret is not among what is read. */
export type EndpointRow = Omit<NewEndpoint, 'secret'> & { id: string; createdAt: Date; signed: boolean };

const columns = (sql: Sql) => sql`
  id, kind, name, url, secret is not null as signed, events, scope, supplier, min_severity as "minSeverity", locale,
  per_minute as "perMinute", quiet_from as "quietFrom", quiet_to as "quietTo", medium, enabled, created_at as "createdAt"`;

/** By name. There are few. */
export function listEndpoints(sql: Sql): Promise<EndpointRow[]> {
  return sql<EndpointRow[]>`
    select ${columns(sql)} from delivery_endpoint where deleted_at is null order by name, id`;
}

/** Throws `not_found`. */
export async function findEndpoint(sql: Sql, id: string): Promise<EndpointRow> {
  const [row] = await sql<EndpointRow[]>`
    select ${columns(sql)} from delivery_endpoint where id = ${id} and deleted_at is null`;
  if (!row) throw new AppError('not_found', 'There is no such endpoint');
  return row;
}

export async function addEndpoint(sql: Sql, endpoint: NewEndpoint): Promise<EndpointRow> {
  const [row] = await sql<[EndpointRow]>`
    insert into delivery_endpoint (kind, name, url, secret, events, scope, supplier, min_severity, locale, per_minute, quiet_from,
      quiet_to, medium, enabled)
    values (${endpoint.kind}, ${endpoint.name}, ${endpoint.url}, ${endpoint.secret}, ${endpoint.events}, ${endpoint.scope},
      ${endpoint.supplier}, ${endpoint.minSeverity}, ${endpoint.locale}, ${endpoint.perMinute}, ${endpoint.quietFrom},
      ${endpoint.quietTo}, ${endpoint.medium}, ${endpoint.enabled})
    returning ${columns(sql)}`;
  return row;
}

/** Throws `not_found`. */
export async function changeEndpoint(sql: Sql, id: string, change: EndpointChange): Promise<EndpointRow> {
  const [before] = await sql<[EndpointRow & { secret: string | null }]>`
    select ${columns(sql)}, secret from delivery_endpoint where id = ${id} and deleted_at is null for update`;
  if (!before) throw new AppError('not_found', 'There is no such endpoint');
  const given = Object.fromEntries(Object.entries(change).filter(([, value]) => value !== undefined));
  const next: EndpointSettings = { ...before, ...given };
  const [row] = await sql<[EndpointRow]>`
    update delivery_endpoint set name = ${next.name}, url = ${next.url}, secret = ${next.secret}, events = ${next.events},
      scope = ${next.scope}, supplier = ${next.supplier}, min_severity = ${next.minSeverity}, locale = ${next.locale},
      per_minute = ${next.perMinute}, quiet_from = ${next.quietFrom}, quiet_to = ${next.quietTo},
      medium = ${next.medium}, enabled = ${next.enabled}
    where id = ${id}
    returning ${columns(sql)}`;
  return row;
}

/** Ends an endpoint and forgets its address and secret; its log stays. Throws `not_found`. */
export async function removeEndpoint(sql: Sql, id: string): Promise<{ name: string }> {
  const [row] = await sql<{ name: string }[]>`
    update delivery_endpoint set deleted_at = now(), enabled = false, url = '', secret = null
    where id = ${id} and deleted_at is null returning name`;
  if (!row) throw new AppError('not_found', 'There is no such endpoint');
  return row;
}
