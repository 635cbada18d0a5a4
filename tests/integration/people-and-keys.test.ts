import { beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

type User = {
  id: string;
  email: string;
  role: string;
  locations: string[];
  regions: string[];
  disabledAt: string | null;
};
type AuditRow = {
  action: string;
  target: string | null;
  actorName: string;
  actorKind: string;
  details: object;
};

let server: TestServer;
let admin: Credentials & { id: string; email: string };
beforeAll(async () => {
  server = await startServer();
  admin = await person(server.sql, 'admin');
});

const as = (credentials: Credentials, method: string, path: string, body?: unknown) =>
  call<User & Problem>(server, method, path, { as: credentials, body });
const lastAudit = async () => {
  const answer = await call<{ rows: AuditRow[] }>(server, 'GET', '/api/v1/audit?limit=1', { as: admin });
  return answer.body.rows[0];
};

describe('people', () => {
  it('are added, with what their role needs', async () => {
    const added = await as(admin, 'POST', '/api/v1/users', {
      email: 'Zhao@Shop.example',
      name: '赵',
      role: 'manager',
      locations: ['S07'],
    });
    expect(added.status).toBe(201);
    expect(added.body).toMatchObject({
      email: 'zhao@shop.example',
      role: 'manager',
      locations: ['S07'],
      regions: [],
    });
    expect(await lastAudit()).toMatchObject({
      action: 'user.create',
      target: 'zhao@shop.example',
      actorKind: 'user',
      actorName: admin.email,
      details: { role: 'manager', locations: ['S07'] },
    });
  });

  it.for([
    [{ email: 'zhao@shop.example', name: 'x', role: 'viewer' }, 409, 'email'],
    [{ email: 'no address', name: 'x', role: 'viewer' }, 400, 'email'],
    [{ email: 'a@b', name: '', role: 'viewer' }, 400, 'name'],
    [{ email: 'a@b', name: 'x', role: 'owner' }, 400, 'role'],
    [{ email: 'a@b', name: 'x', role: 'manager' }, 400, 'locations'],
    [{ email: 'a@b', name: 'x', role: 'viewer', regions: ['EAST'] }, 400, 'locations'],
    [{ email: 'a@b', name: 'x', role: 'viewer', passwordHash: 'x' }, 400, 'passwordHash'],
  ] as const)('are refused with the field: %o', async ([body, status, field]) => {
    const answer = await as(admin, 'POST', '/api/v1/users', body);
    expect([answer.status, answer.body.errors?.map((error) => error.field)]).toEqual([status, [field]]);
  });

  it('lose their session at once when they are disabled, on every server', async () => {
    const someone = await person(server.sql, 'viewer');
    const other = await server.another();
    const sees = async (which: { url: string }) =>
      (await call(which, 'GET', '/api/v1/session', { as: someone })).status;
    try {
      expect([await sees(server), await sees(other)]).toEqual([200, 200]);
      const answer = await as(admin, 'PATCH', `/api/v1/users/${someone.id}`, { disabled: true });
      expect(answer.body.disabledAt).not.toBeNull();
      expect(await sees(server)).toBe(401);
      await expect.poll(() => sees(other), { timeout: 1000, interval: 20 }).toBe(401);
      expect(await lastAudit()).toMatchObject({ action: 'user.change', details: { disabled: true } });
      await as(admin, 'PATCH', `/api/v1/users/${someone.id}`, { disabled: false });
      expect(await sees(server)).toBe(401);
    } finally {
      await other.close();
    }
  });

  it('have their new role from the next request on', async () => {
    const someone = await person(server.sql, 'viewer');
    expect((await as(someone, 'GET', '/api/v1/users')).status).toBe(403);
    await as(admin, 'PATCH', `/api/v1/users/${someone.id}`, { role: 'admin' });
    expect((await as(someone, 'GET', '/api/v1/users')).status).toBe(200);
    const narrowed = await as(admin, 'PATCH', `/api/v1/users/${someone.id}`, {
      role: 'manager',
      regions: ['EAST'],
    });
    expect(narrowed.body.regions).toEqual(['EAST']);
    expect((await as(someone, 'GET', '/api/v1/users')).status).toBe(403);
    const widened = await as(admin, 'PATCH', `/api/v1/users/${someone.id}`, { role: 'viewer' });
    expect(widened.body.regions).toEqual([]);
  });

  it('always include an administrator', async () => {
    const other = await person(server.sql, 'admin');
    await server.sql`update users set disabled_at = now() where role = 'admin' and id <> all(${[admin.id, other.id]})`;
    const answers = await Promise.all([
      as(admin, 'PATCH', `/api/v1/users/${other.id}`, { disabled: true }),
      as(other, 'PATCH', `/api/v1/users/${admin.id}`, { disabled: true }),
    ]);
    // Which of the two comes first is chance; the second must fail, or finds itself signed out.
    expect(answers.filter((answer) => answer.status === 200)).toHaveLength(1);
    const admins = await server.sql<
      { id: string }[]
    >`select id from users where role = 'admin' and disabled_at is null`;
    expect(admins).toHaveLength(1);
    await server.sql`update users set disabled_at = null where id = ${admin.id}`;
    admin = { ...admin, ...(await signedInAgain()) };
  });

  const signedInAgain = async () => {
    const fresh = await person(server.sql, 'admin');
    return { id: fresh.id, email: fresh.email, cookie: fresh.cookie };
  };

  it('get a link from an administrator, to the address that the administrator used', async () => {
    const someone = await person(server.sql, 'viewer');
    const answer = await call<{ url: string }>(server, 'POST', `/api/v1/users/${someone.id}/link`, {
      as: admin,
    });
    expect(answer.status).toBe(201);
    expect(answer.body.url).toMatch(new RegExp(`^${server.url}/sign-in#link=`));
    expect(await lastAudit()).toMatchObject({ action: 'user.link', target: someone.email });
    expect(JSON.stringify(await lastAudit())).not.toContain(answer.body.url.split('link=')[1]);
  });

  it('are listed in pages', async () => {
    type Page = { rows: User[]; nextCursor: string | null };
    const emails: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const answer: { body: Page } = await call<Page>(server, 'GET', `/api/v1/users?limit=3${more}`, {
        as: admin,
      });
      emails.push(...answer.body.rows.map((row) => row.email));
      cursor = answer.body.nextCursor;
    }
    const all = await server.sql<{ email: string }[]>`select email from users order by email`;
    expect(emails).toEqual(all.map((row) => row.email));
    expect(emails.length).toBeGreaterThan(5);
  });
});

describe('keys', () => {
  it('are shown once, stored as a hash, and noted without the secret', async () => {
    const made = await call<{ id: string; key: string }>(server, 'POST', '/api/v1/keys', {
      as: admin,
      body: { name: 'till 7', scopes: ['ingest', 'read'] },
    });
    expect(made.status).toBe(201);
    const { key } = made.body;
    expect(key).toMatch(/^zg_[\w-]{43}$/);
    const list = await call(server, 'GET', '/api/v1/keys', { as: admin });
    expect(list.text).toContain(key.slice(0, 9));
    expect(list.text).not.toContain(key);
    const stored =
      await server.sql`select to_jsonb(k)::text as text from api_key k union all select to_jsonb(a)::text from audit_log a`;
    for (const { text } of stored) expect(text).not.toContain(key);
    expect(await lastAudit()).toMatchObject({
      action: 'key.create',
      target: 'till 7',
      details: { scopes: ['ingest', 'read'] },
    });
  });

  it('end at once, on every server, when they are revoked', async () => {
    const key = await machine(server.sql, 'read');
    const other = await server.another();
    const works = async (which: { url: string }) =>
      (await call(which, 'GET', '/api/v1/company', { as: key })).status;
    try {
      expect([await works(server), await works(other)]).toEqual([200, 200]);
      expect((await as(admin, 'DELETE', `/api/v1/keys/${key.id}`)).status).toBe(204);
      expect(await works(server)).toBe(401);
      await expect.poll(() => works(other), { timeout: 1000, interval: 20 }).toBe(401);
    } finally {
      await other.close();
    }
  });

  it('end within seconds when they are revoked behind the server’s back', async () => {
    const key = await machine(server.sql, 'read');
    const works = async () => (await call(server, 'GET', '/api/v1/company', { as: key })).status;
    expect(await works()).toBe(200);
    await server.sql`update api_key set revoked_at = now() where id = ${key.id}`;
    await expect.poll(works, { timeout: 5000, interval: 100 }).toBe(401);
  });

  it('do not cost a query for each request', async () => {
    const key = await machine(server.sql, 'read');
    await call(server, 'GET', '/healthz', { as: key });
    const queries = await countKeyQueries(async () => {
      for (let i = 0; i < 20; i += 1) await call(server, 'GET', '/api/v1/company', { as: key });
    });
    expect(queries).toBeLessThanOrEqual(2);
  });

  it('do not fall back to a cookie when they are wrong', async () => {
    const answer = await call(server, 'GET', '/api/v1/session', {
      as: { ...admin, authorization: 'Bearer zg_wrong' },
    });
    expect(answer.status).toBe(401);
    expect(answer.headers.get('www-authenticate')).toBe('Bearer');
  });

  it('say when they were last used', async () => {
    const key = await machine(server.sql, 'read');
    await call(server, 'GET', '/api/v1/company', { as: key });
    await server.server.parts.identities.touch();
    const [row] = await server.sql<
      { last_used_at: Date | null }[]
    >`select last_used_at from api_key where id = ${key.id}`;
    expect(row?.last_used_at).not.toBeNull();
  });
});

/** Index look-ups in api_key while `work` runs. */
async function countKeyQueries(work: () => Promise<void>): Promise<number> {
  const read = async () => {
    await server.sql`select pg_stat_force_next_flush()`;
    const [row] = await server.sql<[{ scans: number }]>`
      select coalesce(sum(seq_scan + idx_scan), 0)::int as scans from pg_stat_user_tables where relname = 'api_key'`;
    return row.scans;
  };
  const before = await read();
  await work();
  return (await read()) - before;
}

describe('the audit log', () => {
  it('can be read by action and by person, and changes nothing back', async () => {
    const rows = async (query: string) =>
      (await call<{ rows: AuditRow[] }>(server, 'GET', `/api/v1/audit?limit=100${query}`, { as: admin })).body
        .rows;
    await as(admin, 'POST', '/api/v1/keys', { name: 'by me', scopes: ['read'] });
    expect((await rows('&action=key.create')).every((row) => row.action === 'key.create')).toBe(true);
    const mine = await rows(`&actor=${admin.id}`);
    expect(mine.length).toBeGreaterThan(0);
    expect(mine.every((row) => row.actorName === admin.email)).toBe(true);
  });

  it('can be read by business day, first and last included', async () => {
    const ask = async (query: string) =>
      (await call<{ rows: AuditRow[] }>(server, 'GET', `/api/v1/audit?limit=1${query}`, { as: admin })).body
        .rows.length;
    const day = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
    await as(admin, 'POST', '/api/v1/keys', { name: 'today', scopes: ['read'] });
    expect(await ask(`&from=${day(-2)}&to=${day(2)}`)).toBe(1);
    expect(await ask(`&from=${day(2)}`)).toBe(0);
    expect(await ask(`&to=${day(-2)}`)).toBe(0);
  });

  it('says nothing of a change that was not made', async () => {
    const [before] = await server.sql<[{ count: number }]>`select count(*) from audit_log`;
    await as(admin, 'POST', '/api/v1/users', { email: admin.email, name: 'x', role: 'viewer' });
    await as(admin, 'DELETE', '/api/v1/keys/00000000-0000-7000-8000-000000000000');
    const [after] = await server.sql<[{ count: number }]>`select count(*) from audit_log`;
    expect(after.count).toBe(before.count);
  });
});
