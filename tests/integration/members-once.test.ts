/** Commands about members, segments and automations: sent again with its key, each does nothing and is answered as before. */
import { beforeAll, expect, it } from 'vitest';
import { allRoutes } from '@zhanggui/server/src/routes/all.ts';
import { call, machine, startServer, type Credentials, type TestServer } from '../support/running-server.ts';

let server: TestServer;
let command: Credentials;
beforeAll(async () => {
  server = await startServer();
  command = await machine(server.sql, 'command');
  await server.sql`insert into member (id) values ('W1'), ('W2')`;
});

const send = (method: string, path: string, body: unknown, key: string) =>
  call<Record<string, unknown>>(server, method, `/api/v1${path}`, {
    as: command,
    ...(body !== null && { body }),
    headers: { 'Idempotency-Key': key },
  });
const member = async (id: string) => (await send('GET', `/members/${id}`, null, 'none')).body;

it('all take a key', () => {
  const commands = allRoutes(server.server.parts).filter(
    ({ method, path, tag }) =>
      method !== 'get' && ['members', 'automations'].includes(tag) && path !== '/api/v1/segments/count',
  );
  expect(commands.length).toBeGreaterThan(12);
  expect(commands.filter(({ headers }) => headers === undefined).map(({ path }) => path)).toEqual([]);
});

it('a retry of an older request says nothing newer of a member', async () => {
  const rows = [
    { memberId: 'M1', name: '王芳', level: 'gold' },
    { memberId: 'M2', phone: 'none' },
  ];
  const first = await send('PUT', '/members', { rows }, 'put-1');
  expect(first.body).toMatchObject({ upserted: 1, rejected: [{ index: 1 }] });
  await send('PUT', '/members', { rows: [{ memberId: 'M1', level: 'silver' }] }, 'put-2');
  expect((await send('PUT', '/members', { rows }, 'put-1')).body).toEqual(first.body);
  expect(await member('M1')).toMatchObject({ level: 'silver' });
  expect((await send('PUT', '/members', { rows: [] }, 'put-1')).status).toBe(409);

  await send('PUT', '/members/M1/tags', { tags: ['a'] }, 'tag-1');
  await send('PUT', '/members/M1/tags', { tags: ['b'] }, 'tag-2');
  expect((await send('PUT', '/members/M1/tags', { tags: ['a'] }, 'tag-1')).body).toMatchObject({
    tags: ['b'],
  });
  await send('PUT', '/members/M1/consents', { consents: { sms: true } }, 'con-1');
  await send('PUT', '/members/M1/consents', { consents: { sms: false } }, 'con-2');
  await send('PUT', '/members/M1/consents', { consents: { sms: true } }, 'con-1');
  expect(await member('M1')).toMatchObject({ tags: ['b'], consents: { sms: false } });

  for (const status of [204, 204])
    expect((await send('POST', '/members/M1/forget', {}, 'forget')).status).toBe(status);
  // Nothing of them is left with the keys either.
  const kept = await server.sql<{ text: string }[]>`select answer::text as text from idempotency_key`;
  expect(kept.filter(({ text }) => text?.includes('王芳'))).toEqual([]);
});

it('what is made, changed and put away, once', async () => {
  const rule = { field: 'level', in: ['jade'] };
  const made = await send('POST', '/segments', { name: '玉', rule }, 'seg-1');
  expect(made.status).toBe(201);
  const again = await send('POST', '/segments', { name: '玉', rule }, 'seg-1');
  expect([again.status, again.body]).toEqual([201, made.body]);
  const path = `/segments/${made.body['id'] as string}`;
  await send('PUT', path, { name: 'one', rule }, 'seg-2');
  await send('PUT', path, { name: 'two', rule }, 'seg-3');
  await send('PUT', path, { name: 'one', rule }, 'seg-2');
  expect((await send('GET', path, null, 'none')).body).toMatchObject({ name: 'two' });
  for (const status of [204, 204]) expect((await send('DELETE', path, null, 'seg-4')).status).toBe(status);

  const tagRule = (nameEn: string, key: string) =>
    send('PUT', '/tag-rules/jade', { nameZh: '玉', nameEn, rule }, key);
  const set = await tagRule('one', 'rule-1');
  await tagRule('two', 'rule-2');
  expect((await tagRule('one', 'rule-1')).body).toEqual(set.body);
  const [{ name }] = await server.sql<[{ name: string }]>`
    select name_en as name from member_tag_rule where tag = 'jade'`;
  expect(name).toBe('two');
  for (const status of [204, 204])
    expect((await send('DELETE', '/tag-rules/jade', null, 'rule-3')).status).toBe(status);

  const rate = await send('POST', '/point-rates', { perUnit: 2 }, 'rate');
  expect((await send('POST', '/point-rates', { perUnit: 2 }, 'rate')).body).toEqual(rate.body);
  expect((rate.body['rows'] as unknown[]).length).toBe(2);
  const [{ rates }] = await server.sql<[{ rates: number }]>`select count(*)::int as rates from point_rate`;
  expect(rates).toBe(2);
});
