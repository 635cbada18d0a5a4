/** Looks at every member again: fifths and tags drift with the days, also of who does nothing. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from '../platform/database.ts';
import type { AsOf } from './as-of.ts';
import { finishScale, lastMemberNo, listTagRules, writeGrades, writeScale } from './tag-store.ts';

/** Members a statement: none of them is locked for longer than that takes, and orders of theirs wait no longer. */
const CHUNK = 2_000;
/** After each it rests so many times as long as it took: orders need the processor and the disk meanwhile. */
const REST = 2;

/**
 * Measures the fifths and brings all scores and automatic tags up to them and to `asOf`. Answers how many members there are
 * and how many got other scores or tags. The mark of the day comes last: a run that died is made again.
 */
export async function gradeMembers(sql: Sql, asOf: AsOf): Promise<{ members: number; changed: number }> {
  const last = await lastMemberNo(sql);
  const rules = await listTagRules(sql);
  await writeScale(sql);
  let changed = 0;
  for (let after = 0; after < last; after += CHUNK) {
    const scope = { after, to: after + CHUNK };
    const began = performance.now();
    changed += await writeGrades(sql, scope, rules, asOf);
    await sleep(REST * (performance.now() - began));
  }
  await finishScale(sql, asOf.today);
  return { members: last, changed };
}
