import type { Difference } from '@zhanggui/shared/platform/differences.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { withApi, withDatabase } from '../company.ts';
import { exitCodes } from '../errors.ts';
import type { Io } from '../io.ts';
import { duration, wholeNumber } from '../options.ts';
import { whole } from '../output.ts';
import type { AddCommand } from '../program.ts';
import { verifyBoard } from '../verify/board.ts';
import { verifyBooks, type BooksReport, type CheckResult } from '../verify/books.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';

type Options = { board: boolean; limit: number; settle: number; json?: true };

/** The report of `--json`. `ok` is false when a difference was found. */
type Report = BooksReport & { ok: boolean; board: 'checked' | 'never quiet' | 'left out' };

/** `zg verify`: the promises, recomputed. */
export const verifyCommand: AddCommand = (program, io, finish) => {
  program
    .command('verify')
    .description('recompute the books from the ledger, and compare: ledger, orders, sales, stock, board')
    .option('--no-board', 'leave out what the server shows (then none has to run)')
    .option('--limit <n>', 'differences to print of each check', wholeNumber, 20)
    .option('--settle <time>', 'how long the board may take to follow the ledger', duration, 5_000)
    .option('--json', 'print {ok, facts, ledgerIsWhole, board, results}')
    .addHelpText(
      'after',
      `
Works while facts stream in: all of the books are read in one view of the database. Sums are made in SQL, apart from
the code that keeps the books, and go to disk where they do not fit into memory.

Exit code 1: there is a difference.

Example:
  npm run -s zg -- verify --json`,
    )
    .action(async (options: Options) => {
      const tell = (result: CheckResult) => {
        if (!options.json) tellResult(io, result);
      };
      const report = options.board
        ? await withApi(io, { purpose: 'verify', scopes: ['read'] }, async ({ api, sql }) => {
            const books = await booksOf(io, sql, options, tell);
            const started = performance.now();
            const time = new BusinessTime(await timeZoneOf(sql));
            const today = () => time.day(Date.now());
            const { limit, settle: settleMs } = options;
            const board = await verifyBoard({ api, sql, today, limit, settleMs, signal: io.signal });
            if (board === null) return reportOf(books, 'never quiet');
            const seconds = Math.round(performance.now() - started) / 1000;
            const claim = 'the board shows what the books say';
            const result: CheckResult = { name: 'board', claim, promise: 3, differences: board, seconds };
            tell(result);
            return reportOf({ ...books, results: [...books.results, result] }, 'checked');
          })
        : await withDatabase(io, async (sql) => reportOf(await booksOf(io, sql, options, tell), 'left out'));
      if (options.json) io.out(JSON.stringify(report));
      else io.out(describe(report));
      if (!report.ok) finish(exitCodes.found);
    });
};

function booksOf(
  io: Io,
  sql: SqlPool,
  { limit }: Options,
  onResult: (result: CheckResult) => void,
): Promise<BooksReport> {
  return verifyBooks(sql, { limit, signal: io.signal, onResult });
}

async function timeZoneOf(sql: SqlPool): Promise<string> {
  const [company] = await sql<[{ timeZone: string }]>`select time_zone as "timeZone" from company`;
  return company.timeZone;
}

function reportOf(books: BooksReport, board: Report['board']): Report {
  const ok = books.results.every(({ differences }) => differences.total === 0);
  return { ok, board, ...books };
}

function tellResult(io: Io, { name, claim, differences, seconds }: CheckResult): void {
  const { total, first } = differences;
  const mark = total === 0 ? 'ok' : `${whole(total)} ${total === 1 ? 'difference' : 'differences'}`;
  io.out(`${name}: ${claim}: ${mark} (${seconds} s)`);
  for (const difference of first) io.out(`  ${describeDifference(difference)}`);
  if (total > first.length) io.out(`  … and ${whole(total - first.length)} more`);
}

/** Only what differs, after what tells the rows apart: "day 2026-11-23 … orders 4, should be 5". */
function describeDifference({ expected, found }: Difference): string {
  if (expected === null) return `is there and should not be: ${JSON.stringify(found)}`;
  if (found === null) return `is missing: ${JSON.stringify(expected)}`;
  const same = Object.keys(expected).filter(
    (field) => JSON.stringify(expected[field]) === JSON.stringify(found[field]),
  );
  const differ = Object.keys(expected).filter((field) => field in found && !same.includes(field));
  const which = same.slice(0, 4).map((field) => `${field} ${String(expected[field])}`);
  const how = differ.map(
    (field) => `${field} ${JSON.stringify(found[field])}, should be ${JSON.stringify(expected[field])}`,
  );
  return `${which.join(' ')}: ${how.join('; ')}`;
}

function describe({ ok, facts, ledgerIsWhole, board, results }: Report): string {
  const wrong = results.filter(({ differences }) => differences.total > 0).map(({ name }) => name);
  return [
    ...(ledgerIsWhole
      ? []
      : ['Old months of the ledger were dropped: sums over all facts could not be recomputed.']),
    ...(board === 'never quiet' ? ['The board was never quiet long enough to be compared.'] : []),
    ok
      ? `${whole(facts)} facts, ${results.length} checks, no difference.`
      : `${whole(facts)} facts, ${results.length} checks; differences in ${wrong.join(', ')}.`,
  ].join('\n');
}
