/** Reads livestreams for the cockpit, and keeps plans and what was asked of hosts. Times are Dates, amounts minor units. */
import type { Channel, LiveRequestKind } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';
import { LAST_SESSIONS, LOST_MS, TRAILING_MS, type SessionFigures } from './session.ts';

export type SessionRow = SessionFigures & {
  refunded: number;
  startsAt: Date | null;
  /** When it began, was first heard of, or is planned: what lists are sorted by. */
  sortAt: Date;
};

const heard = (sql: Sql) => sql`coalesce(s.started_at, s.pulse_at, s.ended_at, p.starts_at, p.updated_at,
  (select min(m.minute) from live_minute m where m.session_id = s.session_id), 'epoch')`;

const columns = (sql: Sql) => sql`
  coalesce(s.session_id, p.session_id) as id, coalesce(s.room_id, p.room_id) as room, s.host, s.platform,
  coalesce(s.title, p.title) as title, s.started_at as "startedAt", s.pulse_at as "pulseAt", s.ended_at as "endedAt",
  coalesce(s.viewers, 0) as viewers, coalesce(s.peak, 0) as peak, coalesce(s.entered, 0) as entered,
  coalesce(s.likes, 0) as likes, coalesce(s.comments, 0) as comments, coalesce(s.clicks, 0) as clicks,
  coalesce(s.orders, 0) as orders, coalesce(s.units, 0) as units, coalesce(s.placed, 0) as placed,
  coalesce(s.paid, 0) as paid, coalesce(s.refunded, 0) as refunded, p.amount as "planAmount", p.minutes as "planMinutes",
  p.starts_at as "startsAt", ${heard(sql)} as "sortAt"`;

/** Known from facts or a plan. A session that only an order named, which was then found to belong elsewhere, says nothing. */
const told = (sql: Sql) => sql`
  (p.session_id is not null or coalesce(s.started_at, s.pulse_at, s.ended_at) is not null or s.orders <> 0)`;

/** As `stateOf` says: on air or silent. */
const onAir = (sql: Sql, now: Date) => sql`coalesce(
  (s.ended_at is null or s.pulse_at > s.ended_at + ${TRAILING_MS}::int * interval '1 millisecond')
  and greatest(s.started_at, s.pulse_at) > ${now}::timestamptz - ${LOST_MS}::int * interval '1 millisecond', false)`;

export type SessionFilter = {
  id?: string | undefined;
  room?: string | undefined;
  which?: 'running' | 'past' | 'planned' | undefined;
};

/** Newest first; `before` is where the page before ended. */
export function listSessions(
  sql: Sql,
  { id, room, which }: SessionFilter,
  before: { at: Date; id: string } | null,
  { now, limit }: { now: Date; limit: number },
): Promise<SessionRow[]> {
  const state =
    which === undefined
      ? sql``
      : which === 'running'
        ? sql`and ${onAir(sql, now)}`
        : which === 'past'
          ? sql`and s.session_id is not null and not ${onAir(sql, now)}`
          : sql`and s.session_id is null`;
  return sql<SessionRow[]>`
    select * from (
      select ${columns(sql)} from live_session s full join live_plan p using (session_id)
      where ${told(sql)} ${state}
        ${id === undefined ? sql`` : sql`and coalesce(s.session_id, p.session_id) = ${id}`}
        ${room === undefined ? sql`` : sql`and coalesce(s.room_id, p.room_id) = ${room}`}) l
    ${before === null ? sql`` : sql`where (l."sortAt", l.id) < (${before.at}::timestamptz, ${before.id})`}
    order by l."sortAt" desc, l.id desc limit ${limit}`;
}

export type CurveRow = {
  minute: Date;
  viewers: number;
  entered: number;
  likes: number;
  comments: number;
  clicks: number;
  orders: number;
  units: number;
  placed: number;
  paid: number;
};

/** Every minute in which something was heard of a session, while it was on air. */
export function readCurve(sql: Sql, sessionId: string, { from, to }: { from: Date; to: Date }) {
  return sql<CurveRow[]>`
    select minute, viewers, entered, likes, comments, clicks, orders, units, placed, paid from live_minute
    where session_id = ${sessionId} and minute >= date_trunc('minute', ${from}::timestamptz) and minute <= ${to}
    order by minute limit 3000`;
}

export type ChannelRow = { channel: Channel; orders: number; units: number; placed: number };

/** Through which channels the orders of a session came, the one that brought most first. */
export function readChannels(sql: Sql, sessionId: string): Promise<ChannelRow[]> {
  return sql<ChannelRow[]>`
    select channel, count(*)::int as orders, sum((select sum(qty) from unnest(line_qty) as qty))::int as units,
      sum(total)::bigint as placed
    from orders where session_id = ${sessionId} and placed_at is not null group by 1 order by 4 desc, 1`;
}

export type ProductRow = {
  sku: string;
  nameZh: string;
  nameEn: string;
  clicks: number;
  orders: number;
  units: number;
  amount: number;
  /** How often it was held up, when last and at which price. */
  featured: number;
  featuredAt: Date | null;
  price: number | null;
  paused: boolean;
};

/** What a session shows and sells: what its start listed, what was held up, clicked or bought. */
export function readProducts(sql: Sql, sessionId: string): Promise<ProductRow[]> {
  return sql<ProductRow[]>`
    with of as (
      select k.no from live_session s join sku k on k.code = any(s.skus) where s.session_id = ${sessionId}
      union select sku_no from live_product where session_id = ${sessionId}
      union select sku_no from live_mark where session_id = ${sessionId}
    ),
    sums as (
      select sku_no, sum(clicks) as clicks, sum(orders) as orders, sum(units) as units, sum(amount) as amount
      from live_product where session_id = ${sessionId} group by 1
    )
    select k.code as sku, k.name_zh as "nameZh", k.name_en as "nameEn", coalesce(t.clicks, 0)::bigint as clicks,
      coalesce(t.orders, 0)::int as orders, coalesce(t.units, 0)::int as units, coalesce(t.amount, 0)::bigint as amount,
      coalesce(m.times, 0)::int as featured, f.at as "featuredAt", f.price,
      coalesce((select r.kind = 'pause' from live_request r where r.session_id = ${sessionId} and r.sku_no = k.no
        and r.kind in ('pause', 'resume') order by r.at desc, r.id desc limit 1), false) as paused
    from of join sku k on k.no = of.no
    left join sums t on t.sku_no = k.no
    left join lateral (select count(*) as times from live_mark where session_id = ${sessionId} and sku_no = k.no) m on true
    left join lateral (select at, price from live_mark where session_id = ${sessionId} and sku_no = k.no
      order by at desc, key desc limit 1) f on true
    order by coalesce(t.amount, 0) desc, coalesce(t.clicks, 0) desc, k.code limit 1000`;
}

export type LastRow = {
  id: string;
  title: string | null;
  startedAt: Date;
  endedAt: Date;
  peak: number;
  entered: number;
  orders: number;
  placed: number;
};

/** The sessions of the same room before one, the latest first. */
export function readLast(sql: Sql, { id, room }: { id: string; room: string }, before: Date) {
  return sql<LastRow[]>`
    select session_id as id, title, started_at as "startedAt", coalesce(ended_at, pulse_at) as "endedAt", peak, entered,
      orders, placed
    from live_session where room_id = ${room} and started_at < ${before} and session_id <> ${id}
      and coalesce(ended_at, pulse_at) > started_at
    order by started_at desc limit ${LAST_SESSIONS}::int`;
}

export type SpareRow = {
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  available: number;
  reorderPoint: number | null;
  isWarehouse: boolean;
};

/** Places with pieces of a SKU, other than the one that they are for. */
export function readSpares(sql: Sql, sku: string, to: string | null): Promise<SpareRow[]> {
  return sql<SpareRow[]>`
    select l.code as location, l.name_zh as "locationNameZh", l.name_en as "locationNameEn",
      s.on_hand - s.reserved as available, s.reorder_point as "reorderPoint",
      l.kind in ('hq_warehouse', 'online_warehouse') as "isWarehouse"
    from sku k join stock s on s.sku_no = k.no join location l on l.no = s.location_no
    where k.code = ${sku} and s.on_hand > s.reserved and l.kind <> 'unknown' and l.code is distinct from ${to}`;
}

/** Number and pack of a SKU; null: the catalog does not know it. */
export async function findSku(sql: Sql, sku: string): Promise<{ no: number; packSize: number } | null> {
  const [row] = await sql<{ no: number; packSize: number }[]>`
    select no, pack_size as "packSize" from sku where code = ${sku}`;
  return row ?? null;
}

export type Plan = {
  amount: number;
  minutes: number | null;
  room: string | null;
  title: string | null;
  startsAt: Date | null;
};

/** As it was set; null: nobody has. */
export async function readPlan(sql: Sql, sessionId: string): Promise<Plan | null> {
  const [row] = await sql<Plan[]>`
    select amount, minutes, room_id as room, title, starts_at as "startsAt" from live_plan where session_id = ${sessionId}`;
  return row ?? null;
}

/** The session that a show which was planned without knowing it turned out to be; null: none such, or it has not begun. */
export async function findPlanned(sql: Sql, plannedAs: string): Promise<string | null> {
  const [row] = await sql<{ id: string }[]>`
    select session_id as id from live_plan where planned_as = ${plannedAs} and session_id <> planned_as`;
  return row?.id ?? null;
}

/** Plans a show whose id nobody knows yet: the one that begins in this room near that time. Answers what it is called until then. */
export async function planShow(sql: Sql, plan: Plan, by: string): Promise<string> {
  const [row] = await sql<[{ id: string }]>`
    with new as (select 'planned-' || uuidv7() as id)
    insert into live_plan (session_id, planned_as, amount, minutes, room_id, title, starts_at, updated_by)
    select id, id, ${plan.amount}, ${plan.minutes}, ${plan.room}, ${plan.title}, ${plan.startsAt}, ${by} from new
    returning session_id as id`;
  return row.id;
}

/** Sets what a session is to bring in, as a whole: what the plan does not say, nobody says any more. */
export async function setPlan(sql: Sql, sessionId: string, plan: Plan, by: string): Promise<void> {
  await sql`
    insert into live_plan (session_id, amount, minutes, room_id, title, starts_at, updated_by)
    values (${sessionId}, ${plan.amount}, ${plan.minutes}, ${plan.room}, ${plan.title}, ${plan.startsAt}, ${by})
    on conflict (session_id) do update set amount = excluded.amount, minutes = excluded.minutes,
      room_id = excluded.room_id, title = excluded.title, starts_at = excluded.starts_at, updated_at = now(),
      updated_by = excluded.updated_by`;
}

export type NewRequest = {
  session: string;
  kind: LiveRequestKind;
  skuNo: number | null;
  orderCode?: string;
  qty?: number;
  note: string | null;
  by: string;
};

/** Notes what is asked of a host; whatever was asked of the same product before is answered by it. Returns its id. */
export async function addRequest(sql: Sql, request: NewRequest): Promise<string> {
  const { session, kind, skuNo, orderCode = null, qty = null, note, by } = request;
  if (kind !== 'say' && kind !== 'move')
    await sql`
      update live_request set seen_at = now(), seen_by = ${by}
      where session_id = ${session} and seen_at is null and kind not in ('say', 'move')
        and (sku_no = ${skuNo} or (kind = 'feature' and ${kind} = 'feature'))`;
  const [row] = await sql<[{ id: string }]>`
    insert into live_request (session_id, kind, sku_no, order_code, qty, note, by)
    values (${session}, ${kind}, ${skuNo}, ${orderCode}, ${qty}, ${note}, ${by}) returning id`;
  return row.id;
}

/** The host has seen it. False: there is none, or it was seen before. */
export async function seeRequest(sql: Sql, session: string, id: string, by: string): Promise<boolean> {
  const result = await sql`
    update live_request set seen_at = now(), seen_by = ${by}
    where id = ${id} and session_id = ${session} and seen_at is null`;
  return result.count > 0;
}
