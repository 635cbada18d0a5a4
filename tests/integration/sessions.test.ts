import { beforeAll, describe, expect, it } from 'vitest';
import {
  addUser,
  createSignInLink,
  expireAccess,
  FIRST_ADMIN_EMAIL,
} from '@zhanggui/shared/access/access-store.ts';
import { hashPassword } from '@zhanggui/shared/access/password.ts';
import {
  call,
  cookieFrom,
  person,
  startServer,
  type Answer,
  type TestServer,
} from '../support/running-server.ts';

type Session = { user: { id: string; email: string; role: string; hasPassword: boolean }; scopes: string[] };

let server: TestServer;
beforeAll(async () => (server = await startServer()));

/** People whose password is 'correct horse', as soon checked as a test that tries many times needs it. */
async function addPeople(...emails: string[]): Promise<void> {
  for (const email of emails)
    await addUser(server.sql, { email, name: email, role: 'viewer', password: null });
  const hash = await hashPassword('correct horse', { log2n: 10, r: 8, p: 1 });
  await server.sql`update users set password_hash = ${hash} where email = any(${emails})`;
}

const signIn = (email: string, password: string, headers = {}) =>
  call<Session>(server, 'POST', '/api/v1/session', { body: { email, password }, headers });
const redeem = (token: string) => call<Session>(server, 'POST', '/api/v1/session/link', { body: { token } });
const whoAmI = (cookie: string | undefined) =>
  call<Session>(server, 'GET', '/api/v1/session', { as: cookie === undefined ? {} : { cookie } });
const sessionOf = (answer: Answer<unknown>) => cookieFrom(answer, 'zg_session');
const tokenOf = (url: string) => new URLSearchParams(new URL(url).hash.slice(1)).get('link') ?? '';
const codeOf = (answer: Answer<unknown>) => (answer.body as { code?: string }).code;

describe('signing in with a password', () => {
  beforeAll(async () => {
    await addUser(server.sql, {
      email: 'Li@Example.com',
      name: '李',
      role: 'manager',
      regions: ['EAST'],
      password: 'correct horse',
    });
  });

  it('starts a session that only the browser can read', async () => {
    const answer = await signIn(' li@example.COM ', 'correct horse');
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({
      user: { email: 'li@example.com', hasPassword: true },
      scopes: ['region:EAST'],
    });
    expect(answer.text).not.toContain('scrypt');
    expect(answer.headers.getSetCookie()[0]).toMatch(/; Path=\/;.*HttpOnly; SameSite=Lax$/);
    expect((await whoAmI(sessionOf(answer))).body.user.email).toBe('li@example.com');
  });

  it('says the same about a wrong password and an unknown person', async () => {
    const wrong = await signIn('li@example.com', 'wrong horse');
    const unknown = await signIn('nobody@example.com', 'wrong horse');
    expect([wrong.status, unknown.status]).toEqual([401, 401]);
    expect(codeOf(wrong)).toBe('wrong_credentials');
    const { requestId: _a, ...first } = wrong.body as unknown as Record<string, unknown>;
    const { requestId: _b, ...second } = unknown.body as unknown as Record<string, unknown>;
    expect(first).toEqual(second);
    expect(sessionOf(wrong)).toBeUndefined();
  });

  it('ends at sign-out, for good', async () => {
    const cookie = sessionOf(await signIn('li@example.com', 'correct horse')) ?? '';
    const out = await call(server, 'DELETE', '/api/v1/session', { as: { cookie } });
    expect(out.status).toBe(204);
    expect(out.headers.getSetCookie()[0]).toMatch(/^zg_session=;.*Expires=Thu, 01 Jan 1970/);
    expect((await whoAmI(cookie)).status).toBe(401);
  });

  it('is throttled by account, wherever the tries come from', async () => {
    await addPeople('target@example.com');
    for (let tries = 0; tries < 10; tries += 1)
      expect((await signIn('target@example.com', 'guess')).status).toBe(401);
    const blocked = await signIn('TARGET@example.com', 'correct horse');
    expect([blocked.status, codeOf(blocked)]).toEqual([429, 'too_many_requests']);
    expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(60);
    expect((await signIn('li@example.com', 'correct horse')).status).toBe(200);
  });

  it('is throttled by address, whichever account is tried; success does not count', async () => {
    const from = { 'x-forwarded-for': '192.0.2.7' };
    for (let tries = 0; tries < 3; tries += 1)
      expect((await signIn('li@example.com', 'correct horse', from)).status).toBe(200);
    const people = Array.from({ length: 28 }, (_, i) => `someone.${i}@example.com`);
    await addPeople(...people);
    for (const email of [...people, 'nobody.1@example.com', 'nobody.2@example.com'])
      expect((await signIn(email, 'guess', from)).status).toBe(401);
    expect((await signIn('someone.else@example.com', 'guess', from)).status).toBe(429);
    expect((await signIn('someone.else@example.com', 'guess')).status).toBe(401);
  });
});

describe('a sign-in link', () => {
  it('founds the first administrator, who then sets a password without having one', async () => {
    const url = await createSignInLink(server.sql, { publicUrl: 'http://localhost:3000/' });
    expect(url).toMatch(/^http:\/\/localhost:3000\/sign-in#link=[\w-]{43}$/);
    const answer = await redeem(tokenOf(url));
    expect(answer.body.user).toMatchObject({ email: FIRST_ADMIN_EMAIL, role: 'admin', hasPassword: false });
    const cookie = sessionOf(answer) ?? '';
    const set = await call(server, 'PUT', '/api/v1/session/password', {
      as: { cookie },
      body: { password: 'a long enough one' },
    });
    expect(set.status).toBe(204);
    expect((await signIn(FIRST_ADMIN_EMAIL, 'a long enough one')).status).toBe(200);
  });

  it('does not make a second administrator', async () => {
    const before = await server.sql`select from users where role = 'admin'`;
    await createSignInLink(server.sql, { publicUrl: 'http://localhost:3000' });
    expect(await server.sql`select from users where role = 'admin'`).toHaveLength(before.length);
  });

  it('works once, also when it is used twice at the same time', async () => {
    const token = tokenOf(await createSignInLink(server.sql, { publicUrl: 'http://localhost:3000' }));
    const answers = await Promise.all([redeem(token), redeem(token), redeem(token)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 401, 401]);
    expect(codeOf(await redeem(token))).toBe('link_used');
  });

  it('is void when it is too old, or a newer one was made', async () => {
    const old = tokenOf(await createSignInLink(server.sql, { publicUrl: 'http://localhost:3000' }));
    const newer = tokenOf(await createSignInLink(server.sql, { publicUrl: 'http://localhost:3000' }));
    expect((await redeem(old)).status).toBe(401);
    await server.sql`update sign_in_link set expires_at = now() - interval '1 second'`;
    expect((await redeem(newer)).status).toBe(401);
  });

  it('is stored as a hash only', async () => {
    const token = tokenOf(await createSignInLink(server.sql, { publicUrl: 'http://localhost:3000' }));
    const rows = await server.sql`select to_jsonb(l)::text as text from sign_in_link l`;
    expect(rows.length).toBeGreaterThan(0);
    for (const { text } of rows) expect(text).not.toContain(token);
  });
});

describe('a password', () => {
  const change = (cookie: string, body: object) =>
    call(server, 'PUT', '/api/v1/session/password', { as: { cookie }, body });

  it('is changed by whoever knows the old one, and ends the other sessions', async () => {
    await addUser(server.sql, {
      email: 'wang@example.com',
      name: '王',
      role: 'viewer',
      password: 'the first one',
    });
    const here = sessionOf(await signIn('wang@example.com', 'the first one')) ?? '';
    const elsewhere = sessionOf(await signIn('wang@example.com', 'the first one')) ?? '';
    expect((await change(here, { password: 'the second one' })).body).toMatchObject({
      code: 'wrong_credentials',
      errors: [{ field: 'currentPassword' }],
    });
    expect(
      (await change(here, { password: 'the second one', currentPassword: 'the first one' })).status,
    ).toBe(204);
    expect((await whoAmI(here)).status).toBe(200);
    expect((await whoAmI(elsewhere)).status).toBe(401);
    expect((await signIn('wang@example.com', 'the first one')).status).toBe(401);
    expect((await signIn('wang@example.com', 'the second one')).status).toBe(200);
  });

  it('that was forgotten is replaced after coming in by a link, soon after it', async () => {
    const url = await createSignInLink(server.sql, {
      publicUrl: 'http://localhost:3000',
      email: 'wang@example.com',
    });
    const cookie = sessionOf(await redeem(tokenOf(url))) ?? '';
    expect((await change(cookie, { password: 'the third one' })).status).toBe(204);
    await server.sql`update session set created_at = now() - interval '16 minutes'`;
    expect((await change(cookie, { password: 'the fourth one' })).status).toBe(401);
  });

  it('has a length', async () => {
    const { cookie } = await person(server.sql, 'viewer');
    const answer = await change(cookie, { password: 'short' });
    expect([answer.status, answer.body.errors]).toEqual([
      400,
      [{ field: 'password', detail: 'must have at least 10 characters' }],
    ]);
  });
});

describe('a session', () => {
  it('ends when it is not used, and is cleaned away', async () => {
    const { cookie, id } = await person(server.sql, 'viewer');
    await server.sql`update session set expires_at = now() - interval '1 second' where user_id = ${id}`;
    expect((await whoAmI(cookie)).status).toBe(401);
    expect(await expireAccess(server.sql)).toBeGreaterThan(0);
    expect(await server.sql`select from session where user_id = ${id}`).toHaveLength(0);
  });

  it('lives on while it is used, but not for ever', async () => {
    const { cookie, id } = await person(server.sql, 'viewer');
    await server.sql`update session set expires_at = now() + interval '1 day' where user_id = ${id}`;
    await whoAmI(cookie);
    await server.server.parts.identities.touch();
    const days = async () => {
      const [row] = await server.sql<[{ days: number }]>`
        select extract(epoch from expires_at - now()) / 86400 as days from session where user_id = ${id}`;
      return row.days;
    };
    expect(await days()).toBeCloseTo(14, 1);
    await server.sql`update session set created_at = now() - interval '89 days' where user_id = ${id}`;
    await whoAmI(cookie);
    await server.server.parts.identities.touch();
    expect(await days()).toBeCloseTo(1, 1);
  });
});

describe('a change that another site asks for', () => {
  const other: Record<string, string>[] = [
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: 'https://evil.example' },
    { origin: 'null' },
  ];

  it.for(other)('is refused: %o', async (headers) => {
    const { cookie } = await person(server.sql, 'admin');
    const answer = await call(server, 'POST', '/api/v1/keys', {
      as: { cookie },
      body: { name: 'x', scopes: ['read'] },
      headers,
    });
    expect([answer.status, answer.body.code]).toEqual([403, 'cross_site']);
    expect((await signIn('li@example.com', 'correct horse', headers)).status).toBe(403);
  });

  it('is taken from our own page, from PUBLIC_URL and from programs', async () => {
    const { cookie } = await person(server.sql, 'admin');
    const own: Record<string, string>[] = [
      {},
      { 'sec-fetch-site': 'same-origin' },
      { origin: server.url },
      { origin: server.server.parts.settings.publicUrl },
    ];
    for (const headers of own) {
      const answer = await call(server, 'POST', '/api/v1/keys', {
        as: { cookie },
        body: { name: 'x', scopes: ['read'] },
        headers,
      });
      expect(answer.status).toBe(201);
    }
  });

  it('is not even read unless it is JSON: a form needs no permission to be sent', async () => {
    const { cookie } = await person(server.sql, 'admin');
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await call(server, 'POST', '/api/v1/keys', {
        as: { cookie },
        body: '{"name":"x","scopes":["read"]}',
        headers: { 'content-type': type },
      });
      expect([answer.status, answer.body.code]).toEqual([415, 'unsupported_media_type']);
    }
  });
});

describe('behind https', () => {
  let secure: TestServer;
  beforeAll(async () => (secure = await startServer({ env: { PUBLIC_URL: 'https://shop.example' } })));

  it('cookies are Secure and bound to this host, and browsers are told to stay with https', async () => {
    const url = await createSignInLink(secure.sql, { publicUrl: secure.server.parts.settings.publicUrl });
    const answer = await call(secure, 'POST', '/api/v1/session/link', {
      body: { token: tokenOf(url) },
      headers: { origin: 'https://shop.example' },
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.getSetCookie()[0]).toMatch(
      /^__Host-zg_session=.*; HttpOnly; Secure; SameSite=Lax$/,
    );
    expect(answer.headers.get('strict-transport-security')).toMatch(/max-age=\d{7,}/);
  });
});
