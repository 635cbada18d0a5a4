/**
 * `npm run backup -- <folder>`: a copy of an embedded company, while it runs or not. Postgres's binaries on npm have neither
 * pg_dump nor pg_basebackup, so this does by itself what pg_basebackup does: announce the backup, copy the files as they
 * change, and add the write-ahead log that mends what changed meanwhile.
 */
import { existsSync, mkdirSync, readdirSync, realpathSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { readRunFile } from '@zhanggui/shared/platform/run-file.ts';
import { loadDotEnv, parseSettings } from '@zhanggui/shared/platform/settings.ts';
import { copyFile, copyTree } from './copy-tree.ts';

/** Belongs to the running server alone, or is made anew by the next one. The log is copied at the end. */
const NOT_COPIED = [
  'postmaster.pid',
  'postmaster.opts',
  'pg_wal',
  'pg_replslot',
  'pg_dynshmem',
  'pg_notify',
  'pg_serial',
];
const EMPTY = ['pg_wal', 'pg_wal/archive_status', 'pg_replslot', 'pg_dynshmem', 'pg_notify', 'pg_serial'];

async function backup(target: string): Promise<void> {
  const { databaseUrl, dataDir } = parseSettings(process.env);
  if (databaseUrl !== undefined)
    throw new Error('DATABASE_URL is set: back that database up with pg_dump, see docs/operations.md');
  if (!existsSync(path.join(dataDir, 'postgres/PG_VERSION')))
    throw new Error(`There is no company in DATA_DIR ${dataDir}`);
  if (existsSync(target) && readdirSync(target).length > 0) throw new Error(`${target} is not empty`);

  mkdirSync(target, { recursive: true, mode: 0o700 });
  const source = realpathSync(path.join(dataDir, 'postgres'));
  const copy = path.join(target, 'postgres');
  const running = readRunFile(dataDir);
  if (running?.databaseUrl) await copyRunning(running.databaseUrl, source, copy);
  else if (running) throw new Error(`The company in ${dataDir} is just starting: try again in a moment`);
  else copyTree(source, copy, ['postmaster.pid', 'postmaster.opts']);
  copyFile(path.join(dataDir, 'postgres.password'), path.join(target, 'postgres.password'));
}

async function copyRunning(databaseUrl: string, source: string, copy: string): Promise<void> {
  const sql = connect(databaseUrl, { max: 1, application: 'zhanggui backup' });
  try {
    // Keeps the log from now on until this session ends, however long the copy takes.
    await sql`select pg_create_physical_replication_slot('backup', true, true)`;
    await sql`select pg_backup_start('zhanggui backup', fast => true)`;
    copyTree(source, copy, NOT_COPIED);
    const [stop] = await sql<{ labelfile: string }[]>`
      select labelfile from pg_backup_stop(wait_for_archive => false)`;
    for (const folder of EMPTY) mkdirSync(path.join(copy, folder), { recursive: true, mode: 0o700 });
    // With this file Postgres knows on its first start where in the log to begin.
    writeFileSync(path.join(copy, 'backup_label'), stop?.labelfile ?? '', { mode: 0o600 });
    copyTree(path.join(source, 'pg_wal'), path.join(copy, 'pg_wal'), ['archive_status', 'summaries']);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

loadDotEnv();
try {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('npm run backup -- <folder>');
  const target = path.resolve(process.env['INIT_CWD'] ?? '.', folder);
  await backup(target);
  console.log(`Backed up to ${target}`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
