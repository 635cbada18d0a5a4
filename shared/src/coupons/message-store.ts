/** Messages about coupons: one to each gateway for some hundred members, made when a range is done, filled in when it is sent. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { CampaignState } from './campaign.ts';
import type { CouponKey } from './code.ts';

export const COUPON_EVENT = 'coupon.issued';

/**
 * What a message is about: coupons of a campaign that one transaction gave to members in a range, or to these where they are few in a wide
 * one. Codes are made when it is sent.
 */
export type CouponMessage = { campaignId: string; from: number; to: number; at: string; members?: number[] };

/** One that is to be queued, with how many members it is about. */
export type NewMessage = CouponMessage & { count: number };

/** A receiver of such messages. */
export type Gateway = { id: string; quietFrom: number | null; quietTo: number | null };

/** Machines that want to hear of coupons. */
export const listGateways = (sql: Sql): Promise<Gateway[]> =>
  sql<Gateway[]>`
    select id, quiet_from as "quietFrom", quiet_to as "quietTo" from delivery_endpoint
    where enabled and deleted_at is null and kind = 'webhook' and ${COUPON_EVENT} = any(events) order by id`;

/** Queues each message for each gateway, not before `notBefore` says. */
export async function queueMessages(
  sql: Sql,
  gateways: readonly Gateway[],
  messages: readonly NewMessage[],
  notBefore: (gateway: Gateway) => Date,
): Promise<void> {
  if (gateways.length === 0 || messages.length === 0) return;
  await sql`
    insert into delivery (endpoint_id, event, data, campaign_id, members, next_at)
    select g.id, ${COUPON_EVENT}, m.data::jsonb, m.campaign_id, m.members, g.next_at
    from unnest(${column(gateways, ({ id }) => id)}::uuid[],
      ${column(gateways, (gateway) => notBefore(gateway).toISOString())}::timestamptz[]) as g (id, next_at),
      unnest(${column(messages, ({ count: _, ...message }) => JSON.stringify(message))}::text[],
        ${column(messages, ({ campaignId }) => campaignId)}::uuid[], ${column(messages, ({ count }) => count)}::int[])
        as m (data, campaign_id, members)`;
}

/** A message that is about to be sent, with what decides whether it may. Null where it is none about coupons. */
export async function findMessage(
  sql: Sql,
  deliveryId: string,
): Promise<{ state: CampaignState; quietFrom: number | null; quietTo: number | null } | null> {
  const [row] = await sql<{ state: CampaignState; quietFrom: number | null; quietTo: number | null }[]>`
    select c.state, e.quiet_from as "quietFrom", e.quiet_to as "quietTo"
    from delivery d join delivery_endpoint e on e.id = d.endpoint_id
    join campaign c on c.id = (d.data->>'campaignId')::uuid
    where d.id = ${deliveryId} and d.event = ${COUPON_EVENT} and d.status = 'waiting'`;
  return row ?? null;
}

/** Puts a message off, or gives it up. */
export async function holdMessage(sql: Sql, deliveryId: string, until: Date | null): Promise<void> {
  if (until)
    await sql`update delivery set next_at = ${until} where id = ${deliveryId} and status = 'waiting'`;
  else
    await sql`
      update delivery set status = 'failed', error = 'the campaign was cancelled', done_at = now()
      where id = ${deliveryId} and status = 'waiting'`;
}

const addresses: Record<string, 'phone' | 'mail'> = { sms: 'phone', phone: 'phone', mail: 'mail' };

/** What a gateway of this medium writes to. Gateways of others know by the shop's own id where a member is. */
export const addressOf = (medium: string | null): 'phone' | 'mail' | null => addresses[medium ?? ''] ?? null;

export type ToldCoupon = CouponKey & {
  memberId: string;
  validFrom: Date;
  validTo: Date;
  /** As `addressOf` says: read when it is sent, and never written down with it. Null: not known. */
  address: string | null;
};

/**
 * The coupons that a message is about and that are not over, of members whom the gateway may write to. `name` and `title` are the
 * campaign's.
 */
export async function fillMessage(
  sql: Sql,
  deliveryId: string,
  { campaignId, from, to, at, members }: CouponMessage,
  now: Date,
): Promise<{ name: string; title: string; medium: string | null; coupons: ToldCoupon[] }> {
  const [campaign] = await sql<[{ no: number; name: string; title: string; medium: string | null }]>`
    select c.no, c.name, coalesce(c.template->>'title', c.name) as title, e.medium
    from campaign c, delivery d join delivery_endpoint e on e.id = d.endpoint_id
    where c.id = ${campaignId} and d.id = ${deliveryId}`;
  const { no, name, title, medium } = campaign;
  const address = addressOf(medium);
  const consent = medium === null ? sql`` : sql`and m.consents @> ${sql.json({ [medium]: true })}`;
  const among =
    members === undefined ? sql`` : sql`and c.member_no = any(${column(members, (each) => each)}::int[])`;
  // As a text: the driver writes a time to the millisecond, and then nobody's coupon is of that moment.
  const coupons = await sql<ToldCoupon[]>`
    select c.campaign_no as "campaignNo", c.member_no as "memberNo", c.nth::int as nth, m.id as "memberId",
      c.valid_from as "validFrom", c.valid_to as "validTo", ${address === null ? sql`null` : sql`m.${sql(address)}`} as address
    from coupon c join member m on m.no = c.member_no
    where c.member_no between ${from} and ${to} ${among} and c.campaign_no = ${no} and c.state = 'issued' and c.valid_to > ${now}
      and c.issued_at = ${at}::text::timestamptz and m.forgotten_at is null ${consent}
    order by c.member_no`;
  return { name, title, medium, coupons };
}

/** Members to whom messages about their coupons are still to be sent, were sent, and could not be sent. */
export type Told = { waiting: number; told: number; failed: number };

/** What came of a campaign's messages, by the medium of their receivers. */
export const countTold = (sql: Sql, campaignId: string): Promise<(Told & { medium: string | null })[]> =>
  sql<(Told & { medium: string | null })[]>`
    select e.medium, coalesce(sum(d.members) filter (where d.status = 'waiting'), 0)::int as waiting,
      coalesce(sum(d.members) filter (where d.status = 'sent'), 0)::int as told,
      coalesce(sum(d.members) filter (where d.status = 'failed'), 0)::int as failed
    from (select endpoint_id, status, sum(members) as members from delivery where campaign_id = ${campaignId} group by endpoint_id, status) d
    join delivery_endpoint e on e.id = d.endpoint_id
    group by e.medium order by e.medium nulls last`;

/** Has the messages of a campaign that failed sent again, to receivers that there still are. Answers how many, and about how many members. */
export async function retryMessages(
  sql: Sql,
  campaignId: string,
  now: Date,
): Promise<{ messages: number; members: number }> {
  const [row] = await sql<[{ messages: number; members: number }]>`
    with again as (
      update delivery d set status = 'waiting', attempts = 0, next_at = ${now}, done_at = null
      from delivery_endpoint e
      where d.campaign_id = ${campaignId} and d.status = 'failed' and e.id = d.endpoint_id and e.enabled and e.deleted_at is null
      returning d.members
    )
    select count(*)::int as messages, coalesce(sum(members), 0)::int as members from again`;
  return row;
}
