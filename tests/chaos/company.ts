/** A company that runs as in production, each part in a process of its own, in a folder that is deleted afterwards. */
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';
import { insertKey } from '@zhanggui/shared/access/key-store.ts';
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@zhanggui/shared/platform/embedded-postgres.ts';
import { claimPort } from '@zhanggui/server/boot/company.ts';
import { SERVER_FLAGS } from '@zhanggui/server/boot/plans.ts';
import { prepareDatabase } from '@zhanggui/server/boot/prepare.ts';
import { leash, Part, type PartPlan } from './part.ts';

export const modes = ['embedded', 'scaled'] as const;
export type Mode = (typeof modes)[number];

/** It ends with its stdin, and that ends with us, whichever way we do. */
const REDIS_KEEPER = `
exec 3<&0
redis-server "$@" </dev/null 3<&- &
redis=$!
read -r _ <&3
kill -KILL "$redis"
`;

export const TIME_ZONE = 'Asia/Shanghai';

export class Company {
  readonly folder: string;
  readonly mode: Mode;
  readonly servers: Part[] = [];
  readonly workers: Part[] = [];
  redis: Part | undefined;
  readonly urls: string[] = [];
  key = '';
  databaseUrl = '';
  #postgres: EmbeddedPostgres | undefined;
  #redisUrl: string | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(mode: Mode, folder: string) {
    this.mode = mode;
    this.folder = folder;
  }

  /** Brings everything up: Postgres, Redis where `scaled`, two servers and two workers. */
  static async start(mode: Mode, signal: AbortSignal): Promise<Company> {
    const company = new Company(mode, mkdtempSync(path.join(tmpdir(), 'zhanggui-chaos-')));
    try {
      await company.#start(signal);
      return company;
    } catch (error) {
      await company.stop();
      throw error;
    }
  }

  async #start(signal: AbortSignal): Promise<void> {
    this.#postgres = await startEmbeddedPostgres(this.folder);
    this.databaseUrl = this.#postgres.url;
    if (this.mode === 'scaled') await this.#startRedis();
    await prepareDatabase(this.databaseUrl, {
      currency: 'CNY',
      timeZone: TIME_ZONE,
      redisUrl: this.#redisUrl,
    });
    await this.withSql(async (sql) => {
      const scopes = ['ingest', 'read', 'command'] as const;
      this.key = (await insertKey(sql, { name: 'chaos', scopes, createdBy: 'chaos' })).token;
    });
    signal.throwIfAborted();
    for (const no of [1, 2]) {
      const port = await claimPort('127.0.0.1', 0);
      const url = `http://127.0.0.1:${port}`;
      this.urls.push(url);
      const isReady = async () => (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(2_000) })).ok;
      const args = ['--import', leash, ...SERVER_FLAGS, 'server/src/main.ts'];
      this.servers.push(this.#node(`server-${no}`, args, { PORT: String(port) }, isReady));
      const beat = path.join(this.folder, `workers-${no}.beat`);
      this.workers.push(
        this.#node(
          `workers-${no}`,
          ['--import', leash, 'workers/src/main.ts'],
          { HEARTBEAT_FILE: beat },
          (since) => Promise.resolve((statSync(beat, { throwIfNoEntry: false })?.mtimeMs ?? 0) > since),
        ),
      );
    }
    await this.ready();
  }

  #node(name: string, args: string[], env: NodeJS.ProcessEnv, isReady: PartPlan['isReady']): Part {
    return new Part({
      name,
      command: process.execPath,
      args,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        DATABASE_URL: this.databaseUrl,
        REDIS_URL: this.#redisUrl ?? '',
        PUBLIC_URL: '',
        HOST: '127.0.0.1',
        LOG_LEVEL: 'info',
        DEMO: 'off',
        // The shop that pays back stands on this machine.
        DELIVERY_LOCAL: 'on',
        BUSINESS_TZ: TIME_ZONE,
        CURRENCY: 'CNY',
        ...env,
      },
      logFile: this.logFile(name),
      isReady,
    });
  }

  logFile(name: string): string {
    return path.join(this.folder, `${name}.log`);
  }

  async #startRedis(): Promise<void> {
    const port = await claimPort('127.0.0.1', 0);
    this.#redisUrl = `redis://127.0.0.1:${port}`;
    this.redis = new Part({
      name: 'redis',
      command: '/bin/sh',
      args: [
        '-c',
        REDIS_KEEPER,
        'keeper',
        '--port',
        String(port),
        '--bind',
        '127.0.0.1',
        '--save',
        '',
        '--appendonly',
        'no',
      ],
      env: process.env,
      logFile: this.logFile('redis'),
      isReady: () => this.#withRedis(async (redis) => (await redis.ping()) === 'PONG'),
    });
    await this.redis.ready();
  }

  async #withRedis<T>(work: (redis: ReturnType<typeof createClient>) => Promise<T>): Promise<T> {
    const client = createClient({ url: this.#redisUrl!, socket: { reconnectStrategy: false } });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return await work(client as ReturnType<typeof createClient>);
    } finally {
      client.destroy();
    }
  }

  /** Forgets all jobs and schedules, as an operator's mistake or a Redis without persistence does. */
  async flushRedis(): Promise<void> {
    await this.#withRedis((redis) => redis.flushAll());
  }

  /** Postgres ends at once, without a checkpoint, and is started again after `awayMs`, on the same port. */
  async crashPostgres(awayMs: number): Promise<void> {
    const postgres = this.#postgres!;
    const pid = Number(readFileSync(path.join(postgres.folder, 'postmaster.pid'), 'utf8').split('\n', 1)[0]);
    process.kill(pid, 'SIGQUIT');
    await postgres.ended;
    await sleep(awayMs);
    this.#postgres = await startEmbeddedPostgres(this.folder, { port: postgres.port });
  }

  /** A pool for the time of `work`: connections of longer life would be cut with everything else. */
  async withSql<T>(work: (sql: SqlPool) => Promise<T>): Promise<T> {
    const sql = connect(this.databaseUrl, { max: 2, application: 'chaos' });
    try {
      return await work(sql);
    } finally {
      await sql.end({ timeout: 2 });
    }
  }

  get parts(): Part[] {
    return [...(this.redis ? [this.redis] : []), ...this.servers, ...this.workers];
  }

  async ready(): Promise<void> {
    await Promise.all(this.parts.map((part) => part.ready()));
  }

  /** Stops everything, and deletes the folder unless somebody wants to look into it. */
  stop({ keep = false } = {}): Promise<void> {
    this.#stopping ??= this.#stop(keep);
    return this.#stopping;
  }

  async #stop(keep: boolean): Promise<void> {
    await Promise.all([...this.servers, ...this.workers].map((part) => part.stop()));
    await this.redis?.stop();
    await this.#postgres?.stop();
    if (!keep) rmSync(this.folder, { recursive: true, force: true });
  }
}
