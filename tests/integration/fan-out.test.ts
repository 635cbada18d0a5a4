/** Coupons pushed to an audience: with the workers' own steps, and their own processes, on real Postgres. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { stepByClock } from '@zhanggui/shared/coupons/campaign-store.ts';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { doRange } from '@zhanggui/workers/src/coupons/fan-out.ts';
import { couponCompany, time, type Coupon } from '../support/coupons.ts';
import { call } from '../support/running-server.ts';

const { at, wish, post, running, look, claim, expectSound, members } = couponCompany();

describe('a fan-out', () => {
  const work = async (id: string) => {
    for (;;) if ((await doRange(at.server.sql, id, time, new Date())) !== 'done') return;
  };

  it('gives each member of the audience one coupon, by several workers at once, with a message for each gateway', async () => {
    const { audience, tag } = await members(12_500);
    await at.server.sql`
      insert into delivery_endpoint (name, kind, url, events, locale, per_minute) values ('gate', 'webhook', 'https://x.test', '{coupon.issued}', 'en', 60)`;
    const id = await running({ give: 'push', audience, limits: { budget: 6_250_000 } });
    expect((await look(id)).targeted).toBe(12_500);
    await Promise.all([work(id), work(id), work(id)]);
    expect(await look(id)).toMatchObject({ issued: 12_500, failed: 0, reserved: 6_250_000, spent: 0 });
    const [told] = await at.server.sql<[{ messages: number; members: number }]>`
      select count(*)::int as messages, sum((select count(*) from coupon p join campaign c on c.no = p.campaign_no
        where c.id = ${id} and p.member_no between (d.data->>'from')::int and (d.data->>'to')::int
          and p.issued_at = (d.data->>'at')::timestamptz))::int as members
      from delivery d where data->>'campaignId' = ${id}`;
    expect(told).toEqual({ messages: 13, members: 12_500 });
    expect(await look(id)).toMatchObject({ messages: { waiting: 12_500, told: 0, failed: 0 } });
    const wallet = await call<{ rows: Coupon[] }>(at.server, 'GET', `/api/v1/coupons?memberId=${tag}-77`, {
      as: at.shop,
    });
    expect(wallet.body.rows).toHaveLength(1);
    await at.server.sql`update delivery_endpoint set deleted_at = now()`;
    await expectSound();
  });

  it('stops at its number and at its budget, to the coupon', async () => {
    const { audience } = await members(11_000);
    const byNumber = await running({ give: 'push', audience, limits: { total: 7_001 } });
    const byMoney = await running({ give: 'push', audience, limits: { budget: 5_000 * 500 + 499 } });
    await Promise.all([work(byNumber), work(byNumber), work(byMoney), work(byMoney)]);
    expect(await look(byNumber)).toMatchObject({ issued: 7_001, failed: 3_999 });
    expect(await look(byMoney)).toMatchObject({ issued: 5_000, failed: 6_000, reserved: 2_500_000 });
    await expectSound();
  });

  it('stops at its number also where more members fit than when its ranges were cut', async () => {
    const { sql } = at.server;
    const { tag, audience } = await members(12_000);
    const odd = { kind: 'rule', rule: { field: 'tags', anyOf: [`${tag}-odd`] } };
    await sql`update member set tags = tags || ${`${tag}-odd`}::text where tags @> array[${tag}] and no % 2 = 1`;
    const id = await running({ give: 'push', audience: odd, limits: { total: 6_000 } });
    const had = await running({ give: 'push', audience, limits: { total: 12_000 } });
    await sql`update member set tags = tags || ${`${tag}-odd`}::text where tags @> array[${tag}] and no % 2 = 0`;
    // Some members have one already, and take nobody's.
    await sql`
      with given as (
        insert into coupon (campaign_no, member_no, nth, valid_from, valid_to)
        select c.no, m.no, 1, now(), now() + interval '30 days' from campaign c, member m
        where c.id = ${had} and m.tags @> array[${tag}] and m.no % 5 = 0 returning campaign_no)
      update campaign set total = 8_000, issued = (select count(*) from given), reserved = (select count(*) from given) * liability
      where id = ${had}`;
    for (const each of [id, had]) for (let n = 0; n < 12; n++) await doRange(sql, each, time, new Date());
    expect(await look(id)).toMatchObject({ issued: 6_000, progress: { done: 2 } });
    expect(await look(had)).toMatchObject({
      issued: 8_000,
      failed: 4_000,
      progress: { done: 3, seen: 12_000 },
    });
    await expectSound();
  });

  it('goes to the segment as it was when the campaign was launched, also where it begins later', async () => {
    const { tag } = await members(20);
    const rule = { field: 'tags', anyOf: [tag] };
    const none = { field: 'tags', anyOf: [`${tag}-none`] };
    const boss = <T>(method: string, path: string, body: object) =>
      call<T>(at.server, method, `/api/v1${path}`, { as: at.boss, body });
    const { body: segment } = await boss<{ id: string }>('POST', '/segments', { name: tag, rule });
    const audience = { kind: 'segment', segmentId: segment.id };
    const change = async (to: object) =>
      expect((await boss('PUT', `/segments/${segment.id}`, { name: tag, rule: to })).status).toBe(200);
    const now = await running({ give: 'push', audience });
    const startsAt = new Date(Date.now() + 3_600_000).toISOString();
    const { id: later } = (await post('/campaigns', wish({ give: 'push', audience, startsAt }))).body;
    await post(`/campaigns/${later}/approve`, undefined, at.boss);
    expect((await post(`/campaigns/${later}/launch`)).body.status).toBe('scheduled');
    const claimed = await running({ give: 'claim', audience });
    await change(none);
    const afterwards = await running({ give: 'claim', audience: { kind: 'all' } });
    await at.server.sql.begin((tx) => stepByClock(tx, new Date(Date.now() + 7_200_000)));
    await work(now);
    await work(later);
    expect(await look(now)).toMatchObject({ targeted: 20, issued: 20, failed: 0 });
    expect(await look(later)).toMatchObject({ targeted: 20, issued: 20, failed: 0 });
    expect(await claim(claimed, `${tag}-1`)).toBeTruthy();
    // What is shown, and sent back to make another one like it, is the segment.
    expect(await look(now)).toMatchObject({ audience: { ...audience, holdoutPercent: 0 } });
    expect(await look(afterwards)).toMatchObject({ audience: { kind: 'all', holdoutPercent: 0 } });
  });

  it('gives nothing any more from the answer to a pause on, and goes on where it was', async () => {
    const { audience } = await members(40_000);
    const id = await running({ give: 'push', audience, limits: { total: 100_000 } });
    const working = [work(id), work(id)];
    while ((await look(id)).issued === 0) await sleep(5);
    const { body } = await post(`/campaigns/${id}/pause`);
    const [{ held }] = await at.server.sql<[{ held: number }]>`
      select count(*)::int as held from coupon p join campaign c on c.no = p.campaign_no where c.id = ${id}`;
    expect(held).toBe(body.issued);
    expect(held).toBeLessThan(40_000);
    await Promise.all(working);
    expect((await look(id)).issued).toBe(held);
    await post(`/campaigns/${id}/resume`);
    await work(id);
    expect((await look(id)).issued).toBe(40_000);
  });

  it(
    'survives its workers: killed in the middle, gone on by others, nobody twice',
    { timeout: 60_000 },
    async () => {
      const { audience } = await members(60_000);
      const id = await running({ give: 'push', audience, limits: { total: 100_000 } });
      const first = startWorkers();
      while ((await look(id)).issued === 0) await sleep(5);
      first.kill('SIGKILL');
      await once(first, 'exit');
      const { issued } = await look(id);
      expect(issued).toBeLessThan(60_000);
      const second = startWorkers();
      while ((await look(id)).issued < 60_000) await sleep(50);
      second.kill('SIGTERM');
      await once(second, 'exit');
      expect((await look(id)).progress).toMatchObject({ seen: 60_000 });
      await expectSound();
    },
  );

  describe('that meets trouble', () => {
    const asOf = (seconds: number) => new Date(Date.now() + seconds * 1000);
    const tryAt = (id: string, now: Date) => doRange(at.server.sql, id, time, now).catch(() => 'failed');

    /** Every insert of coupons fails so while `work` runs. */
    async function failing(sqlstate: string, work: () => Promise<void>): Promise<void> {
      const { sql } = at.server;
      await sql.unsafe(`
        create function broken() returns trigger language plpgsql as $$
          begin raise exception 'broken' using errcode = '${sqlstate}'; end $$;
        create trigger broken before insert on coupon for each statement execute function broken()`);
      try {
        await work();
      } finally {
        await sql`drop function broken cascade`;
      }
    }
    const ranges = (id: string) =>
      at.server.sql<{ state: string; tries: number; waits: number }[]>`
        select f.state, f.tries, extract(epoch from f.not_before - now())::float8 as waits
        from fan_out_chunk f join campaign c on c.no = f.campaign_no where c.id = ${id} order by chunk`;

    it.each(['53100', '53200', '55P03', '57014', '40P01', '40001'])(
      'which passes (%s) loses no range, however long it lasts, and tries less and less often',
      async (sqlstate) => {
        const { audience } = await members(10);
        const id = await running({ give: 'push', audience });
        await failing(sqlstate, async () => {
          expect(await tryAt(id, asOf(0))).toBe('later');
          // Not in a moment.
          expect(await tryAt(id, asOf(0.5))).toBe('nothing');
          const waits: number[] = [];
          for (let minute = 1; minute < 12; minute++) {
            expect(await tryAt(id, asOf(minute * 120))).toBe('later');
            const [range] = await ranges(id);
            expect(range).toMatchObject({ state: 'waiting', tries: 0 });
            waits.push(range!.waits - minute * 120);
          }
          expect(waits.toSorted((a, b) => a - b).map(Math.round)).toEqual(waits.map(Math.round));
          expect(waits.at(-1)).toBeGreaterThan(30);
          expect(waits.at(-1)).toBeLessThan(61);
        });
        expect(await look(id)).toMatchObject({ issued: 0, failed: 0 });
        expect(await tryAt(id, asOf(3_600))).toBe('done');
        expect(await look(id)).toMatchObject({ issued: 10, failed: 0 });
      },
    );

    it('which does not pass gives a range up, until somebody asks for it again', async () => {
      const { audience } = await members(5_010);
      const id = await running({ give: 'push', audience, limits: { budget: 5_010 * 500 } });
      await failing('23514', async () => {
        for (let n = 0; n < 10; n++) await tryAt(id, asOf(0));
      });
      expect(await look(id)).toMatchObject({
        issued: 0,
        failed: 5_010,
        progress: { failedChunks: 2, seen: 5_010, error: 'broken' },
      });
      await work(id);
      expect((await look(id)).issued).toBe(0);

      const key = { 'Idempotency-Key': `again-${id}` };
      const again = () =>
        post<{ ranges: number; members: number }>(`/campaigns/${id}/retry`, undefined, at.marketer, key);
      const first = await again();
      expect(first.body, first.text).toEqual({ ranges: 2, members: 5_010 });
      expect(await look(id)).toMatchObject({
        failed: 0,
        progress: { failedChunks: 0, seen: 0, error: null },
      });
      await work(id);
      expect(await look(id)).toMatchObject({ issued: 5_010, failed: 0, progress: { seen: 5_010 } });
      // Sent twice it does nothing again; there is nothing left to do for another one either.
      expect((await again()).body).toEqual({ ranges: 2, members: 5_010 });
      expect((await post(`/campaigns/${id}/retry`)).body).toEqual({ ranges: 0, members: 0 });
      const audit = await at.server.sql`
        select details from audit_log where action = 'campaign.retry' and details->>'id' = ${id}`;
      expect(audit).toMatchObject([{ details: { ranges: 2, members: 5_010 } }]);
      await expectSound();
      await post(`/campaigns/${id}/cancel`);
      expect(await post(`/campaigns/${id}/retry`)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    });
  });

  function startWorkers(): ChildProcess {
    return fork(path.join(repositoryRoot, 'workers/src/main.ts'), [], {
      execArgv: [],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        DATABASE_URL: at.server.databaseUrl,
        REDIS_URL: '',
        LOG_LEVEL: 'error',
        DEMO: 'off',
        PORT: '0',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }
});
