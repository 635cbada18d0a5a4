import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { canEnter, placeForOthers, type RunAs } from './postgres-binaries.ts';

/** The name of Postgres's superuser, who owns everything of the company. */
export const POSTGRES_USER = 'zhanggui';

/** Who owns the database in a data folder; undefined when there is none. */
export function ownerOfData(dataDir: string): number | undefined {
  const folder = path.join(dataDir, 'postgres');
  return existsSync(path.join(folder, 'PG_VERSION')) ? statSync(folder).uid : undefined;
}

/** The database in a data folder, made by initdb if it is not there, where Postgres's user can reach it. */
export async function openDataFolder(dataDir: string, native: string, as: RunAs): Promise<string> {
  const link = path.join(dataDir, 'postgres');
  if (existsSync(path.join(link, 'PG_VERSION'))) {
    const folder = realpathSync(link);
    if (!canEnter(folder, as, true))
      throw new Error(
        `DATA_DIR ${dataDir} holds a database of user ${statSync(folder).uid}: start as that user, or as root`,
      );
    return folder;
  }
  if (lstatSync(link, { throwIfNoEntry: false })?.isSymbolicLink())
    throw new Error(
      `${link} points to a database that is not there: put it back, or remove the link to begin anew`,
    );
  const place = dataFolderFor(dataDir, as);
  await initialize(native, dataDir, place.folder, as);
  place.link();
  return place.folder;
}

/**
 * Where a new database of a data folder goes: into it, or, where Postgres's user can't enter it (below `/root`), to a place
 * of ours that `link` then makes it point to.
 */
export function dataFolderFor(dataDir: string, as: RunAs): { folder: string; link(): void } {
  const inside = path.join(dataDir, 'postgres');
  // A folder of our own that others can't pass through (`mktemp -d`): what stands in it is guarded by modes of its own.
  if (!canEnter(dataDir, as) && canEnter(path.dirname(dataDir), as)) chmodSync(dataDir, 0o711);
  if (canEnter(dataDir, as)) return { folder: inside, link: () => undefined };
  const key = createHash('sha256').update(realpathSync(dataDir)).digest('hex').slice(0, 12);
  const folder = path.join(placeForOthers(), `data-${key}`);
  if (existsSync(folder))
    throw new Error(`${folder} holds an older database of ${dataDir}: move it away to begin anew`);
  return { folder, link: () => symlinkSync(folder, inside) };
}

/** Makes everything below a folder belong to Postgres's user, for no one else to read. */
export function giveTo(folder: string, as: RunAs): void {
  if (!as) return;
  chownSync(folder, as.uid, as.gid);
  for (const entry of readdirSync(folder, { withFileTypes: true, recursive: true }))
    chownSync(path.join(entry.parentPath, entry.name), as.uid, as.gid);
}

/** Ours may hold secrets, and PG… variables that would mislead Postgres. */
export function postgresEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env['PATH'], LANG: 'C', TZ: 'UTC' };
}

/** Under another name first: an initdb that was killed leaves a folder that looks like a database. */
async function initialize(native: string, dataDir: string, folder: string, as: RunAs): Promise<void> {
  const partial = `${folder}.new`;
  rmSync(partial, { recursive: true, force: true });
  mkdirSync(partial, { mode: 0o700 });
  giveTo(partial, as);
  const password = randomBytes(24).toString('hex');
  writeFileSync(path.join(dataDir, 'postgres.password'), password, { mode: 0o600 });
  const args = [
    '-D',
    partial,
    '-U',
    POSTGRES_USER,
    '-A',
    'scram-sha-256',
    '--pwfile=/dev/stdin',
    '-E',
    'UTF8',
  ];
  args.push('--no-instructions', '--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C');
  // initdb opens /dev/stdin by its path, which works for a pipe of its own user, not for the socket that Node makes.
  const piped = ['-c', 'cat | "$0" "$@"', path.join(native, 'bin/initdb'), ...args];
  const child = spawn('/bin/sh', piped, { ...as, cwd: partial, env: postgresEnvironment() });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stdin.on('error', () => undefined).end(`${password}\n`);
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (code !== 0) throw new Error(`initdb failed in ${partial}:\n${output.slice(-2000)}`);
  renameSync(partial, folder);
}
