/**
 * Jobs: signals that become `assess-stock` jobs, from `add` until the handler has judged the balance and committed, on Postgres
 * and, where there is one, on Redis. The raw limit is a bare BullMQ queue with a job that does nothing, on the same store, with
 * as many at a time. `npm run bench -- jobs [--jobs 2000] [--probes 200] [--rate 40]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type Sql } from '@zhanggui/shared/platform/database.ts';
import { openPlatform } from '@zhanggui/shared/platform/index.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { postgresQueueBackend, redisQueueBackend } from '@zhanggui/shared/platform/queue-backends.ts';
import { parseSettings } from '@zhanggui/shared/platform/settings.ts';
import assessStock from '@zhanggui/workers/src/jobs/assess-stock.ts';
import { hasRedis, noRedis, startRedis } from '../support/redis.ts';
import { foundCompany, openPostgres } from './support/rig.ts';
import { median, option, printTable, quantile, say } from './support/table.ts';

const count = option('jobs', 2_000);
const probes = option('probes', 200);
const rate = option('rate', 40);
/** Of the queue `urgent`, see shared/src/platform/queues.ts. */
const CONCURRENCY = 8;
const BULK = 100;
const log = createLog('bench', 'error');

/** A queue under test: adds jobs by their ids, and says when each is done. */
type Rig = {
  add: (ids: string[]) => Promise<void>;
  onDone: (listener: (id: string) => void) => void;
  close: () => Promise<void>;
};

type Figures = { perSecond: number; p50: number; p99: number };

const postgres = await openPostgres();
const rows: (string | number)[][] = [];
for (const mode of ['Postgres', 'Redis'] as const) {
  if (mode === 'Redis' && !hasRedis()) {
    say(noRedis);
    continue;
  }
  const redis = mode === 'Redis' ? await startRedis() : undefined;
  await foundCompany(postgres, 'bench_jobs');
  const url = postgres.url('bench_jobs');
  // The bare queue first, so that it does not pay for what the other leaves behind.
  const bare = await measure(bareRig(url, redis?.url));
  say(`${mode}, bare: ${Math.round(bare.perSecond)} jobs/s`);
  const ours = await measure(await ourRig(url, redis?.url));
  say(`${mode}, assess-stock: ${Math.round(ours.perSecond)} jobs/s`);
  rows.push(
    [`${mode}: jobs/s`, ours.perSecond, bare.perSecond, ours.perSecond / bare.perSecond],
    [`${mode}: lag at ${rate}/s, p50 ms`, ours.p50, bare.p50, ours.p50 / bare.p50],
    [`${mode}: lag at ${rate}/s, p99 ms`, ours.p99, bare.p99, ours.p99 / bare.p99],
  );
  await redis?.stop();
  await postgres.drop('bench_jobs');
}
await postgres.stop();
printTable(['jobs', 'assess-stock', 'bare no-op', 'ratio'], rows);

/** As many as can be, then one at a time at a pace that leaves it idle between. */
async function measure(rig: Rig): Promise<Figures> {
  const { add, onDone, close } = rig;
  const left = new Map<string, (at: number) => void>();
  onDone((id) => left.get(id)?.(performance.now()));
  const done = (id: string) =>
    new Promise<number>((resolve) => {
      left.set(id, resolve);
    });
  const run = async (name: string, jobs: number) => {
    const ids = Array.from({ length: jobs }, (_, i) => `${name}${i}`);
    const all = Promise.all(ids.map(done));
    const started = performance.now();
    for (let i = 0; i < jobs; i += BULK) await add(ids.slice(i, i + BULK));
    await all;
    return jobs / ((performance.now() - started) / 1000);
  };
  await run('warm', 200);
  const perSecond = await run('full', count);
  const lags: number[] = [];
  for (let i = 0; i < probes; i++) {
    const ended = done(`probe${i}`);
    const added = performance.now();
    await add([`probe${i}`]);
    lags.push((await ended) - added);
    await sleep(Math.max(0, 1000 / rate - lags.at(-1)!));
  }
  await close();
  return { perSecond, p50: median(lags), p99: quantile(lags, 0.99) };
}

function bareRig(databaseUrl: string, redisUrl: string | undefined): Rig {
  const backend =
    redisUrl === undefined ? postgresQueueBackend(databaseUrl, log) : redisQueueBackend(redisUrl, log);
  const queue = backend.queue('bulk', { removeOnComplete: { age: 3_600 } });
  let listener: (id: string) => void = () => undefined;
  const worker = backend.worker('bulk', () => Promise.resolve(), CONCURRENCY);
  worker.on('completed', (job) => listener(job.id ?? ''));
  return {
    add: async (ids) => {
      await queue.addBulk(ids.map((jobId) => ({ name: 'bare', data: {}, opts: { jobId } })));
    },
    onDone: (added) => (listener = added),
    close: async () => {
      await worker.close();
      await queue.close();
      await backend.close();
    },
  };
}

async function ourRig(databaseUrl: string, redisUrl: string | undefined): Promise<Rig> {
  const platform = await openPlatform({ databaseUrl, redisUrl }, log, { application: 'bench' });
  const settings = parseSettings({ DATABASE_URL: databaseUrl });
  const writer = connect(databaseUrl, { max: 1, application: 'bench' });
  const { sql, hints, queues } = platform;
  let listener: (id: string) => void = () => undefined;
  queues.work(async (_name, payload, { id }) => {
    await assessStock.run({ sql, hints, queues, settings, log, now: new Date() }, payload as never);
    listener(id.replace(/^assess-stock\./, ''));
  });
  let signals = 0;
  return {
    // One signal for each job, as of so many sales that each cross the reorder point of another shelf.
    add: async (ids) => {
      await signal(writer, signals, ids.length);
      signals += ids.length;
      await queues.add('assess-stock', ...ids.map((id) => ({ payload: {}, id })));
    },
    onDone: (added) => (listener = added),
    close: async () => {
      await platform.close();
      await writer.end();
    },
  };
}

async function signal(sql: Sql, from: number, jobs: number): Promise<void> {
  await sql`
    insert into signal (kind, sku_no, location_no)
    select 'stock', 1 + n % 30000, 1 + n % 50 from generate_series(${from}::int, ${from + jobs - 1}::int) n`;
}
