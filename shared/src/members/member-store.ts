/** Looks members up, and writes what commands say of them. */
import type { PendingQuery, Row } from 'postgres';
import type { Sql } from '../platform/database.ts';
import { PHONE_TAIL, typedPhone } from './member.ts';

type Fragment = PendingQuery<Row[]>;

/** A member as lists show it. Money in minor units; the phone as it is: whoever shows it masks it. */
export type MemberRow = {
  no: number;
  id: string;
  name: string | null;
  phone: string | null;
  level: string | null;
  tags: string[];
  autoTags: string[];
  orders: number;
  net: number;
  points: number;
  lastOrderAt: Date | null;
  lastSeenAt: Date | null;
  forgottenAt: Date | null;
};

/** All that is kept of a member. Codes, not numbers; the mail address as it is, as the phone. */
export type MemberProfile = MemberRow & {
  mail: string | null;
  firstSeenAt: Date;
  joinedAt: Date | null;
  birthday: string | null;
  consents: Record<string, boolean>;
  units: number;
  refunded: number;
  averageTicket: number | null;
  firstOrderAt: Date | null;
  gapDays: number | null;
  discountShare: number | null;
  favouriteCategory: string | null;
  favouriteChannel: string | null;
  favouriteStore: string | null;
  categories: string[];
  channels: string[];
  stores: string[];
  lastVisitAt: Date | null;
  recencyScore: number | null;
  frequencyScore: number | null;
  moneyScore: number | null;
  ticketScore: number | null;
  profiledAt: Date | null;
};

const listed = (sql: Sql): Fragment => sql`
  m.no, m.id, m.name, m.phone, m.level, m.tags, m.auto_tags as "autoTags", m.orders, m.net, m.points,
  m.last_order_at as "lastOrderAt", m.last_seen_at as "lastSeenAt", m.forgotten_at as "forgottenAt"`;

const profiled = (sql: Sql): Fragment => sql`
  ${listed(sql)}, m.mail, m.first_seen_at as "firstSeenAt", m.joined_at as "joinedAt", m.birthday, m.consents, m.units, m.refunded,
  m.average_ticket as "averageTicket", m.first_order_at as "firstOrderAt", m.gap_days as "gapDays",
  m.discount_share as "discountShare", m.favourite_category as "favouriteCategory",
  m.favourite_channel as "favouriteChannel", (select code from location where no = m.favourite_location_no) as "favouriteStore",
  m.categories, m.channels,
  coalesce((select array_agg(code order by code) from location where no = any(m.location_nos)), '{}') as stores,
  m.last_visit_at as "lastVisitAt", m.recency_score as "recencyScore", m.frequency_score as "frequencyScore",
  m.money_score as "moneyScore", m.ticket_score as "ticketScore", m.profiled_at as "profiledAt"`;

/** Places and regions: members that bought in one of them, and what they bought there; absent: all. */
export type MemberSight = { locations: readonly string[]; regions: readonly string[] } | undefined;

export type MemberFilter = {
  /** Start of an id or a name, or of a phone what `phones` says. */
  q?: string | undefined;
  /** `any`: four or more of the last digits; absent: the last four, or all. Else a masked phone could be read digit by digit. */
  phones?: 'any' | undefined;
  tag?: string | undefined;
  sight?: MemberSight;
  /** A condition over `member m`: a segment. */
  where?: Fragment | undefined;
  /** Members with a larger id. */
  after?: string | undefined;
  limit: number;
};

/** Numbers of the places that someone sees. */
const placesOf = (sql: Sql, { locations, regions }: NonNullable<MemberSight>): Fragment =>
  sql`coalesce((select array_agg(no) from location
    where code = any(${locations as string[]}) or region = any(${regions as string[]})), '{}')`;

const seen = (sql: Sql, sight: MemberSight): Fragment =>
  sight === undefined ? sql`true` : sql`m.location_nos && ${placesOf(sql, sight)}`;

/** Whose phone was typed, as a condition over `member m`. */
function phoneIs(sql: Sql, typed: string, any: boolean): Fragment {
  // The last four digits have an index, the rest is compared.
  const tail = sql`right(m.phone, ${PHONE_TAIL}::int) = ${typed.slice(-PHONE_TAIL)}`;
  if (any) return sql`${tail} and m.phone like ${`%${typed}`}`;
  // The mask of a shorter one leaves two.
  if (typed.length === PHONE_TAIL) return sql`${tail} and length(m.phone) > 7`;
  // With or without the country's code.
  return sql`${tail} and (m.phone = ${typed} or (${typed.length >= 7} and m.phone like ${`+%${typed}`} and length(m.phone) <= ${typed.length + 4}))`;
}

/** The filter as a condition over `member m`. */
function filtered(sql: Sql, { q, phones, tag, sight, where, after }: MemberFilter): Fragment {
  const parts: Fragment[] = [seen(sql, sight)];
  if (q !== undefined) {
    const start = `${q.replace(/[\\%_]/g, '\\$&')}%`;
    const typed = typedPhone(q);
    const byPhone = typed === null ? sql`false` : phoneIs(sql, typed, phones === 'any');
    parts.push(
      sql`m.no in (
        select no from member m where m.id like ${start}
        union select no from member m where m.name like ${start}
        union select no from member m where m.phone is not null and ${byPhone})`,
    );
  }
  if (tag !== undefined) parts.push(sql`(m.tags || m.auto_tags) @> array[${tag}]`);
  if (where !== undefined) parts.push(sql`(${where})`);
  if (after !== undefined) parts.push(sql`m.id > ${after}`);
  return parts.reduce((all, next) => sql`${all} and ${next}`, sql`true`);
}

/** Members by id. */
export const listMembers = (sql: Sql, filter: MemberFilter): Promise<MemberRow[]> => sql<MemberRow[]>`
  select ${listed(sql)} from member m where ${filtered(sql, filter)} order by m.id limit ${filter.limit}`;

/** Whole members by id, for an export that is read page by page. */
export const listProfiles = (sql: Sql, filter: MemberFilter): Promise<MemberProfile[]> => sql<
  MemberProfile[]
>`
  select ${profiled(sql)} from member m where ${filtered(sql, filter)} order by m.id limit ${filter.limit}`;

/** Null where there is none in sight. */
export async function readMember(sql: Sql, id: string, sight?: MemberSight): Promise<MemberProfile | null> {
  const [row] = await sql<MemberProfile[]>`
    select ${profiled(sql)} from member m where m.id = ${id} and ${seen(sql, sight)}`;
  return row ?? null;
}

export type MemberOrder = {
  orderId: string;
  placedAt: Date;
  channel: string;
  store: string;
  units: number;
  total: number;
  refunded: number;
  state: 'placed' | 'paid' | 'cancelled';
};

/** A member's latest orders in sight, newest first. */
export const listOrdersOf = (
  sql: Sql,
  id: string,
  { sight, limit }: { sight?: MemberSight; limit: number },
): Promise<MemberOrder[]> => sql<MemberOrder[]>`
  select o.order_id as "orderId", o.placed_at as "placedAt", o.channel, l.code as store,
    (select sum(qty) from unnest(o.line_qty) as q (qty))::int as units, o.total,
    coalesce((select sum((r->>'amount')::bigint) from jsonb_array_elements(o.refunds) r), 0)::bigint as refunded,
    case when o.cancelled_at is not null then 'cancelled' when o.method = 'carry' or o.paid_at is not null then 'paid'
      else 'placed' end as state
  from orders o join location l on l.no = o.location_no
  where o.member_id = ${id} and o.placed_at is not null
    ${sight === undefined ? sql`` : sql`and o.location_no = any(${placesOf(sql, sight)})`}
  order by o.placed_at desc, o.order_id limit ${limit}`;

/** What is known of members as a whole, for the desk. */
export async function readTotals(sql: Sql): Promise<{ members: number; buyers: number; waiting: number }> {
  const [row] = await sql<{ members: number; buyers: number; waiting: number }[]>`
    select count(*) as members, count(*) filter (where orders > 0) as buyers,
      (select count(*) from member_touch where error is null) as waiting
    from member where forgotten_at is null`;
  return row!;
}
