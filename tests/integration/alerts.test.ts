import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  groupAlerts,
  openAlerts,
  resolveAlerts,
  type AlertDraft,
} from '@zhanggui/shared/alerts/alert-store.ts';
import { escalateAlerts } from '@zhanggui/shared/alerts/answer-store.ts';
import { upsertLocations, upsertSkus } from '@zhanggui/shared/catalog/catalog-store.ts';
import { catalogRows } from '@zhanggui/shared/catalog/rows.ts';
import type { AlertKind } from '@zhanggui/shared/contract/words.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

type Alert = {
  id: string;
  kind: string;
  status: string;
  level: string;
  owner: string | null;
  sku: string | null;
  location: string | null;
  dueAt: string;
  groupId: string | null;
  snoozedUntil: string | null;
  resolvedBy: string | null;
  history: { what: string; who: string | null; details: Record<string, unknown> }[];
};
type Page = { rows: Alert[]; nextCursor: string | null };

let server: TestServer;
let admin: Credentials;
let li: Credentials & { id: string };
let wang: Credentials & { id: string };
const places = new Map<string, number>();
let skuNo = 0;

beforeAll(async () => {
  server = await startServer();
  const { sql } = server;
  const stores = ['S01', 'S02', 'S03', 'S04', 'S05', 'S06'].map((code) =>
    catalogRows.locations.parse({
      code,
      region: code < 'S03' ? 'EAST' : 'WEST',
      kind: 'store',
      nameZh: code,
    }),
  );
  await upsertLocations(sql, stores);
  await upsertSkus(sql, [catalogRows.skus.parse({ code: 'TEA', nameZh: '茶', category: 'DRINK' })]);
  for (const { code, no } of await sql<{ code: string; no: number }[]>`select code, no from location`)
    places.set(code, no);
  skuNo = (await sql<[{ no: number }]>`select no from sku where code = 'TEA'`)[0].no;
  admin = await person(sql, 'admin');
  li = await person(sql, 'manager', { locations: ['S01'] });
  wang = await person(sql, 'manager', { regions: ['EAST'] });
  await sql`update users set name = 'Li' where id = ${li.id}`;
  await sql`update users set name = 'Wang' where id = ${wang.id}`;
});
beforeEach(() => server.sql`truncate alert_event, alert, alert_silence`);

const draft = (
  location: string,
  kind: AlertKind = 'sold_out',
  more: Partial<AlertDraft> = {},
): AlertDraft => ({
  family: 'stock',
  kind,
  severity: 'critical',
  skuNo,
  locationNo: places.get(location) ?? 0,
  supplyOrderNo: 0,
  params: { available: 0 },
  ...more,
});
async function open(
  location: string,
  kind: AlertKind = 'sold_out',
  more: Partial<AlertDraft> = {},
  at = new Date(),
) {
  const [alert] = await openAlerts(server.sql, [draft(location, kind, more)], at);
  return alert!.id;
}
const list = async (as: Credentials, query = '') =>
  (await call<Page>(server, 'GET', `/api/v1/alerts${query}`, { as })).body.rows;
const post = (as: Credentials, id: string, verb: string, body: object = {}) =>
  call<Alert & { code?: string; detail?: string }>(server, 'POST', `/api/v1/alerts/${id}/${verb}`, {
    as,
    body,
  });
const see = async (id: string, as: Credentials = admin) =>
  (await call<Alert>(server, 'GET', `/api/v1/alerts/${id}`, { as })).body;
const after = (minutes: number, from = Date.now()) => new Date(from + minutes * 60_000);

describe('who sees alerts', () => {
  it('is everybody for all, managers for their stores, and company-wide ones only who sees the company', async () => {
    await open('S01');
    await open('S02', 'low_stock', { severity: 'warning' });
    const west = await open('S03', 'low_stock', { severity: 'info' });
    const codes = async (as: Credentials, query?: string) =>
      (await list(as, query)).map((row) => row.location);
    expect(await codes(admin)).toEqual(['S01', 'S02', 'S03']);
    expect(await codes(li)).toEqual(['S01']);
    expect(await codes(wang)).toEqual(['S01', 'S02']);
    expect(await codes(admin, '?kind=low_stock&severity=info&sku=TEA')).toEqual(['S03']);
    expect((await post(wang, west, 'acknowledge')).body.code).toBe('outside_scope');
    expect((await call(server, 'GET', `/api/v1/alerts/${west}`, { as: wang })).body.code).toBe(
      'outside_scope',
    );

    await openAlerts(
      server.sql,
      ['S04', 'S05', 'S06', 'S03', 'S02'].map((code) => draft(code)),
    );
    await groupAlerts(server.sql, [skuNo]);
    const [wide] = await list(admin, '?kind=widespread');
    expect(await list(admin)).toHaveLength(1);
    expect(await list(admin, `?group=${wide?.id}`)).toHaveLength(6);
    expect(await codes(wang)).toEqual(['S01', 'S02']);
    expect((await post(wang, wide!.id, 'acknowledge')).body.code).toBe('outside_scope');
    expect((await post(admin, wide!.id, 'acknowledge')).status).toBe(200);
  });

  it('turns pages in order: the most severe first, then the oldest', async () => {
    await openAlerts(
      server.sql,
      ['S01', 'S02', 'S03', 'S04'].map((code, i) =>
        draft(code, 'low_stock', { severity: i < 2 ? 'warning' : 'critical' }),
      ),
    );
    const seen: (string | null)[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const page: Page = (await call<Page>(server, 'GET', `/api/v1/alerts?limit=1${query}`, { as: admin }))
        .body;
      seen.push(...page.rows.map((row) => row.location));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(['S03', 'S04', 'S01', 'S02']);
  });
});

describe('acknowledging', () => {
  it('is won by exactly one of many who say it at once, and the others learn by whom', async () => {
    const id = await open('S01');
    const key = await machine(server.sql, 'command');
    const answers = await Promise.all([li, wang, key, li, wang].map((as) => post(as, id, 'acknowledge')));
    const won = answers.filter(({ status }) => status === 200).map(({ body }) => body.owner);
    const lost = answers.filter(({ status }) => status === 409).map(({ body }) => body.detail);
    expect(new Set(won).size).toBe(1);
    expect(lost.length).toBeGreaterThanOrEqual(3);
    expect(new Set(lost)).toEqual(new Set([`${won[0]} is on it`]));
    expect(await see(id)).toMatchObject({ status: 'acknowledged', owner: won[0] });
    const entries =
      await server.sql`select from audit_log where action = 'alert.acknowledge' and details->>'id' = ${id}`;
    expect(entries).toHaveLength(won.length);
  });

  it('can be taken back by its owner, and by an administrator; and be handed to somebody of that place', async () => {
    const id = await open('S01');
    await post(li, id, 'acknowledge');
    expect(await list(li, '?mine=true')).toHaveLength(1);
    expect(await list(wang, '?mine=true')).toHaveLength(0);
    expect((await post(wang, id, 'unacknowledge')).body.detail).toBe('Li is on it');
    expect((await post(li, id, 'unacknowledge')).body).toMatchObject({ status: 'open', owner: null });
    expect((await post(wang, id, 'assign', { userId: li.id })).body).toMatchObject({
      status: 'acknowledged',
      owner: 'Li',
    });
    const stranger = await person(server.sql, 'manager', { locations: ['S03'] });
    const viewer = await person(server.sql, 'viewer');
    for (const { id: userId } of [stranger, viewer])
      expect((await post(wang, id, 'assign', { userId })).body.code).toBe('invalid_request');
    // Who is offered is who would be taken, and nobody who has it already.
    const offered = await call<{ rows: { id: string }[] }>(server, 'GET', `/api/v1/alerts/${id}/answerers`, {
      as: wang,
    });
    const ids = offered.body.rows.map((row) => row.id);
    expect(ids).toContain(wang.id);
    for (const other of [li, stranger, viewer]) expect(ids).not.toContain(other.id);
    expect((await post(admin, id, 'unacknowledge')).status).toBe(200);
    expect((await see(id)).history.map(({ what, who }) => [what, who])).toEqual([
      ['opened', null],
      ['acknowledged', 'Li'],
      ['unacknowledged', 'Li'],
      ['assigned', 'Wang'],
      ['unacknowledged', 'admin'],
    ]);
  });

  it('is over when the cause is gone; only what no machine sees may be ended by hand', async () => {
    const id = await open('S01');
    expect((await post(li, id, 'resolve', { reason: 'done' })).status).toBe(409);
    await resolveAlerts(server.sql, [draft('S01')], 'cause');
    expect((await post(li, id, 'acknowledge')).body.detail).toBe('It is over already');
    expect(await list(li)).toEqual([]);
    expect(await list(li, '?status=resolved')).toMatchObject([{ id, resolvedBy: 'cause' }]);
    const gap = await open('S01', 'count_gap', { family: 'book' });
    expect((await post(li, gap, 'resolve', { reason: 'counted again' })).body).toMatchObject({
      status: 'resolved',
      resolvedBy: 'Li',
    });
  });
});

describe('the clock', () => {
  it('asks store, region, HQ in turn, and reminds HQ', async () => {
    const start = Date.now();
    const id = await open('S01', 'sold_out', {}, new Date(start));
    await server.sql`update alert set told_at = now()`;
    expect(await escalateAlerts(server.sql, after(9, start))).toEqual([]);
    const steps = [];
    for (const minute of [10, 20, 30, 90])
      steps.push(
        ...(await escalateAlerts(server.sql, after(minute, start))).map(({ level, what }) => [
          level,
          ...what,
        ]),
      );
    expect(steps).toEqual([
      ['region', 'escalated'],
      ['hq', 'escalated'],
      ['hq', 'reminded'],
      ['hq', 'reminded'],
    ]);
    const [row] = await server.sql`select told_at, status from alert where id = ${id}`;
    expect(row).toEqual({ told_at: null, status: 'open' });
  });

  it('ends an acknowledgement that led nowhere, and asks the next level; several workers do it once', async () => {
    const id = await open('S01');
    await post(li, id, 'acknowledge');
    expect(await escalateAlerts(server.sql, after(59))).toEqual([]);
    const runs = await Promise.all(
      [1, 2, 3].map(() => server.sql.begin((tx) => escalateAlerts(tx, after(61)))),
    );
    expect(runs.flat().map(({ what }) => what)).toEqual([['expired', 'escalated']]);
    expect(await see(id)).toMatchObject({ status: 'open', level: 'region', owner: null });
    expect((await see(id)).history.find(({ what }) => what === 'expired')?.details).toEqual({ owner: 'Li' });
  });

  it('leaves alone what is put aside until it comes back, and what is silenced or stood for', async () => {
    const id = await open('S01');
    expect((await post(li, id, 'snooze', { minutes: 1441 })).status).toBe(400);
    expect((await post(li, id, 'snooze', { until: after(-1).toISOString() })).status).toBe(400);
    expect((await post(li, id, 'snooze', {})).status).toBe(400);
    expect((await post(li, id, 'snooze', { minutes: 120 })).body.snoozedUntil).not.toBeNull();
    expect(await list(li, '?snoozed=false')).toEqual([]);
    expect(await list(li, '?snoozed=true')).toHaveLength(1);
    expect(await escalateAlerts(server.sql, after(119))).toEqual([]);
    expect((await escalateAlerts(server.sql, after(121))).map(({ what }) => what)).toEqual([['woken']]);
    expect(await see(id)).toMatchObject({ level: 'store', status: 'open', snoozedUntil: null });

    const rule = { category: 'DRINK', region: 'EAST', until: after(9999).toISOString(), reason: 'refit' };
    const made = await call<{ id: string }>(server, 'POST', '/api/v1/alert-silences', {
      as: admin,
      body: rule,
    });
    expect(made.status).toBe(201);
    await open('S03');
    expect((await escalateAlerts(server.sql, after(600))).map(({ locationNo }) => locationNo)).toEqual([
      places.get('S03'),
    ]);
    expect((await list(admin)).map((row) => row.location)).toEqual(['S03']);
    expect((await list(admin, '?silenced=true')).map((row) => row.location)).toEqual(['S01']);
    const silences = async (state: string) =>
      (
        await call<{ rows: { id: string }[] }>(server, 'GET', `/api/v1/alert-silences?state=${state}`, {
          as: admin,
        })
      ).body.rows.map((row) => row.id);
    expect([await silences('running'), await silences('over')]).toEqual([[made.body.id], []]);
    expect(
      (await call(server, 'DELETE', `/api/v1/alert-silences/${made.body.id}`, { as: admin })).status,
    ).toBe(204);
    expect([await silences('running'), await silences('over')]).toEqual([[], [made.body.id]]);
    expect(await list(admin)).toHaveLength(2);
    const nothing = { until: after(60).toISOString(), reason: 'all' };
    expect((await call(server, 'POST', '/api/v1/alert-silences', { as: admin, body: nothing })).status).toBe(
      400,
    );
    const unknown = { ...nothing, sku: 'NONE' };
    expect(
      (await call(server, 'POST', '/api/v1/alert-silences', { as: admin, body: unknown })).body.code,
    ).toBe('invalid_request');
  });
});

describe('the summary', () => {
  it('tells how fast alerts were acknowledged and resolved, by kind and store', async () => {
    const start = Date.now() - 3_600_000;
    for (const [i, code] of ['S01', 'S02', 'S03'].entries()) {
      const id = await open(code, 'sold_out', {}, new Date(start));
      await server.sql`update alert set first_acknowledged_at = ${after(i * 10, start)} where id = ${id}`;
    }
    await resolveAlerts(server.sql, [draft('S01')], 'cause', after(30, start));
    type Summary = { all: object; byKind: object[]; byLocation: object[] };
    const summary = async (as: Credentials) =>
      (await call<Summary>(server, 'GET', '/api/v1/alerts/summary?days=1', { as })).body;
    const all = await summary(admin);
    expect(all.all).toEqual({
      alerts: 3,
      acknowledged: 3,
      resolved: 1,
      acknowledgeP50: 10,
      acknowledgeP90: 18,
      resolveP50: 30,
      resolveP90: 30,
    });
    expect(all.byKind).toMatchObject([{ kind: 'sold_out', alerts: 3 }]);
    expect(all.byLocation).toHaveLength(3);
    expect(await summary(li)).toMatchObject({ all: { alerts: 1, acknowledgeP50: 0 } });
  });
});
