import { operator, writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { listKeys, revokeKey } from '@zhanggui/shared/access/key-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { parseSettings } from '@zhanggui/shared/platform/settings.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { withApi } from '../company.ts';
import { CliError } from '../errors.ts';
import { runDemo } from '../demo/run.ts';
import type { Io } from '../io.ts';
import { positive, wholeNumber } from '../options.ts';
import type { AddCommand } from '../program.ts';

type Options = { seed: string; days: number; rate: number };

const KEY_PURPOSE = 'demo';
/** Promotions that may cost much need somebody else than their maker. */
const APPROVER_PURPOSE = 'demo approver';
/** After an error: as long as a database takes to come back. */
const RETRY_MS = 5_000;

/** `zg demo`: the process that `npm start` keeps beside the server while DEMO is on. */
export const demoCommand: AddCommand = (program, io) => {
  program
    .command('demo')
    .description('found the demo company, keep its today live and tell its past; runs until it is stopped')
    .option('--seed <text>', 'what the company is made from; a founded one keeps its own', 'zhanggui')
    .option('--days <n>', 'days of past of a new company', wholeNumber, 35)
    .option('--rate <n>', 'facts of the past a second, at most', positive(), 1200)
    .addHelpText(
      'after',
      `
It is a client of the public API like any other. Stopped at any moment, it goes on where it was.
"npm start" runs it unless DEMO=off; see how far it is with "zg status".`,
    )
    .action(async (options: Options) => {
      const log = createLog('demo', parseSettings(io.env).logLevel);
      for (;;) {
        try {
          await runOnce(io, options, (message) => log.info(message));
        } catch (error) {
          if (io.signal.aborted) return;
          // Wrong usage or a mistake of ours does not go away by itself.
          if (error instanceof CliError) throw error;
          log.error({ err: error }, 'the demo stopped and will go on in a moment');
          await sleep(RETRY_MS, undefined, { signal: io.signal }).catch(() => undefined);
        }
      }
    });
};

async function runOnce(
  io: Io,
  { seed, days, rate }: Options,
  onStep: (message: string) => void,
): Promise<void> {
  await withApi(io, { purpose: KEY_PURPOSE, scopes: ['ingest', 'command'] }, async ({ api, sql, keyId }) => {
    await revokeLeftovers(sql, keyId);
    const [company] = await sql<{ timeZone: string; currency: string }[]>`
      select time_zone as "timeZone", currency from company`;
    if (company === undefined) throw new CliError('The company is not founded yet. Start it first.');
    if (company.currency !== 'CNY')
      throw new CliError(
        `The demo company keeps its books in CNY, this one in ${company.currency}. Start it with DEMO=off.`,
      );
    await withApi(io, { purpose: APPROVER_PURPOSE, scopes: ['command'] }, (approver) =>
      runDemo({
        sql,
        api,
        timeZone: company.timeZone,
        seed,
        historyDays: days,
        historyRate: rate,
        todayRate: rate * 2,
        now: Date.now,
        signal: io.signal,
        onStep,
        approver: approver.api,
      }),
    );
  });
}

const leftNames = [KEY_PURPOSE, APPROVER_PURPOSE].map((purpose) => `zg ${purpose}`);

/** Keys of demos that were killed before they could revoke their own. */
async function revokeLeftovers(sql: SqlPool, keptId: string): Promise<void> {
  const keys = await listKeys(sql, { before: null, limit: 500 });
  const left = keys.filter(
    (key) => leftNames.includes(key.name) && key.revokedAt === null && key.id !== keptId,
  );
  for (const { id, name } of left)
    await sql.begin(async (tx) => {
      await revokeKey(tx, id);
      await writeAudit(tx, operator, { action: 'key.revoke', target: name, details: { leftover: true } });
    });
}
