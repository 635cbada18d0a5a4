/** What ledger transactions leave for the members' profiles, and how a job takes it. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

/** Whose orders changed, and the ledger seqs of facts about members. */
export type Touch = { memberIds: readonly string[]; factSeqs: readonly number[] };

/** One row a transaction, without a key on the member: nothing to wait for. */
export async function touchMembers(sql: Sql, { memberIds, factSeqs }: Touch): Promise<void> {
  if (memberIds.length === 0 && factSeqs.length === 0) return;
  await sql`
    insert into member_touch (member_ids, fact_seqs)
    values (${column(memberIds, (id) => id)}::text[], ${column(factSeqs, (seq) => seq)}::bigint[])`;
}

/** Takes the oldest touches, of about `size` members and facts; false where another worker is at it. */
export async function takeTouches(
  sql: Sql,
  size: number,
): Promise<{ memberIds: string[]; factSeqs: number[]; touches: number } | false> {
  // One at a time: two would wait for each other's members, and the second finds nothing to do.
  const [lock] = await sql<{ mine: boolean }[]>`
    select pg_try_advisory_xact_lock(hashtext('members.refresh')) as mine`;
  if (!lock!.mine) return false;
  const rows = await sql<{ memberIds: string[]; factSeqs: number[] }[]>`
    delete from member_touch where no in (
      select no from (
        select no, sum(cardinality(member_ids) + cardinality(fact_seqs)) over (order by no)
          - cardinality(member_ids) - cardinality(fact_seqs) as before
        from (select * from member_touch where error is null order by no limit 500) oldest) t
      where before < ${size})
    returning member_ids as "memberIds", fact_seqs as "factSeqs"`;
  return {
    memberIds: [...new Set(rows.flatMap((row) => row.memberIds))],
    factSeqs: rows.flatMap((row) => row.factSeqs.map(Number)),
    touches: rows.length,
  };
}

/** How long the oldest touch has waited, in seconds; null where none waits. */
export async function oldestTouch(sql: Sql): Promise<number | null> {
  const [row] = await sql<{ seconds: number | null }[]>`
    select extract(epoch from now() - min(at))::float8 as seconds from member_touch where error is null`;
  return row!.seconds;
}

/** What the database refused: a fact, or (null) what the orders of the member add up to. */
export type Aside = { memberId: string; seq: number | null };

/** Sets it aside, with the reason: nobody takes it, and `zg verify` shows it. */
export async function setAside(sql: Sql, { memberId, seq }: Aside, error: Error): Promise<void> {
  await sql`
    insert into member_touch (member_ids, fact_seqs, about, error)
    values (${seq === null ? [memberId] : []}::text[], ${seq === null ? [] : [seq]}::bigint[], ${memberId}, ${error.message})`;
}

/** Takes what was set aside about these members: to be tried again, or to be set aside again. */
export async function takeAside(sql: Sql, memberIds: readonly string[]): Promise<Aside[]> {
  return sql<Aside[]>`
    delete from member_touch where error is not null and about = any(${column(memberIds, (id) => id)}::text[])
    returning about as "memberId", fact_seqs[1] as seq`;
}
