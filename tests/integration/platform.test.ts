import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { JobName } from '@zhanggui/shared/contract/jobs.ts';
import { openPlatform, type Platform } from '@zhanggui/shared/platform/index.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import type { RunJob } from '@zhanggui/shared/platform/queues.ts';
import { createDatabase } from '../support/database.ts';
import { hasRedis, noRedis, startRedis, type TestRedis } from '../support/redis.ts';

const log = createLog('test', 'silent');

/** Both ways to run must behave alike: the rest of the code does not know which one is on. */
describe.each(['Postgres', 'Redis'])('hints and queues on %s', (kind) => {
  const skip = kind === 'Redis' && !hasRedis();
  let redis: TestRedis | undefined;
  let databaseUrl: string;
  /** Closed in this order at the end. */
  const opened: Platform[] = [];
  let here: Platform;

  const open = async (application: string): Promise<Platform> => {
    const platform = await openPlatform({ databaseUrl, redisUrl: redis?.url }, log, { application });
    opened.push(platform);
    return platform;
  };
  /** One more worker process, as far as the queues can tell. */
  const work = async (run: RunJob): Promise<Platform> => {
    const platform = await open('worker');
    platform.queues.work(run);
    return platform;
  };
  const failed = async () => (await here.queues.depths()).housekeeping.failed;

  beforeAll(async () => {
    if (skip) return;
    redis = kind === 'Redis' ? await startRedis() : undefined;
    databaseUrl = (await createDatabase()).url;
    here = await open('here');
  });
  beforeEach(({ skip: skipTest }) => {
    if (skip) skipTest(noRedis);
  });
  afterAll(async () => {
    await Promise.all(opened.map((platform) => platform.close()));
    await redis?.stop();
  });

  it('hear each other', async () => {
    const there = await open('there');
    const heard: string[] = [];
    there.hints.subscribe((topic) => heard.push(topic));
    here.hints.publish('sales', 'stock');
    await expect.poll(() => heard).toEqual(['sales', 'stock']);
  });

  it('refuse a payload that is not of its schema', async () => {
    await expect(here.queues.add('prune-board', { payload: 7 as never })).rejects.toThrow();
  });

  it('share the jobs among workers, each done once, and a job of one id once', async () => {
    const done: string[][] = [[], []];
    const workers = await Promise.all(
      done.map((mine) =>
        work(async (_name, _payload, { id }) => {
          mine.push(id);
          await sleep(5);
        }),
      ),
    );
    const ids = Array.from({ length: 60 }, (_, i) => `job-${i}`);
    await here.queues.add('assess-stock', ...ids.map((id) => ({ payload: {}, id })));
    await here.queues.add('assess-stock', ...ids.map((id) => ({ payload: {}, id })));
    await expect
      .poll(() => done.flat().sort(), { timeout: 10_000 })
      .toEqual(ids.map((id) => `assess-stock.${id}`).sort());
    expect(done.every((mine) => mine.length > 0)).toBe(true);
    await Promise.all(workers.map((platform) => platform.queues.close()));
  });

  // "delayed" is the name of a queue's own key on Redis: a job may be called so nevertheless.
  it('wait as long as they are told, and try again after a pause what failed', async () => {
    const ran: { id: string; attempt: number; at: number }[] = [];
    const worker = await work((_name, _payload, { id, attempt }) => {
      ran.push({ id, attempt, at: performance.now() });
      return id === 'expire-access.retried' && attempt === 1
        ? Promise.reject(new Error('once'))
        : Promise.resolve();
    });
    const added = performance.now();
    await here.queues.add('prune-board', { payload: {}, id: 'delayed', delayMs: 400 });
    await here.queues.add('expire-access', { payload: {}, id: 'retried' });
    await expect.poll(() => ran.length, { timeout: 10_000 }).toBe(3);
    expect(ran.find(({ id }) => id === 'prune-board.delayed')!.at - added).toBeGreaterThan(390);
    const [first, second] = ran.filter(({ id }) => id === 'expire-access.retried');
    expect([first!.attempt, second!.attempt]).toEqual([1, 2]);
    expect(second!.at - first!.at).toBeGreaterThan(450);
    await worker.queues.close();
  });

  it('keep what failed for good, for somebody to look at', async () => {
    const worker = await work(() => Promise.reject(new Error('never')));
    await here.queues.add('prune-board', { payload: {}, id: 'lost', attempts: 1 });
    await expect.poll(failed, { timeout: 10_000 }).toBe(1);
    const job = (await here.queues
      .all()
      .find(({ name }) => name === 'housekeeping')!
      .getJob('prune-board.lost'))!;
    expect(job.failedReason).toBe('never');
    await job.remove();
    await worker.queues.close();
  });

  it('finish what runs before they close, and leave the rest to others', async () => {
    const ran: string[] = [];
    const slow = Promise.withResolvers<void>();
    const stopping = await work(async (_name, _payload, { id }) => {
      ran.push(`${id} begins`);
      await slow.promise;
      ran.push(`${id} ends`);
    });
    await here.queues.add('prune-board', { payload: {}, id: 'long' });
    await expect.poll(() => ran, { timeout: 10_000 }).toEqual(['prune-board.long begins']);
    const closed = stopping.queues.close().then(() => ran.push('closed'));
    await here.queues.add('prune-board', { payload: {}, id: 'next' });
    await sleep(200);
    expect(ran).toEqual(['prune-board.long begins']);
    slow.resolve();
    await closed;
    expect(ran).toEqual(['prune-board.long begins', 'prune-board.long ends', 'closed']);
    const other = await work((_name, _payload, { id }) => Promise.resolve(void ran.push(`${id} elsewhere`)));
    await expect.poll(() => ran.at(-1), { timeout: 10_000 }).toBe('prune-board.next elsewhere');
    await other.queues.close();
  });

  it('repeat what the catalogue repeats, also after the schedules were forgotten', async () => {
    const done: JobName[] = [];
    const worker = await work((name) => Promise.resolve(void done.push(name)));
    await Promise.all([worker.queues.schedule(), here.queues.schedule()]);
    await worker.queues.schedule();
    const housekeeping = here.queues.all().find(({ name }) => name === 'housekeeping')!;
    await expect.poll(() => done, { timeout: 10_000 }).toContain('expire-access');
    // Looking after them again must not put them off, nor do them twice.
    const next = async () =>
      (await housekeeping.getJobSchedulers()).find(({ key }) => key === 'expire-access')?.next;
    const due = await next();
    await worker.queues.schedule();
    expect([due, done.filter((name) => name === 'expire-access').length]).toEqual([await next(), 1]);
    await housekeeping.obliterate({ force: true });
    expect(await next()).toBeUndefined();
    await worker.queues.schedule();
    expect(await next()).toBeGreaterThan(Date.now() - 1_000);
    await worker.queues.close();
  });
});
