/** Looks at every member again: fifths and tags drift with the days, also of who does nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../platform/database.ts';
import type { AsOf } from './as-of.ts';
import { finishScale, lastMemberNo, listTagRules, writeGrades, writeScale } from './tag-store.ts';

/** Members a statement: none of them is locked for longer than that takes, and orders of theirs wait no longer. */
const CHUNK = 2_000;
/**
 * Neighbours are written in so many turns. A quarter of each page of `member` is free (its fillfactor): a fifth of its rows finds room
 * there, so that no index is written, and what they were before is room for the next fifth.
 */
const TURNS = 5;
/** Members through whom the turns go before the next so many: by the next turn, nobody reads what a row was before the last one. */
const ROUND = 100_000;
/** After each statement it rests so many times as long as that took: orders need the processor and the disk meanwhile. */
const REST = 2;

/**
 * Measures the fifths and brings all scores and automatic tags up to them and to `asOf`. Answers the last member's number
 * and how many got other scores or tags. The mark of the day comes last: a run that died is made again.
 */
export async function gradeMembers(sql: Sql, asOf: AsOf): Promise<{ last: number; changed: number }> {
  const last = await lastMemberNo(sql);
  const rules = await listTagRules(sql);
  await writeScale(sql);
  let changed = 0;
  for (const scope of scopes(last)) {
    const began = performance.now();
    changed += await writeGrades(sql, scope, rules, asOf);
    await sleep(REST * (performance.now() - began));
  }
  await finishScale(sql, asOf.today);
  return { last, changed };
}

/** Every member up to `last` once. */
function* scopes(last: number) {
  for (let round = 0; round < last; round += ROUND)
    for (let turn = 0; turn < TURNS; turn++)
      for (let after = round; after < Math.min(last, round + ROUND); after += CHUNK * TURNS)
        yield { after, to: after + CHUNK * TURNS, every: TURNS, turn };
}
