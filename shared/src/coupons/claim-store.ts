/** What is to be known to decide claims. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Fragment } from './audience-store.ts';

/** Who claims of what. */
export type ClaimKey = { campaignNo: number; memberId: string };

export type FoundClaimant = ClaimKey & { memberNo: number; forgotten: boolean; had: number };

/** Members with what they have of the campaign; those that nobody named before are missing. */
export function findClaimants(sql: Sql, claims: readonly { campaignId: string; memberId: string }[]) {
  return sql<(FoundClaimant & { campaignId: string })[]>`
    select w.campaign_id as "campaignId", c.no as "campaignNo", m.id as "memberId", m.no as "memberNo",
      m.forgotten_at is not null as forgotten,
      (select count(*)::int from coupon p where p.member_no = m.no and p.campaign_no = c.no) as had
    from unnest(${column(claims, ({ campaignId }) => campaignId)}::uuid[], ${column(claims, ({ memberId }) => memberId)}::text[])
      as w (campaign_id, member_id)
    join campaign c on c.id = w.campaign_id join member m on m.id = w.member_id`;
}

/** Makes members of ids that nobody named before. */
export async function introduceMembers(sql: Sql, ids: readonly string[]): Promise<void> {
  await sql`
    insert into member (id) select unnest(${column([...new Set(ids)].sort(), (id) => id)}::text[]) on conflict do nothing`;
}

/** Which of these members are in an audience. */
export async function membersIn(
  sql: Sql,
  memberNos: readonly number[],
  where: Fragment,
): Promise<Set<number>> {
  const rows = await sql<{ no: number }[]>`
    select m.no from member m where m.no = any(${column(memberNos, (no) => no)}::int[]) and ${where}`;
  return new Set(rows.map(({ no }) => no));
}

/**
 * Counts coupons that were just issued, for several campaigns. Answers those that run and have number and money left for all of theirs:
 * where one is missing, roll back.
 */
export async function countClaimed(
  sql: Sql,
  rows: readonly { campaignNo: number; issued: number }[],
): Promise<Set<number>> {
  const counted = await sql<{ no: number }[]>`
    with due as materialized (
      select c.no, w.issued from unnest(${column(rows, ({ campaignNo }) => campaignNo)}::int[],
        ${column(rows, ({ issued }) => issued)}::int[]) as w (no, issued)
      join campaign c using (no) order by c.no for no key update of c
    )
    update campaign c set issued = c.issued + due.issued, reserved = c.reserved + due.issued * c.liability
    from due
    where c.no = due.no and c.state = 'running' and (c.ends_at is null or c.ends_at > now())
      and (c.total is null or c.issued + due.issued <= c.total)
      and (c.budget is null or c.spent + c.reserved + due.issued * c.liability <= c.budget)
    returning c.no`;
  return new Set(counted.map(({ no }) => no));
}

/** Notes sources that claim more than a person does. */
export async function flagSources(
  sql: Sql,
  flags: readonly { campaignNo: number; source: string; claims: number }[],
  now: Date,
): Promise<void> {
  if (flags.length === 0) return;
  const sorted = flags.toSorted((a, b) => a.campaignNo - b.campaignNo || (a.source < b.source ? -1 : 1));
  await sql`
    insert into campaign_flag as f (campaign_no, source, minute, claims)
    select no, source, date_trunc('minute', ${now.toISOString()}::timestamptz), max(claims) from unnest(
      ${column(sorted, ({ campaignNo }) => campaignNo)}::int[], ${column(sorted, ({ source }) => source)}::text[],
      ${column(sorted, ({ claims }) => claims)}::int[]) as w (no, source, claims)
    group by no, source order by no, source
    on conflict (campaign_no, source, minute) do update set claims = greatest(f.claims, excluded.claims)`;
}

/** Newest first. */
export const listFlags = (sql: Sql, campaignNo: number, limit: number) =>
  sql<{ source: string; minute: Date; claims: number }[]>`
    select source, minute, claims from campaign_flag where campaign_no = ${campaignNo}
    order by minute desc, claims desc limit ${limit}`;

/** Ids by number. */
export async function findMembersByNo(sql: Sql, nos: readonly number[]): Promise<Map<number, string>> {
  const rows = await sql<{ no: number; id: string }[]>`
    select no, id from member where no = any(${column(nos, (no) => no)}::int[])`;
  return new Map(rows.map(({ no, id }) => [no, id]));
}
