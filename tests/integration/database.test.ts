import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import { connect, inOneGo, isDatabaseAway, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { openQueues } from '@zhanggui/shared/platform/queues.ts';
import { layCable } from '../support/cable.ts';
import { createDatabase, waiting } from '../support/database.ts';

describe('types of the database', () => {
  let sql: SqlPool;
  beforeAll(async () => {
    ({ sql } = await createDatabase({ max: 1 }));
  });

  it('are numbers for whole and decimal numbers, also in arrays', async () => {
    const [row] = await sql`
      select 9007199254740991::int8 as big, 12.5::numeric as decimal, array[1, 2]::int8[] as list, count(*) as count
      from company`;
    expect(row).toEqual({ big: 9007199254740991, decimal: 12.5, list: [1, 2], count: 1 });
  });

  it('refuse a number that would lose digits, and the connection lives on', async () => {
    await expect(sql`select 9007199254740993::int8`).rejects.toThrow(/too large for an exact number/);
    expect(await sql`select 1 as one`).toEqual([{ one: 1 }]);
  });

  it('keep a day a day, in both directions', async () => {
    expect(await sql`select ${'2026-03-01'}::date as day, ${'2026-03-01'}::date + 1 as next`).toEqual([
      { day: '2026-03-01', next: '2026-03-02' },
    ]);
  });

  it('say when the connection was cut, rather than the statement wrong', async () => {
    const cut = sql`select pg_terminate_backend(pg_backend_pid())`.catch((error: unknown) => error);
    expect(isDatabaseAway(await cut)).toBe(true);
    // The next statement may still meet the dying connection.
    await expect.poll(() => sql`select 1/0`.catch(isDatabaseAway)).toBe(false);
  });
});

describe('a pool whose connections are killed', () => {
  const kill = (other: SqlPool, application: string) =>
    other`select pg_terminate_backend(pid) from pg_stat_activity where application_name = ${application}`;
  const select = (sql: SqlPool) =>
    inOneGo(sql, async (tx) => {
      const [one] = await tx<{ n: number }[]>`select ${1}::int as n`;
      await Promise.all([tx`select ${'x'}::text`, tx`select 2`, tx`select ${3}::int`]);
      return one!.n;
    });

  it('begins a transaction anew that met a connection that died while it idled', async () => {
    const { url, sql: other } = await createDatabase();
    const sql = connect(url, { max: 1, application: 'idle' });
    await sql`select 1`;
    await kill(other, 'idle');
    // Nothing is read meanwhile: the connection is closed by then, and nobody has had a chance to notice.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
    expect(await select(sql)).toBe(1);
    await sql.end({ timeout: 1 });
  });

  // Without the patches of the driver (shared/patches) every second one of these waits for ever, or the process ends.
  it('answers everybody, and is as large as before', async () => {
    const { url, sql: other } = await createDatabase();
    const sql = connect(url, { max: 3, application: 'killed' });
    for (let round = 0; round < 12; round++) {
      const killing = kill(other, 'killed');
      const answers = await Promise.allSettled([
        ...Array.from({ length: 4 }, () => select(sql)),
        sql`select pg_sleep(0.01)`,
        sql.begin((tx) => tx`select ${2}::int`),
      ]);
      await killing;
      for (const answer of answers)
        if (answer.status === 'rejected') expect(isDatabaseAway(answer.reason)).toBe(true);
    }
    await expect.poll(() => select(sql).catch(() => 0)).toBe(1);
    // All three at once: none was lost.
    const held = await Promise.all([sql.reserve(), sql.reserve(), sql.reserve()]);
    for (const each of held) each.release();
    await sql.end({ timeout: 1 });
  });
});

it('a database that is back is used at once, however many statements failed while it was away', async () => {
  const { url } = await createDatabase();
  const cable = await layCable(url);
  const sql = connect(cable.url, { max: 8 });
  await cable.pull();
  let away = true;
  const callers = Array.from({ length: 8 }, async () => {
    while (away) await sql`select 1`.catch(() => sleep(5));
  });
  await sleep(1_500);
  away = false;
  await cable.plugIn();
  const since = performance.now();
  await Promise.all(callers);
  await Promise.all(Array.from({ length: 8 }, () => sql`select 1`));
  // The driver by itself would wait for 10 to 20 seconds by now.
  expect(performance.now() - since).toBeLessThan(9_000);
  await sql.end({ timeout: 1 });
  await cable.pull();
});

it('queues and workers whose connections are cut while they are opened do not end the process, and go on', async () => {
  const { url, sql } = await createDatabase();
  const cable = await layCable(url);
  const queues = openQueues({ databaseUrl: cable.url, redisUrl: undefined }, createLog('test', 'silent'));
  let done = 0;
  // An error that nobody listens to would end a server; here, it fails the run.
  await sql.begin(async (tx) => {
    await tx`lock table bullmq.migration in access exclusive mode`;
    queues.work(() => Promise.resolve((done += 1)));
    const added = queues.add('prune-board', { payload: {} });
    await waiting(tx);
    await sleep(200);
    await cable.pull();
    await expect(added).rejects.toThrow();
  });
  await cable.plugIn();
  await expect.poll(() => queues.add('prune-board', { payload: {} }).then(() => 'added')).toBe('added');
  await expect.poll(() => done).toBeGreaterThan(0);
  await queues.close();
});
