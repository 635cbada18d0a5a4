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
  messages: readonly CouponMessage[],
  notBefore: (gateway: Gateway) => Date,
): Promise<void> {
  if (gateways.length === 0 || messages.length === 0) return;
  await sql`
    insert into delivery (endpoint_id, event, data, next_at)
    select g.id, ${COUPON_EVENT}, m.data::jsonb, g.next_at
    from unnest(${column(gateways, ({ id }) => id)}::uuid[],
      ${column(gateways, (gateway) => notBefore(gateway).toISOString())}::timestamptz[]) as g (id, next_at),
      unnest(${column(messages, (message) => JSON.stringify(message))}::text[]) as m (data)`;
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

export type ToldCoupon = CouponKey & { memberId: string; validFrom: Date; validTo: Date };

/** The coupons that a message is about, of members whom the gateway may write to. `name` and `title` are the campaign's. */
export async function fillMessage(
  sql: Sql,
  deliveryId: string,
  { campaignId, from, to, at, members }: CouponMessage,
): Promise<{ name: string; title: string; coupons: ToldCoupon[] }> {
  const [campaign] = await sql<[{ no: number; name: string; title: string; medium: string | null }]>`
    select c.no, c.name, coalesce(c.template->>'title', c.name) as title, e.medium
    from campaign c, delivery d join delivery_endpoint e on e.id = d.endpoint_id
    where c.id = ${campaignId} and d.id = ${deliveryId}`;
  const { no, name, title, medium } = campaign;
  const consent = medium === null ? sql`` : sql`and m.consents @> ${sql.json({ [medium]: true })}`;
  const among =
    members === undefined ? sql`` : sql`and c.member_no = any(${column(members, (each) => each)}::int[])`;
  // As a text: the driver writes a time to the millisecond, and then nobody's coupon is of that moment.
  const coupons = await sql<ToldCoupon[]>`
    select c.campaign_no as "campaignNo", c.member_no as "memberNo", c.nth::int as nth, m.id as "memberId",
      c.valid_from as "validFrom", c.valid_to as "validTo"
    from coupon c join member m on m.no = c.member_no
    where c.member_no between ${from} and ${to} ${among} and c.campaign_no = ${no} and c.state = 'issued'
      and c.issued_at = ${at}::text::timestamptz and m.forgotten_at is null ${consent}
    order by c.member_no`;
  return { name, title, coupons };
}
