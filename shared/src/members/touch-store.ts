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
        from (select * from member_touch order by no limit 500) oldest) t
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
    select extract(epoch from now() - min(at))::float8 as seconds from member_touch`;
  return row!.seconds;
}
