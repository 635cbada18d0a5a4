/** Brings members up to what the ledger and their orders say, a chunk a transaction. */
import type { SqlPool } from '../platform/database.ts';
import type { Statement } from './member.ts';
import { writeOrderPoints, writeProfiles } from './profile-store.ts';
import type { AsOf } from './as-of.ts';
import {
  applyStatements,
  applyVisits,
  lockMembers,
  noteStatements,
  readMemberFacts,
} from './statement-store.ts';
import { listTagRules, writeGrades } from './tag-store.ts';
import { takeTouches } from './touch-store.ts';

/** Minor units of one unit of the currency: 100 for CNY, 1 for JPY. */
export function minorPerUnit(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
}

/**
 * Takes the oldest touches, of about `size` members, and computes those members anew: what is said of them, their profile, points,
 * scores and tags. Touches are deleted in the same transaction, so a worker that dies gives them back, and a member is as
 * their orders are whatever happened. Answers how many members; null where none waits, or another worker is at it.
 */
export async function refreshMembers(
  sql: SqlPool,
  { size, minor, asOf }: { size: number; minor: number; asOf: AsOf },
): Promise<number | null> {
  return sql.begin(async (tx) => {
    const taken = await takeTouches(tx, size);
    if (taken === false || taken.touches === 0) return null;
    const facts = await readMemberFacts(tx, taken.factSeqs);
    const ids = new Set([...taken.memberIds, ...facts.map((fact) => fact.memberId)]);
    const members = await lockMembers(tx, [...ids]);
    const nos = members.map(({ no }) => no);
    const statements = new Map<string, Statement[]>();
    for (const fact of facts)
      if (fact.type === 'member.updated')
        statements.set(fact.memberId, [...(statements.get(fact.memberId) ?? []), fact.statement]);
    await applyStatements(tx, members, statements);
    await noteStatements(tx, members, facts);
    await applyVisits(tx, members, facts);
    // Those who were only talked about have the orders that they had.
    const buyers = new Set(taken.memberIds);
    const buyerNos = members.filter(({ id }) => buyers.has(id)).map(({ no }) => no);
    await writeProfiles(tx, buyerNos);
    await writeOrderPoints(tx, buyerNos, minor);
    await writeGrades(tx, { nos }, await listTagRules(tx), asOf);
    return members.length;
  });
}
