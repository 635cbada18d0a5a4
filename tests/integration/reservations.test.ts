/** Reservations, what can be promised, and the orders that take them over: over HTTP, on real Postgres. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { AvailablePieces, Problem } from '@zhanggui/shared/contract/errors.ts';
import { operator } from '@zhanggui/shared/access/audit-store.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { reserveGroup, type ReserveRequest } from '@zhanggui/server/src/stock/reserve-group.ts';
import { verifyBooks } from '@zhanggui/server/src/cli/verify/books.ts';
import expireReservations from '@zhanggui/workers/src/jobs/expire-reservations.ts';
import { brokenRules, event } from '../support/books.ts';
import { waiting } from '../support/database.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Answer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

type Line = { sku: string; location: string; qty: number };
type Reservation = {
  id: string;
  reference: string;
  state: string;
  holds: boolean;
  lines: Line[];
  expiresAt: string | null;
};

let server: TestServer;
let shop: Credentials;
let admin: Credentials;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  shop = await machine(server.sql, 'command', 'read');
  admin = await person(server.sql, 'admin');
  const place = (code: string, kind: string, latitude: number, longitude: number, city: string) => ({
    code,
    nameZh: code,
    kind,
    latitude,
    longitude,
    city,
  });
  const put = (book: string, rows: object[]) =>
    call(server, 'PUT', `/api/v1/catalog/${book}`, { as: admin, body: { rows } });
  await put('locations', [
    place('S01', 'store', 31.23, 121.47, '上海'),
    place('S02', 'store', 31.3, 120.58, '苏州'),
    place('S03', 'store', 39.9, 116.4, '北京'),
    place('W01', 'online_warehouse', 30.27, 120.15, '杭州'),
  ]);
  await put('categories', [{ code: 'DRINKS', nameZh: '饮料', nameEn: 'Drinks' }]);
});

/** A SKU of its own for each test, with so many pieces at each location. */
async function stocked(pieces: Record<string, number>, more: object = {}): Promise<string> {
  const sku = `A${(count += 1)}`;
  await call(server, 'PUT', '/api/v1/catalog/skus', {
    as: admin,
    body: { rows: [{ code: sku, nameZh: sku, ...more }] },
  });
  await tell(
    ...Object.entries(pieces).map(([location, qty]) =>
      event(`in ${sku} ${location}`, 'stock.received', Date.now(), {
        location,
        ref: 'r',
        lines: [{ sku, qty }],
      }),
    ),
  );
  return sku;
}

async function tell(...events: object[]): Promise<void> {
  const answer = await server.server.parts.committer.submit(events);
  expect(answer.rejected).toEqual([]);
}

const order = (id: string, sku: string, qty: number, method = 'pickup', location = 'S01') =>
  event(`placed ${id}`, 'order.placed', Date.now(), {
    orderId: id,
    channel: 'mall',
    lines: [{ sku, qty, unitPrice: 100 }],
    total: qty * 100,
    fulfilment: { method, location },
  });

const reserve = (body: object, headers: Record<string, string> = {}, as = shop) =>
  call<Reservation & Problem>(server, 'POST', '/api/v1/reservations', {
    as,
    body: { channel: 'mall', reference: `o${(count += 1)}`, ...body },
    headers,
  });
const act = (id: string, verb: string, body?: object) =>
  call<Reservation & Problem>(server, 'POST', `/api/v1/reservations/${id}/${verb}`, {
    as: shop,
    ...(body && { body }),
  });
const show = (id: string) =>
  call<Reservation>(server, 'GET', `/api/v1/reservations/${id}`, { as: shop }).then(({ body }) => body);

/** Sums over all locations. */
async function stock(sku: string): Promise<{ onHand: number; reserved: number; available: number }> {
  const { body } = await call<{ totals: { onHand: number; reserved: number; available: number } }>(
    server,
    'GET',
    `/api/v1/stock/${sku}`,
    { as: shop },
  );
  const { onHand, reserved, available } = body.totals;
  return { onHand, reserved, available };
}

const expire = async (): Promise<void> => {
  const { sql, hints } = server.server.parts;
  const queues = { add: () => Promise.resolve() };
  const log = createLog('test', 'silent');
  await expireReservations.run(
    { sql, hints, queues, log, settings: server.server.parts.settings, now: new Date() },
    {},
  );
};

/** Nothing in the books contradicts anything else. */
async function verified(): Promise<void> {
  const report = await verifyBooks(server.sql, {
    limit: 5,
    signal: new AbortController().signal,
    onResult: () => undefined,
  });
  expect(
    report.results
      .filter(({ differences }) => differences.total > 0)
      .map(({ name, differences }) => [name, differences]),
  ).toEqual([]);
  expect(await brokenRules(server.sql)).toMatchObject({ reserved: [], counters: [], flags: [] });
}

describe('a race', () => {
  it('of two hundred for twenty pieces, through two servers, gives out exactly twenty', async () => {
    const sku = await stocked({ S01: 20 });
    const other = await server.another();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, i) =>
        call<Reservation & Problem>(i % 2 ? other : server, 'POST', '/api/v1/reservations', {
          as: shop,
          body: {
            channel: 'mall',
            reference: `race ${sku} ${i}`,
            lines: [{ sku, qty: 1 }],
            // Half of them say where, half let it be chosen.
            ...(i % 4 < 2 && { location: 'S01' }),
          },
        }),
      ),
    );
    await other.close();
    const by = Map.groupBy(answers, ({ status, body }) => `${status} ${body.code ?? ''}`);
    expect([...by].map(([name, list]) => [name, list.length]).sort()).toEqual([
      ['201 ', 20],
      ['409 insufficient_stock', 180],
    ]);
    expect(await stock(sku)).toEqual({ onHand: 20, reserved: 20, available: 0 });
    const [signals] = await server.sql<[{ count: number }]>`
      select count(*) from signal join sku on sku.no = sku_no where code = ${sku} and kind = 'stock'`;
    // Two: the first delivery filled an empty shelf, and the last reservation emptied it.
    expect(signals.count).toBeGreaterThanOrEqual(1);
    await verified();
  });

  it('of a request that another server takes between two looks gives both the same', async () => {
    const sku = await stocked({ S01: 3 });
    const wish = { reference: `twice ${sku}`, lines: [{ sku, qty: 3 }], location: 'S01' };
    const first = await reserve(wish);
    const { sql } = server;
    const ofSku = sql`sku_no = (select no from sku where code = ${sku})`;
    await sql`create table taken as select * from reservation where reference = ${wish.reference}`;
    await sql`delete from reservation where reference = ${wish.reference}`;
    await sql`update stock set reserved = 0 where ${ofSku}`;
    // The look at the shelves waits until the other server's reservation is there; the look at references came before it.
    let second: ReturnType<typeof reserve> | undefined;
    await sql.begin(async (tx) => {
      await tx`lock table stock in access exclusive mode`;
      second = reserve(wish);
      await waiting(tx);
      await tx`insert into reservation select * from taken`;
      await tx`update stock set reserved = 3 where ${ofSku}`;
    });
    expect((await second)!.body.id).toBe(first.body.id);
    expect(await stock(sku)).toEqual({ onHand: 3, reserved: 3, available: 0 });
  });

  it('is not refused for one that it stood behind and that came to nothing', async () => {
    const [scarce, other] = [await stocked({ S01: 1 }), await stocked({ S01: 1 })];
    const { sql } = server;
    const [place] = await sql<
      { no: number; code: string }[]
    >`select no, code from location where code = 'S01'`;
    const asked = (skus: string[]): ReserveRequest => ({
      reference: `o${(count += 1)}`,
      channel: 'mall',
      lines: skus.map((sku) => ({ sku, qty: 1 })),
      places: [place as ReserveRequest['places'][number]],
      exact: true,
      allowSplit: false,
      ttlSeconds: 60,
      hash: skus.join(),
      by: operator,
      lookupId: null,
      command: null,
    });
    const requests = [asked([scarce, other]), asked([other])];
    const decide = async () =>
      (await reserveGroup(server.server.parts.sql, requests, () => null)).outcomes.map(({ kind }) => kind);
    // The look at the shelves is over when another server takes the last piece.
    let first: ReturnType<typeof decide> | undefined;
    await sql.begin(async (tx) => {
      await tx`lock table reservation in access exclusive mode`;
      first = decide();
      await waiting(tx);
      await tx`update stock set reserved = 1 where sku_no = (select no from sku where code = ${scarce})`;
    });
    expect(await first).toEqual(['again', 'again']);
    expect(await decide()).toEqual(['refused', 'reserved']);
    await sql`update stock set reserved = 0 where sku_no = (select no from sku where code = ${scarce})`;
  });

  it('of many with several lines ends without a deadlock, each all or nothing', async () => {
    const [a, b] = [await stocked({ S01: 10, S02: 10 }), await stocked({ S01: 10, S02: 10 })];
    const answers = await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        reserve({
          lines: [
            { sku: i % 2 ? a : b, qty: 1 },
            { sku: i % 2 ? b : a, qty: 2 },
            { sku: i % 2 ? a : b, qty: 1 },
          ],
          location: i % 3 ? 'S01' : 'S02',
        }),
      ),
    );
    const held = answers.filter(({ status }) => status === 201);
    // Two of each: five times at each location.
    expect(held).toHaveLength(10);
    expect(held.every(({ body }) => body.lines.every(({ qty }) => qty === 2))).toBe(true);
    expect(await stock(a)).toMatchObject({ reserved: 20, available: 0 });
    expect(await stock(b)).toMatchObject({ reserved: 20, available: 0 });
  });
});

describe('where it comes from', () => {
  let sku: string;
  beforeEach(async () => {
    sku = await stocked({ S01: 2, S02: 3, S03: 9, W01: 1 });
  });
  const linesOf = ({ body }: Answer<Reservation>) =>
    body.lines.map(({ location, qty }) => `${location} ${qty}`);

  it('is the nearest that has all of it', async () => {
    expect(linesOf(await reserve({ lines: [{ sku, qty: 3 }], near: 'S01' }))).toEqual(['S02 3']);
    expect(linesOf(await reserve({ lines: [{ sku, qty: 2 }], near: '39.8,116.0' }))).toEqual(['S03 2']);
    // Nobody says where: the warehouse, and stores where it has not enough.
    expect(linesOf(await reserve({ lines: [{ sku, qty: 1 }] }))).toEqual(['W01 1']);
    expect(linesOf(await reserve({ lines: [{ sku, qty: 1 }] }))).toEqual(['S01 1']);
  });

  it('is several only where that is allowed, as few and as near as can be', async () => {
    const refused = await reserve({ lines: [{ sku, qty: 11 }], near: 'S01' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'insufficient_stock' } });
    expect(refused.body.available).toEqual<AvailablePieces[]>([
      { sku, location: 'S01', available: 2 },
      { sku, location: 'S02', available: 3 },
      { sku, location: 'W01', available: 1 },
      { sku, location: 'S03', available: 9 },
    ]);
    const split = await reserve({ lines: [{ sku, qty: 11 }], near: 'S01', allowSplit: true });
    expect(linesOf(split)).toEqual(['S01 2', 'S03 9']);
    expect(await stock(sku)).toMatchObject({ reserved: 11 });
  });

  it('is exactly the location that is named', async () => {
    const refused = await reserve({ lines: [{ sku, qty: 4 }], location: 'S02' });
    expect(refused).toMatchObject({ status: 409, body: { code: 'insufficient_stock' } });
    expect(refused.body.available).toEqual([{ sku, location: 'S02', available: 3 }]);
    expect((await reserve({ lines: [{ sku, qty: 1 }], location: 'S99' })).body.code).toBe('not_found');
    expect((await reserve({ lines: [{ sku: 'no such', qty: 1 }] })).body.code).toBe('not_found');
  });

  it('leaves what the channel keeps back, and nothing of what is exclusive to others', async () => {
    const drink = await stocked({ S01: 5 }, { category: 'DRINKS', exclusiveChannels: ['mall', 'live'] });
    const rows = [
      { channel: 'mall', category: 'DRINKS', qty: 2 },
      { channel: 'mall', category: '*', qty: 9 },
    ];
    await call(server, 'PUT', '/api/v1/stock-buffers', { as: shop, body: { rows } });
    const want = (channel: string, qty: number) =>
      reserve({ channel, lines: [{ sku: drink, qty }], location: 'S01' });
    expect((await want('mall', 4)).body.available).toEqual([{ sku: drink, location: 'S01', available: 3 }]);
    expect((await want('group', 1)).body.available).toEqual([{ sku: drink, location: 'S01', available: 0 }]);
    expect((await want('live', 5)).status).toBe(201);
    // `*` holds for what has no row of its own.
    expect((await reserve({ lines: [{ sku, qty: 1 }], location: 'S03' })).status).toBe(409);
    await call(server, 'PUT', '/api/v1/stock-buffers', {
      as: shop,
      body: { rows: rows.map((row) => ({ ...row, qty: 0 })) },
    });
    expect((await call(server, 'GET', '/api/v1/stock-buffers', { as: shop })).body).toEqual({ rows: [] });
  });

  it('is a manager’s own store, and for a customer any other that is named, for a few pieces and a day', async () => {
    const sku = await stocked({ S01: 50 });
    const manager = await person(server.sql, 'manager', { locations: ['S02'] });
    const at = (qty: number, more: object = {}) =>
      reserve({ lines: [{ sku, qty }], location: 'S01', ...more }, {}, manager);
    // Lines of a SKU add up.
    const split = { lines: [{ sku, qty: 6 }, { sku, qty: 5 }] }; // prettier-ignore
    expect((await at(11)).body.code).toBe('outside_scope');
    expect((await at(1, split)).body.code).toBe('outside_scope');
    expect((await at(1, { ttlSeconds: 24 * 3600 + 1 })).body.code).toBe('outside_scope');
    const kept = await at(10);
    expect(linesOf(kept)).toEqual(['S01 10']);
    // The store that holds it sees it; nobody else does.
    const holder = await person(server.sql, 'manager', { locations: ['S01'] });
    const listed = async (as: Credentials) =>
      (
        await call<{ rows: Reservation[] }>(server, 'GET', '/api/v1/reservations?state=open', { as })
      ).body.rows.some(({ id }) => id === kept.body.id);
    expect([await listed(holder), await listed(manager)]).toEqual([true, false]);
    const [entry] = await server.sql`
      select details from audit_log where action = 'reservation.create' and target = ${kept.body.reference}`;
    expect(entry).toEqual({ details: { pieces: 10, locations: ['S01'] } });
    const release = (as: Credentials) =>
      call<Problem>(server, 'POST', `/api/v1/reservations/${kept.body.id}/release`, { as });
    const third = await person(server.sql, 'manager', { locations: ['S03'] });
    expect((await release(third)).body.code).toBe('outside_scope');
    expect((await release(manager)).status).toBe(200);
  });

  it('is never another store that was not named', async () => {
    const manager = await person(server.sql, 'manager', { locations: ['S02'] });
    const lines = [{ sku, qty: 1 }];
    expect(linesOf(await reserve({ lines, near: 'S01' }, {}, manager))).toEqual(['S02 1']);
    const foreign = await reserve({ lines, location: 'S01' });
    const list = await call<{ rows: Reservation[] }>(server, 'GET', '/api/v1/reservations', { as: manager });
    expect(list.body.rows.flatMap((row) => row.lines.map(({ location }) => location))).not.toContain('S01');
    const release = await call(server, 'POST', `/api/v1/reservations/${foreign.body.id}/release`, {
      as: manager,
    });
    expect(release.body.code).toBe('outside_scope');
  });
});

describe('asked for again', () => {
  it('the same reference and content is the same reservation, other content a conflict', async () => {
    const sku = await stocked({ S01: 9 });
    const wish = { reference: `again ${sku}`, lines: [{ sku, qty: 2 }], location: 'S01' };
    const answers = await Promise.all(Array.from({ length: 8 }, () => reserve(wish)));
    expect(new Set(answers.map(({ status, body }) => `${status} ${body.id}`)).size).toBe(1);
    expect((await reserve({ ...wish, lines: [{ sku, qty: 1 }] })).body.code).toBe('conflict');
    expect(await stock(sku)).toMatchObject({ reserved: 2 });
    await act(answers[0]!.body.id, 'release');
    const next = await reserve({ ...wish, lines: [{ sku, qty: 1 }] });
    expect(next.status).toBe(201);
    expect(next.body.id).not.toBe(answers[0]!.body.id);
  });

  it('with its Idempotency-Key answers as before and does nothing', async () => {
    const sku = await stocked({ S01: 9 });
    const key = { 'idempotency-key': `key-${sku}` };
    const wish = { reference: `keyed ${sku}`, lines: [{ sku, qty: 2 }], location: 'S01' };
    const answers = await Promise.all(Array.from({ length: 6 }, () => reserve(wish, key)));
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size).toBe(1);
    const first = answers[0]!.body;
    await act(first.id, 'release');
    // Also when it would be decided otherwise by now.
    expect((await reserve(wish, key)).body).toEqual(first);
    expect(await stock(sku)).toMatchObject({ reserved: 0 });
    expect((await reserve({ ...wish, lines: [{ sku, qty: 3 }] }, key)).body.code).toBe('conflict');
    // Keys are each caller's own, and a refusal leaves none.
    expect((await reserve(wish, key, await machine(server.sql, 'command'))).body.id).not.toBe(first.id);
    const late = { 'idempotency-key': `late-${sku}` };
    const much = { reference: `late ${sku}`, lines: [{ sku, qty: 10 }], location: 'S01' };
    expect((await reserve(much, late)).status).toBe(409);
    await tell(
      event(`more ${sku}`, 'stock.received', Date.now(), {
        location: 'S01',
        ref: 'r',
        lines: [{ sku, qty: 9 }],
      }),
    );
    expect((await reserve(much, late)).status).toBe(201);
    expect((await reserve(much, { 'idempotency-key': 'not one key' })).body.code).toBe('invalid_request');
  });

  it('a release and an extension with a key happen once', async () => {
    const sku = await stocked({ S01: 3 });
    const { body } = await reserve({ lines: [{ sku, qty: 1 }], location: 'S01' });
    const extend = () =>
      call<Reservation>(server, 'POST', `/api/v1/reservations/${body.id}/extend`, {
        as: shop,
        body: { ttlSeconds: 3_000 },
        headers: { 'idempotency-key': `extend-${sku}` },
      });
    const [one, two] = [await extend(), await extend()];
    expect(Date.parse(one.body.expiresAt!)).toBeGreaterThan(Date.parse(body.expiresAt!) + 2_000_000);
    expect(two.body).toEqual(one.body);
  });
});

describe('the end of a hold', () => {
  it('is a release, once', async () => {
    const sku = await stocked({ S01: 5 });
    const { body } = await reserve({ lines: [{ sku, qty: 5 }], location: 'S01' });
    const answers = await Promise.all([act(body.id, 'release'), act(body.id, 'release')]);
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 200, body: { state: 'released', holds: false } });
    expect(await stock(sku)).toEqual({ onHand: 5, reserved: 0, available: 5 });
    expect((await act(body.id, 'fulfil')).body.code).toBe('conflict');
    expect((await act(body.id, 'extend', { ttlSeconds: 60 })).body.code).toBe('conflict');
    await verified();
  });

  it('is its time, and an extension puts it off', async () => {
    const sku = await stocked({ S01: 4 });
    const make = () => reserve({ lines: [{ sku, qty: 2 }], location: 'S01', ttlSeconds: 60 });
    const [one, two] = [await make(), await make()];
    expect((await act(two.body.id, 'extend', { ttlSeconds: 600 })).status).toBe(200);
    // A minute later.
    await server.sql`
      update reservation set expires_at = expires_at - interval '61 seconds' where id = any(${[one.body.id, two.body.id]})`;
    await Promise.all([expire(), expire()]);
    expect(await show(one.body.id)).toMatchObject({ state: 'expired', holds: false });
    expect(await show(two.body.id)).toMatchObject({ state: 'open', holds: true });
    expect(await stock(sku)).toMatchObject({ reserved: 2, available: 2 });
    // A reference whose time is up can be used again before the job has come by.
    await server.sql`update reservation set expires_at = now() where id = ${two.body.id}`;
    const again = await reserve({ reference: two.body.reference, lines: [{ sku, qty: 4 }], location: 'S01' });
    expect(again.status).toBe(201);
    await verified();
  });

  it.each(['pickup', 'carry'])(
    'is its order for %s, whose fact comes before the fulfilment',
    async (method) => {
      const sku = await stocked({ S01: 5 });
      const { body } = await reserve({ lines: [{ sku, qty: 2 }], location: 'S01' });
      const placed = order(body.reference, sku, 2, method);
      await tell(placed);
      const after = method === 'pickup' ? { onHand: 5, reserved: 2 } : { onHand: 3, reserved: 0 };
      expect(await stock(sku)).toMatchObject(after);
      await tell(placed, placed);
      expect(await stock(sku)).toMatchObject(after);
      expect(await act(body.id, 'fulfil')).toMatchObject({
        status: 200,
        body: { state: 'fulfilled', holds: false },
      });
      expect((await act(body.id, 'release')).body.code).toBe('conflict');
      expect((await reserve({ reference: body.reference, lines: [{ sku, qty: 1 }] })).body.code).toBe(
        'conflict',
      );
      await verified();
    },
  );

  it('is its order, whose fact comes after the fulfilment: nobody buys the pieces in between', async () => {
    const sku = await stocked({ S01: 2 });
    const { body } = await reserve({ lines: [{ sku, qty: 2 }], location: 'S01', ttlSeconds: 30 });
    for (let i = 0; i < 2; i++)
      expect(await act(body.id, 'fulfil')).toMatchObject({
        status: 200,
        body: { state: 'fulfilled', holds: true },
      });
    expect((await reserve({ lines: [{ sku, qty: 1 }] })).body.code).toBe('insufficient_stock');
    const waits = Date.parse((await show(body.id)).expiresAt!) - Date.now();
    expect(waits).toBeGreaterThan(6.9 * 86_400_000);
    await tell(order(body.reference, sku, 2));
    expect(await show(body.id)).toMatchObject({ state: 'fulfilled', holds: false });
    expect(await stock(sku)).toEqual({ onHand: 2, reserved: 2, available: 0 });
    await verified();
  });

  it('is a week, where the order is never heard of', async () => {
    const sku = await stocked({ S01: 2 });
    const { body } = await reserve({ lines: [{ sku, qty: 2 }], location: 'S01' });
    await act(body.id, 'fulfil');
    await server.sql`update reservation set expires_at = now() where id = ${body.id}`;
    await expire();
    expect(await show(body.id)).toMatchObject({ state: 'fulfilled', holds: false });
    expect(await stock(sku)).toMatchObject({ reserved: 0 });
  });

  it('is an order that was cancelled before it was placed: the pieces are free', async () => {
    const sku = await stocked({ S01: 2 });
    const { body } = await reserve({ lines: [{ sku, qty: 2 }], location: 'S01' });
    await tell(event(`cancelled ${sku}`, 'order.cancelled', Date.now(), { orderId: body.reference }));
    expect(await stock(sku)).toMatchObject({ reserved: 2 });
    await tell(order(body.reference, sku, 2));
    expect(await stock(sku)).toEqual({ onHand: 2, reserved: 0, available: 2 });
    await verified();
  });

  it('is noticed by the job where an order and its reservation did not see each other', async () => {
    const sku = await stocked({ S01: 5 });
    const { body } = await reserve({ lines: [{ sku, qty: 2 }], location: 'S01' });
    await server.sql`
      insert into orders (order_id, placed_at, method, line_sku, line_qty) values (${body.reference}, now(), 'carry', '{}', '{}')`;
    await expire();
    expect(await show(body.id)).toMatchObject({ state: 'fulfilled', holds: false });
    expect(await stock(sku)).toMatchObject({ reserved: 0 });
    await server.sql`delete from orders where order_id = ${body.reference}`;
  });
});

describe('a customer who asks', () => {
  type Row = { location: string; distanceKm: number | null; promise: object; earliestPickup: string | null };
  const ask = async (query: string) =>
    (
      await call<{ here: Row | null; rows: Row[] } & Problem>(
        server,
        'GET',
        `/api/v1/availability?${query}`,
        { as: shop },
      )
    ).body;

  it('learns where it is, nearest first, and from when it can be collected here', async () => {
    const sku = await stocked({ S02: 3, S03: 9, W01: 5 });
    const all = await ask(`sku=${sku}&near=S01&qty=2`);
    expect(all.rows.map(({ location }) => location)).toEqual(['S02', 'W01', 'S03']);
    expect(all.rows[0]!.distanceKm).toBeGreaterThan(80);
    expect(all.rows[0]!.distanceKm).toBeLessThan(90);
    const days = (date: string | null) =>
      date && Math.round((Date.parse(date) - Date.parse(all.rows[0]!.earliestPickup!)) / 86_400_000);
    expect(all.here).toMatchObject({
      location: 'S01',
      distanceKm: 0,
      promise: { carry: 0, pickup: 0, ship: 0 },
    });
    expect(days(all.here!.earliestPickup)).toBe(1);
    expect((await ask(`sku=${sku}&near=S01&qty=6`)).rows.map(({ location }) => location)).toEqual(['S03']);
    expect((await ask(`sku=${sku}&near=S01&method=pickup`)).rows.map(({ location }) => location)).toEqual([
      'S02',
      'S03',
    ]);
    expect(
      (await ask(`sku=${sku}&method=ship&near=30.2,120.1`)).rows.map(({ location }) => location),
    ).toEqual(['W01', 'S02', 'S03']);
    expect(days((await ask(`sku=${sku}&near=S01&qty=6`)).here!.earliestPickup)).toBe(2);
    expect((await ask(`sku=${sku}&near=S01&qty=10`)).here!.earliestPickup).toBeNull();
    expect((await ask('sku=none')).code).toBe('not_found');
  });

  it('is counted, and the sale that is saved', async () => {
    const sku = await stocked({ S02: 3 });
    const note = (body: object = {}) =>
      call<{ id: string }>(server, 'POST', '/api/v1/lookups', {
        as: shop,
        body: { sku, location: 'S01', ...body },
      });
    const { body: lookup } = await note();
    await note({ outcome: 'lost' });
    const { body } = await reserve({ lines: [{ sku, qty: 1 }], near: 'S01', lookupId: lookup.id });
    const today = new Intl.DateTimeFormat('sv', { timeZone: 'Asia/Shanghai' }).format(Date.now());
    const sums = async () =>
      (
        await call<{ rows: object[] }>(server, 'GET', `/api/v1/lookups/summary?from=${today}&to=${today}`, {
          as: shop,
        })
      ).body.rows;
    const row = { location: 'S01', lookups: 2, followed: 1, lost: 1 };
    expect(await sums()).toEqual([{ ...row, saved: 0, savedAmount: 0 }]);
    await tell(order(body.reference, sku, 1, 'pickup', 'S02'));
    expect(await sums()).toEqual([{ ...row, saved: 1, savedAmount: 100 }]);
  });
});
