/** What people do about an alert, and what the clock does when nobody does. Each is one conditional statement. */
import { AppError } from '../contract/errors.ts';
import {
  severities,
  type AlertKind,
  type AlertLevel,
  type AlertStatus,
  type Severity,
} from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { addEvents } from './alert-store.ts';
import { answerDue, closableKinds, holdDue, overdue, type Overdue } from './life.ts';

/** Who answers: a person, or a machine under its key's name. */
export type Answerer = { id: string; name: string };

/** What a change was about, for the audit log and for the screens that follow. */
export type ChangedAlert = { id: string; kind: AlertKind; skuNo: number; locationNo: number };

const changed = (sql: Sql) => sql`a.id, a.kind, a.sku_no as "skuNo", a.location_no as "locationNo"`;

/** A time by the alert's own severity. */
const bySeverity = (sql: Sql, dueOf: (severity: Severity, from: Date) => Date, from: Date) => sql`
  (${severities.map((severity) => dueOf(severity, from).toISOString())}::text[])[
    array_position(${[...severities]}::text[], a.severity)]::timestamptz`;

/**
 * "I'm on it". Its owner may say so again, and has time anew. Throws `conflict` that names whoever was faster, or when it is
 * over; `not_found`.
 */
export async function acknowledgeAlert(
  sql: Sql,
  id: string,
  who: Answerer,
  now: Date,
): Promise<ChangedAlert> {
  const [row] = await sql<ChangedAlert[]>`
    update alert a set ${owned(sql, who, now)}
    where id = ${id} and resolved_at is null and (status = 'open' or owner_id = ${who.id})
    returning ${changed(sql)}`;
  if (!row) throw await refusal(sql, id);
  await addEvents(sql, [{ id, what: 'acknowledged', who: who.name, at: now }]);
  return row;
}

/** Makes somebody the owner, whoever was before. Throws `conflict` when it is over; `not_found`. */
export async function assignAlert(
  sql: Sql,
  id: string,
  owner: Answerer,
  by: string,
  now: Date,
): Promise<ChangedAlert> {
  const [row] = await sql<(ChangedAlert & { from: string | null })[]>`
    update alert a set ${owned(sql, owner, now)} where id = ${id} and resolved_at is null
    returning ${changed(sql)}, old.owner_name as "from"`;
  if (!row) throw await refusal(sql, id);
  const { from, ...alert } = row;
  await addEvents(sql, [{ id, what: 'assigned', who: by, at: now, details: { to: owner.name, from } }]);
  return alert;
}

const owned = (sql: Sql, who: Answerer, now: Date) => sql`
  status = 'acknowledged', owner_id = ${who.id}, owner_name = ${who.name}, snoozed_until = null,
  acknowledged_at = case when owner_id = ${who.id} then acknowledged_at else ${now} end,
  first_acknowledged_at = coalesce(first_acknowledged_at, ${now}), due_at = ${bySeverity(sql, holdDue, now)}`;

/**
 * Takes "I'm on it" back: the alert is open again and its time to answer begins anew. `owner` null: whoever's it is. Throws
 * `conflict` when it is somebody else's, nobody's or over; `not_found`.
 */
export async function unacknowledgeAlert(
  sql: Sql,
  id: string,
  owner: string | null,
  by: string,
  now: Date,
): Promise<ChangedAlert> {
  const [row] = await sql<ChangedAlert[]>`
    update alert a set status = 'open', owner_id = null, owner_name = null, acknowledged_at = null,
      due_at = ${bySeverity(sql, answerDue, now)}
    where id = ${id} and status = 'acknowledged' ${owner === null ? sql`` : sql`and owner_id = ${owner}`}
    returning ${changed(sql)}`;
  if (!row) throw await refusal(sql, id);
  await addEvents(sql, [{ id, what: 'unacknowledged', who: by, at: now }]);
  return row;
}

/** Puts it aside until then; it comes back by itself. Throws `conflict` when it is over; `not_found`. */
export async function snoozeAlert(
  sql: Sql,
  id: string,
  until: Date,
  by: string,
  now: Date,
): Promise<ChangedAlert> {
  const [row] = await sql<ChangedAlert[]>`
    update alert a set snoozed_until = ${until}, due_at = ${until} where id = ${id} and resolved_at is null
    returning ${changed(sql)}`;
  if (!row) throw await refusal(sql, id);
  await addEvents(sql, [{ id, what: 'snoozed', who: by, at: now, details: { until: until.toISOString() } }]);
  return row;
}

/**
 * Ends an alert whose cause no machine sees go. Throws `conflict` for a kind that ends by itself, and when it is over;
 * `not_found`.
 */
export async function closeAlert(
  sql: Sql,
  id: string,
  by: string,
  reason: string,
  now: Date,
): Promise<ChangedAlert> {
  const [row] = await sql<ChangedAlert[]>`
    update alert a set status = 'resolved', resolved_at = ${now}, resolved_by = ${by}, snoozed_until = null
    where id = ${id} and resolved_at is null and kind = any(${[...closableKinds]}::text[])
    returning ${changed(sql)}`;
  if (!row) throw await refusal(sql, id, 'It ends by itself when its cause is gone');
  await addEvents(sql, [{ id, what: 'resolved', who: by, at: now, details: { reason } }]);
  return row;
}

/** Why a change was not made. */
async function refusal(sql: Sql, id: string, otherwise = 'Nobody is on it'): Promise<AppError> {
  const [row] = await sql<{ owner: string | null; status: AlertStatus }[]>`
    select owner_name as owner, status from alert where id = ${id}`;
  if (!row) return new AppError('not_found', 'There is no such alert');
  if (row.status === 'resolved') return new AppError('conflict', 'It is over already');
  return new AppError('conflict', row.owner === null ? otherwise : `${row.owner} is on it`);
}

/** As many as one run takes; what is left is taken by the next. */
const BATCH = 500;

/**
 * Moves on what is past its time: snoozes end, acknowledgements that led nowhere expire, unanswered alerts go one level up.
 * Alerts that a company-wide one stands for and silenced ones stay as they are. Answers what was changed.
 */
export async function escalateAlerts(
  sql: Sql,
  now: Date,
): Promise<(ChangedAlert & { level: AlertLevel; what: Overdue['what'] })[]> {
  const due = await sql<
    (ChangedAlert & {
      status: AlertStatus;
      level: AlertLevel;
      severity: Severity;
      snoozed: boolean;
      owner: string | null;
    })[]
  >`
    select ${changed(sql)}, a.status, a.level, a.severity, a.snoozed_until is not null as snoozed, a.owner_name as owner
    from alert a
    where a.resolved_at is null and a.due_at <= ${now} and a.group_id is null and not alert_silenced(a, ${now})
    order by a.due_at limit ${BATCH} for update skip locked`;
  if (due.length === 0) return [];
  const moved = due.map((alert) => ({ alert, next: overdue(alert, now) }));
  await sql`
    update alert a set status = m.status, level = m.level, due_at = m.due_at, snoozed_until = null,
      told_at = case when m.tell then null else a.told_at end,
      owner_id = case when m.status = 'open' then null else a.owner_id end,
      owner_name = case when m.status = 'open' then null else a.owner_name end,
      acknowledged_at = case when m.status = 'open' then null else a.acknowledged_at end
    from unnest(${column(moved, ({ alert }) => alert.id)}::uuid[], ${column(moved, ({ next }) => next.status)}::text[],
      ${column(moved, ({ next }) => next.level)}::text[], ${column(moved, ({ next }) => next.dueAt.toISOString())}::timestamptz[],
      ${column(moved, ({ next }) => String(next.tell))}::boolean[])
    as m (id, status, level, due_at, tell)
    where a.id = m.id`;
  await addEvents(
    sql,
    moved.flatMap(({ alert, next }) =>
      next.what.map((what) => ({
        id: alert.id,
        what,
        at: now,
        details: what === 'expired' ? { owner: alert.owner } : { level: next.level },
      })),
    ),
  );
  return moved.map(({ alert: { id, kind, skuNo, locationNo }, next }) => ({
    id,
    kind,
    skuNo,
    locationNo,
    level: next.level,
    what: next.what,
  }));
}
