import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SqlPool } from './database.ts';
import { repositoryRoot, SettingsError } from './settings.ts';

export type Migration = { number: number; name: string; file: string };

export const migrationsFolder = path.join(repositoryRoot, 'shared/migrations');

/** Any number, the same in every process: whoever holds this lock migrates. */
const LOCK = 7_203_441;

/** The numbered files of a folder, in order. Throws on a gap, a double number or a name that does not fit. */
export async function listMigrations(folder = migrationsFolder): Promise<Migration[]> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).sort();
  return files.map((file, at) => {
    const [, digits, name] = /^(\d{4})-([a-z0-9-]+)\.sql$/.exec(file) ?? [];
    if (!digits || !name) throw new Error(`migration ${file}: the name must be like 0001-company.sql`);
    if (Number(digits) !== at + 1) throw new Error(`migration ${file}: number ${at + 1} was expected here`);
    return { number: at + 1, name, file: path.join(folder, file) };
  });
}

/**
 * Brings the schema up to date and returns the names of what ran. Forward only: a mistake is mended by the next number.
 * Each file has its own transaction, which takes the lock and looks again what is done, so that any number of processes
 * may start at once. Refuses a schema that is newer than this code.
 */
export async function migrate(sql: SqlPool, migrations?: Migration[]): Promise<string[]> {
  const list = migrations ?? (await listMigrations());
  const ran: string[] = [];
  for (const migration of [null, ...list]) {
    const did = await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(${LOCK})`;
      if (migration === null) {
        await tx`create table if not exists schema_migration (
          number int primary key, name text not null, applied_at timestamptz not null default now())`;
        return false;
      }
      const [{ done } = { done: 0 }] = await tx<{ done: number }[]>`
        select coalesce(max(number), 0) as done from schema_migration`;
      if (done > list.length)
        throw new Error(
          `The database has schema ${done}, this version knows ${list.length} only: start the version that made it, or a newer one.`,
        );
      if (migration.number <= done) return false;
      await tx.unsafe(await readFile(migration.file, 'utf8')).simple();
      await tx`insert into schema_migration (number, name) values (${migration.number}, ${migration.name})`;
      return true;
    });
    if (did && migration) ran.push(migration.name);
  }
  return ran;
}

/**
 * Founds the company with its currency and time zone, once. Later starts must have the same: what is stored are minor
 * units of that currency and sums of days in that zone. Throws a SettingsError that names the setting.
 */
export async function found(
  sql: SqlPool,
  { currency, timeZone }: { currency: string; timeZone: string },
): Promise<void> {
  await sql`insert into company (currency, time_zone) values (${currency}, ${timeZone}) on conflict do nothing`;
  const [company] = await sql<
    { currency: string; time_zone: string }[]
  >`select currency, time_zone from company`;
  if (!company) throw new Error('the company is missing');
  if (company.currency !== currency) throw otherwise('CURRENCY', currency, company.currency);
  if (company.time_zone !== timeZone) throw otherwise('BUSINESS_TZ', timeZone, company.time_zone);
}

function otherwise(name: string, set: string, founded: string): SettingsError {
  return new SettingsError(
    `${name} is ${set}, but this company was founded with ${founded}, and that cannot change`,
  );
}

/** Whether the schema is exactly the one that this code knows: a server that waits for its migration is not ready. */
export async function isMigrated(sql: SqlPool, migrations?: Migration[]): Promise<boolean> {
  const list = migrations ?? (await listMigrations());
  const [{ there } = { there: null }] = await sql<
    { there: string | null }[]
  >`select to_regclass('schema_migration') as there`;
  if (there === null) return false;
  const [{ done } = { done: 0 }] = await sql<{ done: number }[]>`
    select coalesce(max(number), 0) as done from schema_migration`;
  return done === list.length;
}
