/** Campaigns and their coupons: over HTTP, with the workers' own steps, on real Postgres. */
import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { verifyCode } from '@zhanggui/shared/coupons/code.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { claimGroup } from '@zhanggui/server/src/coupons/claim-group.ts';
import { again } from '@zhanggui/server/src/http/grouped.ts';
import { checksOf } from '@zhanggui/server/src/cli/verify/checks.ts';
import { doRange } from '@zhanggui/workers/src/coupons/fan-out.ts';
import { settleCoupons } from '@zhanggui/workers/src/coupons/settle.ts';
import type { JobContext } from '@zhanggui/workers/src/job.ts';
import keepReports from '@zhanggui/workers/src/jobs/keep-reports.ts';
import { event } from '../support/books.ts';
import { waiting } from '../support/database.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

type Campaign = {
  id: string;
  status: string;
  targeted: number;
  issued: number;
  failed: number;
  redeemed: number;
  returned: number;
  conflicts: number;
  budget: number | null;
  spent: number;
  reserved: number;
  revision: number;
  pausedBecause: string | null;
  progress: { seen: number; done: number } | null;
  flags: { source: string; claims: number }[];
};
type Coupon = { code: string; validTo: string };
type Redeemed = { off: number; payable: number; lines: number[] };

const time = new BusinessTime('Asia/Shanghai');
let server: TestServer;
let shop: Credentials;
let marketer: Credentials;
let boss: Credentials;
let till: Credentials;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  [shop, marketer, boss, till] = await Promise.all([
    machine(server.sql, 'command', 'read'),
    person(server.sql, 'marketer'),
    person(server.sql, 'admin'),
    machine(server.sql, 'ingest'),
  ]);
});

const amountOff = (off: number, more: object = {}) => ({
  title: '满减券',
  offer: { kind: 'amount', off },
  validity: { kind: 'days', days: 30 },
  ...more,
});

/** A campaign of ¥5 coupons that members claim, unless said otherwise. */
const wish = (more: object = {}) => ({
  kind: 'coupon',
  name: `C${(count += 1)}`,
  template: amountOff(500),
  give: 'claim',
  limits: { total: 100 },
  ...more,
});

const post = <T = Campaign>(path: string, body?: unknown, as = shop, headers: Record<string, string> = {}) =>
  call<T>(server, 'POST', `/api/v1${path}`, { as, body, headers });
const refusal = (path: string, body?: unknown, as = shop) => post<Problem>(path, body, as);

async function running(more: object = {}): Promise<string> {
  const { body, text } = await post('/campaigns', wish(more));
  expect(body.status, text).toBe('draft');
  for (const action of ['approve', 'launch']) {
    const { status, text } = await post(
      `/campaigns/${body.id}/${action}`,
      undefined,
      action === 'approve' ? boss : shop,
    );
    expect(status, text).toBe(200);
  }
  return body.id;
}

const look = async (id: string) =>
  (await call<Campaign>(server, 'GET', `/api/v1/campaigns/${id}`, { as: shop })).body;
const claim = async (id: string, memberId: string) =>
  (await post<Coupon>(`/campaigns/${id}/claims`, { memberId })).body.code;
const basket = (orderId: string, unitPrice = 2_000, sku = 'A') => ({
  orderId,
  channel: 'pos',
  location: 'S01',
  lines: [{ sku, qty: 1, unitPrice }],
});
const redeem = (code: string, orderId: string, unitPrice?: number) =>
  post<Redeemed & Problem>(`/coupons/${code}/redeem`, basket(orderId, unitPrice));
const tell = (type: string, data: object, at = new Date()) =>
  call(server, 'POST', '/api/v1/events', {
    as: till,
    body: [event(`f${(count += 1)}`, type, at.toISOString(), data)],
  });
const settle = () => settleCoupons(server.sql, new Date());

async function expectSound(): Promise<void> {
  for (const { name, promise, run } of checksOf({ ledgerIsWhole: false }))
    if (promise === 4)
      expect({ name, ...(await run(server.sql, { timeZone: 'Asia/Shanghai', limit: 5 })) }).toEqual({
        name,
        total: 0,
        first: [],
      });
}

/** Members of a test of its own, by a rule that nobody else fits. */
async function members(howMany: number): Promise<{ tag: string; audience: object }> {
  const tag = `t${(count += 1)}`;
  await server.sql`
    insert into member (id, tags) select ${tag} || '-' || n, array[${tag}] from generate_series(1, ${howMany}::int) n`;
  return { tag, audience: { kind: 'rule', rule: { field: 'tags', anyOf: [tag] } } };
}

describe('a campaign', () => {
  it('is approved, launched, paused, resumed and cancelled, each once', async () => {
    const { body } = await post('/campaigns', wish(), shop, { 'Idempotency-Key': 'make-1' });
    const again = await post('/campaigns', { ...wish(), name: 'another' }, shop, {
      'Idempotency-Key': 'make-1',
    });
    expect(again.status).toBe(409);
    expect((await refusal(`/campaigns/${body.id}/launch`)).body.code).toBe('conflict');
    expect((await post(`/campaigns/${body.id}/approve`)).body.status).toBe('approved');
    expect((await post(`/campaigns/${body.id}/launch`)).body.status).toBe('running');
    expect((await post(`/campaigns/${body.id}/pause`)).body.status).toBe('paused');
    expect((await post(`/campaigns/${body.id}/pause`)).body.status).toBe('paused');
    expect((await refusal(`/campaigns/${body.id}/claims`, { memberId: 'm' })).body.code).toBe(
      'campaign_not_running',
    );
    expect((await post(`/campaigns/${body.id}/resume`)).body.status).toBe('running');
    expect((await post(`/campaigns/${body.id}/cancel`)).body.status).toBe('cancelled');
    expect((await refusal(`/campaigns/${body.id}/resume`)).body.code).toBe('conflict');
  });

  it('does not let a marketer pass their budget by any route', async () => {
    const dear = wish({ limits: { total: 20_000, budget: 6_000_000 } });
    const { body } = await post('/campaigns', dear, marketer);
    expect((await refusal(`/campaigns/${body.id}/approve`, undefined, marketer)).body.code).toBe(
      'second_person_needed',
    );
    expect((await refusal(`/campaigns/${body.id}/launch`, undefined, marketer)).status).toBe(409);
    // Without any bound it is dear too.
    const endless = await post('/campaigns', wish({ limits: {} }), marketer);
    expect((await refusal(`/campaigns/${endless.body.id}/approve`, undefined, marketer)).status).toBe(403);
    // In pieces: the second of these makes more than one person decides alone.
    const pieces = [3_000_000, 3_000_000].map((budget) => wish({ limits: { total: 100_000, budget } }));
    const made = await Promise.all(pieces.map((piece) => post('/campaigns', piece, marketer)));
    const both = await Promise.all(
      made.map(({ body: { id } }) => post(`/campaigns/${id}/approve`, undefined, marketer)),
    );
    expect(both.map(({ status }) => status).sort()).toEqual([200, 403]);
    // Approved by somebody else, it stays as it was approved.
    const put = (more: object, revision: number) =>
      call<Problem & Campaign>(server, 'PUT', `/api/v1/campaigns/${body.id}`, {
        as: marketer,
        body: { ...dear, ...more, revision },
      });
    const changed = await put({ limits: { total: 20_000, budget: 7_000_000 } }, body.revision);
    expect(changed.status, changed.text).toBe(200);
    const stale = await refusal(`/campaigns/${body.id}/approve`, { revision: body.revision }, boss);
    expect(stale.body.code).toBe('conflict');
    expect(
      (await post(`/campaigns/${body.id}/approve`, { revision: changed.body.revision }, boss)).status,
    ).toBe(200);
    expect(
      (await put({ limits: { total: 20_000, budget: 9_000_000 } }, changed.body.revision)).body.code,
    ).toBe('conflict');
    expect((await refusal(`/campaigns/${body.id}/approve`, undefined, marketer)).status).toBe(200);
    expect((await look(body.id)).budget).toBe(7_000_000);
  });

  it('spends no more than its budget, whichever way coupons go out and come back', async () => {
    const id = await running({ limits: { budget: 5_000 }, template: amountOff(500) });
    const other = await server.another();
    const within = async () => {
      const { spent, reserved } = await look(id);
      expect(spent + reserved).toBeLessThanOrEqual(5_000);
    };
    const rush = async (prefix: string) => {
      const answers = await Promise.all(
        Array.from({ length: 14 }, (_, i) =>
          call<Coupon & Problem>(i % 2 ? server : other, 'POST', `/api/v1/campaigns/${id}/claims`, {
            as: shop,
            body: { memberId: `${prefix}-${i}` },
          }),
        ),
      );
      await within();
      return answers.flatMap(({ status, body }) => (status === 201 ? [body.code] : []));
    };
    const codes = await rush('in');
    expect(codes).toHaveLength(10);
    // Used for less than they could take off: the rest stays reserved, since they may come back.
    for (const [i, code] of codes.slice(0, 5).entries())
      expect((await redeem(code, `within-${i}`, 300)).body.off).toBe(300);
    await within();
    expect(await rush('rest')).toEqual([]);
    // They come back with their orders, and are worth all of it again.
    for (const i of [0, 1, 2]) {
      await tell('order.placed', {
        ...basket(`within-${i}`, 300),
        total: 0,
        couponCodes: [codes[i]],
        fulfilment: { method: 'carry', location: 'S01' },
      });
      await tell('order.cancelled', { orderId: `within-${i}` });
    }
    await settle();
    await within();
    expect(await rush('back')).toEqual([]);
    for (const i of [0, 1, 2]) await redeem(codes[i]!, `again-${i}`, 9_000);
    await within();
    // Whoever made it cannot make more of it, nor approve it once more.
    const more = await call<Problem>(server, 'PUT', `/api/v1/campaigns/${id}`, {
      as: marketer,
      body: { ...wish({ limits: { budget: 900_000 } }), revision: 1 },
    });
    expect(more.body.code).toBe('conflict');
    await post(`/campaigns/${id}/approve`, undefined, marketer);
    for (const action of ['pause', 'resume']) await post(`/campaigns/${id}/${action}`, undefined, marketer);
    expect(await rush('more')).toEqual([]);
    expect(await look(id)).toMatchObject({ budget: 5_000, issued: 10 });
    // Sent instead of claimed, by several workers at once.
    const { audience } = await members(30);
    const sent = await running({ give: 'push', audience, limits: { budget: 5_000 } });
    await Promise.all([1, 2, 3].map(() => doRange(server.sql, sent, time, new Date())));
    expect(await look(sent)).toMatchObject({ issued: 10, reserved: 5_000 });
    await other.close();
    await expectSound();
  });

  it('says before it is made what it would cost', async () => {
    const { audience } = await members(30);
    const { body } = await post<{
      audience: number;
      coupons: number;
      exposure: number;
      secondPerson: boolean;
    }>('/campaigns/preview', wish({ give: 'push', audience, limits: { budget: 12_400 } }), boss);
    expect(body).toMatchObject({ audience: 30, coupons: 24, exposure: 12_400, secondPerson: false });
    const held = { ...audience, holdoutPercent: 50 };
    const preview = await post<{ audience: number }>('/campaigns/preview', wish({ audience: held }), boss);
    expect(preview.body.audience).toBeGreaterThan(5);
    expect(preview.body.audience).toBeLessThan(25);
  });
});

describe('a fan-out', () => {
  const work = async (id: string) => {
    for (;;) if ((await doRange(server.sql, id, time, new Date())) !== 'done') return;
  };

  it('gives each member of the audience one coupon, by several workers at once, with a message for each gateway', async () => {
    const { audience, tag } = await members(12_500);
    await server.sql`
      insert into delivery_endpoint (name, kind, url, events, locale, per_minute) values ('gate', 'webhook', 'https://x.test', '{coupon.issued}', 'en', 60)`;
    const id = await running({ give: 'push', audience, limits: { budget: 6_250_000 } });
    expect((await look(id)).targeted).toBe(12_500);
    await Promise.all([work(id), work(id), work(id)]);
    expect(await look(id)).toMatchObject({ issued: 12_500, failed: 0, reserved: 6_250_000, spent: 0 });
    const [told] = await server.sql<[{ messages: number; members: number }]>`
      select count(*)::int as messages, sum((select count(*) from coupon p join campaign c on c.no = p.campaign_no
        where c.id = ${id} and p.member_no between (d.data->>'from')::int and (d.data->>'to')::int
          and p.issued_at = (d.data->>'at')::timestamptz))::int as members
      from delivery d where data->>'campaignId' = ${id}`;
    expect(told).toEqual({ messages: 13, members: 12_500 });
    const wallet = await call<{ rows: Coupon[] }>(server, 'GET', `/api/v1/coupons?memberId=${tag}-77`, {
      as: shop,
    });
    expect(wallet.body.rows).toHaveLength(1);
    await server.sql`update delivery_endpoint set deleted_at = now()`;
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

  it('gives nothing any more from the answer to a pause on, and goes on where it was', async () => {
    const { audience } = await members(40_000);
    const id = await running({ give: 'push', audience, limits: { total: 100_000 } });
    const working = [work(id), work(id)];
    while ((await look(id)).issued === 0) await sleep(5);
    const { body } = await post(`/campaigns/${id}/pause`);
    const [{ held }] = await server.sql<[{ held: number }]>`
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

  function startWorkers(): ChildProcess {
    return fork(path.join(repositoryRoot, 'workers/src/main.ts'), [], {
      execArgv: [],
      env: {
        ...process.env,
        NODE_ENV: 'production',
        DATABASE_URL: server.databaseUrl,
        REDIS_URL: '',
        LOG_LEVEL: 'error',
        DEMO: 'off',
        PORT: '0',
      },
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
  }
});

describe('a claim', () => {
  it('gives exactly as many as there are to a rush over two servers', async () => {
    const id = await running({ limits: { total: 500 } });
    const other = await server.another();
    const answers = await Promise.all(
      Array.from({ length: 1_500 }, (_, i) =>
        call<Coupon & Problem>(i % 2 ? server : other, 'POST', `/api/v1/campaigns/${id}/claims`, {
          as: shop,
          body: { memberId: `rush-${i % 1_200}` },
        }),
      ),
    );
    await other.close();
    const codes = answers.flatMap(({ body, status }) => (status === 201 ? [body.code] : []));
    expect(codes).toHaveLength(500);
    expect(new Set(codes).size).toBe(500);
    const refused = answers.filter(({ status }) => status !== 201).map(({ body }) => body.code);
    expect(refused.filter((code) => code !== 'sold_out' && code !== 'limit_reached')).toEqual([]);
    expect(await look(id)).toMatchObject({ issued: 500, reserved: 250_000 });
    await expectSound();
  });

  it('keeps to the limit of a member, and to the audience', async () => {
    const { audience, tag } = await members(2);
    const id = await running({ audience, limits: { perMember: 2, total: 100 } });
    const mine = await Promise.all(
      Array.from({ length: 6 }, () =>
        post<Coupon & Problem>(`/campaigns/${id}/claims`, { memberId: `${tag}-1` }),
      ),
    );
    expect(mine.map(({ status }) => status).sort()).toEqual([201, 201, 409, 409, 409, 409]);
    expect(mine.filter(({ status, body }) => status === 409 && body.code === 'limit_reached')).toHaveLength(
      4,
    );
    expect((await refusal(`/campaigns/${id}/claims`, { memberId: 'stranger' })).body.code).toBe(
      'not_eligible',
    );
    expect(
      (await refusal('/campaigns/00000000-0000-7000-8000-000000000000/claims', { memberId: 'm' })).status,
    ).toBe(404);
  });

  it('is answered as before with the same key, and gives a code that proves itself offline', async () => {
    const id = await running();
    const send = () =>
      post<Coupon>(`/campaigns/${id}/claims`, { memberId: 'keyed' }, shop, {
        'Idempotency-Key': `claim-${id}`,
      });
    const [one, two] = [await send(), await send()];
    expect(two.body).toEqual(one.body);
    expect((await look(id)).issued).toBe(1);
    const { body } = await call<{ campaignNo: number; key: string }>(
      server,
      'GET',
      `/api/v1/campaigns/${id}/key`,
      { as: shop },
    );
    const key = Buffer.from(body.key, 'base64url');
    expect(verifyCode(one.body.code, (no) => (no === body.campaignNo ? key : null))).toMatchObject({
      nth: 1,
    });
  });

  it('that another server takes between two looks is answered as there', async () => {
    const id = await running();
    const send = () =>
      post<Coupon & Problem>(`/campaigns/${id}/claims`, { memberId: 'twice' }, shop, {
        'Idempotency-Key': `twice-${id}`,
      });
    const first = await send();
    const { sql } = server;
    const isOurs = sql`campaign_no = (select no from campaign where id = ${id})`;
    await sql`create table taken as select * from coupon where ${isOurs}`;
    await sql`create table told as select * from idempotency_key where key = ${`twice-${id}`}`;
    await sql`delete from coupon where ${isOurs}`;
    await sql`delete from idempotency_key where key = ${`twice-${id}`}`;
    // The look at members waits until the other server's claim is there; the look at answers came before it.
    let second: ReturnType<typeof send> | undefined;
    await sql.begin(async (tx) => {
      await tx`lock table member in access exclusive mode`;
      second = send();
      await waiting(tx);
      await tx`insert into coupon select * from taken`;
      await tx`insert into idempotency_key select * from told`;
    });
    expect(await second).toMatchObject({ status: 201, body: first.body });
  });

  it('is not refused for one that it stood behind and that came to nothing', async () => {
    const id = await running({ limits: { total: 2 } });
    await server.sql`insert into member (id) values ('ahead'), ('behind')`;
    const { sql } = server.server.parts;
    const requests = ['ahead', 'behind'].map((memberId) => ({
      campaignId: id,
      memberId,
      command: null,
      flag: null,
    }));
    // Another server gives the first one theirs after the look at members, and before the look at the campaign.
    let looked = false;
    const late = new Proxy(sql, {
      apply(target, self, args: [TemplateStringsArray, ...unknown[]]) {
        const ask = (): unknown => Reflect.apply(target, self, args);
        if (looked || !args[0].join('').includes('from campaign where id = any(')) return ask();
        looked = true;
        return sleep(200)
          .then(() => claim(id, 'ahead'))
          .then(ask);
      },
    });
    const decide = (on: typeof sql) =>
      claimGroup({ sql: on, time, now: () => new Date(), encode: () => null }, requests);
    expect(await decide(late)).toEqual([again, again]);
    expect(await decide(sql)).toMatchObject([
      { kind: 'refused', error: { code: 'limit_reached' } },
      { kind: 'given' },
    ]);
    expect(await look(id)).toMatchObject({ issued: 2 });
  });

  it('shows a source that claims more than a person does', async () => {
    const id = await running();
    for (let i = 0; i < 33; i++)
      await post(`/campaigns/${id}/claims`, { memberId: `bot-${i}`, source: 'device-7' });
    expect((await look(id)).flags).toMatchObject([{ source: 'device-7', claims: 33 }]);
  });
});

describe('a redemption', () => {
  it('happens once, whoever asks, and says why not', async () => {
    const id = await running();
    const code = await claim(id, 'r1');
    const answers = await Promise.all(['o-1', 'o-2', 'o-3', 'o-1'].map((orderId) => redeem(code, orderId)));
    const won = answers.findIndex(({ status }) => status === 200);
    expect(answers[won]!.body).toMatchObject({ off: 500, payable: 1_500, lines: [500] });
    expect(new Set(answers.filter(({ status }) => status !== 200).map(({ body }) => body.code))).toEqual(
      new Set(['coupon_used']),
    );
    expect(await look(id)).toMatchObject({ redeemed: 1, spent: 500 });
    expect((await redeem(code.slice(0, -1) + (code.endsWith('0') ? '1' : '0'), 'o-9')).status).toBe(404);
    const other = await claim(id, 'r2');
    expect((await redeem(other, 'o-4', 0)).body.code).toBe('coupon_not_applicable');
    await post(`/campaigns/${id}/cancel`);
    expect((await redeem(other, 'o-4')).body.code).toBe('campaign_not_running');
    await expectSound();
  });

  it('takes what the basket costs at most, beside the other coupons of the order', async () => {
    const [one, two, alike] = await Promise.all([
      running(),
      running({ template: amountOff(800, { stacking: { class: 'brand' } }) }),
      running({ template: amountOff(300) }),
    ]);
    const codes = await Promise.all([one, two, alike].map((id) => claim(id, 'r3')));
    const [first, second] = [await redeem(codes[0]!, 'o-5', 1_000), await redeem(codes[1]!, 'o-5', 1_000)];
    expect([first.body.off, second.body.off, second.body.payable]).toEqual([500, 500, 0]);
    expect((await redeem(codes[2]!, 'o-5', 1_000)).body.code).toBe('coupon_not_combinable');
    await expectSound();
  });

  it('is quoted as it will be: the best of the wallet, with reasons for the codes that do not work', async () => {
    const [one, better, elsewhere] = await Promise.all([
      running(),
      running({ template: amountOff(700) }),
      running({ template: amountOff(900, { scope: { channels: ['mall'] } }) }),
    ]);
    const codes = await Promise.all([one, better, elsewhere].map((id) => claim(id, 'q1')));
    const { body } = await post<{
      off: number;
      payable: number;
      coupons: { code: string }[];
      refused: { reason: string }[];
    }>('/coupons/quote', {
      memberId: 'q1',
      codes: [codes[2], 'nonsense'],
      channel: 'pos',
      lines: [{ sku: 'A', qty: 2, unitPrice: 600 }],
    });
    expect(body).toMatchObject({ off: 700, payable: 500, coupons: [{ code: codes[1] }] });
    expect(body.refused.map(({ reason }) => reason).sort()).toEqual(['coupon_not_applicable', 'not_found']);
  });

  it('stops a campaign that spends faster than its brake allows', async () => {
    const id = await running({ limits: { total: 100, brakePerMinute: 1_200 } });
    const codes = await Promise.all([1, 2, 3, 4].map((n) => claim(id, `b${n}`)));
    for (const [i, code] of codes.entries()) await redeem(code, `o-b${i}`);
    expect(await look(id)).toMatchObject({
      status: 'paused',
      pausedBecause: 'brake',
      redeemed: 3,
      spent: 1_500,
    });
    expect((await redeem(codes[3]!, 'o-b9')).body.code).toBe('campaign_not_running');
    const [entry] =
      await server.sql`select action from audit_log where details->>'id' = ${id} order by no desc limit 1`;
    expect(entry).toEqual({ action: 'campaign.brake' });
  });
});

describe('facts', () => {
  const placed = (orderId: string, codes: string[], unitPrice = 2_000) => ({
    orderId,
    channel: 'pos',
    location: 'S01',
    lines: [{ sku: 'A', qty: 1, unitPrice }],
    total: Math.max(0, unitPrice - 500),
    couponCodes: codes,
    fulfilment: { method: 'carry', location: 'S01' },
  });

  it('settle what tills did offline; who came second is shown, not counted', async () => {
    const id = await running();
    const code = await claim(id, 'f1');
    const at = (seconds: number) => new Date(Date.now() - seconds * 1_000);
    await tell('order.placed', placed('o-f2', [code]), at(10));
    await settle();
    // The earlier one is heard of later.
    await tell('coupon.redeemed', { code, orderId: 'o-f1' }, at(60));
    await tell('order.placed', placed('o-f1', [code], 300), at(60));
    await settle();
    expect(await look(id)).toMatchObject({ redeemed: 1, spent: 300, conflicts: 1, reserved: 200 });
    const { body } = await call<{ rows: { orderId: string; verdict: string }[] }>(
      server,
      'GET',
      '/api/v1/coupons/conflicts',
      { as: shop },
    );
    expect(body.rows).toMatchObject([{ orderId: 'o-f2', verdict: 'conflict' }]);
    expect((await redeem(code, 'o-f3')).body.code).toBe('coupon_used');
    await expectSound();
  });

  it('bring a coupon back with its order, where its template says so', async () => {
    const [back, kept] = [await running(), await running({ template: amountOff(500, { returned: false }) })];
    const codes = [await claim(back, 'f2'), await claim(kept, 'f2')];
    for (const [i, code] of codes.entries()) {
      await redeem(code, `o-c${i}`);
      await tell('order.placed', placed(`o-c${i}`, [code]));
      await tell('order.refunded', { orderId: `o-c${i}`, amount: 1_000, lines: [] });
    }
    await settle();
    expect(await look(back)).toMatchObject({ redeemed: 1, spent: 500, reserved: 0 });
    for (const i of [0, 1]) await tell('order.refunded', { orderId: `o-c${i}`, amount: 500, lines: [] });
    await settle();
    expect(await look(back)).toMatchObject({ redeemed: 0, returned: 1, spent: 0, reserved: 500 });
    expect(await look(kept)).toMatchObject({ redeemed: 1, returned: 0, spent: 500, reserved: 0 });
    expect((await redeem(codes[0]!, 'o-c9')).status).toBe(200);
    await expectSound();
  });
});

describe('before it is launched', () => {
  type Flight = {
    checks: { subject: string; level: string; says: string; numbers: Record<string, number> }[];
    expectation: { used: { expected: number }; use: { campaigns: number } };
    stock: {
      short: number;
      locations: { location: string; need: number; have: number; short: number }[];
      moves: { sku: { code: string }; from: { code: string } | null; to: { code: string }; qty: number }[];
    };
    belowCost: { code: string; lowest: number }[];
    overlaps: { id: string; members: number | null }[];
  };
  const flightOf = async (id: string) =>
    (await call<Flight>(server, 'GET', `/api/v1/campaigns/${id}/preflight`, { as: shop })).body;

  it('is held against shelves, prices and other campaigns', async () => {
    const { audience } = await members(1_000);
    await server.sql`
      insert into location (code, known, kind, name_zh, name_en, latitude, longitude) values
        ('PF1', true, 'store', '一店', 'One', 31, 121), ('PF2', true, 'store', '二店', 'Two', 31.1, 121)`;
    await server.sql`
      insert into sku (code, known, name_zh, name_en, category, cost, list_price) values
        ('PF-A', true, '茶', 'Tea', 'PF', 400, 600), ('PF-B', true, '杯', 'Cup', 'PF', 10, 900)`;
    const nos = sql2nos(
      await server.sql<{ code: string; no: number }[]>`
      select code, no from location where code like 'PF_' union all select code, no from sku where code like 'PF-_'`,
    );
    await server.sql`
      insert into stock (sku_no, location_no, on_hand) values
        (${nos['PF-A']!}, ${nos['PF1']!}, 10), (${nos['PF-A']!}, ${nos['PF2']!}, 90)`;
    await server.sql`
      insert into forecast (sku_no, first_day, made_at, method, mean, low, high, rate, sd, location_nos, location_rate, location_sd)
      values (${nos['PF-A']!}, current_date, now(), 'test', '{2}', '{1}', '{3}', 2, 1, ${[nos['PF1']!, nos['PF2']!]}::int[], '{1.5,0.5}', '{1,1}')`;
    const other = await running({ template: amountOff(100, { scope: { categories: ['PF'] } }), audience });
    const { body } = await post(
      '/campaigns',
      wish({
        give: 'push',
        audience,
        template: amountOff(500, { scope: { skus: ['PF-A', 'PF-Z'] } }),
        limits: { budget: 400_000 },
      }),
    );
    const flight = await flightOf(body.id);
    // 28 pieces sell in two weeks anyway; of the 800 who get one three of a hundred use it, where as much sells today.
    expect(flight.stock.locations).toMatchObject([
      { location: 'PF1', need: 39, have: 10, short: 29 },
      { location: 'PF2', need: 13, have: 90, short: 0 },
    ]);
    expect(flight.stock.moves).toMatchObject([
      { sku: { code: 'PF-A' }, from: { code: 'PF2' }, to: { code: 'PF1' }, qty: 29 },
    ]);
    expect(flight.belowCost).toMatchObject([{ code: 'PF-A', lowest: 100 }]);
    // Newest first; other tests' campaigns are about everything.
    expect(flight.overlaps[0]).toMatchObject({ id: other, members: 1_000 });
    const said = Object.fromEntries(flight.checks.map(({ subject, ...rest }) => [subject, rest]));
    expect(said).toMatchObject({
      audience: { level: 'ok', numbers: { members: 1_000 } },
      stock: { level: 'warn', says: 'stock_unknown', numbers: { skus: 1 } },
      budget: { level: 'warn', says: 'budget_small', numbers: { missing: 200 } },
      price: { level: 'warn', says: 'price_below_cost', numbers: { skus: 1, worst: 300 } },
      overlap: { level: 'warn', numbers: { members: 1_000 } },
    });
    // Warnings are a person's to judge.
    await post(`/campaigns/${body.id}/approve`, undefined, boss);
    expect((await post(`/campaigns/${body.id}/launch`)).body.status).toBe('running');
    await post(`/campaigns/${other}/cancel`);
  });

  it('is not launched where nothing could come of it', async () => {
    const nobody = await post(
      '/campaigns',
      wish({ give: 'push', audience: { kind: 'rule', rule: { field: 'tags', anyOf: ['nobody'] } } }),
    );
    const nothing = await post('/campaigns', wish({ limits: { budget: 499 } }));
    for (const [{ body }, says] of [
      [nobody, 'audience_empty'],
      [nothing, 'budget_nothing'],
    ] as const) {
      await post(`/campaigns/${body.id}/approve`, undefined, boss);
      const refused = await refusal(`/campaigns/${body.id}/launch`);
      expect([refused.body.code, refused.text]).toEqual(['conflict', expect.stringContaining(says)]);
      expect((await look(body.id)).status).toBe('approved');
    }
  });
});

/** Numbers by code. */
const sql2nos = (rows: readonly { code: string; no: number }[]) =>
  Object.fromEntries(rows.map(({ code, no }) => [code, no]));

describe('afterwards', () => {
  type Report = {
    final: boolean;
    reach: { targeted: number; held: number; taken: number; used: number };
    sales: { orders: number; net: number; discount: number; margin: number };
    uplift: {
      given: { orders: number };
      held: { orders: number };
      orders: { enough: boolean; low: number };
    } | null;
    expected: { audience: number } | null;
  };
  const reportOf = (id: string) =>
    call<Report & Problem>(server, 'GET', `/api/v1/campaigns/${id}/report`, { as: shop });

  it('a campaign is measured against those who were held out, and its report is kept when nothing changes any more', async () => {
    const { audience, tag } = await members(600);
    const id = await running({
      give: 'push',
      audience: { ...audience, holdoutPercent: 50 },
      limits: { budget: 1_000_000 },
    });
    const before = await post('/campaigns', wish({ give: 'push', audience, limits: { budget: 100_000 } }));
    expect((await reportOf(before.body.id)).status).toBe(404);
    while ((await doRange(server.sql, id, time, new Date())) === 'done');
    const { targeted } = await look(id);
    const lots = await server.sql<{ id: string; given: boolean }[]>`
      select m.id, exists (select from coupon c where c.member_no = m.no and c.campaign_no = (select no from campaign where id = ${id})) as given
      from member m where ${tag} = any(m.tags) order by m.no`;
    const [given, held] = [true, false].map((each) =>
      lots.filter((lot) => lot.given === each).map((lot) => lot.id),
    );
    expect(given).toHaveLength(targeted);
    await server.sql`insert into sku (code, name_zh, name_en, cost) values ('UP', 'UP', 'UP', 700) on conflict do nothing`;
    // Of those who were given one half buy something, of those held out every tenth; one redeems.
    const orderOf = (memberId: string, codes: string[] = []) => ({
      orderId: `up-${memberId}`,
      channel: 'pos',
      location: 'S01',
      memberId,
      lines: [{ sku: 'UP', qty: 1, unitPrice: 2_000 }],
      total: codes.length ? 1_500 : 2_000,
      couponCodes: codes,
      fulfilment: { method: 'carry', location: 'S01' },
    });
    const [first] = (
      await call<{ rows: Coupon[] }>(server, 'GET', `/api/v1/coupons?memberId=${given![0]!}`, { as: shop })
    ).body.rows;
    await redeem(first!.code, `up-${given![0]!}`);
    const buyers = [...given!.filter((_, i) => i % 2 === 0), ...held!.filter((_, i) => i % 10 === 0)];
    const told = await call(server, 'POST', '/api/v1/events', {
      as: till,
      body: buyers.map((memberId) =>
        event(
          `f${(count += 1)}`,
          'order.placed',
          new Date().toISOString(),
          orderOf(memberId, memberId === given![0] ? [first!.code] : []),
        ),
      ),
    });
    expect(told.status, told.text).toBe(200);
    const { body, text } = await reportOf(id);
    expect(body.reach, text).toMatchObject({ targeted, held: 600 - targeted, taken: targeted, used: 1 });
    expect(body.sales).toMatchObject({ orders: 1, net: 1_500, discount: 500, margin: 800 });
    expect(body.uplift).toMatchObject({
      given: { orders: Math.ceil(targeted / 2) },
      held: { orders: Math.ceil((600 - targeted) / 10) },
      orders: { enough: true },
    });
    expect(body.uplift!.orders.low).toBeGreaterThan(0.2);
    expect(body).toMatchObject({ final: false, expected: { audience: targeted } });

    // Months later nothing of it changes any more, and campaigns like it are expected to do alike.
    await server.sql`update coupon set open = false where campaign_no = (select no from campaign where id = ${id})`;
    await server.sql`update campaign set launched_at = launched_at - interval '40 days', reserved = 0 where id = ${id}`;
    await keepReports.run(
      { sql: server.sql, now: new Date(), log: createLog('test', 'silent') } as JobContext,
      {},
    );
    const kept = await reportOf(id);
    expect(kept.body).toMatchObject({ final: true, sales: { orders: 1 } });
    await server.sql`update campaign set redeemed = 30 where id = ${id}`;
    expect((await reportOf(id)).body).toEqual(kept.body);
    const { body: preview } = await post<{ expectation: { use: { campaigns: number; expected: number } } }>(
      '/campaigns/preview',
      wish({ give: 'push', audience, limits: { budget: 100_000 } }),
    );
    expect(preview.expectation.use).toMatchObject({ campaigns: 1, expected: 30 / targeted });
    const both = await call<{ rows: Report[] }>(server, 'GET', `/api/v1/campaign-reports?ids=${id},${id}`, {
      as: shop,
    });
    expect(both.body.rows).toHaveLength(1);
  });
});
