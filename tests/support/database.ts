import { randomBytes } from 'node:crypto';
import postgres from 'postgres';
import { expect, inject } from 'vitest';
import { connect, type Sql, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { withDatabase } from './postgres-setup.ts';

/** SQLSTATE object_in_use. */
const IN_USE = '55006';

export type TestDatabase = {
  url: string;
  sql: SqlPool;
  /** Closes `sql` and drops the database, where nobody else is connected to it. After the tests of a file it happens by itself. */
  drop(): Promise<void>;
};

/**
 * A database with the schema and nothing in it, for this test file alone; it is dropped after its tests at the latest. Companies in it are in
 * CNY and Asia/Shanghai.
 */
export async function createDatabase({ max = 8 }: { max?: number } = {}): Promise<TestDatabase> {
  const [postgresUrl, template] = [inject('postgresUrl'), inject('templateDatabase')];
  const name = `test_${randomBytes(6).toString('hex')}`;
  const admin = connect(postgresUrl, { max: 1 });
  // Copying files is faster than logging every page, and no test needs its database after a crash.
  await admin.unsafe(`create database ${name} template ${template} strategy file_copy`);
  const url = withDatabase(postgresUrl, name);
  const sql = connect(url, { max, application: 'test' });
  let dropped: Promise<void> | undefined;
  const drop = (): Promise<void> => (dropped ??= dropNow());
  const dropNow = async (): Promise<void> => {
    await sql.end({ timeout: 2 });
    // Not by force: whatever is still connected to it would try to connect again without end. It goes with the Postgres.
    await admin.unsafe(`drop database if exists ${name}`).catch((error: unknown) => {
      if (!(error instanceof postgres.PostgresError) || error.code !== IN_USE) throw error;
    });
    await admin.end({ timeout: 2 });
  };
  drops.push(drop);
  return { url, sql, drop };
}

/** Of the file that runs. */
const drops: (() => Promise<void>)[] = [];

/** Drops what the file made. A hook that is registered from within another, where most databases are made, would never run. */
export async function dropDatabases(): Promise<void> {
  await Promise.all(drops.splice(0).map((drop) => drop()));
}

/** Resolves when somebody waits for what this transaction has locked. */
export async function waiting(tx: Sql): Promise<void> {
  await expect
    .poll(
      () =>
        tx`select from pg_locks where not granted and database = (select oid from pg_database where datname = current_database())`,
    )
    .not.toHaveLength(0);
}
