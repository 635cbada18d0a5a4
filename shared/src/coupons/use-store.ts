/** Uses of coupons as facts tell of them, and what they add up to. See campaign-store.ts for the order of locks. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

/** A use that a fact tells of. `lines`: its basket as [sku, qty, unit price, discount], where the fact says it. */
export type ToldUse = {
  code: string;
  orderId: string;
  /** Epoch ms. */
  at: number;
  lines: [sku: string, qty: number, unitPrice: number, discount: number][] | null;
  channel: string | null;
  location: string | null;
};

/** What a ledger transaction tells: uses, and orders that ended. One row a transaction, without a key: nothing to wait for. */
export type CouponTouch = { uses: readonly ToldUse[]; orderIds: readonly string[] };

export async function touchCoupons(sql: Sql, { uses, orderIds }: CouponTouch): Promise<void> {
  if (uses.length === 0 && orderIds.length === 0) return;
  await sql`
    insert into coupon_touch (uses, order_ids)
    values (${JSON.stringify(uses)}::text::jsonb, ${column(orderIds, (id) => id)}::text[])`;
}

/** Takes the oldest touches that no other worker takes. */
export async function takeTouches(
  sql: Sql,
  most: number,
): Promise<{ touches: number; uses: ToldUse[]; orderIds: string[] }> {
  const rows = await sql<{ uses: ToldUse[]; orderIds: string[] }[]>`
    delete from coupon_touch where no in (select no from coupon_touch order by no limit ${most} for update skip locked)
    returning uses, order_ids as "orderIds"`;
  return {
    touches: rows.length,
    uses: rows.flatMap(({ uses }) => uses),
    orderIds: rows.flatMap(({ orderIds }) => orderIds),
  };
}

/**
 * Notes uses that facts tell of, each (code, order) once; they are folded afterwards. Of two facts about the same use the earlier time
 * counts, and what either of them says of the basket.
 */
export async function noteUses(sql: Sql, uses: readonly ToldUse[]): Promise<void> {
  if (uses.length === 0) return;
  await sql`
    insert into coupon_use as u (code, order_id, at, lines, channel, location)
    select code, order_id, at, lines::jsonb, channel, location from unnest(
      ${column(uses, ({ code }) => code)}::text[], ${column(uses, ({ orderId }) => orderId)}::text[],
      ${column(uses, ({ at }) => new Date(at).toISOString())}::timestamptz[],
      ${column(uses, ({ lines }) => lines && JSON.stringify(lines))}::text[], ${column(uses, ({ channel }) => channel)}::text[],
      ${column(uses, ({ location }) => location)}::text[]) as w (code, order_id, at, lines, channel, location)
    on conflict (code, order_id) do update set at = least(u.at, excluded.at), lines = coalesce(u.lines, excluded.lines),
      channel = coalesce(u.channel, excluded.channel), location = coalesce(u.location, excluded.location), dirty = true`;
}

/** Has the uses of orders folded again. */
export async function redoUses(sql: Sql, orderIds: readonly string[]): Promise<void> {
  if (orderIds.length === 0) return;
  await sql`
    with due as materialized (
      select u.code, u.order_id from unnest(${column(orderIds, (id) => id)}::text[]) as w (order_id) join coupon_use u using (order_id)
      order by u.code, u.order_id for update of u
    )
    update coupon_use u set dirty = true from due where u.code = due.code and u.order_id = due.order_id`;
}

/** Codes with uses that are to be folded, at most `most`. */
export async function dirtyCodes(sql: Sql, most: number): Promise<string[]> {
  const rows = await sql<{ code: string }[]>`
    select distinct code from (select code from coupon_use where dirty order by code limit ${most}) d order by code`;
  return rows.map(({ code }) => code);
}

export type UseRow = {
  code: string;
  orderId: string;
  at: Date;
  decided: boolean;
  amount: number | null;
  lines: ToldUse['lines'];
  channel: string | null;
  location: string | null;
  verdict: string | null;
  undone: boolean;
};

/** All uses of these codes, locked, with what became of their orders. */
export function lockUses(sql: Sql, codes: readonly string[]): Promise<UseRow[]> {
  return sql<UseRow[]>`
    select u.code, u.order_id as "orderId", u.at, u.decided, u.amount, u.lines, u.channel, u.location, u.verdict,
      coalesce(o.cancelled_at is not null or (o.placed_at is not null and o.refunds is not null and
        (select sum((r->>'amount')::bigint) from jsonb_array_elements(o.refunds) r) >= o.total), false) as undone
    from unnest(${column(codes, (code) => code)}::text[]) as w (code) join coupon_use u using (code)
    left join orders o on o.order_id = u.order_id
    order by u.code, u.order_id for update of u`;
}

export type FoldedUse = { code: string; orderId: string; verdict: string; amount: number | null };

export async function writeVerdicts(sql: Sql, rows: readonly FoldedUse[]): Promise<void> {
  await sql`
    update coupon_use u set verdict = w.verdict, amount = coalesce(w.amount, u.amount), dirty = false
    from unnest(${column(rows, ({ code }) => code)}::text[], ${column(rows, ({ orderId }) => orderId)}::text[],
      ${column(rows, ({ verdict }) => verdict)}::text[], ${column(rows, ({ amount }) => amount)}::bigint[])
      as w (code, order_id, verdict, amount)
    where u.code = w.code and u.order_id = w.order_id`;
}

/** A coupon as its uses say. */
export type FoldedCoupon = {
  memberNo: number;
  campaignNo: number;
  nth: number;
  state: string;
  orderId: string | null;
  redeemedAt: Date | null;
  amount: number | null;
  open: boolean;
};

export async function writeCoupons(sql: Sql, rows: readonly FoldedCoupon[]): Promise<void> {
  await sql`
    update coupon c set state = w.state, order_id = w.order_id, redeemed_at = w.redeemed_at, amount = w.amount, open = w.open
    from unnest(${column(rows, (row) => row.memberNo)}::int[], ${column(rows, (row) => row.campaignNo)}::int[],
      ${column(rows, (row) => row.nth)}::smallint[], ${column(rows, (row) => row.state)}::text[],
      ${column(rows, (row) => row.orderId)}::text[], ${column(rows, (row) => row.redeemedAt?.toISOString())}::timestamptz[],
      ${column(rows, (row) => row.amount)}::bigint[], ${column(rows, (row) => String(row.open))}::boolean[])
      as w (member_no, campaign_no, nth, state, order_id, redeemed_at, amount, open)
    where c.member_no = w.member_no and c.campaign_no = w.campaign_no and c.nth = w.nth`;
}

/** What folding changes in a campaign's counters. */
export type CampaignDelta = {
  campaignNo: number;
  redeemed: number;
  returned: number;
  conflicts: number;
  reserved: number;
  spent: number;
};

/** Adds to the counters of campaigns, in order of their numbers. */
export async function addToCampaigns(sql: Sql, rows: readonly CampaignDelta[]): Promise<void> {
  if (rows.length === 0) return;
  const sorted = rows.toSorted((a, b) => a.campaignNo - b.campaignNo);
  await sql`
    with due as materialized (
      select w.* from unnest(${column(sorted, (row) => row.campaignNo)}::int[], ${column(sorted, (row) => row.redeemed)}::int[],
        ${column(sorted, (row) => row.returned)}::int[], ${column(sorted, (row) => row.conflicts)}::int[],
        ${column(sorted, (row) => row.reserved)}::bigint[], ${column(sorted, (row) => row.spent)}::bigint[])
        as w (no, redeemed, returned, conflicts, reserved, spent)
      join campaign c using (no) order by c.no for no key update of c
    )
    update campaign c set redeemed = c.redeemed + due.redeemed, returned = c.returned + due.returned,
      conflicts = c.conflicts + due.conflicts, reserved = c.reserved + due.reserved, spent = c.spent + due.spent
    from due where c.no = due.no`;
}

export type ConflictRow = {
  code: string;
  orderId: string;
  at: Date;
  verdict: 'conflict' | 'late' | 'void' | 'odd';
  channel: string | null;
  location: string | null;
  /** The use of this coupon that counts, where one does. */
  counted: { orderId: string; at: string; channel: string | null; location: string | null } | null;
};

/**
 * Redemptions that should not have been, newest first, beyond `after`; with `begins` of coupons whose codes begin so, without codes that no
 * coupon has.
 */
export function listConflicts(
  sql: Sql,
  {
    begins,
    after,
    limit,
  }: {
    begins: string | null;
    after: Pick<ConflictRow, 'code' | 'orderId' | 'at'> | null;
    limit: number;
  },
): Promise<ConflictRow[]> {
  return sql<ConflictRow[]>`
    select u.code, u.order_id as "orderId", u.at, u.verdict, u.channel, u.location,
      (select jsonb_build_object('orderId', c.order_id, 'at', c.at, 'channel', c.channel, 'location', c.location)
        from coupon_use c where c.code = u.code and c.verdict = 'counted') as counted
    from coupon_use u
    where u.verdict in ('conflict', 'late', 'void', 'odd')
      ${begins === null ? sql`` : sql`and u.verdict <> 'odd' and starts_with(u.code, ${begins})`}
      ${after === null ? sql`` : sql`and (u.at, u.code, u.order_id) < (${after.at}, ${after.code}, ${after.orderId})`}
    order by u.at desc, u.code desc, u.order_id desc limit ${limit}`;
}
