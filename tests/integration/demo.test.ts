/** The demo company: stopped anywhere, with answers lost, and started again, it ends with every fact exactly once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createKey } from '@zhanggui/shared/access/access-store.ts';
import { readDemoProgress } from '@zhanggui/shared/demo/demo-store.ts';
import { dayWindow } from '@zhanggui/shared/demo/day-window.ts';
import { demoLocations } from '@zhanggui/shared/demo/places.ts';
import { randomFrom } from '@zhanggui/shared/demo/random.ts';
import { openingFacts } from '@zhanggui/shared/demo/supply.ts';
import { makeWorld } from '@zhanggui/shared/demo/world.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { Api } from '@zhanggui/server/src/cli/api.ts';
import { keepPromotions } from '@zhanggui/server/src/cli/demo/promotions.ts';
import { pastDays, runDemo } from '@zhanggui/server/src/cli/demo/run.ts';
import { Throttle } from '@zhanggui/server/src/cli/demo/throttle.ts';
import { until } from '../support/company.ts';
import { startServer, type TestServer } from '../support/running-server.ts';
import { zg } from '../support/zg.ts';

const time = new BusinessTime('Asia/Shanghai');
const size = { skus: 300, ordersADay: 250 };
const dayNumber = (day: string) => Date.parse(day) / 86_400_000;

let server: TestServer;
let key: string;
/** The business clock of the demo; the tests set it. */
let clock = time.start('2026-11-12') + 12 * 3_600_000;
beforeAll(async () => {
  server = await startServer();
  ({ key } = await createKey(server.sql, { name: 'demo', scopes: ['ingest', 'command'] }));
});
afterAll(() => server.close());

/** A door that now and then breaks: before a request reaches the server, or after it was served and before the answer. */
function unreliable(api: Api, chance: number): Api {
  const random = randomFrom('doors');
  const broken = async <T>(call: () => Promise<T>): Promise<T> => {
    if (random.chance(chance / 2)) throw new Error('the request got lost');
    const answer = await call();
    if (random.chance(chance / 2)) throw new Error('the answer got lost');
    return answer;
  };
  return Object.assign(Object.create(api) as Api, {
    put: <T>(path: string, body: unknown) => broken(() => api.put<T>(path, body)),
    post: <T>(path: string, body?: unknown) => broken(() => api.post<T>(path, body)),
    postText: <T>(path: string, text: string, type: string) =>
      broken(() => api.postText<T>(path, text, type)),
  });
}

/** Runs the demo until `done`, starting it again each time it breaks; answers how often it broke. */
async function runUntil(done: () => Promise<boolean>, chance: number): Promise<number> {
  const api = unreliable(new Api({ serverUrl: server.url, key }), chance);
  const stop = new AbortController();
  let broke = 0;
  const running = (async () => {
    while (!stop.signal.aborted) {
      await runDemo({
        sql: server.sql,
        api,
        timeZone: 'Asia/Shanghai',
        seed: 'test',
        historyDays: 4,
        historyRate: 50_000,
        todayRate: 50_000,
        ...size,
        now: () => clock,
        signal: stop.signal,
        onStep: () => undefined,
      }).catch(() => {
        if (!stop.signal.aborted) broke += 1;
      });
    }
  })();
  await until(async () => ((await done()) ? true : undefined), 60_000);
  stop.abort();
  await running;
  return broke;
}

const part = async (name: string) => {
  const [row] = await server.sql<{ done: number; total: number }[]>`
    select done, total from demo_progress where part = ${name}`;
  return row;
};

/** Whether the past is told, and the clock's day up to the clock. */
const toldUpToClock = async () => {
  const today = time.day(clock);
  const progress = await readDemoProgress(server.sql, today);
  const due = expectedOn(dayNumber(today)).length;
  return progress?.daysDone === progress?.daysTotal && (await part(`day:${today}`))?.done === due;
};

const world = makeWorld({
  seed: 'test',
  firstDay: dayNumber('2026-11-08'),
  startOf: (day) => time.start(day),
  ...size,
});

/** Names of the facts that have happened on a day. */
function expectedOn(number: number): string[] {
  const facts = [...dayWindow(world, number)].flat().filter(({ at }) => at <= clock);
  return facts.map(({ fact }) => `${fact.source} ${fact.id}`);
}

async function expectEveryFactOnce(lastDay: string): Promise<void> {
  const days = Array.from({ length: dayNumber(lastDay) - world.firstDay + 1 }, (_, n) => world.firstDay + n);
  const opening = demoLocations.flatMap((location) => openingFacts(world, location));
  const expected = [...opening.map(({ fact }) => `${fact.source} ${fact.id}`), ...days.flatMap(expectedOn)];
  const rows = await server.sql<{ name: string }[]>`
    select s.name || ' ' || l.id as name from ledger l join source s on s.no = l.source_no`;
  const found = rows.map(({ name }) => name);
  expect(found.length).toBe(expected.length);
  expect(new Set(found)).toEqual(new Set(expected));
}

describe('the demo company', () => {
  test('tells all of the past and today, whatever breaks on the way', { timeout: 120_000 }, async () => {
    const broke = await runUntil(toldUpToClock, 0.06);
    // Otherwise this test shows nothing.
    expect(broke).toBeGreaterThan(3);
    await expectEveryFactOnce('2026-11-12');
    const [counts] = await server.sql<[{ skus: number; places: number; targets: number }]>`
      select (select count(*) from sku where known) as skus, (select count(*) from location where known) as places,
        (select count(*) from target) as targets`;
    expect(counts).toEqual({ skus: size.skus, places: 53, targets: 52 * (4 + 60 + 1) });
  });

  test('fills the hours and days that it was off', { timeout: 120_000 }, async () => {
    clock = time.start('2026-11-14') + 9 * 3_600_000;
    await runUntil(toldUpToClock, 0.1);
    await expectEveryFactOnce('2026-11-14');
  });

  test('goes on into the next day by itself', { timeout: 120_000 }, async () => {
    clock = time.start('2026-11-15') - 1_000;
    const dayBefore = expectedOn(dayNumber('2026-11-14')).length;
    const done = runUntil(async () => (await part('day:2026-11-15')) !== undefined && toldUpToClock(), 0);
    await until(async () => (await part('day:2026-11-14'))?.done === dayBefore || undefined, 30_000);
    clock = time.start('2026-11-15') + 2 * 3_600_000;
    await done;
    await expectEveryFactOnce('2026-11-15');
  });

  test('runs the day’s promotions, approved by somebody else, and shoppers come for them', async () => {
    const { key: second } = await createKey(server.sql, { name: 'approver', scopes: ['command'] });
    const [api, approver] = [key, second].map((each) => new Api({ serverUrl: server.url, key: each }));
    // Somebody must be there to whom the day’s coupons are sent.
    await api!.put('/api/v1/members', { rows: [{ memberId: 'M0000001', level: '金卡' }] });
    const busy = { ...world, ordersADay: 1_000_000 };
    const count = async () =>
      (
        await server.sql<{ campaigns: number; groups: number; coupons: number; orders: number }[]>`
        select (select count(*) from campaign where state = 'running') as campaigns, (select count(*) from group_buy) as groups,
          (select count(*) from coupon) as coupons, (select count(*) from orders where group_id is not null) as orders`
      )[0]!;
    // Twice: the second time the campaigns are there.
    for (const _ of [1, 2]) {
      const before = await count();
      const stop = new AbortController();
      const parts = { api: api!, approver: approver!, world: busy, now: Date.now, signal: stop.signal };
      const running = keepPromotions(parts, dayNumber(time.day(Date.now()))).catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      });
      await Promise.race([
        running,
        until(async () => {
          const { groups, coupons, orders } = await count();
          return (groups > before.groups && coupons > before.coupons && orders > before.orders) || undefined;
        }, 60_000),
      ]);
      stop.abort();
      await running;
    }
    expect(await count()).toMatchObject({ campaigns: 6 });
    // And a rule for those who look and do not buy, made once.
    expect(await server.sql`select on_at is not null as on from automation`).toEqual([{ on: true }]);
    expect(
      await server.sql`select 1 from campaign where approved_by_ref is null or approved_by_ref = created_by_ref`,
    ).toHaveLength(0);
  }, 120_000);

  test('is a company whose books add up', async () => {
    const { code, out } = await zg(server, ['verify', '--no-board', '--json']);
    expect(JSON.parse(out)).toMatchObject({ ok: true });
    expect(code).toBe(0);
  });

  test('shows in zg status how far it is', async () => {
    const { out } = await zg(server, ['status', '--json']);
    expect(JSON.parse(out)).toMatchObject({ demo: { daysTotal: expect.any(Number) as number } });
  });
});

test('the days that today is compared with come first', () => {
  expect(pastDays(100, 110)).toEqual([109, 103, 108, 107, 106, 105, 104, 102, 101, 100]);
  expect(pastDays(108, 110)).toEqual([109, 108]);
  expect(pastDays(110, 110)).toEqual([]);
});

test('the throttle keeps its rate, gives way when answers are slow, and comes back', async () => {
  const throttle = new Throttle({ most: 1000, least: 100, slowMs: 50 });
  const { signal } = new AbortController();
  const began = performance.now();
  for (let n = 0; n < 4; n++) await throttle.take(100, signal);
  expect(performance.now() - began).toBeGreaterThan(280);
  for (let n = 0; n < 10; n++) throttle.answered(80);
  expect(throttle.rate).toBe(100);
  for (let n = 0; n < 100; n++) throttle.answered(10);
  expect(throttle.rate).toBe(1000);
});
