/** Coupons, one by one. See campaign-store.ts for the order of locks. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { CampaignState } from './campaign.ts';
import type { CouponKey } from './code.ts';

/** The company's secret, of which the keys of codes are derived. Never answered, never logged. */
export async function readCouponSecret(sql: Sql): Promise<Buffer> {
  const [row] = await sql<[{ value: Buffer }]>`select value from coupon_secret`;
  return Buffer.from(row.value);
}

export type CouponRow = CouponKey & {
  state: 'issued' | 'redeemed' | 'expired' | 'void';
  issuedAt: Date;
  validFrom: Date;
  validTo: Date;
  redeemedAt: Date | null;
  orderId: string | null;
  amount: number | null;
  open: boolean;
};

const columns = (sql: Sql) => sql`
  c.campaign_no as "campaignNo", c.member_no as "memberNo", c.nth::int as nth, c.state, c.issued_at as "issuedAt",
  c.valid_from as "validFrom", c.valid_to as "validTo", c.redeemed_at as "redeemedAt", c.order_id as "orderId", c.amount, c.open`;

/** Coupons by their keys; those that do not exist are missing. */
export function findCoupons(sql: Sql, keys: readonly CouponKey[], lock = false): Promise<CouponRow[]> {
  const sorted = keys.toSorted(byKey);
  return sql<CouponRow[]>`
    select ${columns(sql)}
    from unnest(${column(sorted, (key) => key.memberNo)}::int[], ${column(sorted, (key) => key.campaignNo)}::int[],
      ${column(sorted, (key) => key.nth)}::smallint[]) as w (member_no, campaign_no, nth)
    join coupon c using (member_no, campaign_no, nth)
    order by member_no, campaign_no, nth ${lock ? sql`for update of c` : sql``}`;
}

export const byKey = (a: CouponKey, b: CouponKey): number =>
  a.memberNo - b.memberNo || a.campaignNo - b.campaignNo || a.nth - b.nth;

/** A member's coupons that are not over, with the states of their campaigns; at most `limit`, those that end soonest first. */
export function listWallet(
  sql: Sql,
  memberId: string,
  now: Date,
  limit: number,
): Promise<(CouponRow & { campaignState: CampaignState })[]> {
  return sql<(CouponRow & { campaignState: CampaignState })[]>`
    select ${columns(sql)}, k.state as "campaignState"
    from coupon c join campaign k on k.no = c.campaign_no
    where c.member_no = (select no from member where id = ${memberId}) and c.state = 'issued' and c.valid_to > ${now}
    order by c.valid_to, c.campaign_no, c.nth limit ${limit}`;
}

/** Inserts coupons, sorted by key. Answers those that were not there before. */
export function insertCoupons(
  sql: Sql,
  list: readonly (CouponKey & { validFrom: Date; validTo: Date })[],
): Promise<CouponKey[]> {
  return sql<CouponKey[]>`
    insert into coupon (member_no, campaign_no, nth, valid_from, valid_to)
    select * from unnest(${column(list, (each) => each.memberNo)}::int[], ${column(list, (each) => each.campaignNo)}::int[],
      ${column(list, (each) => each.nth)}::smallint[], ${column(list, (each) => each.validFrom.toISOString())}::timestamptz[],
      ${column(list, (each) => each.validTo.toISOString())}::timestamptz[])
    on conflict do nothing returning member_no as "memberNo", campaign_no as "campaignNo", nth::int as nth`;
}

/**
 * Counts coupons that were just issued, where the campaign runs and has number and money left for all of them. False where not: then
 * roll back.
 */
export async function countIssued(
  sql: Sql,
  campaignNo: number,
  { issued, failed = 0 }: { issued: number; failed?: number },
): Promise<boolean> {
  const { count } = await sql`
    update campaign set issued = issued + ${issued}, reserved = reserved + ${issued} * liability, failed = failed + ${failed}
    where no = ${campaignNo} and state = 'running' and (ends_at is null or ends_at > now())
      and (total is null or issued + ${issued} <= total)
      and (budget is null or spent + reserved + ${issued} * liability <= budget)`;
  return count === 1;
}

/** How many more may be issued by number and money; null: any number. Not locked: `countIssued` has the last word. */
export function roomOf({
  total,
  issued,
  budget,
  spent,
  reserved,
  liability,
}: {
  total: number | null;
  issued: number;
  budget: number | null;
  spent: number;
  reserved: number;
  liability: number;
}): number | null {
  const byNumber = total === null ? Infinity : total - issued;
  const byMoney =
    budget === null || liability === 0 ? Infinity : Math.floor((budget - spent - reserved) / liability);
  const room = Math.max(0, Math.min(byNumber, byMoney));
  return room === Infinity ? null : room;
}
