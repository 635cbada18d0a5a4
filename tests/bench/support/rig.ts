/** What a bench measures: a Postgres, a company in it, and a real server process. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { insertKey } from '@zhanggui/shared/access/key-store.ts';
import { connect, type Sql } from '@zhanggui/shared/platform/database.ts';
import { startEmbeddedPostgres } from '@zhanggui/shared/platform/embedded-postgres.ts';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { buildWeb } from '@zhanggui/server/boot/build-web.ts';
import { SERVER_FLAGS } from '@zhanggui/server/boot/plans.ts';
import { prepareDatabase } from '@zhanggui/server/boot/prepare.ts';
import { PLACES, SKUS } from './orders.ts';
import { say } from './table.ts';

export type Postgres = {
  /** URL of a database of that name. */
  url(name: string): string;
  /** A copy of a database that nobody is connected to. */
  clone(from: string, to: string): Promise<void>;
  drop(name: string): Promise<void>;
  /** Processor seconds used so far by its processes (Linux; NaN elsewhere, and for a Postgres that is not ours). */
  cpu(): number;
  stop(): Promise<void>;
};

/**
 * A Postgres of our own in a temporary folder, or the one of BENCH_DATABASE_URL, in which databases are made. Durability is
 * as Postgres ships it.
 */
export async function openPostgres(): Promise<Postgres> {
  const given = process.env['BENCH_DATABASE_URL'];
  const folder = given ? null : mkdtempSync(path.join(tmpdir(), 'zhanggui-bench-'));
  const embedded = folder ? await startEmbeddedPostgres(folder) : null;
  const base = given ?? embedded!.url;
  const url = (name: string) => {
    const made = new URL(base);
    made.pathname = `/${name}`;
    return made.href;
  };
  const admin = connect(given ?? url('postgres'), { max: 1, application: 'bench' });
  const drop = async (name: string) =>
    void (await admin`drop database if exists ${admin(name)} with (force)`);
  return {
    url,
    drop,
    cpu: () => (folder ? postgresCpu(folder) : NaN),
    clone: async (from, to) => {
      await drop(to);
      await admin`create database ${admin(to)} template ${admin(from)} strategy file_copy`;
    },
    stop: async () => {
      await admin.end({ timeout: 5 });
      await embedded?.stop();
      if (folder) rmSync(folder, { recursive: true, force: true });
    },
  };
}

function postgresCpu(folder: string): number {
  try {
    const postmaster = readFileSync(path.join(folder, 'postgres/postmaster.pid'), 'utf8').split('\n', 1)[0]!;
    const children = readFileSync(`/proc/${postmaster}/task/${postmaster}/children`, 'utf8')
      .trim()
      .split(' ');
    const ended = statOf(Number(postmaster));
    const running = children.map((pid) => processUsage(Number(pid)).cpu).filter((cpu) => !Number.isNaN(cpu));
    return running.reduce((sum, cpu) => sum + cpu, (Number(ended[13]) + Number(ended[14])) / 100);
  } catch {
    return NaN;
  }
}

/** Fields of /proc/<pid>/stat after the command's name. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

/** A company of 30,000 SKUs and 53 places with every balance there, as it is after some weeks. Returns a key for it. */
export async function foundCompany(postgres: Postgres, name: string): Promise<{ key: string }> {
  await postgres.clone('template1', name);
  await prepareDatabase(postgres.url(name), {
    currency: 'CNY',
    timeZone: 'Asia/Shanghai',
    redisUrl: undefined,
  });
  const sql = connect(postgres.url(name), { max: 1, application: 'bench' });
  await sql`insert into location (code, known, kind, name_zh, name_en)
    select 'L' || lpad(n::text, 2, '0'), true, 'store', '门店' || n, 'Store ' || n from generate_series(1, ${PLACES}::int) n`;
  await sql`insert into source (name) select 'pos/' || code from location order by no`;
  await sql`insert into sku (code, known, name_zh, name_en)
    select 'SKU-' || lpad(n::text, 5, '0'), true, '商品' || n, 'Item ' || n from generate_series(1, ${SKUS}::int) n`;
  await sql`insert into stock (sku_no, location_no, on_hand)
    select s, l, 10000 from generate_series(1, ${SKUS}::int) s, generate_series(1, ${PLACES}::int) l`;
  await sql`insert into stock_location (location_no, balances) select l, ${SKUS} from generate_series(1, ${PLACES}::int) l`;
  // Planned for the day: else workers would plan 30,000 SKUs beside whatever is measured, as they did until somebody looked.
  await sql`insert into plan_run (day, policies, finished_at) values (current_date + 1, 1, now())`;
  const { token } = await insertKey(sql, {
    name: 'bench',
    scopes: ['ingest', 'read', 'command'],
    createdBy: 'bench',
  });
  await settle(sql);
  await sql.end();
  return { key: token };
}

/** Leaves nothing to do for Postgres that a measurement would pay for. */
export async function settle(sql: Sql): Promise<void> {
  await sql.unsafe('vacuum analyze');
  await sql.unsafe('checkpoint');
}

export type BenchServer = {
  url: string;
  pid: number;
  /** Processor seconds used so far, and resident memory in MB (Linux; NaN elsewhere). */
  usage(): { cpu: number; rss: number };
  stop(): Promise<void>;
};

const environment = (databaseUrl: string, redisUrl: string | undefined): NodeJS.ProcessEnv => ({
  ...process.env,
  NODE_ENV: 'production',
  DATABASE_URL: databaseUrl,
  REDIS_URL: redisUrl ?? '',
  HOST: '127.0.0.1',
  PORT: '0',
  LOG_LEVEL: 'warn',
  DEMO: 'off',
  BUSINESS_TZ: 'Asia/Shanghai',
  CURRENCY: 'CNY',
});

/** Starts one of our processes; it does not outlive a bench that fails. */
function forkPart(file: string, execArgv: string[], databaseUrl: string, redisUrl?: string): ChildProcess {
  const child = fork(path.join(repositoryRoot, file), [], {
    execArgv,
    env: environment(databaseUrl, redisUrl),
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  process.once('exit', () => child.kill('SIGKILL'));
  return child;
}

/** Starts `workers/src/main.ts`. */
export function startWorkers(databaseUrl: string, redisUrl?: string): { pid: number; stop(): Promise<void> } {
  const child = forkPart('workers/src/main.ts', [], databaseUrl, redisUrl);
  const ended = once(child, 'exit');
  return {
    pid: child.pid!,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/**
 * Starts `server/src/main.ts` on a free port. BENCH_NODE_ARGS (e.g. --cpu-prof) are passed to its Node. The web app that it serves is
 * built first where it is not, as in a fresh clone.
 */
export async function startServer(databaseUrl: string, redisUrl?: string): Promise<BenchServer> {
  await buildWeb();
  const flags = [...SERVER_FLAGS, ...(process.env['BENCH_NODE_ARGS']?.split(' ') ?? [])];
  const child = forkPart('server/src/main.ts', flags, databaseUrl, redisUrl);
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the server ended with ${String(code)}`);
  });
  ended.catch(() => undefined);
  const [message] = (await Promise.race([once(child, 'message'), ended])) as [{ listening: number }];
  const pid = child.pid!;
  say(`server ${pid} listens on ${message.listening}`);
  return {
    url: `http://127.0.0.1:${message.listening}`,
    pid,
    usage: () => processUsage(pid),
    stop: async () => {
      child.kill('SIGTERM');
      await ended.catch(() => undefined);
    },
  };
}

/** Processor seconds and resident MB of a process, from /proc. */
export function processUsage(pid: number): { cpu: number; rss: number } {
  try {
    const fields = statOf(pid);
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const rss = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
    return { cpu: (Number(fields[11]) + Number(fields[12])) / 100, rss };
  } catch {
    return { cpu: NaN, rss: NaN };
  }
}
