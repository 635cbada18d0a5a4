/** The operator's commands against a real server: what they do, what they print where, and how they end. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Rehearsal } from '@zhanggui/server/src/cli/shoppers/rehearse.ts';
import { call, machine, person, startServer, wall, type TestServer } from '../support/running-server.ts';
import { zg as run, type ZgOutcome } from '../support/zg.ts';

let server: TestServer;
let folder: string;
beforeAll(async () => {
  server = await startServer();
  folder = await mkdtemp(path.join(tmpdir(), 'zg-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const zg = (...args: string[]): Promise<ZgOutcome> => run(server, args, { folder });
const withInput = (input: string, ...args: string[]) => run(server, args, { folder, input });
const json = async (...args: string[]) => {
  const outcome = await zg(...args, '--json');
  return { ...outcome, body: JSON.parse(outcome.out) as Record<string, unknown> };
};

/** POSTs one event with a key; answers the status. */
async function send(key: string, event: object): Promise<number> {
  const answer = await fetch(`${server.url}/api/v1/events`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/cloudevents+json' },
    body: JSON.stringify({ specversion: '1.0', source: 'till', time: '2026-11-01T10:00:00Z', ...event }),
  });
  return answer.status;
}

describe('zg key', () => {
  test('create prints the key and nothing else, and the key works until it is revoked', async () => {
    const { code, out, said } = await zg('key', 'create', '--name', 'gateway', '--scopes', 'ingest');
    expect({ code, said }).toEqual({ code: 0, said: '' });
    expect(out).toMatch(/^zg_[\w-]{43}$/);
    const event = { id: '1', type: 'spend.recorded', data: { channel: 'mall', amount: 1 } };
    expect(await send(out, event)).toBe(200);
    const list = await json('key', 'list');
    expect(list.body['rows']).toMatchObject([{ name: 'gateway', scopes: ['ingest'], revokedAt: null }]);
    expect(list.out).not.toContain(out);

    expect(await zg('key', 'revoke', out)).toMatchObject({ code: 0, out: '' });
    expect(await send(out, event)).toBe(401);
    expect((await json('key', 'list')).body['rows']).toMatchObject([
      { revokedAt: expect.any(String) as string },
    ]);
  });

  test('create --json says all there is', async () => {
    const { body } = await json('key', 'create', '--name', 'n', '--scopes', 'read,command');
    expect(body).toEqual({
      id: expect.any(String) as string,
      name: 'n',
      scopes: ['read', 'command'],
      key: expect.stringMatching(/^zg_/) as string,
    });
  });

  test('revoke ends with 2 for a key that is not there, or not the only one', async () => {
    expect(await zg('key', 'revoke', 'nobody')).toMatchObject({ code: 2, out: '' });
    for (let n = 0; n < 2; n++) await zg('key', 'create', '--name', 'twins', '--scopes', 'read');
    expect(await zg('key', 'revoke', 'twins')).toMatchObject({
      code: 2,
      said: expect.stringContaining('Several') as string,
    });
  });
});

describe('zg user', () => {
  test('add takes the password from standard input, without the line’s end', async () => {
    const added = await withInput(
      'correct horse battery\n',
      'user',
      'add',
      '--email',
      'Li@Example.com',
      '--role',
      'viewer',
      '--password-stdin',
      '--json',
    );
    expect(added.code).toBe(0);
    expect(JSON.parse(added.out)).toMatchObject({
      email: 'li@example.com',
      name: 'Li',
      role: 'viewer',
      hasPassword: true,
    });
    const signIn = await fetch(`${server.url}/api/v1/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-requested-with': 'fetch' },
      body: JSON.stringify({ email: 'li@example.com', password: 'correct horse battery' }),
    });
    expect(signIn.ok).toBe(true);
  });

  test('add limits a manager to stores, and refuses what the rules refuse', async () => {
    const manager = ['user', 'add', '--email', 'm@example.com', '--role', 'manager'];
    expect(await zg(...manager)).toMatchObject({ code: 2, out: '' });
    expect(await zg(...manager, '--locations', 'SH01,SH02', '--name', 'Chen')).toMatchObject({
      code: 0,
      out: '',
    });
    expect((await zg(...manager, '--locations', 'SH01')).said).toContain('e-mail address');
    const short = await withInput(
      'short',
      'user',
      'add',
      '--email',
      's@example.com',
      '--role',
      'viewer',
      '--password-stdin',
    );
    expect(short).toMatchObject({ code: 2, out: '' });
  });

  test('list and disable', async () => {
    await person(server.sql, 'admin');
    expect((await zg('user', 'disable', 'm@example.com')).code).toBe(0);
    const { body } = await json('user', 'list');
    expect(body['rows']).toContainEqual(
      expect.objectContaining({
        email: 'm@example.com',
        locations: ['SH01', 'SH02'],
        disabledAt: expect.any(String) as string,
      }),
    );
    expect((await zg('user', 'disable', 'nobody@example.com')).code).toBe(2);
  });
});

test('zg link prints a link that signs in once', async () => {
  const { code, out, said } = await zg('link');
  expect({ code, said }).toEqual({ code: 0, said: '' });
  expect(out).toMatch(/^http\S+#link=\S+$/);
  expect((await zg('link', '--email', 'nobody@example.com')).code).toBe(2);
});

test('zg wall lists and revokes screens', async () => {
  await wall(server.sql, { name: 'Lobby' });
  expect((await json('wall', 'list')).body['rows']).toMatchObject([{ name: 'Lobby', paired: true }]);
  expect((await zg('wall', 'revoke', 'Lobby')).code).toBe(0);
  expect((await json('wall', 'list')).body['rows']).toEqual([]);
  expect((await zg('wall', 'revoke', 'Lobby')).code).toBe(2);
});

describe('zg import', () => {
  const file = async (name: string, ...lines: string[]) => {
    await writeFile(path.join(folder, name), lines.join('\n'));
    return name;
  };

  test('takes the rows that fit and names the lines of the others', async () => {
    await zg('import', 'regions', await file('regions.csv', 'code,nameZh,nameEn', 'east,华东,East'));
    const places = await file(
      'locations.csv',
      'code,nameZh,nameEn,kind,region,areaM2,latitude',
      'S01,"南京路店",Nanjing Road,store,east,800,31.2',
      'S02,徐家汇店,Xujiahui,castle,east,,',
      'S03,,No name,store,east,,',
      'S04,五角场店,Wujiaochang,store,east,many,',
    );
    const { code, body } = await json('import', 'locations', places);
    expect(code).toBe(1);
    expect(body).toMatchObject({
      read: 4,
      upserted: 1,
      failed: [
        { line: 3, key: 'S02', field: 'kind' },
        { line: 4, key: 'S03', field: 'nameZh' },
        { line: 5, key: 'S04', field: 'areaM2' },
      ],
    });
    const [row] = await server.sql`select name_zh, area_m2, known from location where code = 'S01'`;
    expect(row).toEqual({ name_zh: '南京路店', area_m2: 800, known: true });
    expect((await zg('import', 'locations', places)).said).toMatch(/line 3: kind/);
  });

  test('reads SKUs with their lists and amounts, beyond one request', async () => {
    const lines = Array.from(
      { length: 2500 },
      (_, i) => `K${i},商品${i},,${100 + i},${i % 2 ? 'live|mall' : ''}`,
    );
    const skus = await file('skus.csv', 'code,nameZh,nameEn,listPrice,exclusiveChannels', ...lines);
    expect(await json('import', 'skus', skus)).toMatchObject({
      code: 0,
      body: { read: 2500, upserted: 2500, failed: [] },
    });
    const [row] =
      await server.sql`select list_price, exclusive_channels, name_en from sku where code = 'K2499'`;
    expect(row).toEqual({ list_price: 2599, exclusive_channels: ['live', 'mall'], name_en: '商品2499' });
  });

  test('sets targets of the company and of stores', async () => {
    const targets = await file(
      'targets.csv',
      'day,location,amount',
      '2026-11-01,,500000',
      '2026-11-01,S01,70000',
      '2026-11-01,S99,1',
    );
    expect(await json('import', 'targets', targets)).toMatchObject({
      code: 1,
      body: { upserted: 2, failed: [{ line: 4, key: 'S99', field: 'location' }] },
    });
  });

  test('puts promotions on the calendar, of SKUs, of a category or of everything', async () => {
    const promotions = await file(
      'promotions.csv',
      'name,fromDay,toDay,skus,category,all',
      '店庆,2026-09-01,2026-09-07,,,true',
      '酱油周,2026-10-01,2026-10-05,K1|K2,,',
      '谁也不,2026-10-01,2026-10-05,,,',
    );
    expect(await json('import', 'promotions', promotions)).toMatchObject({
      code: 1,
      body: { upserted: 2, failed: [{ line: 4, field: 'skus' }] },
    });
  });

  test('makes orders of the rows that belong together, and names what is refused', async () => {
    const orders = await file(
      'orders.csv',
      'order,kind,to,expectedAt,sku,qty',
      '7,purchase,S01,2026-12-01T00:00:00Z,K1,5',
      '8,purchase,S99,2026-12-01T00:00:00Z,K1,5',
      '7,purchase,S01,2026-12-01T00:00:00Z,K2,3',
    );
    const { code, body } = await json('import', 'supply-orders', orders);
    expect(code).toBe(1);
    expect(body).toMatchObject({
      made: [{ key: '7', code: expect.stringMatching(/^PO-\d{6}$/) as string }],
      failed: [{ line: 3, key: '8', code: 'not_found' }],
    });
    expect(await server.sql`select qty from supply_order_line order by qty`).toEqual([
      { qty: 3 },
      { qty: 5 },
    ]);
  });

  test('hands counts in, one for each location and ref, and books nothing', async () => {
    const counts = await file(
      'counts.csv',
      'location,ref,sku,onHand',
      'S01,Q4,K1,9',
      'S01,Q4,K2,0',
      'S01,Q5,K1,1',
    );
    const { code, out } = await zg('import', 'counts', counts);
    expect(code).toBe(0);
    expect(out).toMatch(/S01 Q4: count [\w-]{36}, 1 SKUs differ[\s\S]*2 made, 0 failed/);
    expect(await server.sql`select state from stock_count`).toEqual([{ state: 'open' }, { state: 'open' }]);
  });

  test('leaves no key behind', async () => {
    expect(
      await server.sql`select 1 from api_key where name = 'zg import' and revoked_at is null`,
    ).toHaveLength(0);
  });
});

describe('zg events', () => {
  let key: string;
  beforeAll(async () => {
    ({ out: key } = await zg('key', 'create', '--name', 'till', '--scopes', 'ingest'));
    for (const id of ['bad 1', 'bad 2', 'bad 3'])
      await send(key, { id, type: 'traffic.store', data: { location: 'S01', entered: -1 } });
  });

  test('rejected lists what was refused', async () => {
    const { body } = await json('events', 'rejected');
    expect(body['rows']).toMatchObject([
      { eventId: 'bad 3' },
      { eventId: 'bad 2' },
      { eventId: 'bad 1', state: 'open' },
    ]);
    expect((await json('events', 'rejected', '--limit', '1')).body['rows']).toHaveLength(1);
    expect((await zg('events', 'rejected', '--state', 'discarded')).out).toBe(
      'No discarded rejected events.',
    );
  });

  test('replay refuses what still does not fit, and takes it mended', async () => {
    const [third, second, first] = (await json('events', 'rejected')).body['rows'] as {
      no: number;
      body: string;
    }[];
    const no = String(first?.no);
    expect(await json('events', 'replay', no)).toMatchObject({
      code: 1,
      body: { replayed: [], failed: [{ no: first?.no }] },
    });
    const mended = { ...(JSON.parse(first?.body ?? '') as object), data: { location: 'S01', entered: 4 } };
    await writeFile(path.join(folder, 'mended.json'), JSON.stringify(mended));
    const replayed = await json('events', 'replay', no, '--mended', 'mended.json');
    expect(replayed).toMatchObject({
      code: 0,
      body: { replayed: [{ no: first?.no, result: 'accepted' }], failed: [] },
    });
    expect(await zg('events', 'discard', String(second?.no))).toMatchObject({ code: 0 });
    expect(await zg('events', 'discard', String(second?.no))).toMatchObject({ code: 1 });
    expect(await json('events', 'replay', '--all')).toMatchObject({
      code: 1,
      body: { failed: [{ no: third?.no }] },
    });
  });
});

describe('zg simulate', () => {
  test('sends a company’s own SKUs at its rate, recognised when the same run is sent again', async () => {
    const args = ['simulate', '--rate', '200', '--duration', '1s', '--seed', '3', '--run', 'r'];
    type Sums = { sent: number; accepted: number; duplicates: number };
    const first = await json(...args);
    expect(first.code).toBe(0);
    const { sent } = first.body as Sums;
    expect(first.body).toMatchObject({ accepted: sent, duplicates: 0, rejected: 0, interrupted: false });
    // The second is soon over on a busy machine: what is late by then stays unsent.
    expect(sent).toBeGreaterThan(20);
    expect(sent).toBeLessThanOrEqual(200);
    const again = (await json(...args)).body as Sums;
    expect(again.duplicates).toBe(Math.min(sent, again.sent));
    expect(again.accepted).toBe(again.sent - again.duplicates);
    const [made] = await server.sql<[{ skus: number }]>`select count(*) as skus from sku where not known`;
    expect(made.skus).toBe(0);
  });

  test('rehearses promotions: shoppers claim, pay, gather and help, and it says what ran out first', async () => {
    const as = await machine(server.sql, 'command');
    const post = async (route: string, body: object = {}) =>
      (await call<{ id: string }>(server, 'POST', `/api/v1${route}`, { as, body })).body.id;
    const [{ code: sku }] = await server.sql<[{ code: string }]>`
      select code from sku where known and list_price > 100 order by code limit 1`;
    const goods = [{ sku }];
    const wishes = [
      {
        kind: 'coupon',
        give: 'claim',
        template: {
          title: '立减',
          offer: { kind: 'amount', off: 50, from: 100 },
          scope: { skus: [sku] },
          validity: { kind: 'days', days: 1 },
        },
        limits: { total: 10 },
      },
      {
        kind: 'group',
        template: { title: '双人团', goods, price: 990, size: 2, hours: 1 },
        limits: { perMember: 5, total: 500 },
      },
      {
        kind: 'bargain',
        template: { title: '砍', goods, startPrice: 900, floorPrice: 500, helpers: 2, hours: 1 },
        limits: { total: 50 },
      },
    ];
    const ids: string[] = [];
    for (const wish of wishes) {
      const id = await post('/campaigns', { ...wish, name: `预演 ${wish.kind}` });
      await post(`/campaigns/${id}/approve`);
      ids.push(id);
    }
    const args = ['simulate', '--scenario', 'promotions', '--duration', '1s', '--campaign', ...ids];
    const early = await zg(...args);
    expect(early).toMatchObject({ code: 2, said: expect.stringContaining('--launch') as string });

    const { code, body } = await json(...args, '--launch', '--rate', '40', '--rush', '3', '--run', 'dress');
    const { asks, promotions, firstOut, orders, facts } = body as unknown as Rehearsal;
    expect(code).toBe(0);
    const asked = new Map(asks.map((each) => [each.what, each]));
    // A third of over a hundred shoppers want one of ten coupons.
    expect(asked.get('claim')).toMatchObject({ given: 10, failed: 0 });
    expect(asked.get('claim')!.refused['sold_out']).toBeGreaterThan(0);
    expect(firstOut).toMatchObject({ name: '预演 coupon', why: 'sold_out' });
    for (const what of ['quote', 'redeem', 'open group', 'join group', 'open bargain', 'help bargain'])
      expect(asked.get(what)?.given, what).toBeGreaterThan(0);
    const [shown] = await server.sql<{ issued: number; redeemed: number }[]>`
      select issued, redeemed from campaign where id = ${ids[0]!}`;
    expect(promotions[0]).toMatchObject({ ...shown, given: 10, ranOut: [{ why: 'sold_out' }] });
    const [books] = await server.sql<[{ orders: number }]>`
      select count(*) as orders from orders where order_id like 'dress-%' and paid_at is not null or method = 'carry' and order_id like 'dress-%'`;
    expect({ orders: books.orders, rejected: facts.rejected }).toEqual({ orders, rejected: 0 });
  });

  test('rehearses what waits for its time, with all whom it is for and nobody else', async () => {
    const as = await machine(server.sql, 'command');
    const post = async (route: string, body: object = {}) =>
      (await call<{ id: string; status: string }>(server, 'POST', `/api/v1${route}`, { as, body })).body;
    await server.sql`insert into member (id, tags) select 'invited-' || n, '{invited}' from generate_series(1, 30) n`;
    const { id } = await post('/campaigns', {
      kind: 'coupon',
      name: '预演 明天',
      give: 'claim',
      template: {
        title: '立减',
        offer: { kind: 'amount', off: 50, from: 100 },
        validity: { kind: 'days', days: 1 },
      },
      audience: { kind: 'rule', rule: { field: 'tags', anyOf: ['invited'] } },
      limits: { total: 1_000 },
      startsAt: new Date(Date.now() + 86_400_000).toISOString(),
    });
    await post(`/campaigns/${id}/approve`);
    expect((await post(`/campaigns/${id}/launch`)).status).toBe('scheduled');
    const args = ['simulate', '--scenario', 'promotions', '--duration', '1s', '--campaign', id];
    const { code, body } = await json(...args, '--launch', '--rate', '60', '--rush', '2', '--run', 'invited');
    expect(code).toBe(0);
    const { asks } = body as unknown as Rehearsal;
    const claims = asks.find(({ what }) => what === 'claim')!;
    // Each of the thirty once; then they come again.
    expect(claims).toMatchObject({ given: 30, failed: 0 });
    expect(Object.keys(claims.refused)).toEqual(['limit_reached']);
  });

  test('ends on Ctrl-C with what it did until then', async () => {
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 400);
    const { code, out } = await run(server, ['simulate', '--rate', '50', '--json'], { signal: stop.signal });
    expect(code).toBe(130);
    const { sent, accepted, interrupted } = JSON.parse(out) as Record<string, unknown>;
    expect({ accepted, interrupted }).toEqual({ accepted: sent, interrupted: true });
  });

  test('ends with 2 with a key that may not', async () => {
    const { out: key } = await zg('key', 'create', '--name', 'reader', '--scopes', 'read');
    expect(await zg('simulate', '--duration', '1s', '--key', key)).toMatchObject({ code: 2, out: '' });
  });
});

test('zg verify and zg status tell by their exit codes', async () => {
  expect(await zg('verify')).toMatchObject({
    code: 0,
    out: expect.stringContaining('no difference') as string,
  });
  await server.sql`update sales_day set orders = orders + 1 where ctid in (select ctid from sales_day limit 1)`;
  const { code, out } = await zg('verify', '--no-board');
  expect(code).toBe(1);
  expect(out).toMatch(/sales-day: .*1 difference/);
  expect(out).toMatch(/orders \d+, should be \d+/);
  expect((await json('status')).body).toMatchObject({ ready: true, currency: 'CNY', demo: null });
  const away = await run({ ...server, url: 'http://127.0.0.1:9' }, ['status', '--json']);
  expect(away.code).toBe(1);
  expect(JSON.parse(away.out)).toMatchObject({ ready: false });
});

test('a database that is away is said in a sentence', async () => {
  const { code, out, said } = await run({ databaseUrl: 'postgres://x@127.0.0.1:9/x', url: server.url }, [
    'key',
    'list',
  ]);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(said).toMatch(/^The database .* cannot be reached/);
});
