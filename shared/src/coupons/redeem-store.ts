/** Redemptions. See campaign-store.ts for the order of locks. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Minute } from './campaign-store.ts';
import type { CouponKey } from './code.ts';
import { byKey } from './coupon-store.ts';

/** Makes redemptions for the same order wait for each other, until the transaction ends: they must not miss each other's coupons. */
export async function lockOrders(sql: Sql, orderIds: readonly string[]): Promise<void> {
  await sql`
    select pg_advisory_xact_lock(h) from (
      select distinct hashtextextended(order_id, 7203) as h from unnest(${column(orderIds, (id) => id)}::text[]) as w (order_id)
      order by 1) s`;
}

export type OrderUse = {
  orderId: string;
  code: string;
  decided: boolean;
  amount: number | null;
  verdict: string | null;
};

/** Uses of coupons that these orders have already. */
export const usesOfOrders = (sql: Sql, orderIds: readonly string[]): Promise<OrderUse[]> =>
  sql<OrderUse[]>`
    select u.order_id as "orderId", u.code, u.decided, u.amount, u.verdict
    from unnest(${column([...new Set(orderIds)], (id) => id)}::text[]) as w (order_id) join coupon_use u using (order_id)`;

export type Redemption = {
  key: CouponKey;
  code: string;
  orderId: string;
  off: number;
  channel: string;
  location: string | null;
  /** Its money stays reserved until it ends: it may come back. */
  returned: boolean;
};

/** Marks coupons as redeemed, which the caller has locked. */
export async function redeemCoupons(sql: Sql, list: readonly Redemption[], now: Date): Promise<void> {
  const sorted = list.toSorted((a, b) => byKey(a.key, b.key));
  await sql`
    update coupon c set state = 'redeemed', redeemed_at = ${now}, order_id = w.order_id, amount = w.amount, open = w.open
    from unnest(${column(sorted, ({ key }) => key.memberNo)}::int[], ${column(sorted, ({ key }) => key.campaignNo)}::int[],
      ${column(sorted, ({ key }) => key.nth)}::smallint[], ${column(sorted, ({ orderId }) => orderId)}::text[],
      ${column(sorted, ({ off }) => off)}::bigint[], ${column(sorted, ({ returned }) => String(returned))}::boolean[])
      as w (member_no, campaign_no, nth, order_id, amount, open)
    where c.member_no = w.member_no and c.campaign_no = w.campaign_no and c.nth = w.nth`;
}

/** Writes down the uses. A fact that was faster is now decided. */
export async function insertUses(sql: Sql, list: readonly Redemption[], now: Date): Promise<void> {
  const sorted = list.toSorted((a, b) =>
    a.code < b.code ? -1 : a.code > b.code ? 1 : a.orderId < b.orderId ? -1 : 1,
  );
  await sql`
    insert into coupon_use (code, order_id, at, decided, amount, channel, location, verdict, dirty)
    select code, order_id, ${now}, true, amount, channel, location, 'counted', false from unnest(
      ${column(sorted, ({ code }) => code)}::text[], ${column(sorted, ({ orderId }) => orderId)}::text[],
      ${column(sorted, ({ off }) => off)}::bigint[], ${column(sorted, ({ channel }) => channel)}::text[],
      ${column(sorted, ({ location }) => location)}::text[]) as w (code, order_id, amount, channel, location)
    on conflict (code, order_id) do update set decided = true, amount = excluded.amount, channel = excluded.channel,
      location = excluded.location, verdict = 'counted', dirty = true`;
}

/** What redemptions do to a campaign. Minor units. */
export type Spending = { campaignNo: number; redeemed: number; spent: number; freed: number };

/**
 * Counts redemptions, of campaigns that honour their coupons still. Answers those with their brakes: where one is missing, roll
 * back.
 */
export async function countRedeemed(
  sql: Sql,
  rows: readonly Spending[],
): Promise<Map<number, { brake: number | null }>> {
  const counted = await sql<{ no: number; brake: number | null }[]>`
    with due as materialized (
      select c.no, w.redeemed, w.spent, w.freed from unnest(${column(rows, (row) => row.campaignNo)}::int[],
        ${column(rows, (row) => row.redeemed)}::int[], ${column(rows, (row) => row.spent)}::bigint[],
        ${column(rows, (row) => row.freed)}::bigint[]) as w (no, redeemed, spent, freed)
      join campaign c using (no) order by c.no for no key update of c
    )
    update campaign c set redeemed = c.redeemed + due.redeemed, spent = c.spent + due.spent, reserved = c.reserved - due.freed
    from due where c.no = due.no and c.state in ('running', 'finished')
    returning c.no, c.brake`;
  return new Map(counted.map(({ no, brake }) => [no, { brake }]));
}

/** What is told of later than that stops nothing any more. */
const BRAKE_MS = 3_600_000;

/** Stops campaigns that spent more in a minute than their brake allows. Answers those that were not stopped already; see `brakeEntry`. */
export async function pullBrakes(
  sql: Sql,
  minutes: readonly Minute[],
  brakeOf: (campaignNo: number) => number | null,
  now: Date,
): Promise<{ id: string; name: string }[]> {
  const tooFast = minutes.filter(({ campaignNo, minute, spent }) => {
    const brake = brakeOf(campaignNo);
    return brake !== null && spent > brake && minute.getTime() > now.getTime() - BRAKE_MS;
  });
  if (tooFast.length === 0) return [];
  return sql<{ id: string; name: string }[]>`
    update campaign set state = 'paused', paused_at = ${now}, paused_because = 'brake'
    where no = any(${tooFast.map(({ campaignNo }) => campaignNo)}::int[]) and state in ('running', 'finished') returning id, name`;
}

/** Categories of SKUs; those without one, or unknown, are missing. */
export async function categoriesOf(sql: Sql, skus: readonly string[]): Promise<Map<string, string>> {
  const rows = await sql<{ code: string; category: string }[]>`
    select s.code, s.category from unnest(${column(skus, (sku) => sku)}::text[]) as w (code) join sku s using (code)
    where s.category is not null`;
  return new Map(rows.map(({ code, category }) => [code, category]));
}
