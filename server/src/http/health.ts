/** Whether the server lives, and whether it can do its work. */
import { boardTiming } from '@zhanggui/shared/contract/board.ts';
import { listMigrations } from '@zhanggui/shared/platform/migrate.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Committer } from '../parts.ts';
import type { Publisher } from '../live/board-rooms.ts';

export type Readiness = { ready: boolean; missing: string[] };

/** A probe is answered in about this time, also when the database hangs instead of failing. */
const PATIENCE_MS = 1_000;

/**
 * Ready means that facts can be taken and the board is being pushed. `missing` says in plain words what is not so;
 * an operator reads it, no program should.
 */
export async function readiness(parts: {
  sql: SqlPool;
  committer: Pick<Committer, 'ready' | 'submit'>;
  publisher: Pick<Publisher, 'lookedAt'>;
  now?: number;
}): Promise<Readiness> {
  const now = parts.now ?? Date.now();
  const missing = await databaseMissing(parts.sql);
  if (!(await takesFacts(parts.committer))) missing.push('the committer takes no facts now');
  const looked = parts.publisher.lookedAt?.getTime() ?? 0;
  if (now - looked > boardTiming.deadMs) {
    missing.push(`the board was not read in the last ${boardTiming.deadMs / 1000} seconds`);
  }
  return { ready: missing.length === 0, missing };
}

/**
 * A committer whose last commit failed can't know that the next one would not. Where no facts are sent to a server that is
 * not ready, nobody would ever find out; so we ask it to commit nothing.
 */
async function takesFacts(committer: Pick<Committer, 'ready' | 'submit'>): Promise<boolean> {
  if (committer.ready) return true;
  try {
    await within(PATIENCE_MS, committer.submit([]));
  } catch {
    return false;
  }
  return committer.ready;
}

async function databaseMissing(sql: SqlPool): Promise<string[]> {
  try {
    return await within(PATIENCE_MS, checkDatabase(sql));
  } catch {
    return ['the database does not answer'];
  }
}

async function checkDatabase(sql: SqlPool): Promise<string[]> {
  const [schema] = await sql<[{ done: number }]>`select max(number) as done from schema_migration`;
  if (schema.done !== (await listMigrations()).length)
    return ['the database schema is not the one of this version'];
  return (await hasLedgerPartition(sql)) ? [] : ['the ledger has no partition for today'];
}

/** Whether a fact that comes now has a partition to go to: today and, for the minutes around midnight, tomorrow. */
async function hasLedgerPartition(sql: SqlPool): Promise<boolean> {
  const [row] = await sql<[{ days: number }]>`
    with bound as (
      select regexp_match(pg_get_expr(c.relpartbound, c.oid), $$FROM [(]'([^']+)'[)] TO [(]'([^']+)'[)]$$) as range
      from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'ledger'::regclass
    )
    select count(distinct d.day)::int as days
    from (values (current_date), (current_date + 1)) as d (day)
    join bound b on d.day >= b.range[1]::date and d.day < b.range[2]::date`;
  return row.days === 2;
}

function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('timeout')), ms);
    promise.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
