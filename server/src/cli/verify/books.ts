/** Runs the checks of the books in one view of the database, while facts go on streaming in. */
import { countFacts, hasDroppedMonths } from '@zhanggui/shared/ingest/verify-store.ts';
import type { SqlPool, SqlTransaction } from '@zhanggui/shared/platform/database.ts';
import type { Differences } from '@zhanggui/shared/platform/differences.ts';
import { CliError } from '../errors.ts';
import { checksOf, type Check } from './checks.ts';

export type CheckResult = Pick<Check, 'name' | 'claim' | 'promise'> & {
  differences: Differences;
  seconds: number;
};

export type BooksReport = {
  facts: number;
  /** False where retention has dropped months: then sums over all facts were not checked. */
  ledgerIsWhole: boolean;
  results: CheckResult[];
};

type Options = {
  /** Differences shown of each check. */
  limit: number;
  signal: AbortSignal;
  onResult: (result: CheckResult) => void;
};

/**
 * Checks the books against the ledger. One repeatable-read transaction: each ledger transaction writes facts and sums
 * together, so that every view of the database adds up or is wrong. Nothing is changed; the temporary tables go with it.
 */
export async function verifyBooks(pool: SqlPool, options: Options): Promise<BooksReport> {
  return pool.begin('isolation level repeatable read', (sql) => checkBooks(sql, options));
}

/** The checks themselves, within a transaction of the caller's. */
export async function checkBooks(
  sql: SqlTransaction,
  { limit, signal, onResult }: Options,
): Promise<BooksReport> {
  await sql`set local timezone = 'UTC'`;
  // Beyond this, sorts and hashes go to disk: ten million facts are checked in the same memory as ten thousand.
  await sql`set local work_mem = '64MB'`;
  await sql`set local statement_timeout = 0`;
  // Compiling these long statements takes longer than it saves.
  await sql`set local jit = off`;
  const [company] = await sql<{ timeZone: string }[]>`select time_zone as "timeZone" from company`;
  if (company === undefined) throw new CliError('The company is not founded yet. Start it first.');
  const facts = await countFacts(sql);
  const ledgerIsWhole = !(await hasDroppedMonths(sql));
  const results: CheckResult[] = [];
  for (const { name, claim, promise, run } of checksOf({ ledgerIsWhole })) {
    signal.throwIfAborted();
    const started = performance.now();
    const differences = await run(sql, { timeZone: company.timeZone, limit });
    const seconds = Math.round(performance.now() - started) / 1000;
    const result = { name, claim, promise, differences, seconds };
    results.push(result);
    onResult(result);
  }
  return { facts, ledgerIsWhole, results };
}
