import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlatform, type Platform } from '@zhanggui/shared/platform/index.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { createDatabase } from '../support/database.ts';
import { hasRedis, noRedis, startRedis, type TestRedis } from '../support/redis.ts';

const log = createLog('test', 'silent');

/** Both ways to run must behave alike: the rest of the code does not know which one is on. */
describe.each(['Postgres', 'Redis'])('hints and queues on %s', (kind) => {
  const skip = kind === 'Redis' && !hasRedis();
  let redis: TestRedis | undefined;
  let here: Platform;
  let there: Platform;

  beforeAll(async () => {
    if (skip) return;
    redis = kind === 'Redis' ? await startRedis() : undefined;
    const { url } = await createDatabase();
    const settings = { databaseUrl: url, redisUrl: redis?.url };
    here = await openPlatform(settings, log, { application: 'here' });
    there = await openPlatform(settings, log, { application: 'there' });
  });
  afterAll(async () => {
    if (skip) return;
    await Promise.all([here.close(), there.close()]);
    await redis?.stop();
  });

  it('hear each other', async ({ skip: skipTest }) => {
    if (skip) skipTest(noRedis);
    const heard: string[] = [];
    there.hints.subscribe((topic) => heard.push(topic));
    here.hints.publish('sales', 'stock');
    await expect.poll(() => heard).toEqual(['sales', 'stock']);
  });

  it('do the repeating jobs of the catalogue, and a job of one id once', async ({ skip: skipTest }) => {
    if (skip) skipTest(noRedis);
    const done: string[] = [];
    there.queues.work((name, payload, { attempt }) => {
      done.push(name);
      expect(payload).toEqual({});
      // A first failure is tried again.
      if (name === 'expire-access' && attempt === 1) throw new Error('once');
      return Promise.resolve();
    });
    await there.queues.schedule();
    await there.queues.schedule();
    await expect.poll(() => new Set(done).size, { timeout: 5_000 }).toBe(3);
    await expect
      .poll(() => done.filter((name) => name === 'expire-access').length, { timeout: 5_000 })
      .toBe(2);
    done.length = 0;
    await here.queues.add('prune-board', { payload: {}, id: 'twice' }, { payload: {}, id: 'twice' });
    await here.queues.add('prune-board', { payload: {}, id: 'twice' });
    await expect.poll(() => done).toEqual(['prune-board']);
    const { housekeeping } = await here.queues.depths();
    expect(housekeeping).toEqual({ waiting: 0, active: 0, failed: 0 });
  });

  it('refuses a payload that is not of its schema', async ({ skip: skipTest }) => {
    if (skip) skipTest(noRedis);
    await expect(here.queues.add('prune-board', { payload: 7 as never })).rejects.toThrow();
  });
});
