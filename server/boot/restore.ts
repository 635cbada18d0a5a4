/** `npm run restore -- <folder>`: puts a backup into an empty DATA_DIR. The next start mends it with its log and goes on. */
import { existsSync, lstatSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { dataFolderFor, giveTo } from '@zhanggui/shared/platform/postgres-data.ts';
import { runAs } from '@zhanggui/shared/platform/postgres-binaries.ts';
import { readRunFile } from '@zhanggui/shared/platform/run-file.ts';
import { loadDotEnv, parseSettings } from '@zhanggui/shared/platform/settings.ts';
import { copyFile, copyTree } from './copy-tree.ts';

function restore(source: string): string {
  const { databaseUrl, dataDir } = parseSettings(process.env);
  if (databaseUrl !== undefined)
    throw new Error(
      'DATABASE_URL is set: restore into that database with pg_restore, see docs/operations.md',
    );
  if (!existsSync(path.join(source, 'postgres/PG_VERSION')))
    throw new Error(`${source} is no backup of a company`);
  if (readRunFile(dataDir)) throw new Error(`A company runs in DATA_DIR ${dataDir}: stop it first`);
  const link = path.join(dataDir, 'postgres');
  if (lstatSync(link, { throwIfNoEntry: false }))
    throw new Error(
      `DATA_DIR ${dataDir} holds a company already: move it away, or set DATA_DIR to another folder`,
    );

  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const as = runAs(undefined);
  const place = dataFolderFor(dataDir, as);
  copyTree(path.join(source, 'postgres'), place.folder, []);
  copyFile(path.join(source, 'postgres.password'), path.join(dataDir, 'postgres.password'));
  giveTo(place.folder, as);
  place.link();
  return dataDir;
}

loadDotEnv();
try {
  const [folder] = process.argv.slice(2);
  if (!folder) throw new Error('npm run restore -- <folder>');
  const dataDir = restore(path.resolve(process.env['INIT_CWD'] ?? '.', folder));
  console.log(`Restored into ${dataDir}. Start it with: npm start`);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
