/** Writes a group's additions to livestreams. Rows come sorted by key (see `LiveChanges`), which is the lock order. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { PLANNED_MINUTES } from './session.ts';
import type { LiveChanges, MarkRow, MinuteRow, ProductMinuteRow, ProductRow, SessionRow } from './changes.ts';

const iso = (ms: number | null | undefined) =>
  ms === null || ms === undefined ? null : new Date(ms).toISOString();

/** Books everything; the statements go out together, sessions first. Sends nothing where the group holds no such fact. */
export async function bookLive(sql: Sql, changes: LiveChanges): Promise<void> {
  if (changes.empty) return;
  await Promise.all([
    addSessions(sql, changes.sessions()),
    startSessions(sql, changes),
    addMinutes(sql, changes.minutes()),
    addProducts(sql, changes.products()),
    addProductMinutes(sql, changes.productMinutes()),
    addMarks(sql, changes.marks()),
  ]);
}

async function addSessions(sql: Sql, rows: readonly SessionRow[]): Promise<void> {
  const newer = sql`(excluded.pulse_key is not null
    and (t.pulse_key is null or excluded.pulse_key collate "C" > t.pulse_key collate "C"))`;
  const sum = (name: string) => sql`${sql(name)} = t.${sql(name)} + excluded.${sql(name)}`;
  await sql`
    insert into live_session as t (session_id, ended_at, pulse_at, pulse_key, viewers, peak, entered, likes, comments,
      clicks, orders, units, placed, paid, refunded, over)
    select *, ended_at is not null and (pulse_at is null or pulse_at <= ended_at) from unnest(
      ${column(rows, (r) => r.sessionId)}::text[], ${column(rows, (r) => iso(r.endedAt))}::timestamptz[],
      ${column(rows, (r) => iso(r.pulse?.at))}::timestamptz[], ${column(rows, (r) => r.pulse?.key)}::text[],
      ${column(rows, (r) => r.pulse?.viewers ?? 0)}::bigint[], ${column(rows, (r) => r.peak)}::bigint[],
      ${column(rows, (r) => r.entered)}::bigint[], ${column(rows, (r) => r.likes)}::bigint[],
      ${column(rows, (r) => r.comments)}::bigint[], ${column(rows, (r) => r.clicks)}::bigint[],
      ${column(rows, (r) => r.orders)}::int[], ${column(rows, (r) => r.units)}::int[],
      ${column(rows, (r) => r.placed)}::bigint[], ${column(rows, (r) => r.paid)}::bigint[],
      ${column(rows, (r) => r.refunded)}::bigint[])
    as n (session_id, ended_at, pulse_at, pulse_key, viewers, peak, entered, likes, comments, clicks, orders, units, placed,
      paid, refunded)
    on conflict (session_id) do update set
      ended_at = greatest(t.ended_at, excluded.ended_at),
      pulse_at = case when ${newer} then excluded.pulse_at else t.pulse_at end,
      pulse_key = case when ${newer} then excluded.pulse_key else t.pulse_key end,
      viewers = case when ${newer} then excluded.viewers else t.viewers end,
      peak = greatest(t.peak, excluded.peak), ${sum('entered')}, ${sum('likes')}, ${sum('comments')}, ${sum('clicks')},
      ${sum('orders')}, ${sum('units')}, ${sum('placed')}, ${sum('paid')}, ${sum('refunded')},
      over = coalesce(greatest(t.ended_at, excluded.ended_at) >= greatest(t.pulse_at, excluded.pulse_at),
        greatest(t.ended_at, excluded.ended_at) is not null)`;
}

/** Rare: the sessions' rows are there and locked. */
async function startSessions(sql: Sql, changes: LiveChanges): Promise<void> {
  const rows = changes.starts();
  if (rows.length === 0) return;
  await sql`
    update live_session t set started_at = n.started_at, started_key = n.started_key, room_id = n.room_id, host = n.host,
      platform = n.platform, title = n.title, skus = n.skus
    from json_populate_recordset(null::live_session, ${JSON.stringify(
      rows.map(({ sessionId, key, at, roomId, host, platform, title, skus }) => ({
        session_id: sessionId,
        started_at: iso(at),
        started_key: key,
        room_id: roomId,
        host,
        platform,
        title,
        skus,
      })),
    )}::text::json) n
    where t.session_id = n.session_id
      and (t.started_key is null or n.started_key collate "C" < t.started_key collate "C")`;
  // A show that was planned before anybody knew its id: of those in its room the one nearest to its time.
  await sql`
    update live_plan p set session_id = n.session_id
    from (
      select distinct on (s.session_id) s.session_id, p.planned_as
      from live_session s join live_plan p on p.room_id = s.room_id and p.session_id = p.planned_as
        and p.starts_at between s.started_at - ${PLANNED_MINUTES}::int * interval '1 minute'
          and s.started_at + ${PLANNED_MINUTES}::int * interval '1 minute'
      where s.session_id = any(${column(rows, (r) => r.sessionId)}::text[])
        and not exists (select from live_plan o where o.session_id = s.session_id)
      order by s.session_id, greatest(p.starts_at - s.started_at, s.started_at - p.starts_at), p.planned_as) n
    where p.planned_as = n.planned_as and p.session_id = p.planned_as`;
}

async function addMinutes(sql: Sql, rows: readonly MinuteRow[]): Promise<void> {
  if (rows.length === 0) return;
  const sum = (name: string) => sql`${sql(name)} = t.${sql(name)} + excluded.${sql(name)}`;
  await sql`
    insert into live_minute as t (session_id, minute, viewers, entered, likes, comments, clicks, orders, units, placed, paid)
    select * from unnest(
      ${column(rows, (r) => r.sessionId)}::text[], ${column(rows, (r) => iso(r.minute))}::timestamptz[],
      ${column(rows, (r) => r.viewers)}::bigint[], ${column(rows, (r) => r.entered)}::bigint[],
      ${column(rows, (r) => r.likes)}::bigint[], ${column(rows, (r) => r.comments)}::bigint[],
      ${column(rows, (r) => r.clicks)}::bigint[], ${column(rows, (r) => r.orders)}::int[],
      ${column(rows, (r) => r.units)}::int[], ${column(rows, (r) => r.placed)}::bigint[],
      ${column(rows, (r) => r.paid)}::bigint[])
    on conflict (session_id, minute) do update set
      viewers = greatest(t.viewers, excluded.viewers), ${sum('entered')}, ${sum('likes')}, ${sum('comments')},
      ${sum('clicks')}, ${sum('orders')}, ${sum('units')}, ${sum('placed')}, ${sum('paid')}`;
}

async function addProducts(sql: Sql, rows: readonly ProductRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into live_product as t (session_id, sku_no, location_no, clicks, orders, units, amount)
    select * from unnest(
      ${column(rows, (r) => r.sessionId)}::text[], ${column(rows, (r) => r.skuNo)}::int[],
      ${column(rows, (r) => r.locationNo)}::int[], ${column(rows, (r) => r.clicks)}::bigint[],
      ${column(rows, (r) => r.orders)}::int[], ${column(rows, (r) => r.units)}::int[],
      ${column(rows, (r) => r.amount)}::bigint[])
    on conflict (session_id, sku_no, location_no) do update set clicks = t.clicks + excluded.clicks,
      orders = t.orders + excluded.orders, units = t.units + excluded.units, amount = t.amount + excluded.amount`;
}

async function addProductMinutes(sql: Sql, rows: readonly ProductMinuteRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into live_product_minute as t (session_id, sku_no, minute, location_no, units)
    select * from unnest(
      ${column(rows, (r) => r.sessionId)}::text[], ${column(rows, (r) => r.skuNo)}::int[],
      ${column(rows, (r) => iso(r.minute))}::timestamptz[], ${column(rows, (r) => r.locationNo)}::int[],
      ${column(rows, (r) => r.units)}::int[])
    on conflict (session_id, sku_no, minute, location_no) do update set units = t.units + excluded.units`;
}

async function addMarks(sql: Sql, rows: readonly MarkRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into live_mark (session_id, at, key, sku_no, price)
    select * from unnest(
      ${column(rows, (r) => r.sessionId)}::text[], ${column(rows, (r) => iso(r.at))}::timestamptz[],
      ${column(rows, (r) => r.key)}::text[], ${column(rows, (r) => r.skuNo)}::int[],
      ${column(rows, (r) => r.price)}::bigint[])
    on conflict do nothing`;
}
