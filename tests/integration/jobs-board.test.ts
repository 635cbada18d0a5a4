/** Jobs that failed for good: an administrator sees them and has them done again; nobody else may. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPlatform, type Platform } from '@zhanggui/shared/platform/index.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { hasRedis, noRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { call, machine, person, startServer, type TestServer } from '../support/running-server.ts';

const BOARD = '/admin/jobs';
const sameSite = { 'sec-fetch-site': 'same-origin' };

describe.each(['Postgres', 'Redis'])('jobs board on %s', (kind) => {
  const skip = kind === 'Redis' && !hasRedis();
  let redis: TestRedis | undefined;
  let server: TestServer;
  let worker: Platform;

  beforeAll(async () => {
    if (skip) return;
    redis = kind === 'Redis' ? await startRedis() : undefined;
    const env: Record<string, string> = redis ? { REDIS_URL: redis.url } : {};
    server = await startServer({ env });
    worker = await openPlatform(
      { databaseUrl: server.databaseUrl, redisUrl: redis?.url },
      createLog('test', 'silent'),
      {
        application: 'worker',
      },
    );
  });
  afterAll(async () => {
    if (skip) return;
    await worker.close();
    await server.close();
    await redis?.stop();
  });

  it('shows an administrator what failed, and replays it', async ({ skip: skipTest }) => {
    if (skip) skipTest(noRedis);
    let broken = true;
    let done = 0;
    worker.queues.work(() => {
      if (broken) return Promise.reject(new Error('the shop is closed'));
      done += 1;
      return Promise.resolve();
    });
    // Its last try, so that the test need not wait for the pauses between tries.
    await worker.queues.add('prune-board', { payload: {}, id: 'lost', attempts: 1 });
    const admin = await person(server.sql, 'admin');
    const list = async () =>
      (
        await call<{ queues: { name: string; jobs: { id: string; failedReason: string }[] }[] }>(
          server,
          'GET',
          `${BOARD}/api/queues?activeQueue=housekeeping&status=failed&page=1&jobsPerPage=10`,
          { as: admin },
        )
      ).body.queues.find(({ name }) => name === 'housekeeping')?.jobs ?? [];
    await expect
      .poll(list, { timeout: 10_000 })
      .toMatchObject([{ id: 'prune-board.lost', failedReason: 'the shop is closed' }]);
    const metrics = async () => (await call(server, 'GET', '/metrics', { as: admin })).text;
    expect(await metrics()).toContain('zhanggui_jobs{queue="housekeeping",state="failed"} 1');

    const retry = `${BOARD}/api/queues/housekeeping/prune-board.lost/retry`;
    const evil = await call(server, 'PUT', retry, { as: admin, headers: { 'sec-fetch-site': 'cross-site' } });
    expect(evil.body.code).toBe('cross_site');
    broken = false;
    expect((await call(server, 'PUT', retry, { as: admin, headers: sameSite })).status).toBe(204);
    await expect.poll(() => done).toBe(1);
    await expect.poll(list).toEqual([]);
    const audit = await server.sql`
      select actor_name as "actorName", action, target from audit_log where action like 'job%'`;
    expect([...audit]).toEqual([
      { actorName: admin.email, action: 'job.retry', target: 'housekeeping/prune-board.lost' },
    ]);
  });

  it('changes nothing but what has been tried, and for nobody else', async ({ skip: skipTest }) => {
    if (skip) skipTest(noRedis);
    const admin = await person(server.sql, 'admin');
    const page = await call(server, 'GET', BOARD, { as: admin });
    expect(page.status).toBe(200);
    expect(page.text).not.toMatch(/https:|<style/);
    expect(page.headers.get('content-security-policy')).toContain("script-src 'self'");
    for (const [method, path] of [
      ['POST', 'urgent/add'],
      ['PUT', 'urgent/obliterate'],
      ['PUT', 'urgent/empty'],
      ['PATCH', 'urgent/1/update-data'],
    ] as const) {
      const answer = await call(server, method, `${BOARD}/api/queues/${path}`, {
        as: admin,
        headers: sameSite,
      });
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'forbidden']);
    }
    for (const path of [BOARD, `${BOARD}/api/queues`, `${BOARD}/static/favicon.ico`]) {
      expect((await call(server, 'GET', path)).body.code).toBe('unauthenticated');
      for (const role of ['viewer', 'manager', 'marketer'] as const)
        expect((await call(server, 'GET', path, { as: await person(server.sql, role) })).status).toBe(403);
      const key = await machine(server.sql, 'ingest', 'read', 'command');
      expect((await call(server, 'GET', path, { as: key })).status).toBe(403);
    }
  });
});
