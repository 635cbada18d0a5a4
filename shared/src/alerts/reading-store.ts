/** Reads alerts for people: lists, one with its history, and how fast they are answered. */
import type { AlertParams } from '../contract/board.ts';
import type { AlertKind, AlertLevel, AlertStatus, Severity, SourceKind } from '../contract/words.ts';
import { severities } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';

/** Null: everything. Otherwise these stores and regions, and nothing that is about the whole company. */
type Sight = { locations: readonly string[]; regions: readonly string[] } | null;

export type AlertRow = {
  id: string;
  kind: AlertKind;
  severity: Severity;
  status: AlertStatus;
  level: AlertLevel;
  sku: string | null;
  skuNameZh: string | null;
  skuNameEn: string | null;
  /** Null: of the whole company. */
  location: string | null;
  locationNameZh: string | null;
  locationNameEn: string | null;
  region: string | null;
  openedAt: Date;
  raisedAt: Date;
  ownerId: string | null;
  owner: string | null;
  acknowledgedAt: Date | null;
  dueAt: Date | null;
  snoozedUntil: Date | null;
  resolvedAt: Date | null;
  resolvedBy: string | null;
  groupId: string | null;
  silenced: boolean;
  params: AlertParams;
  proposal: { id: string; qty: number; sourceKind: SourceKind; expectedAt: string } | null;
  /** Place in the list: the severity's rank. */
  rank: number;
};

export type AlertFilter = {
  /** Absent: those that are not resolved. */
  status?: AlertStatus | undefined;
  kind?: AlertKind | undefined;
  severity?: Severity | undefined;
  sku?: string | undefined;
  location?: string | undefined;
  /** Only those that this person or key owns. */
  ownerId?: string | undefined;
  /** True: only those; false: none of those. */
  snoozed?: boolean | undefined;
  silenced?: boolean | undefined;
  /** Members of this company-wide alert; null: those that none stands for. */
  group?: string | null | undefined;
  sight: Sight;
};

const rank = (sql: Sql) => sql`array_position(${[...severities]}::text[], a.severity)`;

const columns = (sql: Sql) => sql`
  a.id, a.kind, a.severity, a.status, a.level, k.code as sku, k.name_zh as "skuNameZh", k.name_en as "skuNameEn",
  l.code as location, l.name_zh as "locationNameZh", l.name_en as "locationNameEn", l.region, a.opened_at as "openedAt",
  a.raised_at as "raisedAt", a.owner_id as "ownerId", a.owner_name as owner, a.acknowledged_at as "acknowledgedAt",
  a.due_at as "dueAt", a.snoozed_until as "snoozedUntil", a.resolved_at as "resolvedAt", a.resolved_by as "resolvedBy",
  a.group_id as "groupId", alert_silenced(a, now()) as silenced, a.params, ${rank(sql)} as rank,
  (select jsonb_build_object('id', p.id, 'qty', p.qty, 'sourceKind', p.source_kind,
      'expectedAt', to_char(p.expected_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
    from proposal p where p.sku_no = a.sku_no and p.location_no = a.location_no and p.state = 'open'
      and a.resolved_at is null) as proposal`;

const joins = (sql: Sql) => sql`
  left join sku k on k.no = a.sku_no left join location l on l.no = a.location_no`;

const inSight = (sql: Sql, sight: Sight) =>
  sight === null
    ? sql``
    : sql`and (l.code = any(${sight.locations as string[]}::text[]) or l.region = any(${sight.regions as string[]}::text[]))`;

/** The most severe first, the oldest first among equals; resolved ones newest first. `after` is the last row of the page before. */
export function listAlerts(
  sql: Sql,
  filter: AlertFilter,
  after: { rank: number; id: string } | null,
  limit: number,
): Promise<AlertRow[]> {
  const { status, kind, severity, sku, location, ownerId, snoozed, silenced = false, group } = filter;
  const resolved = status === 'resolved';
  const beyond =
    after === null
      ? sql``
      : resolved
        ? sql`and a.id < ${after.id}`
        : sql`and (${rank(sql)}, a.id) > (${after.rank}, ${after.id}::uuid)`;
  return sql<AlertRow[]>`
    select ${columns(sql)} from alert a ${joins(sql)}
    where ${resolved ? sql`a.resolved_at is not null` : sql`a.resolved_at is null`}
      ${status === undefined ? sql`` : sql`and a.status = ${status}`}
      ${kind === undefined ? sql`` : sql`and a.kind = ${kind}`}
      ${severity === undefined ? sql`` : sql`and a.severity = ${severity}`}
      ${sku === undefined ? sql`` : sql`and a.sku_no = (select no from sku where code = ${sku})`}
      ${location === undefined ? sql`` : sql`and a.location_no = (select no from location where code = ${location})`}
      ${ownerId === undefined ? sql`` : sql`and a.owner_id = ${ownerId}`}
      ${snoozed === undefined ? sql`` : snoozed ? sql`and a.snoozed_until > now()` : sql`and (a.snoozed_until > now()) is not true`}
      ${group === undefined ? sql`` : group === null ? sql`and a.group_id is null` : sql`and a.group_id = ${group}`}
      and alert_silenced(a, now()) = ${silenced}
      ${inSight(sql, filter.sight)}
      ${beyond}
    order by ${resolved ? sql`a.id desc` : sql`rank, a.id`} limit ${limit}`;
}

/** Null when there is none. Whether the caller may see it is the caller's business. */
export async function findAlert(sql: Sql, id: string): Promise<AlertRow | null> {
  const [row] = await sql<AlertRow[]>`select ${columns(sql)} from alert a ${joins(sql)} where a.id = ${id}`;
  return row ?? null;
}

export type AlertEventRow = { at: Date; what: string; who: string | null; details: Record<string, unknown> };

/** What happened to it, oldest first. */
export function alertHistory(sql: Sql, id: string): Promise<AlertEventRow[]> {
  return sql<AlertEventRow[]>`
    select at, what, who, details from alert_event where alert_id = ${id} order by no`;
}

/** Minutes from the opening; null where nothing was measured. */
export type AnswerTimes = {
  alerts: number;
  acknowledged: number;
  resolved: number;
  acknowledgeP50: number | null;
  acknowledgeP90: number | null;
  resolveP50: number | null;
  resolveP90: number | null;
};

const times = (sql: Sql) => sql`
  count(*) as alerts, count(a.first_acknowledged_at) as acknowledged, count(a.resolved_at) as resolved,
  ${percentile(sql, 0.5, 'first_acknowledged_at')} as "acknowledgeP50", ${percentile(sql, 0.9, 'first_acknowledged_at')} as "acknowledgeP90",
  ${percentile(sql, 0.5, 'resolved_at')} as "resolveP50", ${percentile(sql, 0.9, 'resolved_at')} as "resolveP90"`;

const percentile = (sql: Sql, share: number, until: string) => sql`
  round((percentile_cont(${share}) within group (order by extract(epoch from a.${sql(until)} - a.opened_at)) / 60)::numeric, 1)`;

export type AlertSummary = {
  all: AnswerTimes;
  byKind: (AnswerTimes & { kind: AlertKind })[];
  byLocation: (AnswerTimes & { location: string | null; nameZh: string | null; nameEn: string | null })[];
};

/** How the alerts opened since `from` were answered. */
export async function alertSummary(sql: Sql, from: Date, sight: Sight): Promise<AlertSummary> {
  const where = sql`from alert a ${joins(sql)} where a.opened_at >= ${from} ${inSight(sql, sight)}`;
  const [[all], byKind, byLocation] = await Promise.all([
    sql<[AnswerTimes]>`select ${times(sql)} ${where}`,
    sql<
      AlertSummary['byKind']
    >`select a.kind, ${times(sql)} ${where} group by a.kind order by alerts desc, a.kind`,
    sql<AlertSummary['byLocation']>`
      select l.code as location, l.name_zh as "nameZh", l.name_en as "nameEn", ${times(sql)} ${where}
      group by l.code, l.name_zh, l.name_en order by alerts desc, l.code nulls first`,
  ]);
  return { all, byKind: [...byKind], byLocation: [...byLocation] };
}
