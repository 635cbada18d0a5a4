/**
 * Group-buys of our own engine, as commands decide about them. Lock order of everything that touches groups: groups (by no), their
 * seats, reservations, balances, campaigns (by no).
 */
import type { GroupEnd, GroupState, PromotionSource } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Group } from './group.ts';

const iso = (ms: number | null | undefined) => (ms == null ? null : new Date(ms).toISOString());

/** Pieces that each seat holds at a location. */
export type Hold = { locationNo: number; lines: readonly { skuNo: number; qty: number }[] };

/** What is known of a group before it is locked; none of it changes. */
export type GroupRef = { id: string; no: number; campaignNo: number | null; source: PromotionSource };

export const findGroupRefs = (sql: Sql, ids: readonly string[]) =>
  sql<GroupRef[]>`
    select id, no, campaign_no as "campaignNo", source from group_buy where id = any(${column(ids, (id) => id)}::text[])`;

/** Members by their ids; those that nobody named before are missing. */
export type KnownMember = { id: string; no: number; forgotten: boolean; orders: number };

export const findMembers = (sql: Sql, ids: readonly string[]) =>
  sql<KnownMember[]>`
    select m.id, m.no, m.forgotten_at is not null as forgotten, m.orders
    from unnest(${column([...new Set(ids)], (id) => id)}::text[]) as w (id) join member m using (id)`;

/** One who would join, with the order that they join with. */
export type Joining = { member: KnownMember; groupId: string; orderId: string | null };

/**
 * Which of these have bought something else before: by their orders, and by how many their profile counts. The order of the seat, and
 * those that name its group, are what they join with.
 */
export async function findRegulars(sql: Sql, rows: readonly Joining[]): Promise<Joining[]> {
  if (rows.length === 0) return [];
  const bought = sql`o.placed_at is not null and o.cancelled_at is null and (o.paid_at is not null or o.method = 'carry')`;
  const found = await sql<{ at: number }[]>`
    select w.at::int as at
    from unnest(${column(rows, ({ member }) => member.id)}::text[], ${column(rows, ({ member }) => member.orders)}::int[],
      ${column(rows, ({ groupId }) => groupId)}::text[], ${column(rows, ({ orderId }) => orderId)}::text[])
      with ordinality as w (member_id, orders, group_id, order_id, at)
    where exists (select from orders o where o.member_id = w.member_id and ${bought}
        and o.group_id is distinct from w.group_id and o.order_id is distinct from w.order_id)
      or w.orders > (select count(*) from orders o where (o.group_id = w.group_id or o.order_id = w.order_id)
        and o.member_id = w.member_id and ${bought})`;
  return found.map(({ at }) => rows[at - 1]!);
}

export type LockedGroup = {
  no: number;
  id: string;
  campaignNo: number;
  leader: string | null;
  openedAt: number;
  bonus: number;
  hold: Hold | null;
  group: Group<number>;
};

type GroupColumns = {
  no: number;
  id: string;
  campaignNo: number;
  state: GroupState;
  because: GroupEnd | null;
  size: number;
  virtual: number;
  virtualFrom: number | null;
  nextPosition: number;
  leader: string | null;
  openedAt: Date;
  expiresAt: Date;
  formedAt: Date | null;
  endedAt: Date | null;
  bonus: number;
  skus: number[];
  qtys: number[];
  location: number | null;
};

/** Locks groups of ours. Read their seats with the next statement: what this one waited for is then seen. */
export async function lockGroups(sql: Sql, nos: readonly number[]): Promise<LockedGroup[]> {
  if (nos.length === 0) return [];
  const rows = await sql<GroupColumns[]>`
    select g.no, g.id, g.campaign_no as "campaignNo", g.state, g.because, g.size, g.virtual, g.virtual_from as "virtualFrom",
      g.next_position as "nextPosition", m.id as leader, g.opened_at as "openedAt", g.expires_at as "expiresAt",
      g.formed_at as "formedAt", g.ended_at as "endedAt", g.bonus, g.hold_skus as skus, g.hold_qtys as qtys, g.hold_location as location
    from unnest(${column(
      [...new Set(nos)].sort((a, b) => a - b),
      (no) => no,
    )}::bigint[]) as w (no)
    join group_buy g using (no) left join member m on m.no = g.leader_no
    where g.source = 'ours'
    order by g.no for update of g`;
  return rows.map(({ no, id, campaignNo, leader, openedAt, bonus, skus, qtys, location, ...row }) => ({
    no,
    id,
    campaignNo,
    leader,
    openedAt: openedAt.getTime(),
    bonus,
    hold:
      location === null
        ? null
        : { locationNo: location, lines: skus.map((skuNo, i) => ({ skuNo, qty: qtys[i]! })) },
    group: {
      state: row.state,
      because: row.because,
      size: row.size,
      seats: [],
      nextPosition: row.nextPosition,
      expiresAt: row.expiresAt.getTime(),
      virtualFrom: row.virtualFrom,
      virtual: row.virtual,
      at: (row.formedAt ?? row.endedAt)?.getTime() ?? null,
    },
  }));
}

/** Who is in these groups, by group, in order of joining. */
export async function readSeats(
  sql: Sql,
  nos: readonly number[],
): Promise<Map<number, { position: number; member: number }[]>> {
  if (nos.length === 0) return new Map();
  const rows = await sql<{ no: number; positions: number[]; members: number[] }[]>`
    select w.no, array_agg(s.position order by s.position) as positions, array_agg(s.member_no order by s.position) as members
    from (select distinct unnest(${column(nos, (no) => no)}::bigint[]) as no) w
    join group_seat s on s.group_no = w.no and s.left_at is null
    group by w.no`;
  return new Map(
    rows.map(({ no, positions, members }) => [
      no,
      positions.map((position, i) => ({ position, member: members[i]! })),
    ]),
  );
}

/** Which of a member's seats in a campaign are taken. */
export function readTaken(sql: Sql, pairs: readonly { campaignNo: number; memberNo: number }[]) {
  return sql<{ campaignNo: number; memberNo: number; nth: number }[]>`
    select s.campaign_no as "campaignNo", s.member_no as "memberNo", s.nth
    from unnest(${column(pairs, ({ campaignNo }) => campaignNo)}::int[], ${column(pairs, ({ memberNo }) => memberNo)}::int[])
      as w (campaign_no, member_no)
    join group_seat s using (campaign_no, member_no) where s.counts`;
}

export type NewGroup = {
  id: string;
  campaignNo: number;
  group: Group<number>;
  openedAt: number;
  bonus: number;
  hold: Hold | null;
};

export async function insertGroups(sql: Sql, rows: readonly NewGroup[]): Promise<void> {
  if (rows.length === 0) return;
  const document = rows.map(({ id, campaignNo, group, openedAt, bonus, hold }) => ({
    id,
    campaign_no: campaignNo,
    size: group.size,
    members: group.seats.length,
    leader_no: group.seats[0]!.member,
    next_position: group.nextPosition,
    opened_at: iso(openedAt),
    expires_at: iso(group.expiresAt),
    virtual_from: group.virtualFrom,
    bonus,
    hold_skus: hold?.lines.map(({ skuNo }) => skuNo) ?? [],
    hold_qtys: hold?.lines.map(({ qty }) => qty) ?? [],
    hold_location: hold?.locationNo ?? null,
  }));
  await sql`
    insert into group_buy (id, source, campaign_no, size, members, leader_no, next_position, opened_at, expires_at, virtual_from, bonus,
      hold_skus, hold_qtys, hold_location)
    select id, 'ours', campaign_no, size, members, leader_no, next_position, opened_at, expires_at, virtual_from, bonus,
      hold_skus, hold_qtys, hold_location
    from json_to_recordset(${JSON.stringify(document)}::text::json) as d (id text, campaign_no int, size int, members int, leader_no int,
      next_position int, opened_at timestamptz, expires_at timestamptz, virtual_from int, bonus bigint, hold_skus int[], hold_qtys int[],
      hold_location int)`;
}

/** Writes groups as they are after their commands. Answers how many were open until now; where one was not, roll back. */
export async function writeGroups(
  sql: Sql,
  rows: readonly { no: number; group: Group<number> }[],
): Promise<number> {
  if (rows.length === 0) return 0;
  const { count } = await sql`
    update group_buy g set members = w.members, virtual = w.virtual, state = w.state, because = w.because, leader_no = w.leader_no,
      next_position = w.next_position, formed_at = case when w.state = 'formed' then w.at end,
      ended_at = case when w.state = 'expired' then w.at end
    from unnest(${column(rows, ({ no }) => no)}::bigint[], ${column(rows, ({ group }) => group.seats.length)}::int[],
      ${column(rows, ({ group }) => group.virtual)}::int[], ${column(rows, ({ group }) => group.state)}::text[],
      ${column(rows, ({ group }) => group.because)}::text[], ${column(rows, ({ group }) => group.seats[0]?.member)}::int[],
      ${column(rows, ({ group }) => group.nextPosition)}::int[], ${column(rows, ({ group }) => iso(group.at))}::timestamptz[])
      as w (no, members, virtual, state, because, leader_no, next_position, at)
    where g.no = w.no and g.state = 'open'`;
  return count;
}

export type NewSeat = {
  groupId: string;
  position: number;
  memberNo: number;
  campaignNo: number;
  nth: number;
  orderId: string | null;
  held: string | null;
};

/** Takes seats. Answers how many; where a member has as many as they may have by now, one is missing: then roll back. */
export async function insertSeats(sql: Sql, rows: readonly NewSeat[], at: Date): Promise<number> {
  if (rows.length === 0) return 0;
  const sorted = rows.toSorted(
    (a, b) => a.campaignNo - b.campaignNo || a.memberNo - b.memberNo || a.nth - b.nth,
  );
  const { count } = await sql`
    insert into group_seat (group_no, position, member_no, joined_at, campaign_no, nth, counts, order_id, held)
    select g.no, w.position, w.member_no, ${at}, w.campaign_no, w.nth, true, w.order_id, w.held
    from unnest(${column(sorted, (s) => s.groupId)}::text[], ${column(sorted, (s) => s.position)}::int[],
      ${column(sorted, (s) => s.memberNo)}::int[], ${column(sorted, (s) => s.campaignNo)}::int[], ${column(sorted, (s) => s.nth)}::smallint[],
      ${column(sorted, (s) => s.orderId)}::text[], ${column(sorted, (s) => s.held)}::text[])
      with ordinality as w (group_id, position, member_no, campaign_no, nth, order_id, held, place)
    join group_buy g on g.id = w.group_id
    order by w.place
    on conflict do nothing`;
  return count;
}

/** Gives seats up. If their orders are paid, a refund is due. Answers what held their pieces. */
export async function leaveSeats(
  sql: Sql,
  rows: readonly { groupNo: number; position: number }[],
  at: Date,
): Promise<string[]> {
  if (rows.length === 0) return [];
  const left = await sql<{ held: string | null }[]>`
    update group_seat s set left_at = ${at}, counts = false, owes = true
    from unnest(${column(rows, ({ groupNo }) => groupNo)}::bigint[], ${column(rows, ({ position }) => position)}::int[]) as w (no, position)
    where s.group_no = w.no and s.position = w.position and s.left_at is null
    returning s.held`;
  return left.flatMap(({ held }) => held ?? []);
}

/** What commands and deadlines change in a campaign: seats or bargains taken and used, money reserved and spent (minor units). */
export type CampaignCount = {
  campaignNo: number;
  issued: number;
  redeemed: number;
  reserved: number;
  spent: number;
  /** It takes something: number and money must be left for it, and the campaign must not be stopped. */
  takes: boolean;
  /** It opens something new: only a campaign that runs gives that. What is open outlives its campaign's time. */
  opens: boolean;
};

/** Adds up what several commands change, by campaign in lock order. */
export class CampaignCounts {
  #counts = new Map<number, CampaignCount>();

  add(campaignNo: number, change: Partial<Omit<CampaignCount, 'campaignNo'>>): void {
    let row = this.#counts.get(campaignNo);
    if (!row)
      this.#counts.set(
        campaignNo,
        (row = { campaignNo, issued: 0, redeemed: 0, reserved: 0, spent: 0, takes: false, opens: false }),
      );
    row.issued += change.issued ?? 0;
    row.redeemed += change.redeemed ?? 0;
    row.reserved += change.reserved ?? 0;
    row.spent += change.spent ?? 0;
    row.takes ||= change.takes ?? false;
    row.opens ||= change.opens ?? false;
  }

  rows(): CampaignCount[] {
    return [...this.#counts.values()].sort((a, b) => a.campaignNo - b.campaignNo);
  }
}

/**
 * Counts on campaigns. Those that take something must have number and money left for it, and run; where nothing new is opened their time
 * may be over. Answers whether all could be counted: where not, roll back.
 */
export async function countOnCampaigns(sql: Sql, rows: readonly CampaignCount[]): Promise<boolean> {
  if (rows.length === 0) return true;
  const { count } = await sql`
    with due as materialized (
      select c.no, w.* from unnest(${column(rows, (r) => r.campaignNo)}::int[], ${column(rows, (r) => r.issued)}::int[],
        ${column(rows, (r) => r.redeemed)}::int[], ${column(rows, (r) => r.reserved)}::bigint[], ${column(rows, (r) => r.spent)}::bigint[],
        ${column(rows, (r) => String(r.takes))}::boolean[], ${column(rows, (r) => String(r.opens))}::boolean[])
        as w (campaign_no, issued, redeemed, reserved, spent, takes, opens)
      join campaign c on c.no = w.campaign_no order by c.no for no key update of c
    )
    update campaign c set issued = c.issued + due.issued, redeemed = c.redeemed + due.redeemed,
      reserved = c.reserved + due.reserved, spent = c.spent + due.spent
    from due
    where c.no = due.no and (not due.takes or ((c.state = 'running' or c.state = 'finished' and not due.opens)
      and (c.total is null or c.issued + due.issued <= c.total)
      and (c.budget is null or c.spent + c.reserved + due.spent + due.reserved <= c.budget)))`;
  return count === rows.length;
}
