/** Groups, bargains and refund requests as lists and pages show them. */
import type {
  BargainFlag,
  BargainState,
  GroupEnd,
  GroupFlag,
  GroupState,
  PromotionSource,
  RefundReason,
} from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';
import { LATE_MINUTES } from './refund.ts';
import { owed } from './refund-store.ts';

export type GroupRow = {
  no: number;
  id: string;
  campaignId: string | null;
  campaign: string | null;
  campaignRef: string | null;
  source: PromotionSource;
  state: GroupState;
  because: GroupEnd | null;
  size: number | null;
  members: number;
  virtual: number;
  leader: string | null;
  bonus: number;
  openedAt: Date;
  expiresAt: Date | null;
  formedAt: Date | null;
  endedAt: Date | null;
  flags: GroupFlag[];
};

const groupColumns = (sql: Sql) => sql`
  g.no, g.id, c.id as "campaignId", c.name as campaign, g.campaign_ref as "campaignRef", g.source, g.state, g.because, g.size, g.members,
  g.virtual, m.id as leader, g.bonus, g.opened_at as "openedAt", g.expires_at as "expiresAt", g.formed_at as "formedAt", g.ended_at as "endedAt", g.flags`;

export type GroupFilter = {
  campaignId?: string | undefined;
  state?: GroupState | undefined;
  source?: PromotionSource | undefined;
  flagged?: boolean | undefined;
  memberId?: string | undefined;
};

/** What was opened last first, at most `limit` from the one numbered `before` on. */
export function listGroups(
  sql: Sql,
  filter: GroupFilter,
  before: number | null,
  limit: number,
): Promise<GroupRow[]> {
  const { campaignId, state, source, flagged, memberId } = filter;
  return sql<GroupRow[]>`
    select ${groupColumns(sql)} from group_buy g left join campaign c on c.no = g.campaign_no left join member m on m.no = g.leader_no
    where true
      ${campaignId === undefined ? sql`` : sql`and g.campaign_no = (select no from campaign where id = ${campaignId})`}
      ${state === undefined ? sql`` : sql`and g.state = ${state}`}
      ${source === undefined ? sql`` : sql`and g.source = ${source}`}
      ${flagged === undefined ? sql`` : flagged ? sql`and g.flags <> '{}'` : sql`and g.flags = '{}'`}
      ${
        memberId === undefined
          ? sql``
          : sql`and exists (select from group_seat s where s.group_no = g.no and s.left_at is null
              and s.member_no = (select no from member where id = ${memberId}))`
      }
      ${before === null ? sql`` : sql`and (g.opened_at, g.no) < (select opened_at, no from group_buy where no = ${before})`}
    order by g.opened_at desc, g.no desc limit ${limit}`;
}

export async function findGroup(sql: Sql, id: string): Promise<GroupRow | null> {
  const [row] = await sql<GroupRow[]>`
    select ${groupColumns(sql)} from group_buy g left join campaign c on c.no = g.campaign_no left join member m on m.no = g.leader_no
    where g.id = ${id}`;
  return row ?? null;
}

export type SeatRow = {
  position: number;
  memberId: string;
  joinedAt: Date;
  leftAt: Date | null;
  orderId: string | null;
  refund: { id: string; amount: number; confirmed: boolean } | null;
};

/** All seats of a group, also of those who left, in order of joining; with the refund of the seat's own order, else the latest. */
export const listSeats = (sql: Sql, groupNo: number) =>
  sql<SeatRow[]>`
    select s.position, m.id as "memberId", s.joined_at as "joinedAt", s.left_at as "leftAt", s.order_id as "orderId",
      case when r.id is not null then json_build_object('id', r.id, 'amount', r.amount, 'confirmed', r.confirmed_at is not null) end as refund
    from group_seat s join member m on m.no = s.member_no
    left join lateral (
      select * from refund_request r where r.group_no = s.group_no and r.position = s.position
      order by (r.order_id = s.order_id) desc nulls last, r.id desc limit 1) r on true
    where s.group_no = ${groupNo} order by s.position`;

export type BargainRow = {
  no: number;
  id: string;
  campaignId: string | null;
  campaign: string | null;
  campaignRef: string | null;
  source: PromotionSource;
  state: BargainState;
  memberId: string | null;
  startPrice: number | null;
  floorPrice: number | null;
  price: number | null;
  helpers: number | null;
  helps: number;
  cut: number;
  buyAnytime: boolean;
  openedAt: Date;
  expiresAt: Date | null;
  boughtAt: Date | null;
  boughtPrice: number | null;
  endedAt: Date | null;
  orderId: string | null;
  flags: BargainFlag[];
};

const bargainColumns = (sql: Sql) => sql`
  b.no, b.id, c.id as "campaignId", c.name as campaign, b.campaign_ref as "campaignRef", b.source, b.state, m.id as "memberId",
  b.start_price as "startPrice", b.floor_price as "floorPrice", b.price, b.helpers, b.helps, b.cut, b.buy_anytime as "buyAnytime",
  b.opened_at as "openedAt", b.expires_at as "expiresAt", b.bought_at as "boughtAt", b.bought_price as "boughtPrice", b.ended_at as "endedAt",
  b.order_id as "orderId", b.flags`;

export type BargainFilter = {
  campaignId?: string | undefined;
  state?: BargainState | undefined;
  source?: PromotionSource | undefined;
  flagged?: boolean | undefined;
};

export function listBargains(
  sql: Sql,
  { campaignId, state, source, flagged }: BargainFilter,
  before: number | null,
  limit: number,
): Promise<BargainRow[]> {
  return sql<BargainRow[]>`
    select ${bargainColumns(sql)} from bargain b left join campaign c on c.no = b.campaign_no left join member m on m.no = b.member_no
    where true
      ${campaignId === undefined ? sql`` : sql`and b.campaign_no = (select no from campaign where id = ${campaignId})`}
      ${state === undefined ? sql`` : sql`and b.state = ${state}`}
      ${source === undefined ? sql`` : sql`and b.source = ${source}`}
      ${flagged === undefined ? sql`` : flagged ? sql`and b.flags <> '{}'` : sql`and b.flags = '{}'`}
      ${before === null ? sql`` : sql`and (b.opened_at, b.no) < (select opened_at, no from bargain where no = ${before})`}
    order by b.opened_at desc, b.no desc limit ${limit}`;
}

export async function findBargain(sql: Sql, id: string): Promise<BargainRow | null> {
  const [row] = await sql<BargainRow[]>`
    select ${bargainColumns(sql)} from bargain b left join campaign c on c.no = b.campaign_no left join member m on m.no = b.member_no
    where b.id = ${id}`;
  return row ?? null;
}

export const listHelps = (sql: Sql, bargainNo: number) =>
  sql<{ nth: number; memberId: string; cut: number | null; at: Date }[]>`
    select h.nth, m.id as "memberId", h.cut, h.at from bargain_help h join member m on m.no = h.member_no
    where h.bargain_no = ${bargainNo} order by h.nth`;

/** `untold`: nobody takes such requests yet. `late`: told, and not confirmed for too long. */
export const refundStates = ['untold', 'asked', 'late', 'confirmed'] as const;
export type RefundState = (typeof refundStates)[number];

export type RefundRow = {
  id: string;
  state: RefundState;
  groupId: string;
  memberId: string;
  orderId: string;
  amount: number;
  /** What the order's facts say is still owed; 0 when it is confirmed. */
  left: number;
  reason: RefundReason;
  askedAt: Date;
  toldAt: Date | null;
  deliveryId: string | null;
  receiver: string | null;
  reminders: number;
  confirmedAt: Date | null;
  confirmedBy: string | null;
};

const refundState = (sql: Sql) => sql`
  case when r.confirmed_at is not null then 'confirmed' when r.told_at is null then 'untold'
    when r.told_at < now() - ${LATE_MINUTES}::int * interval '1 minute' then 'late' else 'asked' end`;

/** Newest first. */
export function listRefunds(
  sql: Sql,
  {
    state,
    groupId,
    orderId,
    id,
  }: {
    state?: RefundState | undefined;
    groupId?: string | undefined;
    orderId?: string | undefined;
    id?: string | undefined;
  },
  before: string | null,
  limit: number,
): Promise<RefundRow[]> {
  return sql<RefundRow[]>`
    select r.id, ${refundState(sql)} as state, g.id as "groupId", m.id as "memberId", r.order_id as "orderId", r.amount, r.reason,
      case when r.confirmed_at is null then greatest(0, ${owed(sql)}) else 0 end as left,
      r.asked_at as "askedAt", r.told_at as "toldAt", r.delivery_id as "deliveryId", e.name as receiver, r.reminders, r.confirmed_at as "confirmedAt",
      r.confirmed_by as "confirmedBy"
    from refund_request r join group_buy g on g.no = r.group_no join orders o on o.order_id = r.order_id
    left join delivery_endpoint e on e.id = r.endpoint_id
    join group_seat s on s.group_no = r.group_no and s.position = r.position join member m on m.no = s.member_no
    where true
      ${id === undefined ? sql`` : sql`and r.id = ${id}`}
      ${state === undefined ? sql`` : sql`and ${refundState(sql)} = ${state}`}
      ${groupId === undefined ? sql`` : sql`and g.id = ${groupId}`}
      ${orderId === undefined ? sql`` : sql`and r.order_id = ${orderId}`}
      ${before === null ? sql`` : sql`and r.id < ${before}`}
    order by r.id desc limit ${limit}`;
}
