/** Finds the company that a command is about, and opens its doors: the database and the HTTP API. */
import { createKey } from '@zhanggui/shared/access/access-store.ts';
import { operator, writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { revokeKey } from '@zhanggui/shared/access/key-store.ts';
import type { KeyScope } from '@zhanggui/shared/contract/words.ts';
import { connect, isDatabaseAway, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { Api } from './api.ts';
import { CliError } from './errors.ts';
import type { Io } from './io.ts';
import { locateCompany, type CompanyAddress } from './locate.ts';

/** Runs `work` with the company's database. Throws CliError where no company runs or its database is away. */
export async function withDatabase<T>(
  io: Io,
  work: (sql: SqlPool, address: CompanyAddress) => Promise<T>,
): Promise<T> {
  const address = locateCompany(io.env);
  const sql = connect(address.databaseUrl, { max: 4, application: 'zg' });
  try {
    return await work(sql, address);
  } catch (error) {
    if (!isDatabaseAway(error)) throw error;
    throw new CliError('The database of the company cannot be reached. Is it running?', undefined, {
      cause: error,
    });
  } finally {
    await sql.end({ timeout: 2 });
  }
}

export type ApiDoor = { api: Api; sql: SqlPool; address: CompanyAddress; keyId: string };

/**
 * Runs `work` with the HTTP API, through a key that is made for it and revoked afterwards: a command changes the company
 * by the same door as every other client. `io.signal` ends waiting calls.
 */
export async function withApi<T>(
  io: Io,
  { purpose, scopes }: { purpose: string; scopes: readonly KeyScope[] },
  work: (door: ApiDoor) => Promise<T>,
): Promise<T> {
  return withDatabase(io, async (sql, address) => {
    const { id, key } = await createKey(sql, { name: `zg ${purpose}`, scopes });
    try {
      return await work({ api: apiOf(io, address, key), sql, address, keyId: id });
    } finally {
      await dropKey(sql, id, `zg ${purpose}`);
    }
  });
}

/** A client of the company's API with a key. Waits for an overloaded server are told to the person. */
export function apiOf(io: Io, { serverUrl }: CompanyAddress, key: string): Api {
  return new Api({
    serverUrl,
    key,
    signal: io.signal,
    onRetry: (waitMs, reason) => io.progress(`waiting ${Math.round(waitMs)} ms: ${reason}`),
  });
}

/** Revokes a key that a command made for itself. One that a crash left behind can be seen and revoked by name. */
async function dropKey(sql: SqlPool, id: string, name: string): Promise<void> {
  await sql.begin(async (tx) => {
    await revokeKey(tx, id);
    await writeAudit(tx, operator, { action: 'key.revoke', target: name });
  });
}
