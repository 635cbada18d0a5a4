/** Long work in the background gives way to sales: Postgres does not know which of its connections somebody waits for. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Sql } from './database.ts';

/** Name of the connections that take facts in. */
export const LEDGER_APPLICATION = 'zhanggui ledger';

const LOOKS = 5;
const LOOK_MS = 20;
/** While the ledger never rests, background work rests for so many times as long as it worked. */
const REST = 10;

/** How busy the ledger is: the share of some looks at which it was at work, 0…1. */
async function ledgerBusy(sql: Sql): Promise<number> {
  let busy = 0;
  for (let look = 0; look < LOOKS; look++) {
    if (look > 0) await sleep(LOOK_MS);
    const [row] = await sql<[{ active: boolean }]>`
      select exists (select from pg_stat_activity
        where application_name = ${LEDGER_APPLICATION} and state <> 'idle') as active`;
    if (row.active) busy += 1;
  }
  return busy / LOOKS;
}

/**
 * To be awaited between two steps of long work, with no transaction open: returns soon where nothing is sold, and where much is
 * only after a rest that leaves the ledger nearly all of the machine.
 *
 * @param workedMs how long the last step took
 */
export async function giveWay(sql: Sql, workedMs: number): Promise<void> {
  const busy = await ledgerBusy(sql);
  if (busy > 0) await sleep(workedMs * busy * REST);
}
