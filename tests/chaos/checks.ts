/** Waits until the company is quiet, and looks for differences: what `zg verify` looks for, and what clients were told. */
import { setTimeout as sleep } from 'node:timers/promises';
import { signalMisfits, waitingSignals } from '@zhanggui/shared/alerts/balance-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { Api } from '@zhanggui/server/src/cli/api.ts';
import { verifyBoard } from '@zhanggui/server/src/cli/verify/board.ts';
import { verifyBooks } from '@zhanggui/server/src/cli/verify/books.ts';
import { actors } from './actors.ts';
import { TIME_ZONE, type Company } from './company.ts';
import type { Records } from './records.ts';

/**
 * The sweeper comes every 5 s, and after a flush its schedule has to be made again first. The look for misfits comes every half
 * minute, and what a proposal takes from another shelf can need two of them.
 */
const QUIET_WITHIN_MS = 90_000;
/** Within this the wall equals the books. */
const BOARD_MS = 2_000;
/** Differences shown of each check. */
const LIMIT = 5;

export type Findings = { checks: number; quietMs: number; differences: string[] };

export async function findDifferences(
  company: Company,
  records: Records,
  signal: AbortSignal,
): Promise<Findings> {
  return company.withSql(async (sql) => {
    const started = performance.now();
    const left = await untilQuiet(sql, signal);
    const quietMs = performance.now() - started;
    const differences = [...left, ...records.contradictions];
    let checks = 2;
    for (const { check } of actors) {
      differences.push(...(await check(sql, records)));
      checks += 1;
    }
    const { results } = await verifyBooks(sql, { limit: LIMIT, signal, onResult: () => undefined });
    for (const { name, differences: found } of results) {
      checks += 1;
      for (const each of found.first) differences.push(`${name}: ${JSON.stringify(each)}`);
    }
    const time = new BusinessTime(TIME_ZONE);
    for (const url of company.urls) {
      checks += 1;
      const board = await verifyBoard({
        api: new Api({ serverUrl: url, key: company.key, signal }),
        sql,
        today: () => time.day(Date.now()),
        limit: LIMIT,
        settleMs: BOARD_MS,
        signal,
      });
      if (board === null) differences.push(`the board of ${url} was never quiet`);
      else for (const each of board.first) differences.push(`the board of ${url}: ${JSON.stringify(each)}`);
    }
    for (const part of company.parts) {
      checks += 1;
      differences.push(...part.falls.splice(0));
    }
    return { checks, quietMs, differences };
  });
}

/** What facts left for jobs to fold: points, coupons and groups are right once nothing of it waits. */
async function countTouches(sql: SqlPool): Promise<number> {
  const [row] = await sql<[{ waiting: number }]>`
    select ((select count(*) from member_touch) + (select count(*) from coupon_touch) + (select count(*) from group_touch)
      + (select count(*) from coupon_use where dirty))::int as waiting`;
  return row.waiting;
}

/** Every signal and touch was taken by a worker, and every alert and proposal fits its balance. */
async function untilQuiet(sql: SqlPool, signal: AbortSignal): Promise<string[]> {
  const until = performance.now() + QUIET_WITHIN_MS;
  for (;;) {
    const { count } = await waitingSignals(sql);
    const touches = await countTouches(sql);
    const misfits = count > 0 ? 0 : await countMisfits(sql);
    if (count + touches + misfits === 0) return [];
    if (performance.now() > until)
      return [
        count + touches > 0
          ? `${count} signals and ${touches} touches were not taken within ${QUIET_WITHIN_MS / 1000} s`
          : `${misfits} balances have not the alert or proposal that they should have`,
      ];
    await sleep(200, undefined, { signal });
  }
}

class Undo extends Error {}

async function countMisfits(sql: SqlPool): Promise<number> {
  let misfits = 0;
  try {
    await sql.begin(async (tx) => {
      misfits = await signalMisfits(tx, 1_000);
      // Of a rush the clock alone can say whether it is over.
      const [rushes] = await tx<[{ count: number }]>`
        select count(*) from alert where resolved_at is null and kind = 'sellout_soon'`;
      misfits = Math.max(0, misfits - rushes.count);
      throw new Undo();
    });
  } catch (error) {
    if (!(error instanceof Undo)) throw error;
  }
  return misfits;
}
