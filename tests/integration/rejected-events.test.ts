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

type Rejected = {
  no: number;
  source: string;
  eventId: string;
  code: string;
  field: string;
  body: string;
  state: string;
  settledBy: string | null;
};
type Page = { rows: Rejected[]; nextCursor: string | null };

let server: TestServer;
let admin: Credentials & { email: string };
let till: Credentials;
beforeAll(async () => {
  server = await startServer();
  admin = await person(server.sql, 'admin');
  till = await machine(server.sql, 'ingest');
});

const counted = (id: string, data: unknown, source = 'till-1') => ({
  specversion: '1.0',
  id,
  source,
  type: 'stock.counted',
  time: '2026-05-01T10:00:00Z',
  data,
});
const good = { location: 'S01', lines: [{ sku: 'A', onHand: 5 }] };
const bad = { location: 'S01', lines: [{ sku: 'A', onHand: -5 }] };
const send = (events: unknown) => call(server, 'POST', '/api/v1/events', { as: till, body: events });
const rejected = async (query = 'state=open') =>
  (await call<Page>(server, 'GET', `/api/v1/events/rejected?${query}`, { as: admin })).body;
const settle = (no: number | undefined, how: 'replay' | 'discard', body?: unknown) =>
  call<{ result: string } & Problem>(server, 'POST', `/api/v1/events/rejected/${no}/${how}`, {
    as: admin,
    body,
  });
const lastAudit = async () =>
  (await server.sql`select actor_name, action, target, details from audit_log order by no desc limit 1`)[0];

describe('a rejected event', () => {
  it('is kept as it came, with what is wrong', async () => {
    await send([counted('e1', bad), counted('e2', good), counted('e3', bad, 'till-2')]);
    const { rows } = await rejected();
    expect(rows.map((row) => [row.source, row.eventId, row.code, row.field])).toEqual([
      ['till-2', 'e3', 'invalid_event', 'data.lines.0.onHand'],
      ['till-1', 'e1', 'invalid_event', 'data.lines.0.onHand'],
    ]);
    expect(JSON.parse(rows[1]?.body ?? '')).toEqual(counted('e1', bad));
    expect((await rejected('source=till-2')).rows).toHaveLength(1);
    const first = await rejected('limit=1');
    expect((await rejected(`limit=1&cursor=${first.nextCursor}`)).rows[0]?.eventId).toBe('e1');
  });

  it('that still does not fit is refused with its field, and stays open', async () => {
    const [row] = (await rejected('source=till-1')).rows;
    const asItCame = await settle(row?.no, 'replay');
    expect([asItCame.status, asItCame.body.code, asItCame.body.errors?.[0]?.field]).toEqual([
      400,
      'invalid_event',
      'data.lines.0.onHand',
    ]);
    expect(
      (await settle(row?.no, 'replay', { event: { ...counted('e1', good), type: 'stock.guessed' } })).body
        .code,
    ).toBe('unknown_type');
    expect((await rejected()).rows).toHaveLength(2);
    expect(await server.sql`select from rejected_event`).toHaveLength(2);
  });

  it('goes into the ledger once it is mended, once', async () => {
    const [row] = (await rejected('source=till-1')).rows;
    const answer = await settle(row?.no, 'replay', { event: counted('e1', good) });
    expect(answer.body).toEqual({ result: 'accepted' });
    expect(await server.sql`select from ledger where id = 'e1'`).toHaveLength(1);
    expect(await lastAudit()).toMatchObject({
      actor_name: admin.email,
      action: 'rejected.replay',
      target: String(row?.no),
      details: { mended: true },
    });
    expect((await rejected('state=replayed')).rows).toMatchObject([
      { eventId: 'e1', settledBy: admin.email },
    ]);
    expect((await settle(row?.no, 'replay', { event: counted('e1', good) })).status).toBe(409);
    expect((await settle(row?.no, 'discard')).status).toBe(409);
  });

  it('that was taken in before its note was written is found double, and settled', async () => {
    await send([counted('e4', bad)]);
    await send([counted('e4', good)]);
    const [row] = (await rejected()).rows;
    expect((await settle(row?.no, 'replay', { event: counted('e4', good) })).body).toEqual({
      result: 'duplicate',
    });
    expect(await server.sql`select from ledger where id = 'e4'`).toHaveLength(1);
  });

  it('can be given up', async () => {
    const [row] = (await rejected('source=till-2')).rows;
    const answer = await settle(row?.no, 'discard');
    expect(answer.body).toMatchObject({ state: 'discarded', settledBy: admin.email });
    expect(await lastAudit()).toMatchObject({ action: 'rejected.discard', details: { source: 'till-2' } });
    expect((await rejected()).rows.filter((open) => open.source === 'till-2')).toEqual([]);
    expect((await settle(999_999, 'discard')).status).toBe(404);
  });

  it('is settled by one of several who try at once', async () => {
    await send([counted('e5', bad, 'till-2')]);
    const [row] = (await rejected('state=open&source=till-2')).rows;
    const answers = await Promise.all(Array.from({ length: 6 }, () => settle(row?.no, 'discard')));
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 409, 409, 409, 409, 409]);
    const entries =
      await server.sql`select from audit_log where action = 'rejected.discard' and target = ${String(row?.no)}`;
    expect(entries).toHaveLength(1);
  });
});

describe('sources', () => {
  it('say how they do', async () => {
    const answer = await call<{ rows: unknown[] }>(server, 'GET', '/api/v1/sources', { as: admin });
    expect(answer.body.rows).toMatchObject([
      {
        name: 'till-1',
        accepted: 3,
        duplicates: 1,
        rejected: 2,
        openRejections: 0,
        lastEventAt: '2026-05-01T10:00:00.000Z',
      },
      { name: 'till-2', accepted: 0, duplicates: 0, rejected: 2, openRejections: 0, lastEventAt: null },
    ]);
  });
});
