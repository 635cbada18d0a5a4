/** One ledger of points for all channels. What orders earn is written with the profiles (profile-store.ts); here are commands. */
import { AppError } from '../contract/errors.ts';
import type { Sql } from '../platform/database.ts';

export type PointEntry = {
  no: number;
  kind: 'order' | 'spent' | 'given';
  ref: string;
  delta: number;
  reason: string | null;
  channel: string | null;
  at: Date;
  createdBy: string | null;
};

export type PointCommand = {
  memberId: string;
  kind: 'spent' | 'given';
  /** Names the command: the same one again does nothing. */
  ref: string;
  /** Below zero when spent. */
  delta: number;
  reason: string | null;
  channel: string | null;
  by: string;
};

/**
 * Books points that a command gives or takes, and answers the balance; the same reference again answers and does nothing.
 * Spending never goes below zero. Throws `not_found`, `insufficient_points`, or `conflict` where the reference was used for
 * another amount.
 */
export async function bookPoints(
  sql: Sql,
  { memberId, kind, ref, delta, reason, channel, by }: PointCommand,
): Promise<{ points: number; repeated: boolean }> {
  const [member] = await sql<{ no: number; points: number }[]>`
    select no, points from member where id = ${memberId} for no key update`;
  if (member === undefined) throw new AppError('not_found', 'There is no such member');
  const [done] = await sql<{ delta: number }[]>`
    select delta from point_entry where member_no = ${member.no} and kind = ${kind} and ref = ${ref}`;
  if (done !== undefined) {
    if (done.delta !== delta)
      throw new AppError('conflict', `${ref} was booked already, with ${Math.abs(done.delta)} points`);
    return { points: member.points, repeated: true };
  }
  if (delta < 0 && member.points + delta < 0)
    throw new AppError('insufficient_points', `${Math.max(0, member.points)} points are left`);
  await sql`
    insert into point_entry (member_no, kind, ref, delta, reason, channel, created_by)
    values (${member.no}, ${kind}, ${ref}, ${delta}, ${reason}, ${channel}, ${by})`;
  const [after] = await sql<{ points: number }[]>`
    update member set points = points + ${delta} where no = ${member.no} returning points`;
  return { points: after!.points, repeated: false };
}

/** A member's entries, newest first, before `before`. */
export const listPoints = (
  sql: Sql,
  memberId: string,
  { before, limit }: { before?: number | undefined; limit: number },
): Promise<PointEntry[]> => sql<PointEntry[]>`
  select e.no, e.kind, e.ref, e.delta, e.reason, e.channel, e.at, e.created_by as "createdBy"
  from point_entry e join member m on m.no = e.member_no
  where m.id = ${memberId} ${before === undefined ? sql`` : sql`and e.no < ${before}`}
  order by e.no desc limit ${limit}`;

export type PointRate = { fromAt: Date | null; perUnit: number; createdBy: string | null };

/** The rates, newest first; `fromAt` null: from the beginning. */
export const listRates = (sql: Sql): Promise<PointRate[]> => sql<PointRate[]>`
  select case when isfinite(from_at) then from_at end as "fromAt", per_unit as "perUnit", created_by as "createdBy"
  from point_rate order by from_at desc`;

/**
 * Sets the rate for orders paid from now on. Never for earlier ones: what was earned stays earned, however often it is computed
 * anew.
 */
export async function setRate(sql: Sql, perUnit: number, by: string): Promise<void> {
  await sql`insert into point_rate (from_at, per_unit, created_by) values (now(), ${perUnit}, ${by})`;
}
