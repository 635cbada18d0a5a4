import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';
import { event } from '../support/books.ts';
import { refreshAll } from '../support/members.ts';
import { zg } from '../support/zg.ts';

const TODAY = '2026-11-25';

let server: TestServer;
let ingest: Credentials;
let command: Credentials;
let admin: Credentials;
beforeAll(async () => {
  server = await startServer();
  const { sql } = server;
  [ingest, command, admin] = [
    await machine(sql, 'ingest'),
    await machine(sql, 'command'),
    await person(sql, 'admin'),
  ];
  await sql`insert into location (code, known, kind, name_zh, name_en) values ('S01', true, 'store', '一店', 'One'), ('S02', true, 'store', '二店', 'Two')`;
});

/** What is read of answers, of any of them. */
type Body = {
  id: string;
  points: number;
  rows: { id: string; phone: string | null; delta: number; action: string }[];
};

const put = (rows: unknown[], as: Credentials = command) =>
  call<Body>(server, 'PUT', '/api/v1/members', { as, body: { rows } });
const get = (path: string, as: Credentials = admin) => call<Body>(server, 'GET', path, { as });
const post = (path: string, body: unknown, as: Credentials = command, key?: string) =>
  call<Body>(server, 'POST', path, { as, body, ...(key && { headers: { 'Idempotency-Key': key } }) });

async function told(...events: ReturnType<typeof event>[]): Promise<void> {
  for (const body of events) {
    const answer = await call(server, 'POST', '/api/v1/events', { as: ingest, body });
    expect(answer).toMatchObject({ status: 200, body: { accepted: 1 } });
  }
  await refreshAll(server.sql, TODAY);
}

const order = (
  orderId: string,
  memberId: string,
  total: number,
  location = 'S01',
  time = '2026-11-24T04:00:00Z',
) =>
  event(orderId, 'order.placed', time, {
    orderId,
    channel: 'pos',
    location,
    memberId,
    total,
    lines: [{ sku: 'A', qty: 1, unitPrice: total }],
    fulfilment: { method: 'carry', location },
  });

describe('members', () => {
  it('are put in bulk, rows that do not fit named, fields left out kept', async () => {
    const answer = await put([
      {
        memberId: 'M1',
        name: '王芳',
        phone: '138 0013 8000',
        consents: { sms: true, mail: false },
        tags: ['b', 'a'],
      },
      { memberId: 'M2', phone: 'call me' },
      { memberId: 'M3', birthday: '2026-02-30' },
      { memberId: 'M1' },
      { name: 'nobody' },
    ]);
    expect(answer.body).toMatchObject({
      upserted: 1,
      rejected: [
        { index: 1, field: 'phone' },
        { index: 2, field: 'birthday' },
        { index: 3, field: 'memberId', code: 'conflict' },
        { index: 4, field: 'memberId' },
      ],
    });
    expect((await put([{ memberId: 'M1', level: 'gold', consents: { mail: true } }])).status).toBe(200);
    // A fact from before says nothing new, one from later does.
    await told(
      event('u1', 'member.updated', '2020-01-01T00:00:00Z', { memberId: 'M1', name: 'old' }),
      event('u2', 'member.updated', new Date(Date.now() + 60_000).toISOString(), {
        memberId: 'M1',
        tags: ['c'],
      }),
    );
    expect((await get('/api/v1/members/M1')).body).toMatchObject({
      name: '王芳',
      phone: '13800138000',
      level: 'gold',
      consents: { sms: true, mail: true },
      tags: ['c'],
      orders: 0,
      latestOrders: [],
    });
  });

  it('were born and joined in years that Postgres and people have, by whatever way it is told', async () => {
    const answer = await put([
      { memberId: 'Y1', birthday: '0000-05-12' },
      { memberId: 'Y2', joinedAt: '0000-05-12T00:00:00Z' },
      // The year 0 elsewhere.
      { memberId: 'Y3', joinedAt: '0001-01-01T00:00:00+14:00' },
      { memberId: 'Y4', birthday: '2200-01-01' },
      { memberId: 'Y5', birthday: '1800-01-01', joinedAt: '2199-12-31T23:59:59Z' },
    ]);
    expect(answer.body).toMatchObject({
      upserted: 1,
      rejected: [
        { index: 0, field: 'birthday', detail: 'must be in the years 1800 to 2199' },
        { index: 1, field: 'joinedAt' },
        { index: 2, field: 'joinedAt' },
        { index: 3, field: 'birthday' },
      ],
    });
    const facts = [
      { birthday: '0000-05-12' },
      { joinedAt: '0000-05-12T00:00:00Z' },
      { birthday: '1990-05-12' },
    ];
    const body = facts.map((data, i) =>
      event(`year${i}`, 'member.updated', '2026-11-24T04:00:00Z', { memberId: `YF${i}`, ...data }),
    );
    const taken = await call(server, 'POST', '/api/v1/events', { as: ingest, body });
    expect(taken.body).toMatchObject({
      accepted: 1,
      rejected: [
        { index: 0, code: 'invalid_event', field: 'data.birthday' },
        { index: 1, code: 'invalid_event', field: 'data.joinedAt' },
      ],
    });
  });

  it('have a profile of their orders, shown masked, and to managers where they bought', async () => {
    const { body: answer } = await put([
      { memberId: 'P1', name: '李雷', phone: '13900001234', mail: ' li.lei@mail.example ' },
      { memberId: 'P9', mail: 'li.lei at mail' },
      { memberId: 'P2', name: '李四' },
    ]);
    await told(order('o1', 'P1', 12_000), order('o2', 'P1', 8_000, 'S02'), order('o3', 'P2', 100, 'S02'));
    const marketer = await person(server.sql, 'marketer');
    const manager = await person(server.sql, 'manager', { locations: ['S01'] });
    expect((await get('/api/v1/members/P1', marketer)).body).toMatchObject({
      phone: '139****1234',
      mail: 'l***@mail.example',
      orders: 2,
      net: 20_000,
      points: 200,
      averageTicket: 10_000,
      favouriteStore: 'S01',
      stores: ['S01', 'S02'],
      autoTags: ['new'],
      latestOrders: [{ orderId: 'o1' }, { orderId: 'o2' }],
    });
    expect((await get('/api/v1/members/P1')).body).toMatchObject({ mail: 'li.lei@mail.example' });
    expect(answer).toMatchObject({ rejected: [{ index: 1, field: 'mail' }] });
    const ids = async (path: string, as?: Credentials) =>
      (await get(path, as)).body.rows.map(({ id }: { id: string }) => id);
    expect(await ids('/api/v1/members?q=李')).toEqual(['P1', 'P2']);
    expect(await ids('/api/v1/members?q=李', manager)).toEqual(['P1']);
    expect(await ids('/api/v1/members?q=1234')).toEqual(['P1']);
    expect(await ids('/api/v1/members?q=900001234')).toEqual(['P1']);
    expect(await ids('/api/v1/members?q=1234%25')).toEqual([]);
    expect(await ids('/api/v1/members?q=P&limit=1')).toEqual(['P1']);
    expect((await get('/api/v1/members?q=1234', marketer)).body.rows[0]?.phone).toBe('139****1234');
  });

  it('are seen by managers where they bought, also one by one; points are spent for anybody', async () => {
    await told(order('v1', 'V1', 1_000), order('v2', 'V1', 2_000, 'S02'), order('v3', 'V2', 3_000, 'S02'));
    const manager = await person(server.sql, 'manager', { locations: ['S01'] });
    const seen = await call<{ latestOrders: object[] }>(server, 'GET', '/api/v1/members/V1', { as: manager });
    expect(seen.body).toMatchObject({ id: 'V1', orders: 2, latestOrders: [{ orderId: 'v1' }] });
    expect(seen.body.latestOrders).toHaveLength(1);
    const tag = (id: string) =>
      call(server, 'PUT', `/api/v1/members/${id}/tags`, { as: manager, body: { tags: ['seen'] } });
    const agree = (id: string) =>
      call(server, 'PUT', `/api/v1/members/${id}/consents`, {
        as: manager,
        body: { consents: { sms: true } },
      });
    const answers = (id: string) =>
      Promise.all([
        get(`/api/v1/members/${id}`, manager),
        get(`/api/v1/members/${id}/points`, manager),
        tag(id),
        agree(id),
      ]);
    expect((await answers('V1')).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await answers('V2')).map(({ status }) => status)).toEqual([404, 404, 404, 404]);
    expect((await get('/api/v1/members/V2')).body).toMatchObject({ tags: [], consents: {} });
    const spend = await post('/api/v1/members/V2/points/spend', { points: 10, ref: 'v' }, manager);
    expect(spend.body).toEqual({ points: 20 });
    expect((await get('/api/v1/members/nobody/points')).status).toBe(404);
  });

  it('keep the digits behind the mask, however one searches', async () => {
    await put([
      { memberId: 'D1', phone: '13955556789' },
      { memberId: 'D2', phone: '+8613955556780' },
      { memberId: 'D3', phone: '456781' },
    ]);
    const marketer = await person(server.sql, 'marketer');
    const find = async (q: string, as?: Credentials) =>
      (await get(`/api/v1/members?q=${encodeURIComponent(q)}`, as)).body.rows.map(({ id }) => id);
    const tails = ['56789', '556789', '3955556789', '955556780', '6781', '56781'];
    expect(await Promise.all(tails.map((tail) => find(tail)))).toEqual(
      ['D1', 'D1', 'D1', 'D2', 'D3', 'D3'].map((id) => [id]),
    );
    expect(await Promise.all(tails.slice(0, 5).map((tail) => find(tail, marketer)))).toEqual([
      [],
      [],
      [],
      [],
      [],
    ]);
    expect(await find('6789', marketer)).toEqual(['D1']);
    expect(await find('139-5555 6789', marketer)).toEqual(['D1']);
    expect(await find('13955556780', marketer)).toEqual(['D2']);
    expect(await find('+8613955556780', marketer)).toEqual(['D2']);
    expect(await find('456781', marketer)).toEqual(['D3']);
    // Nor by trying whole ones for long.
    const guess = (n: number, as: Credentials) => get(`/api/v1/members?q=1395555${1_000 + n}`, as);
    let last = 200;
    for (let n = 0; n < 30 && last === 200; n++) last = (await guess(n, marketer)).status;
    expect(last).toBe(429);
    expect(await find('6789', marketer)).toEqual(['D1']);
    expect((await guess(0, admin)).status).toBe(200);
  });

  it('spend points once, never below zero, and lose those of what they bring back', async () => {
    await told(order('o10', 'S1', 10_099));
    const path = '/api/v1/members/S1/points';
    const spend = (points: number, ref: string, key?: string) =>
      post(`${path}/spend`, { points, ref, channel: 'pos' }, command, key);
    expect((await spend(101, 'r0')).body).toMatchObject({ code: 'insufficient_points' });
    // Twenty tills at once want 10 each of 100.
    const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => spend(10, `r${i + 1}`)));
    expect(answers.map(({ status }) => status).sort()).toEqual([
      ...Array(10).fill(200),
      ...Array(10).fill(409),
    ]);
    const spent = answers.findIndex(({ status }) => status === 200);
    expect((await spend(10, `r${spent + 1}`)).body).toEqual({ points: 0 });
    expect((await spend(5, `r${spent + 1}`)).body).toMatchObject({ code: 'conflict' });
    await told(
      event('rf', 'order.refunded', '2026-11-24T05:00:00Z', { orderId: 'o10', amount: 5_000, lines: [] }),
    );
    expect((await get('/api/v1/members/S1')).body).toMatchObject({ points: -50, net: 5_099 });
    expect((await post(`${path}/give`, { points: 60, ref: 'sorry', reason: 'late' })).body).toEqual({
      points: 10,
    });
    const key = 'k1';
    expect((await spend(3, 'last', key)).body).toEqual({ points: 7 });
    expect((await spend(3, 'last', key)).body).toEqual({ points: 7 });
    const { rows } = (await get(path)).body;
    expect(rows).toHaveLength(14);
    expect(rows.reduce((sum: number, { delta }: { delta: number }) => sum + delta, 0)).toBe(7);
  });

  it('earn at the rate of the day, and what they earned before stays', async () => {
    await told(order('o20', 'R1', 1_000));
    expect((await post('/api/v1/point-rates', { perUnit: 2.5 }, admin)).body.rows).toMatchObject([
      { perUnit: 2.5 },
      { fromAt: null, perUnit: 1 },
    ]);
    await told(order('o21', 'R1', 1_000, 'S01', new Date(Date.now() + 60_000).toISOString()));
    expect((await get('/api/v1/members/R1')).body.points).toBe(10 + 25);
  });

  it('can be exported by who may, which is noted, and forgotten for good', async () => {
    await put([
      { memberId: 'F1', name: '=cmd()', phone: '+8613700001111', mail: 'f1@mail.example', tags: ['x'] },
    ]);
    const csv = await fetch(`${server.url}/api/v1/members/export?tag=x`, {
      headers: { cookie: admin.cookie! },
    });
    const text = await csv.text();
    expect(text.split('\r\n')[1]).toMatch(/^F1,'=cmd\(\),\+8613700001111,f1@mail\.example,/);
    expect(text.trim().split('\r\n')).toHaveLength(2);
    const actions = async () =>
      (await get('/api/v1/audit?limit=500')).body.rows.map(({ action }: { action: string }) => action);
    expect(await actions()).toContain('members.export');

    expect((await post('/api/v1/members/F1/forget', {})).status).toBe(204);
    expect((await post('/api/v1/members/nobody/forget', {})).status).toBe(404);
    expect((await put([{ memberId: 'F1', name: 'again' }])).body).toMatchObject({
      upserted: 0,
      rejected: [{ index: 0, code: 'conflict' }],
    });
    expect((await get('/api/v1/members/F1')).body).toMatchObject({
      name: null,
      phone: null,
      mail: null,
      tags: [],
    });
    expect(
      (await call(server, 'PUT', '/api/v1/members/F1/tags', { as: admin, body: { tags: ['y'] } })).status,
    ).toBe(409);
    expect(await actions()).toContain('member.forget');
  });
});

describe('segments', () => {
  it('are counted while they are made, saved, and list their members', async () => {
    await put([
      { memberId: 'G1', level: 'jade', consents: { sms: true }, phone: '13600005678' },
      { memberId: 'G2', level: 'jade' },
    ]);
    const marketer = await person(server.sql, 'marketer');
    const rule = { all: [{ field: 'level', in: ['jade'] }, { not: { field: 'consents', anyOf: ['sms'] } }] };
    const counted = await post('/api/v1/segments/count', { rule, preview: true }, marketer);
    expect(counted.body).toMatchObject({ count: 1, preview: [{ id: 'G2' }] });
    const made = await post('/api/v1/segments', { name: '玉', rule }, marketer);
    expect(made.status).toBe(201);
    expect((await post('/api/v1/segments', { name: '玉', rule }, marketer)).status).toBe(409);
    const { id } = made.body;
    await put([{ memberId: 'G3', level: 'jade' }]);
    expect((await get(`/api/v1/segments/${id}`, marketer)).body).toMatchObject({ count: 2, rule });
    expect((await get(`/api/v1/members?segment=${id}`, marketer)).body.rows).toMatchObject([
      { id: 'G2' },
      { id: 'G3' },
    ]);
    expect((await call(server, 'DELETE', `/api/v1/segments/${id}`, { as: marketer })).status).toBe(204);
    expect((await post('/api/v1/segments', { name: '玉', rule }, marketer)).status).toBe(201);
    expect(
      (await post('/api/v1/segments/count', { rule: { field: 'phone', in: ['1'] } }, marketer)).status,
    ).toBe(400);
  });

  it('say what goes by them, also when they are changed, which is noted', async () => {
    const rule = { field: 'level', in: ['agate'] };
    const { id } = (await post('/api/v1/segments', { name: 'agate', rule }, admin)).body;
    const add = (name: string, state: string) => server.sql`
      insert into campaign (name, kind, give, state, audience, template, created_by, created_by_ref)
      values (${name}, 'coupon', 'claim', ${state}, ${server.sql.json({ kind: 'segment', segmentId: id })}, '{}', 'me', 'user me')`;
    await add('running one', 'running');
    await add('draft', 'draft');
    await add('over', 'finished');
    const usedBy = [{ kind: 'campaign', name: 'running one' }];
    expect((await get(`/api/v1/segments/${id}`)).body).toMatchObject({ count: 0, usedBy });
    const changed = await call<{ usedBy: object[] }>(server, 'PUT', `/api/v1/segments/${id}`, {
      as: admin,
      body: { name: 'agate', rule: { field: 'level', in: ['jade'] } },
    });
    expect(changed.body).toMatchObject({ usedBy });
    expect(changed.body.usedBy).toHaveLength(1);
    const [noted] =
      await server.sql`select details from audit_log where action = 'segment.change' order by no desc limit 1`;
    expect(noted).toEqual({ details: { usedBy: ['running one'] } });
  });

  it('give tags of one’s own, which must not depend on tags', async () => {
    const mine = { nameZh: '玉会员', nameEn: 'Jade', rule: { field: 'level', in: ['opal'] } };
    const set = (body: unknown) => call(server, 'PUT', '/api/v1/tag-rules/jade', { as: admin, body });
    expect((await set({ ...mine, rule: { field: 'tags', anyOf: ['x'] } })).status).toBe(400);
    expect((await set(mine)).body).toMatchObject({ tag: 'jade', builtIn: false });
    await put([{ memberId: 'T1', level: 'opal' }]);
    await refreshAll(server.sql, TODAY);
    expect((await get('/api/v1/members?tag=jade')).body.rows).toMatchObject([
      { id: 'T1', autoTags: ['jade'] },
    ]);
    const drop = (tag: string) => call(server, 'DELETE', `/api/v1/tag-rules/${tag}`, { as: admin });
    expect([(await drop('jade')).status, (await drop('jade')).status, (await drop('new')).status]).toEqual([
      204, 404, 409,
    ]);
  });
});

describe('zg import members', () => {
  it('puts the rows of a CSV, and says which do not fit', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'members-'));
    const file = path.join(folder, 'members.csv');
    await writeFile(
      file,
      'memberId,name,phone,tags,consents\nI1,韩梅梅,+86 135 0000 9999,a|b,sms|-mail\nI2,,none,,\n',
    );
    const ran = await zg(server, ['import', 'members', file, '--json']);
    expect(JSON.parse(ran.out)).toMatchObject({
      read: 2,
      upserted: 1,
      failed: [{ line: 3, field: 'phone' }],
    });
    expect((await get('/api/v1/members/I1')).body).toMatchObject({
      name: '韩梅梅',
      phone: '+8613500009999',
      tags: ['a', 'b'],
      consents: { sms: true, mail: false },
    });
    await rm(folder, { recursive: true });
  });
});
