import { beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { call, person, startServer, type Credentials, type TestServer } from '../support/running-server.ts';

type Target = { day: string; location: string | null; amount: number };
type Bulk = { upserted: number; rejected: { index: number; code: string; field: string }[] };

let server: TestServer;
let admin: Credentials;
beforeAll(async () => {
  server = await startServer();
  admin = await person(server.sql, 'admin');
  const rows = ['S01', 'S02', 'S03'].map((code) => ({
    code,
    nameZh: code,
    kind: 'store',
    region: code === 'S03' ? 'WEST' : 'EAST',
  }));
  await call(server, 'PUT', '/api/v1/catalog/locations', { as: admin, body: { rows } });
});

const put = (rows: unknown[]) =>
  call<Bulk & Problem>(server, 'PUT', '/api/v1/targets', { as: admin, body: { rows } });
const list = async (as: Credentials, query: string) =>
  (
    await call<{ rows: Target[]; nextCursor: string | null } & Problem>(
      server,
      'GET',
      `/api/v1/targets?${query}`,
      { as },
    )
  ).body;

describe('targets', () => {
  it('are set for the company and for stores, and what does not fit is named', async () => {
    const answer = await put([
      { day: '2030-01-01', location: null, amount: 1_000_000 },
      { day: '2030-01-01', location: 'S01', amount: 300_000 },
      { day: '2030-01-01', location: 'NOWHERE', amount: 1 },
      { day: '2030-02-30', location: 'S01', amount: 1 },
      { day: '2030-01-01', location: 'S02', amount: -1 },
      { day: '2030-01-01', location: 'S01', amount: 5 },
      { day: '2030-01-02', location: 'S03', amount: 200_000 },
    ]);
    expect(answer.body.upserted).toBe(3);
    expect(answer.body.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
      [2, 'not_found', 'location'],
      [3, 'invalid_request', 'day'],
      [4, 'invalid_request', 'amount'],
      [5, 'conflict', 'day'],
    ]);
    expect((await list(admin, 'from=2030-01-01&to=2030-01-02')).rows).toEqual([
      { day: '2030-01-01', location: null, amount: 1_000_000 },
      { day: '2030-01-01', location: 'S01', amount: 300_000 },
      { day: '2030-01-02', location: 'S03', amount: 200_000 },
    ]);
  });

  it('come in pages', async () => {
    const first = await list(admin, 'from=2030-01-01&to=2030-01-02&limit=2');
    expect(first.rows).toHaveLength(2);
    const second = await list(admin, `from=2030-01-01&to=2030-01-02&limit=2&cursor=${first.nextCursor}`);
    expect(second).toEqual({
      rows: [{ day: '2030-01-02', location: 'S03', amount: 200_000 }],
      nextCursor: null,
    });
  });

  it('are changed and taken away', async () => {
    await put([{ day: '2030-03-01', location: 'S01', amount: 1 }]);
    await put([{ day: '2030-03-01', location: 'S01', amount: 2 }]);
    expect((await list(admin, 'from=2030-03-01&to=2030-03-01')).rows).toEqual([
      { day: '2030-03-01', location: 'S01', amount: 2 },
    ]);
    await put([{ day: '2030-03-01', location: 'S01', amount: null }]);
    expect((await list(admin, 'from=2030-03-01&to=2030-03-01')).rows).toEqual([]);
  });

  it('of other stores are not shown to a manager, nor the company’s', async () => {
    const east = await person(server.sql, 'manager', { regions: ['EAST'] });
    expect((await list(east, 'from=2030-01-01&to=2030-01-31')).rows.map((row) => row.location)).toEqual([
      'S01',
    ]);
    const west = await person(server.sql, 'manager', { locations: ['S03'] });
    expect((await list(west, 'from=2030-01-01&to=2030-01-31')).rows.map((row) => row.location)).toEqual([
      'S03',
    ]);
  });

  it('reach the screens, and the audit log', async () => {
    const hints: string[] = [];
    const stop = server.server.parts.hints.subscribe((hint) => hints.push(hint));
    await put([{ day: '2030-04-01', location: null, amount: 7 }]);
    stop();
    expect(hints).toContain('catalog');
    const [entry] = await server.sql`select action, target, details from audit_log order by no desc limit 1`;
    expect(entry).toEqual({
      action: 'target.set',
      target: '2030-04-01 … 2030-04-01',
      details: { rows: 1, changed: 1 },
    });
  });

  it('need a span of days', async () => {
    expect((await list(admin, 'from=2030-01-01')).errors).toMatchObject([{ field: 'to' }]);
    expect((await list(admin, 'from=2030-01-02&to=2030-01-01')).errors).toMatchObject([{ field: 'from' }]);
  });
});
