import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { totalmem } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, isDatabaseAway } from './database.ts';
import { postgresBinaries, runAs, type RunAs } from './postgres-binaries.ts';
import { openDataFolder, ownerOfData, postgresEnvironment, POSTGRES_USER } from './postgres-data.ts';
import { commandOf } from './process-identity.ts';

/** A real Postgres 18 from npm's binaries, on this machine only, in a folder of its own. */
export type EmbeddedPostgres = {
  url: string;
  port: number;
  /** Where its files are. */
  folder: string;
  /** Resolves with the exit code when Postgres has ended, for whatever reason. */
  ended: Promise<number | null>;
  /** Fast shutdown: open transactions are rolled back, everything committed is on disk. */
  stop(): Promise<void>;
};

/** A port that clients know already, and Postgres's settings where they are to differ from ours. */
type StartOptions = { port?: number; settings?: Record<string, string | number> };

const DATABASE = 'zhanggui';

/**
 * Postgres as a child of a shell that waits for the end of its stdin. That end comes however we end: a clean stop closes the
 * pipe, and so does the kernel after a SIGKILL, which no exit hook survives. The shell is detached, so that a Ctrl-C in
 * the terminal, which goes to the whole process group, does not stop Postgres before the server has drained.
 */
const KEEPER = `
exec 3<&0
"$@" </dev/null 3<&- &
postgres=$!
( read -r _ <&3; kill -INT "$postgres" ) 2>/dev/null &
keeper=$!
exec 3<&-
wait "$postgres"
code=$?
kill "$keeper" 2>/dev/null
exit "$code"
`;

/** For 2 cores and a machine that also runs everything else. Durability is as Postgres ships it: on. */
function configuration(port: number): Record<string, string | number> {
  const megabytes = Math.round(totalmem() / 2 ** 20);
  return {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 80,
    shared_buffers: `${Math.min(256, Math.max(64, Math.round(megabytes / 8)))}MB`,
    effective_cache_size: `${Math.max(256, Math.round(megabytes / 4))}MB`,
    work_mem: '8MB',
    maintenance_work_mem: '128MB',
    // Few, spread-out checkpoints: after each, the first change of a page writes the whole page to the log.
    max_wal_size: '4GB',
    checkpoint_timeout: '15min',
    wal_compression: 'pglz',
    random_page_cost: 1.1,
    // Short statements only: compiling them costs more than running them.
    jit: 'off',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Errors without the statement and the row: they may hold personal data.
    log_min_messages: 'error',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
  };
}

/** After a SIGKILL of Postgres its children hold the shared memory for a moment; a port may be taken in one, too. */
const ATTEMPTS = 8;

/**
 * Starts Postgres on a data folder (made when it is not there), on a free port or on the one that its clients know already. What an earlier run left behind does not matter: a Postgres without its keeper is stopped first, a stale
 * postmaster.pid is no obstacle. The caller has claimed `dataDir`, see run-file.ts.
 */
export async function startEmbeddedPostgres(
  dataDir: string,
  { port: known, settings = {} }: StartOptions = {},
): Promise<EmbeddedPostgres> {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const as = runAs(ownerOfData(dataDir));
  const native = await postgresBinaries(as);
  const folder = await openDataFolder(dataDir, native, as);
  await stopLeftOver(folder);

  const password = readFileSync(path.join(dataDir, 'postgres.password'), 'utf8');
  const logFile = path.join(dataDir, 'postgres.log');
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    const port = known ?? (await freePort());
    const child = launch(native, folder, { ...configuration(port), ...settings }, as, logFile);
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    const url = `postgres://${POSTGRES_USER}:${password}@127.0.0.1:${port}`;
    if (await answers(`${url}/postgres`, ended)) {
      await createDatabase(`${url}/postgres`);
      const stop = async (): Promise<void> => {
        child.stdin?.end();
        await ended;
      };
      return { url: `${url}/${DATABASE}`, port, folder, ended, stop };
    }
    await sleep(100 * attempt);
  }
  throw new Error(`Postgres did not start in ${folder}:\n${tail(logFile)}`);
}

/** A Postgres that still runs in this folder has lost its keeper (or is just being stopped by it): see it out. */
async function stopLeftOver(folder: string): Promise<void> {
  const file = path.join(folder, 'postmaster.pid');
  for (let waited = 0; ; waited += 50) {
    const pid = existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n', 1)[0]) : 0;
    if (!(pid > 0)) return;
    // After a crash the number may belong to anyone, also to a process of ours that Postgres would mistake for itself.
    const command = commandOf(pid) ?? '';
    if (!command.includes('postgres') || !command.includes(folder)) return rmSync(file, { force: true });
    if (waited === 0) process.kill(pid, 'SIGINT');
    if (waited > 30_000)
      throw new Error(`another Postgres (process ${pid}) runs in ${folder} and does not stop`);
    await sleep(50);
  }
}

function launch(
  native: string,
  folder: string,
  configured: Record<string, string | number>,
  as: RunAs,
  logFile: string,
): ChildProcess {
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > 10_000_000) rmSync(logFile);
  const log = openSync(logFile, 'a', 0o600);
  const settings = Object.entries(configured).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const args = ['-c', KEEPER, 'keeper', path.join(native, 'bin/postgres'), '-D', folder, ...settings];
  const child = spawn('/bin/sh', args, {
    ...as,
    cwd: folder,
    env: postgresEnvironment(),
    detached: true,
    stdio: ['pipe', log, log],
  });
  closeSync(log);
  child.stdin?.on('error', () => undefined);
  return child;
}

/** True when it accepts connections, false when it ended before that. After a crash it may take a while to recover. */
async function answers(url: string, ended: Promise<unknown>): Promise<boolean> {
  let alive = true;
  void ended.then(() => (alive = false));
  const sql = connect(url, { max: 1, application: 'zhanggui boot' });
  try {
    while (alive) {
      try {
        await sql`select 1`;
        return true;
      } catch (error) {
        if (!isDatabaseAway(error)) throw error;
        await sleep(20);
      }
    }
    return false;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function createDatabase(url: string): Promise<void> {
  const sql = connect(url, { max: 1, application: 'zhanggui boot' });
  try {
    const found = await sql`select 1 from pg_database where datname = ${DATABASE}`;
    if (found.length === 0) await sql`create database ${sql(DATABASE)}`;
  } finally {
    await sql.end({ timeout: 1 });
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer().once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => resolve(port));
    });
  });
}

function tail(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n') : '';
}
