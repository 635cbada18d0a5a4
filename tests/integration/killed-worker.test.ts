/** A worker is killed in the middle of a job: another one takes the job over, and its effect is there once. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, describe, it } from 'vitest';
import { openPlatform } from '@zhanggui/shared/platform/index.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { event, openBooks } from '../support/books.ts';
import { hasRedis, noRedis, startRedis, type TestRedis } from '../support/redis.ts';

const leash = path.join(repositoryRoot, 'server/boot/leash.mjs');
const TAKEN_OVER_MS = 45_000;

// Both wait for a lock to run out, and do little else: beside each other they take the time of one.
describe.concurrent.each(['Postgres', 'Redis'])('a job on %s', (kind) => {
  const children: ChildProcess[] = [];
  let redis: TestRedis | undefined;
  afterAll(async () => {
    for (const child of children)
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'close');
    await redis?.stop();
  });

  it('of a killed worker is taken over, and done once', { timeout: 150_000 }, async ({ skip, expect }) => {
    if (kind === 'Redis' && !hasRedis()) return skip(noRedis);
    redis = kind === 'Redis' ? await startRedis() : undefined;
    const books = await openBooks();
    const { sql } = books;
    const env = { ...process.env, DATABASE_URL: books.url, REDIS_URL: redis?.url ?? '', LOG_LEVEL: 'error' };
    const startWorker = (): ChildProcess => {
      const args = ['--import', leash, 'workers/src/main.ts'];
      const child = spawn(process.execPath, args, {
        cwd: repositoryRoot,
        env,
        stdio: ['pipe', 'inherit', 'inherit'],
      });
      children.push(child);
      return child;
    };
    const { queues, close } = await openPlatform(
      { databaseUrl: books.url, redisUrl: redis?.url },
      createLog('test', 'silent'),
      { application: 'test queues' },
    );

    // A shelf that is empty, and a worker that has written its alert. The change note, which is the last, waits for us.
    const lines = [{ sku: 'A', qty: 1 }];
    await books.committer().submit([
      event('f1', 'stock.received', Date.now() - 60_000, { location: 'S1', ref: 'd', lines }),
      event('f2', 'stock.adjusted', Date.now(), {
        location: 'S1',
        reason: 'broken',
        lines: [{ sku: 'A', delta: -1 }],
      }),
    ]);
    const released = Promise.withResolvers<void>();
    const holding = Promise.withResolvers<void>();
    const hold = sql.begin(async (tx) => {
      await tx`lock table board_change in exclusive mode`;
      holding.resolve();
      await released.promise;
    });
    await holding.promise;
    // Before there is a worker: the first thing that one does is to look for signals that nobody was told of.
    await queues.add('assess-stock', { payload: {}, id: 'the-job' });
    const doomed = startWorker();
    const job = async () =>
      (await queues
        .all()
        .find(({ name }) => name === 'urgent')!
        .getJob('assess-stock.the-job'))!;
    const isWaiting = async () => {
      const [{ count }] = await sql<[{ count: number }]>`
        select count(*) from pg_stat_activity where datname = current_database() and application_name = 'zhanggui workers'
          and wait_event_type = 'Lock' and query like '%board_change%'`;
      return count > 0 && (await (await job()).isActive());
    };
    await expect.poll(isWaiting, { timeout: 60_000 }).toBe(true);
    doomed.kill('SIGKILL');
    await once(doomed, 'close');
    released.resolve();
    await hold;
    expect(await (await job()).isActive()).toBe(true);
    expect(await sql`select 1 from alert`).toHaveLength(0);

    startWorker();
    await expect
      .poll(async () => (await job()).isCompleted(), { timeout: TAKEN_OVER_MS, interval: 200 })
      .toBe(true);
    expect((await job()).stalledCounter).toBe(1);
    const alerts = () => sql`select kind from alert`;
    await expect.poll(alerts, { timeout: 10_000 }).toEqual([{ kind: 'sold_out' }]);
    // Nor does the sweep, which comes by every five seconds, make it twice.
    await sleep(100);
    expect(await alerts()).toHaveLength(1);
    await close();
    await books.close();
  });
});
