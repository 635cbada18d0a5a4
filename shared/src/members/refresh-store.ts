/** Brings members up to what the ledger and their orders say, a chunk a transaction. */
import type { Sql, SqlPool } from '../platform/database.ts';
import { inHalves } from '../platform/halves.ts';
import type { Statement } from './member.ts';
import { writeOrderPoints, writeProfiles } from './profile-store.ts';
import type { AsOf } from './as-of.ts';
import {
  applyStatements,
  applyVisits,
  lockMembers,
  noteStatements,
  readMemberFacts,
  type LockedMember,
  type MemberFact,
} from './statement-store.ts';
import { listTagRules, writeGrades } from './tag-store.ts';
import { setAside, takeAside, takeTouches, type Aside } from './touch-store.ts';

/** Minor units of one unit of the currency: 100 for CNY, 1 for JPY. */
export function minorPerUnit(currency: string): number {
  const format = new Intl.NumberFormat('en', { style: 'currency', currency });
  return 10 ** (format.resolvedOptions().maximumFractionDigits ?? 2);
}

/** One thing to take: a fact about a member, or that their orders changed. */
type Item = { memberId: string; fact: MemberFact | null };
type Rates = { minor: number; asOf: AsOf };

/**
 * Takes the oldest touches, of about `size` members, and computes those members anew: what is said of them, their profile, points,
 * scores and tags. Touches are deleted in the same transaction, so a worker that dies gives them back, and a member is as
 * their orders are whatever happened. A fact that the database refuses keeps nobody from it: it is set aside, and tried again with the
 * member's next touch, since what was said later may have taken its place. Answers how many members, and what was set aside; null where
 * none waits, or another worker is at it.
 */
export async function refreshMembers(
  sql: SqlPool,
  { size, ...rates }: { size: number } & Rates,
): Promise<{ members: number; aside: Aside[] } | null> {
  return sql.begin(async (tx) => {
    const taken = await takeTouches(tx, size);
    if (taken === false || taken.touches === 0) return null;
    const items = await itemsOf(tx, taken);
    const ids = [...new Set(items.map(({ memberId }) => memberId))];
    const members = await lockMembers(tx, ids);
    const take = (part: Sql, some: readonly Item[]) => takeItems(part, members, some, rates);
    const refused = await inHalves(tx, items, take);
    const again = [...refused.map(({ item }) => item), ...(await itemsAside(tx, ids))];
    const aside: Aside[] = [];
    // Once more, each by itself: what else was taken may have made it fit.
    for (const item of new Map(again.map((each) => [`${each.fact?.seq} ${each.memberId}`, each])).values())
      for (const { error } of await inHalves(tx, [item], take)) {
        // So that it is found when the member is to be forgotten.
        if (item.fact) await noteStatements(tx, members, [item.fact]);
        const what = { memberId: item.memberId, seq: item.fact?.seq ?? null };
        await setAside(tx, what, error);
        aside.push(what);
      }
    return { members: members.length, aside };
  });
}

async function itemsOf(
  sql: Sql,
  { memberIds, factSeqs }: { memberIds: readonly string[]; factSeqs: readonly number[] },
): Promise<Item[]> {
  const facts = await readMemberFacts(sql, factSeqs);
  return [
    ...facts.map((fact) => ({ memberId: fact.memberId, fact })),
    ...memberIds.map((memberId) => ({ memberId, fact: null })),
  ];
}

async function itemsAside(sql: Sql, ids: readonly string[]): Promise<Item[]> {
  const list = await takeAside(sql, ids);
  return itemsOf(sql, {
    memberIds: list.flatMap(({ memberId, seq }) => (seq === null ? [memberId] : [])),
    factSeqs: list.flatMap(({ seq }) => (seq === null ? [] : [seq])),
  });
}

/** Computes those members anew that the items are about. All of them are locked. */
async function takeItems(
  tx: Sql,
  locked: readonly LockedMember[],
  items: readonly Item[],
  { minor, asOf }: Rates,
): Promise<void> {
  const facts = items.flatMap(({ fact }) => (fact === null ? [] : [fact]));
  const ids = new Set(items.map(({ memberId }) => memberId));
  const members = locked.filter(({ id }) => ids.has(id));
  const statements = new Map<string, Statement[]>();
  for (const fact of facts)
    if (fact.type === 'member.updated')
      statements.set(fact.memberId, [...(statements.get(fact.memberId) ?? []), fact.statement]);
  await applyStatements(tx, members, statements);
  await noteStatements(tx, members, facts);
  await applyVisits(tx, members, facts);
  // Those who were only talked about have the orders that they had.
  const buyers = new Set(items.flatMap(({ memberId, fact }) => (fact === null ? [memberId] : [])));
  const buyerNos = members.filter(({ id }) => buyers.has(id)).map(({ no }) => no);
  await writeProfiles(tx, buyerNos);
  await writeOrderPoints(tx, buyerNos, minor);
  const nos = members.map(({ no }) => no);
  await writeGrades(tx, { nos }, await listTagRules(tx), asOf);
}
