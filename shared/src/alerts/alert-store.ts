/** Opens, changes and ends alerts, as their causes come and go. */
import type { AlertParams } from '../contract/board.ts';
import type { AlertKind, Severity } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import {
  answerDue,
  FLAP_MINUTES,
  gravityOf,
  groupedKinds,
  WIDESPREAD_BELOW,
  WIDESPREAD_FROM,
} from './life.ts';

/** Alerts of one family are stages of one trouble: a balance (or order) has at most one open alert of a family. */
export type AlertFamily = 'stock' | 'book' | 'supply';

/** What an alert is about; 0 for no single SKU, location or order. */
export type AlertKey = { family: AlertFamily; skuNo: number; locationNo: number; supplyOrderNo: number };

export type AlertDraft = AlertKey & { kind: AlertKind; severity: Severity; params: AlertParams };

/** `worse`: it is graver than it has been in the last half hour; a new one always is. */
export type OpenedAlert = AlertKey & { id: string; isNew: boolean; worse: boolean };

const keyOf = ({ family, skuNo, locationNo, supplyOrderNo }: AlertKey): string =>
  `${family} ${skuNo} ${locationNo} ${supplyOrderNo}`;

/** The gravest draft of each key, in key order, which is the order of locks. */
function gravest(drafts: readonly AlertDraft[]): AlertDraft[] {
  const best = new Map<string, AlertDraft>();
  for (const draft of drafts) {
    const other = best.get(keyOf(draft));
    if (other === undefined || gravityOf(draft.kind) > gravityOf(other.kind)) best.set(keyOf(draft), draft);
  }
  return [...best.values()].sort(byKey);
}

const byKey = (a: AlertKey, b: AlertKey): number =>
  a.skuNo - b.skuNo ||
  a.locationNo - b.locationNo ||
  a.supplyOrderNo - b.supplyOrderNo ||
  (a.family < b.family ? -1 : a.family > b.family ? 1 : 0);

const keysOf = (sql: Sql, keys: readonly AlertKey[]) => sql`
  ${column(keys, (key) => key.family)}::text[], ${column(keys, (key) => key.skuNo)}::int[],
  ${column(keys, (key) => key.locationNo)}::int[], ${column(keys, (key) => key.supplyOrderNo)}::bigint[]`;

const keyColumns = (sql: Sql) => sql`
  a.id, a.family, a.sku_no as "skuNo", a.location_no as "locationNo", a.supply_order_no as "supplyOrderNo"`;

/**
 * Opens an alert for each key, or brings the open one up to date; one that ended less than half an hour ago is opened again
 * instead. It is raised anew (told, asked for an answer) only when it is new or worse; an owner keeps what came back
 * no worse. Call it in the transaction that looked at the cause, with those balances locked: two calls for one key at the
 * same time may fail on the key, and are to be tried again.
 */
export async function openAlerts(
  sql: Sql,
  drafts: readonly AlertDraft[],
  now = new Date(),
): Promise<OpenedAlert[]> {
  if (drafts.length === 0) return [];
  const list = gravest(drafts);
  const rowsOf = (rows: readonly AlertDraft[]) => sql`
    select * from unnest(${keysOf(sql, rows)}, ${column(rows, (d) => d.kind)}::text[], ${column(rows, (d) => d.severity)}::text[],
      ${column(rows, (d) => JSON.stringify(d.params))}::text[], ${column(rows, (d) => gravityOf(d.kind))}::smallint[],
      ${column(rows, (d) => answerDue(d.severity, now).toISOString())}::timestamptz[])
    as d (family, sku_no, location_no, supply_order_no, kind, severity, params, gravity, answer_due)`;
  const reopened = await sql<(OpenedAlert & { was: string })[]>`
    with d as (${rowsOf(list)}), back as (
      select d.*, r.id, d.gravity > r.peak as worse,
        d.gravity <= r.peak and r.owner_name is not null and r.due_at > ${now} as kept
      from d cross join lateral (
        select * from alert r
        where r.family = d.family and r.sku_no = d.sku_no and r.location_no = d.location_no and r.supply_order_no = d.supply_order_no
        order by r.opened_at desc, r.id desc limit 1) r
      where r.resolved_at > ${now}::timestamptz - ${FLAP_MINUTES} * interval '1 minute'
    )
    update alert a set resolved_at = null, resolved_by = null, end_told_at = null, kind = b.kind, severity = b.severity,
      params = b.params::jsonb, peak = greatest(a.peak, b.gravity), raised_at = ${now},
      status = case when b.kept then 'acknowledged' else 'open' end,
      owner_id = case when b.kept then a.owner_id end, owner_name = case when b.kept then a.owner_name end,
      acknowledged_at = case when b.kept then a.acknowledged_at end,
      due_at = case when b.kept then a.due_at else b.answer_due end,
      told_at = case when b.worse then null else a.told_at end
    from back b where a.id = b.id and a.resolved_at is not null
    returning ${keyColumns(sql)}, false as "isNew", b.worse, 'reopened' as was`;
  const done = new Set(reopened.map(keyOf));
  const opened = await sql<(OpenedAlert & { was: string | null })[]>`
    insert into alert as a (family, sku_no, location_no, supply_order_no, kind, severity, params, peak, opened_at, raised_at, due_at, level)
    select family, sku_no, location_no, supply_order_no, kind, severity, params::jsonb, gravity, ${now}, ${now}, answer_due,
      case when location_no = 0 then 'hq' else 'store' end
    from (${rowsOf(list.filter((each) => !done.has(keyOf(each))))}) d
    order by sku_no, location_no, supply_order_no, family
    on conflict (family, sku_no, location_no, supply_order_no) where resolved_at is null do update set
      kind = excluded.kind, severity = excluded.severity, params = excluded.params,
      ${raised(sql, now)}
    returning ${keyColumns(sql)}, old.id is null as "isNew", old.raised_at is distinct from new.raised_at as worse,
      case when old.id is null then 'opened' when old.raised_at <> new.raised_at then 'worse'
        when old.kind <> new.kind then 'changed' end as was`;
  const all = [...reopened, ...opened];
  const kinds = new Map(list.map((d) => [keyOf(d), d.kind]));
  await addEvents(
    sql,
    all.flatMap((alert) =>
      alert.was === null
        ? []
        : [{ id: alert.id, what: alert.was, at: now, details: { kind: kinds.get(keyOf(alert)) } }],
    ),
  );
  return all.map(({ id, family, skuNo, locationNo, supplyOrderNo, isNew, worse }) => ({
    id,
    family,
    skuNo,
    locationNo,
    supplyOrderNo,
    isNew,
    worse,
  }));
}

/** What moves when an open alert got worse; how grave the new kind is stands in excluded.peak. */
function raised(sql: Sql, now: Date) {
  const worse = sql`(excluded.peak > (${gravitySql(sql)}) and (excluded.peak > a.peak
    or a.raised_at < ${now}::timestamptz - ${FLAP_MINUTES} * interval '1 minute'))`;
  return sql`
    peak = case when ${worse} then excluded.peak else greatest(a.peak, excluded.peak) end,
    raised_at = case when ${worse} then ${now} else a.raised_at end,
    due_at = case when ${worse} then excluded.due_at else a.due_at end,
    told_at = case when ${worse} then null else a.told_at end,
    status = case when ${worse} then 'open' else a.status end,
    owner_id = case when ${worse} then null else a.owner_id end,
    owner_name = case when ${worse} then null else a.owner_name end,
    acknowledged_at = case when ${worse} then null else a.acknowledged_at end,
    snoozed_until = case when ${worse} then null else a.snoozed_until end`;
}

const graveKinds = [
  'low_stock',
  'sellout_soon',
  'sold_out',
  'oversold',
  'count_gap',
  'negative_stock',
] as const;
/** The gravity of the kind that the alert has had until now. */
const gravitySql = (sql: Sql) => sql`
  coalesce((${graveKinds.map(gravityOf)}::int[])[array_position(${[...graveKinds]}::text[], a.kind)], 1)`;

/**
 * Ends the open alerts of these keys, because their cause is gone (`by` is `cause`) or somebody says so (their name).
 * Answers those that it ended.
 */
export async function resolveAlerts(
  sql: Sql,
  keys: readonly AlertKey[],
  by: string,
  now = new Date(),
): Promise<(AlertKey & { id: string })[]> {
  if (keys.length === 0) return [];
  const ended = await sql<(AlertKey & { id: string })[]>`
    with due as (
      select a.id from alert a
      join unnest(${keysOf(sql, keys)}) as k (family, sku_no, location_no, supply_order_no)
        using (family, sku_no, location_no, supply_order_no)
      where a.resolved_at is null
      order by a.sku_no, a.location_no, a.supply_order_no, a.family
      for update of a
    )
    update alert a set status = 'resolved', resolved_at = ${now}, resolved_by = ${by}, snoozed_until = null, group_id = null
    from due where a.id = due.id and a.resolved_at is null
    returning ${keyColumns(sql)}`;
  const who = by === 'cause' ? null : by;
  await addEvents(
    sql,
    ended.map(({ id }) => ({ id, what: 'resolved', who, at: now })),
  );
  return ended;
}

/**
 * Looks whether many stores lack the same SKU: from five on one company-wide alert stands for theirs, until fewer than three
 * are left. Call it after opening or ending stock alerts, with their SKUs. Alerts that another transaction is
 * changing are left to that one's own call.
 *
 * Answers whether anything changed.
 */
export async function groupAlerts(sql: Sql, skuNos: readonly number[], now = new Date()): Promise<boolean> {
  if (skuNos.length === 0) return false;
  // One at a time for a SKU, and only where there is something to decide: locks of a whole plan's SKUs would be too many.
  const candidates = await sql<{ skuNo: number }[]>`
    select sku_no as "skuNo" from alert
    where sku_no = any(${[...new Set(skuNos)]}::int[]) and family = 'stock' and resolved_at is null
    group by sku_no
    having count(*) filter (where location_no <> 0) >= ${WIDESPREAD_FROM} or bool_or(location_no = 0)
    order by sku_no`;
  if (candidates.length === 0) return false;
  const nos = candidates.map(({ skuNo }) => skuNo);
  await sql`select pg_advisory_xact_lock(${GROUP_LOCK}, no) from unnest(${nos}::int[]) as n (no)`;
  const counts = await sql<{ skuNo: number; stores: number; gone: number; open: boolean }[]>`
    select sku_no as "skuNo", count(*) filter (where ${isMember(sql)}) as stores,
      count(*) filter (where ${isMember(sql)} and kind <> 'low_stock') as gone, bool_or(location_no = 0) as open
    from alert where sku_no = any(${nos}::int[]) and family = 'stock' and resolved_at is null
    group by sku_no order by sku_no`;
  const standing = counts.filter(({ stores, open }) => stores >= (open ? WIDESPREAD_BELOW : WIDESPREAD_FROM));
  const over = counts.filter((count) => count.open && !standing.includes(count));

  const wide = await openAlerts(
    sql,
    standing.map(({ skuNo, stores, gone }) => ({
      family: 'stock',
      kind: 'widespread',
      severity: gone >= WIDESPREAD_FROM ? 'critical' : 'warning',
      skuNo,
      locationNo: 0,
      supplyOrderNo: 0,
      params: { stores },
    })),
    now,
  );
  const ended = await resolveAlerts(
    sql,
    over.map(({ skuNo }) => ({ family: 'stock', skuNo, locationNo: 0, supplyOrderNo: 0 })),
    'cause',
    now,
  );
  const moved = await sql`
    with stands as (
      select * from unnest(${column(wide, (a) => a.skuNo)}::int[], ${column(wide, (a) => a.id)}::uuid[]) as s (sku_no, id)
    ), member as (
      select a.id, case when ${isMember(sql)} then s.id end as group_id
      from alert a left join stands s using (sku_no)
      where a.sku_no = any(${nos}::int[]) and a.family = 'stock' and a.resolved_at is null and a.location_no <> 0
        and a.group_id is distinct from case when ${isMember(sql)} then s.id end
      order by a.location_no
      for update of a skip locked
    )
    update alert a set group_id = m.group_id from member m where a.id = m.id`;
  return moved.count > 0 || wide.some(({ isNew, worse }) => isNew || worse) || ended.length > 0;
}

/** Any number: with a SKU's it is the lock of its company-wide alert. */
const GROUP_LOCK = 7_203;

const isMember = (sql: Sql) => sql`(location_no <> 0 and kind = any(${[...groupedKinds]}::text[]))`;

/** A line of an alert's history. `who` is absent where nobody but the clock or the goods did it. */
export type NewAlertEvent = { id: string; what: string; who?: string | null; at: Date; details?: object };

export async function addEvents(sql: Sql, events: readonly NewAlertEvent[]): Promise<void> {
  if (events.length === 0) return;
  await sql`
    insert into alert_event (alert_id, at, what, who, details)
    select id, at, what, who, details::jsonb from unnest(
      ${column(events, (e) => e.id)}::uuid[], ${column(events, (e) => e.at.toISOString())}::timestamptz[],
      ${column(events, (e) => e.what)}::text[], ${column(events, (e) => e.who ?? null)}::text[],
      ${column(events, (e) => JSON.stringify(e.details ?? {}))}::text[]) as e (id, at, what, who, details)`;
}
