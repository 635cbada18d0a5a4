import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { processIdentity } from './process-identity.ts';

/** What a running company tells to commands that want to find it. Holds the database's password: mode 0600. */
export type RunFile = {
  /** The process that runs the company. */
  pid: number;
  /** Tells that process from a later one of the same number. */
  identity: string;
  /** Undefined while the company still starts. */
  databaseUrl?: string;
  /** Where its server listens, as seen from this machine. */
  serverUrl?: string;
  /** Where people reach it. */
  publicUrl?: string;
  startedAt: string;
  /** Process numbers of its parts (server, workers, …), for whoever has to look at one. */
  parts?: Record<string, number>;
};

const fileIn = (dataDir: string): string => path.join(dataDir, 'run.json');

/** The running company of a data folder, or undefined when none runs there (also when its run file was left by a crash). */
export function readRunFile(dataDir: string): RunFile | undefined {
  const file = parse(dataDir);
  return file && processIdentity(file.pid) === file.identity ? file : undefined;
}

/**
 * Claims a data folder for this process. Throws when another company runs there.
 * Two that start in the same millisecond may both think that they won: Postgres has the last word (postmaster.pid).
 */
export function claimDataDir(dataDir: string, startedAt: string): RunFile {
  // Others may pass through to what is theirs (Postgres, which is not root), but not look around.
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const running = readRunFile(dataDir);
  if (running && running.pid !== process.pid)
    throw new Error(
      `DATA_DIR ${dataDir} is in use by process ${running.pid}: a company runs there already` +
        (running.publicUrl ? ` (${running.publicUrl})` : ''),
    );
  const claim = { pid: process.pid, identity: processIdentity(process.pid) ?? '', startedAt };
  writeRunFile(dataDir, claim);
  return claim;
}

/** Replaces the run file at once: a reader sees the old or the new one, never half of it. */
export function writeRunFile(dataDir: string, run: RunFile): void {
  const file = fileIn(dataDir);
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `${JSON.stringify(run, null, 2)}\n`, { mode: 0o600 });
  renameSync(next, file);
}

export function removeRunFile(dataDir: string): void {
  if (parse(dataDir)?.pid === process.pid) rmSync(fileIn(dataDir), { force: true });
}

function parse(dataDir: string): RunFile | undefined {
  try {
    return JSON.parse(readFileSync(fileIn(dataDir), 'utf8')) as RunFile;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EACCES')
      throw new Error(
        `DATA_DIR ${dataDir} belongs to another user: run this as the user who started the company`,
        {
          cause: error,
        },
      );
    return undefined;
  }
}
