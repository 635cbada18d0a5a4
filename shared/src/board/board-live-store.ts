/** What the board shows of livestreams. Only reads; absolute values. Times are Dates, amounts minor units. */
import type { LiveRequest } from '../contract/board.ts';
import type { LiveRequestKind } from '../contract/words.ts';
import {
  LAST_SESSIONS,
  LOST_MS,
  PLANNED_MINUTES,
  TRAILING_MS,
  type SessionFigures,
} from '../live/session.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

export type OnAirRow = SessionFigures & { featured: FeaturedRow | null };
export type FeaturedRow = {
  sku: string;
  nameZh: string;
  nameEn: string;
  price: number | null;
  since: string;
  units: number;
  clicks: number;
  paused: boolean;
};

/** Whether somebody asked the host last not to sell a product, or to sell it again. */
const pausedOf = (sql: Sql) => sql`
  coalesce((select r.kind = 'pause' from live_request r where r.session_id = s.session_id and r.sku_no = f.sku_no
    and r.kind in ('pause', 'resume') order by r.at desc, r.id desc limit 1), false)`;

/** The product that the host holds up, as JSON of `FeaturedRow`; null: none yet. What is left of it `readPlaces` tells. */
const featuredOf = (sql: Sql) => sql`
  (select jsonb_build_object('sku', k.code, 'nameZh', k.name_zh, 'nameEn', k.name_en, 'price', f.price,
      'since', to_char(f.at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'units', t.units, 'clicks', t.clicks,
      'paused', ${pausedOf(sql)})
    from (select * from live_mark m where m.session_id = s.session_id order by m.at desc, m.key desc limit 1) f
    join sku k on k.no = f.sku_no
    cross join lateral (select coalesce(sum(p.units), 0) as units, coalesce(sum(p.clicks), 0) as clicks
      from live_product p where p.session_id = s.session_id and p.sku_no = f.sku_no) t)`;

/** As `stateOf` says, in SQL: on air, or silent not too long. */
const onAir = (sql: Sql, now: Date) => sql`
  (s.ended_at is null or s.pulse_at > s.ended_at + ${TRAILING_MS}::int * interval '1 millisecond')
  and greatest(s.started_at, s.pulse_at) > ${now}::timestamptz - ${LOST_MS}::int * interval '1 millisecond'`;

/** Sessions on air, the earliest first. */
export function readOnAir(sql: Sql, now: Date): Promise<OnAirRow[]> {
  return sql<OnAirRow[]>`
    select s.session_id as id, s.room_id as room, s.host, s.platform, coalesce(s.title, p.title) as title,
      s.started_at as "startedAt", s.pulse_at as "pulseAt", s.ended_at as "endedAt", s.viewers, s.peak, s.entered, s.likes,
      s.comments, s.clicks, s.orders, s.units, s.placed, s.paid, p.amount as "planAmount", p.minutes as "planMinutes",
      ${featuredOf(sql)} as featured
    from live_session s left join live_plan p using (session_id)
    where not s.over and ${onAir(sql, now)}
    order by s.started_at, s.session_id limit ${MOST_ON_AIR}`;
}

/** More than anybody could look at. */
const MOST_ON_AIR = 100;

export type LiveMinuteRow = {
  session: string;
  minute: Date;
  viewers: number;
  entered: number;
  clicks: number;
  orders: number;
  units: number;
  placed: number;
};

/** Minutes of sessions since `from`. */
export async function readLiveMinutes(
  sql: Sql,
  sessions: readonly string[],
  from: Date,
): Promise<LiveMinuteRow[]> {
  if (sessions.length === 0) return [];
  return sql<LiveMinuteRow[]>`
    select session_id as session, minute, viewers, entered, clicks, orders, units, placed from live_minute
    where session_id = any(${column(sessions, (id) => id)}::text[]) and minute >= ${from}::timestamptz
    order by session_id, minute`;
}

export type MarkRow = {
  session: string;
  at: Date;
  sku: string;
  nameZh: string;
  nameEn: string;
  price: number | null;
};

/** What was held up in sessions, from their beginning, the earliest first. */
export async function readMarks(sql: Sql, sessions: readonly string[]): Promise<MarkRow[]> {
  if (sessions.length === 0) return [];
  return sql<MarkRow[]>`
    select m.session_id as session, m.at, k.code as sku, k.name_zh as "nameZh", k.name_en as "nameEn", m.price
    from live_mark m join sku k on k.no = m.sku_no
    where m.session_id = any(${column(sessions, (id) => id)}::text[]) order by m.session_id, m.at, m.key`;
}

export type DropRow = { session: string; at: Date; name: string };

/**
 * Coupon campaigns that began while the sessions were on air and are good in livestreams, the earliest first. Not those of automations:
 * they give one member after the other, whatever is on air.
 */
export async function readDrops(sql: Sql, sessions: readonly string[]): Promise<DropRow[]> {
  if (sessions.length === 0) return [];
  return sql<DropRow[]>`
    select s.session_id as session, d.at, c.name
    from live_session s
    join campaign c on c.kind = 'coupon' and c.give <> 'rule' and c.launched_at is not null
      and coalesce(c.template #> '{scope,channels}' @> '["live"]', true)
    cross join lateral (select greatest(c.launched_at, c.starts_at) as at) d
    where s.session_id = any(${column(sessions, (id) => id)}::text[])
      and d.at >= s.started_at and d.at <= case when s.ended_at is null
        then greatest(s.started_at, s.pulse_at) + ${LOST_MS}::int * interval '1 millisecond' else greatest(s.ended_at, s.pulse_at) end
    order by s.session_id, d.at, c.no`;
}

export type RequestRow = Omit<LiveRequest, 'at'> & {
  at: Date;
  order: string | null;
  seenAt: Date | null;
  seenBy: string | null;
  kind: LiveRequestKind;
};

/** What was asked in sessions, the earliest first. */
export async function readRequests(sql: Sql, sessions: readonly string[]): Promise<RequestRow[]> {
  if (sessions.length === 0) return [];
  return sql<RequestRow[]>`
    select r.id, r.session_id as session, r.kind, r.at, r.by, k.code as sku, k.name_zh as "nameZh", k.name_en as "nameEn",
      r.qty, r.note, r.order_code as order, r.seen_at as "seenAt", r.seen_by as "seenBy"
    from live_request r left join sku k on k.no = r.sku_no
    where r.session_id = any(${column(sessions, (id) => id)}::text[]) order by r.at, r.id`;
}

export type PastMinute = {
  session: string;
  past: string;
  /** Minutes of the past session, from its first to its end. */
  minutes: number;
  /** Since its beginning. */
  minute: number;
  placed: number;
};

/** The minutes in which the last sessions of the same rooms placed something, while they were on air. */
export async function readLastSessions(sql: Sql, sessions: readonly string[]): Promise<PastMinute[]> {
  if (sessions.length === 0) return [];
  return sql<PastMinute[]>`
    select s.session_id as session, l.session_id as past,
      ceil(extract(epoch from l.until - l.started_at) / 60)::int as minutes,
      floor(extract(epoch from m.minute - date_trunc('minute', l.started_at)) / 60)::int as minute, m.placed
    from live_session s
    cross join lateral (
      select session_id, started_at, coalesce(ended_at, pulse_at) as until from live_session l
      where l.room_id = s.room_id and l.started_at < s.started_at and l.session_id <> s.session_id
        and coalesce(l.ended_at, l.pulse_at) > l.started_at
      order by l.started_at desc limit ${LAST_SESSIONS}::int) l
    join live_minute m on m.session_id = l.session_id and m.minute >= date_trunc('minute', l.started_at)
      and m.minute <= l.until and m.placed <> 0
    where s.session_id = any(${column(sessions, (id) => id)}::text[])
    order by 1, l.started_at desc, 4`;
}

export type PastRow = {
  id: string;
  room: string | null;
  host: string | null;
  title: string | null;
  startedAt: Date;
  endedAt: Date;
  peak: number;
  orders: number;
  placed: number;
};
export type NextRow = { id: string; room: string | null; title: string | null; startsAt: Date };

/** The shows that ended last, and those that are to come. */
export async function readAroundNow(sql: Sql, now: Date): Promise<{ past: PastRow[]; next: NextRow[] }> {
  const [past, next] = await Promise.all([
    sql<PastRow[]>`
      select s.session_id as id, s.room_id as room, s.host, s.title, s.started_at as "startedAt",
        coalesce(s.ended_at, s.pulse_at, s.started_at) as "endedAt", s.peak, s.orders, s.placed
      from live_session s where s.started_at <= ${now}::timestamptz and not coalesce(${onAir(sql, now)}, false)
      order by s.started_at desc, s.session_id limit 5`,
    sql<NextRow[]>`
      select p.session_id as id, p.room_id as room, p.title, p.starts_at as "startsAt" from live_plan p
      where p.starts_at > ${now}::timestamptz - ${PLANNED_MINUTES}::int * interval '1 minute'
        and not exists (select from live_session s where s.session_id = p.session_id and s.started_at is not null)
      order by p.starts_at, p.session_id limit 3`,
  ]);
  return { past, next };
}
