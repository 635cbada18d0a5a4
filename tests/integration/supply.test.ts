/** From a proposal to the shelf: approved, ordered, shipped, received, late, called off; by us and by systems outside. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { bookArrivals } from '@zhanggui/shared/supply/arrival-store.ts';
import { compareInbound, compareProposals } from '@zhanggui/shared/supply/verify-store.ts';
import { supplyDoor } from '@zhanggui/server/src/supply/door.ts';
import approveProposalsJob from '@zhanggui/workers/src/jobs/approve-proposals.ts';
import bookArrivalsJob from '@zhanggui/workers/src/jobs/book-arrivals.ts';
import chaseOrdersJob from '@zhanggui/workers/src/jobs/chase-orders.ts';
import type { JobContext } from '@zhanggui/workers/src/job.ts';
import { brokenRules, event } from '../support/books.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';
import { foundSupply, type Supply } from '../support/supply.ts';

type Order = {
  code: string;
  status: string;
  outstanding: number;
  closedShort: boolean;
  lines: { sku: string; qty: number; received: number; damaged: number; outstanding: number }[];
  receipts: { deliveryId: string; qty: number }[];
};

let server: TestServer;
let at: Supply;
let admin: Credentials;
let till: Credentials;
beforeAll(async () => {
  server = await startServer();
  at = await foundSupply(server.sql);
  admin = await person(server.sql, 'admin');
  till = await machine(server.sql, 'ingest');
});

beforeEach(async () => {
  const { sql } = server;
  await sql`truncate stock, stock_location, stock_movement, policy, proposal, supply_order, supply_order_line, supply_receipt,
    supply_receipt_line, reservation, signal, alert, alert_event, approval_rule, ledger, ledger_key cascade`;
  // S1 is empty; S2 has plenty.
  await receive('S2', { A: 100, B: 50 });
  await setPolicy('A', 'S1');
});

let facts = 0;
const send = async (type: string, data: object, id = `t${(facts += 1)}`) => {
  const body = [event(id, type, new Date().toISOString(), data, 'wms')];
  const answer = await call<{ accepted: number; duplicates: number }>(server, 'POST', '/api/v1/events', {
    as: till,
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/cloudevents-batch+json' },
  });
  expect(answer.status).toBe(200);
  return answer.body;
};
const linesOf = (pieces: Record<string, number>) =>
  Object.entries(pieces).map(([sku, qty]) => ({ sku, qty }));
const receive = (location: string, pieces: Record<string, number>, ref = 'opening') =>
  send('stock.received', { location, ref, lines: linesOf(pieces) });

/** A policy, and its copy at the balance, of a shelf that no fact has touched. */
const setPolicy = (sku: string, location: string) =>
  server.sql.begin(async (sql) => {
    const [skuNo, locationNo] = [at.sku(sku), at.location(location)];
    await sql`insert into policy (sku_no, location_no, reorder_point, order_up_to, rate) values (${skuNo}, ${locationNo}, 5, 20, 2)`;
    await sql`
      insert into stock (sku_no, location_no, reorder_point, low_at, flagged_at) values (${skuNo}, ${locationNo}, 5, now() - interval '2 days', now())`;
    await sql`
      insert into stock_location as t (location_no, balances, sold_out) values (${locationNo}, 1, 1)
      on conflict (location_no) do update set balances = t.balances + 1, sold_out = t.sold_out + 1`;
  });

const propose = async (
  sku: string,
  location: string,
  { qty = 20, kind = 'transfer', from = 'S2', supplier = null as string | null, cost = 900 } = {},
): Promise<string> => {
  const [row] = await server.sql<{ id: string }[]>`
    insert into proposal (sku_no, location_no, source_kind, source_location_no, supplier, qty, cost, expected_at, why)
    values (${at.sku(sku)}, ${at.location(location)}, ${kind}, ${from === '' ? null : at.location(from)}, ${supplier}, ${qty},
      ${cost}, now() + interval '1 day', ${server.sql.json(why)})
    returning id`;
  return row!.id;
};
const option = {
  kind: 'transfer',
  locationNo: 2,
  location: 'S2',
  supplier: null,
  qty: 20,
  expectedAt: '2026-11-26T00:00:00.000Z',
  cost: 900,
  handling: 900,
  lost: 0,
  holding: 0,
  relief: 0,
  total: 900,
  outOfQuestion: null,
};
const why = {
  available: 0,
  inbound: 0,
  reorderPoint: 5,
  orderUpTo: 20,
  rate: 2,
  packSize: 4,
  minOrder: 1,
  wanted: 20,
  coverDays: 10,
  waiting: null,
  chosen: option,
  rejected: [],
  warnings: [],
};

const post = <T = Order & Problem>(path: string, body?: unknown, as = admin, headers = {}) =>
  call<T>(server, 'POST', `/api/v1/${path}`, { as, body, headers });
const get = async <T>(path: string, as = admin) =>
  (await call<T>(server, 'GET', `/api/v1/${path}`, { as })).body;

const balance = async (sku: string, location: string) => {
  const [row] = await server.sql<{ hand: number; reserved: number; inbound: number }[]>`
    select on_hand as hand, reserved, inbound from stock
    where sku_no = ${at.sku(sku)} and location_no = ${at.location(location)}`;
  return row;
};

/** What a worker gives a job; nothing is enqueued here. */
const run = (
  job: { run: (context: JobContext, payload: Record<string, never>) => Promise<void> },
  now = new Date(),
) =>
  job.run(
    {
      sql: server.sql,
      hints: server.server.parts.hints,
      queues: { add: () => Promise.resolve() },
      settings: server.server.parts.settings,
      log: server.server.parts.log,
      now,
    } as unknown as JobContext,
    {},
  );

/** The books add up, and the promises about what is on its way hold. */
async function demandWholeBooks(): Promise<void> {
  const { sql } = server;
  const { onHand, counters, flags } = await brokenRules(sql);
  expect({ onHand, counters, flags }).toEqual({ onHand: [], counters: [], flags: [] });
  expect(await compareInbound(sql, 5)).toEqual({ total: 0, first: [] });
  expect(await compareProposals(sql, 5)).toEqual({ total: 0, first: [] });
  const held = await sql`
    select s.sku_no, s.location_no, s.reserved, coalesce(r.qty, 0) as held from stock s left join (
      select l.sku as sku_no, l.place as location_no, sum(l.qty) as qty from reservation,
        unnest(line_sku, line_location, line_qty) as l (sku, place, qty) where holds group by 1, 2) r using (sku_no, location_no)
    where s.reserved <> coalesce(r.qty, 0)`;
  expect(held).toEqual([]);
}

describe('a transfer', () => {
  it('goes from the proposal to the shelf: approved, shipped, received in part, the rest broken', async () => {
    const id = await propose('A', 'S1');
    const approved = await post<{ order: string; status: string }>(`proposals/${id}/approve`, {});
    expect(approved).toMatchObject({ status: 200, body: { status: 'approved' } });
    const code = approved.body.order;
    expect(code).toMatch(/^TR-\d{6}$/);
    expect(await balance('A', 'S2')).toEqual({ hand: 100, reserved: 20, inbound: 0 });
    expect(await balance('A', 'S1')).toEqual({ hand: 0, reserved: 0, inbound: 20 });
    await demandWholeBooks();

    expect((await post(`supply-orders/${code}/send`)).body.status).toBe('sent');
    // Booked out by two people at once, and once more: the goods leave once.
    const shipped = await Promise.all([1, 2, 3].map(() => post(`supply-orders/${code}/ship`, {})));
    expect(shipped.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await post(`supply-orders/${code}/ship`, {})).body.status).toBe('shipped');
    expect(await balance('A', 'S2')).toEqual({ hand: 80, reserved: 0, inbound: 0 });
    expect((await post(`supply-orders/${code}/cancel`)).status).toBe(409);

    const part = { deliveryId: 'd1', lines: [{ sku: 'A', qty: 12, damaged: 2 }] };
    const first = await post(`supply-orders/${code}/receive`, part);
    expect(first.body).toMatchObject({
      status: 'shipped',
      outstanding: 8,
      lines: [{ qty: 20, received: 10, damaged: 2, outstanding: 8 }],
    });
    // The same delivery once more, and by the job that the fact woke.
    expect((await post(`supply-orders/${code}/receive`, part)).body.lines).toEqual(first.body.lines);
    await run(bookArrivalsJob);
    expect(await balance('A', 'S1')).toEqual({ hand: 10, reserved: 0, inbound: 8 });
    await demandWholeBooks();

    const last = await post(`supply-orders/${code}/receive`, {
      deliveryId: 'd2',
      lines: [{ sku: 'A', qty: 8, damaged: 8 }],
    });
    expect(last.body).toMatchObject({ status: 'received', outstanding: 0, closedShort: false });
    expect(await balance('A', 'S1')).toEqual({ hand: 10, reserved: 0, inbound: 0 });
    expect(await balance('A', 'S2')).toEqual({ hand: 80, reserved: 0, inbound: 0 });
    await demandWholeBooks();
    const summary = await get<{ cycleHours: number }>('restock/summary');
    expect(summary).toMatchObject({ openProposals: 0, underWay: 0, late: 0 });
    // Since the shelf was low.
    expect(summary.cycleHours).toBeCloseTo(48, 1);
    const actions = await server.sql`select action from audit_log where target = ${code} order by no`;
    expect([...new Set(actions.map(({ action }) => action))]).toEqual([
      'proposal.approve',
      'supply_order.send',
      'supply_order.ship',
      'supply_order.receive',
    ]);
  });

  it('that arrives has left, also where nobody booked it out', async () => {
    const id = await propose('A', 'S1');
    const { order: code } = (await post<{ order: string }>(`proposals/${id}/approve`, {})).body;
    const some = await post(`supply-orders/${code}/receive`, {
      deliveryId: 'd1',
      lines: [{ sku: 'A', qty: 12 }],
    });
    expect(some.body).toMatchObject({ status: 'shipped', outstanding: 8 });
    expect(await balance('A', 'S2')).toEqual({ hand: 80, reserved: 0, inbound: 0 });
    expect(await balance('A', 'S1')).toEqual({ hand: 12, reserved: 0, inbound: 8 });
    await demandWholeBooks();
  });

  it('is approved once, whoever is faster', async () => {
    const id = await propose('A', 'S1');
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => post(`proposals/${id}/approve`, {})));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409, 409, 409, 409]);
    expect(await server.sql`select from supply_order`).toHaveLength(1);
    expect(await balance('A', 'S2')).toMatchObject({ reserved: 20 });
    await demandWholeBooks();
  });

  it('is answered as before with its Idempotency-Key', async () => {
    const id = await propose('A', 'S1');
    const headers = { 'idempotency-key': 'once-1' };
    const [one, two] = [
      await post(`proposals/${id}/approve`, {}, admin, headers),
      await post(`proposals/${id}/approve`, {}, admin, headers),
    ];
    expect([one.status, two.status]).toEqual([200, 200]);
    expect(two.body).toEqual(one.body);
  });

  it('of more than its source has is refused, and holds nothing up', async () => {
    const many = await propose('A', 'S1', { qty: 101 });
    const few = await propose('B', 'S1');
    const single = await post(`proposals/${many}/approve`, {});
    expect(single).toMatchObject({ status: 409, body: { code: 'insufficient_stock' } });
    expect(single.body.detail).toContain('100');
    const nobody = '00000000-0000-7000-8000-000000000000';
    const bulk = await post<{ results: { id: string; order: string | null; refused: string | null }[] }>(
      'proposals/approve',
      { ids: [many, few, nobody] },
    );
    expect(bulk.body.results).toEqual([
      { id: many, order: null, refused: 'insufficient_stock', available: 100 },
      { id: few, order: expect.stringMatching(/^TR-/) as string, refused: null },
      { id: nobody, order: null, refused: 'not_found' },
    ]);
    // A smaller quantity goes.
    expect((await post(`proposals/${many}/approve`, { qty: 100 })).status).toBe(200);
    await demandWholeBooks();
  });

  it('of the same way is one order, also of two that want the same last pieces', async () => {
    const ids = [
      await propose('A', 'S1', { qty: 60 }),
      await propose('B', 'S1'),
      await propose('A', 'S3', { qty: 60 }),
    ];
    const { results } = (
      await post<{ results: { order: string | null; refused: string | null }[] }>('proposals/approve', {
        ids,
      })
    ).body;
    expect(results[0]!.order).toBe(results[1]!.order);
    expect(results[2]).toMatchObject({ refused: 'insufficient_stock', available: 40 });
    const order = await get<Order>(`supply-orders/${results[0]!.order}`);
    expect(order.lines.map(({ sku, qty }) => [sku, qty])).toEqual([
      ['A', 60],
      ['B', 20],
    ]);
    await demandWholeBooks();
  });

  it('comes from another source that a person chose, unless that one would lack it itself', async () => {
    // S3 keeps 33 for itself and can give 27: six packs of four.
    await setPolicy('A', 'S3');
    await receive('S3', { A: 60 });
    await receive('HQ', { A: 1 });
    const id = await propose('A', 'S1');
    type Offers = {
      rows: {
        location: string | null;
        supplier: string | null;
        qty: number;
        current: boolean;
        outOfQuestion: string | null;
      }[];
    };
    const { rows } = await get<Offers>(`proposals/${id}/sources`);
    const seen = rows.map((each) => [
      each.location ?? each.supplier,
      each.qty,
      each.current,
      each.outOfQuestion,
    ]);
    expect(seen[0]).toEqual(['S3', 20, false, null]);
    expect(seen.slice(1).sort()).toEqual([
      ['FAR', 20, false, 'not_direct'],
      ['HQ', 0, false, 'less_than_a_pack'],
      ['S2', 0, true, 'no_surplus'],
    ]);
    const approve = (body: object, proposal = id) =>
      post<Problem & { order: string; source: string; why: typeof why }>(
        `proposals/${proposal}/approve`,
        body,
      );
    const from = (location: string) => ({ source: { location } });
    expect((await approve({ qty: 28, ...from('S3') })).body).toMatchObject({
      code: 'insufficient_stock',
      detail: expect.stringContaining('24') as string,
    });
    expect((await approve(from('S2'))).body.code).toBe('insufficient_stock');
    expect((await approve(from('NOWHERE'))).body.code).toBe('conflict');
    expect((await approve({ source: { supplier: 'FAR' } })).body.code).toBe('conflict');
    expect(await server.sql`select from supply_order`).toEqual([]);

    // Two who ask the same shop at once do not empty it between them.
    await setPolicy('A', 'WEB');
    const other = await propose('A', 'WEB');
    const answers = await Promise.all([approve(from('S3')), approve(from('S3'), other)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 409]);
    const { body } = answers.find(({ status }) => status === 200)!;
    expect(body).toMatchObject({ source: 'S3', why: { chosen: { location: 'S3' } } });
    expect(body.why.rejected).toMatchObject([{ location: 'S2' }]);
    expect(await get(`supply-orders/${body.order}`)).toMatchObject({ from: 'S3' });
    expect(await balance('A', 'S3')).toMatchObject({ hand: 60, reserved: 20 });
    expect(await balance('A', 'S2')).toMatchObject({ reserved: 0 });
    const [entry] =
      await server.sql`select details->'source' as source from audit_log where action = 'proposal.approve' order by no desc limit 1`;
    expect(entry).toEqual({ source: { location: 'S3' } });
    await demandWholeBooks();
  });

  it('called off frees its goods and is inbound no more', async () => {
    const id = await propose('A', 'S1');
    const code = (await post<{ order: string }>(`proposals/${id}/approve`, {})).body.order;
    expect((await post(`supply-orders/${code}/cancel`)).body.status).toBe('cancelled');
    expect((await post(`supply-orders/${code}/cancel`)).status).toBe(200);
    expect(await balance('A', 'S2')).toEqual({ hand: 100, reserved: 0, inbound: 0 });
    expect(await balance('A', 'S1')).toMatchObject({ inbound: 0 });
    expect((await post(`supply-orders/${code}/ship`, {})).status).toBe(409);
    expect(await server.sql`select from signal where kind = 'stock'`).not.toHaveLength(0);
    await demandWholeBooks();
  });

  it('that a warehouse system tells of ends the same, however its facts come', async () => {
    const id = await propose('A', 'S1');
    const code = (await post<{ order: string }>(`proposals/${id}/approve`, {})).body.order;
    const moved = (qty: number) => ({ from: 'S2', to: 'S1', ref: code, lines: [{ sku: 'A', qty }] });
    await send('stock.transferred', moved(15), 'm1');
    // The hold ended in the fact's own transaction: what left is not held as well.
    expect(await balance('A', 'S2')).toEqual({ hand: 85, reserved: 0, inbound: 0 });
    expect((await send('stock.transferred', moved(15), 'm1')).duplicates).toBe(1);
    await run(bookArrivalsJob);
    expect(await get<Order>(`supply-orders/${code}`)).toMatchObject({ status: 'shipped', outstanding: 5 });
    await send('stock.transferred', moved(5), 'm2');
    await run(bookArrivalsJob);
    await server.sql.begin((tx) => bookArrivals(tx, [code], supplyDoor));
    expect(await get<Order>(`supply-orders/${code}`)).toMatchObject({ status: 'received', outstanding: 0 });
    expect(await balance('A', 'S1')).toEqual({ hand: 20, reserved: 0, inbound: 0 });
    expect(await server.sql`select from signal where kind = 'arrival'`).toHaveLength(0);
    await demandWholeBooks();
  });
});

describe('a purchase', () => {
  const buy = (more: object = {}) =>
    post('supply-orders', {
      kind: 'purchase',
      supplier: 'FAR',
      to: 'HQ',
      lines: [
        { sku: 'A', qty: 30 },
        { sku: 'B', qty: 5 },
        { sku: 'A', qty: 10 },
      ],
      expectedAt: '2026-11-20T00:00:00Z',
      ...more,
    });

  it('that is late has one alert, until it comes', async () => {
    const { body, status } = await buy();
    expect(status).toBe(201);
    expect(body.code).toMatch(/^PO-\d{6}$/);
    expect(body.lines.map(({ sku, qty }) => [sku, qty])).toEqual([
      ['A', 40],
      ['B', 5],
    ]);
    expect(await get('supply-orders?status=late')).toMatchObject({ rows: [{ code: body.code, late: true }] });
    await run(chaseOrdersJob);
    await run(chaseOrdersJob);
    const alerts = () => server.sql`
      select kind, params->>'order' as order, location_no, resolved_at is null as open from alert`;
    expect(await alerts()).toEqual([
      { kind: 'late_supply', order: body.code, location_no: at.location('HQ'), open: true },
    ]);
    await receive('HQ', { A: 40 }, body.code);
    await run(bookArrivalsJob);
    expect(await alerts()).toMatchObject([{ open: true }]);
    // The rest will not come.
    const closed = await post(`supply-orders/${body.code}/receive`, {
      deliveryId: 'x',
      lines: [],
      final: true,
    });
    expect(closed.body).toMatchObject({ status: 'received', closedShort: true, outstanding: 0 });
    expect(await alerts()).toMatchObject([{ open: false }]);
    expect(await balance('B', 'HQ')).toEqual({ hand: 0, reserved: 0, inbound: 0 });
    await demandWholeBooks();
  });

  it('takes in only what is on it', async () => {
    const { code } = (await buy()).body;
    const path = `supply-orders/${code}/receive`;
    expect((await post(path, { deliveryId: 'd', lines: [{ sku: 'C', qty: 1 }] })).body.errors).toMatchObject([
      { field: 'lines.0.sku' },
    ]);
    expect((await post(path, { deliveryId: 'd', lines: [{ sku: 'A', qty: 1, damaged: 2 }] })).status).toBe(
      400,
    );
    expect((await post(path, { deliveryId: 'd', lines: [] })).status).toBe(400);
    expect(await server.sql`select from supply_receipt`).toHaveLength(0);
  });

  it('is refused where it makes no sense', async () => {
    expect((await buy({ to: 'NOWHERE' })).status).toBe(404);
    expect((await buy({ supplier: 'NOBODY' })).status).toBe(404);
    expect((await buy({ from: 'S1' })).body.errors).toMatchObject([{ field: 'from' }]);
    const transfer = await buy({
      kind: 'transfer',
      supplier: undefined,
      from: 'S2',
      lines: [{ sku: 'B', qty: 51 }],
    });
    expect(transfer.body).toMatchObject({
      code: 'insufficient_stock',
      errors: [{ field: 'lines.B', detail: '50 available' }],
    });
    expect(await server.sql`select from supply_order`).toHaveLength(0);
  });

  it('is told once to its supplier’s machine, and to no other', async () => {
    await server.sql`
      insert into delivery_endpoint (name, kind, url, events, supplier, locale, per_minute)
      select 'of ' || s, 'webhook', 'https://example.com', '{supply_order.sent}', s, 'en', 60 from unnest('{FAR,NEAR}'::text[]) s`;
    const { code } = (await buy()).body;
    await Promise.all([1, 2].map(() => post(`supply-orders/${code}/send`)));
    const deliveries = await server.sql`
      select e.name, d.data from delivery d join delivery_endpoint e on e.id = d.endpoint_id`;
    expect(deliveries).toMatchObject([
      {
        name: 'of FAR',
        data: {
          code,
          from: 'FAR',
          to: 'HQ',
          lines: [
            { sku: 'A', qty: 40 },
            { sku: 'B', qty: 5 },
          ],
        },
      },
    ]);
    expect(await server.sql`select sent_how from supply_order`).toEqual([{ sent_how: 'webhook' }]);
  });

  it('is a file for its supplier that calculates nothing', async () => {
    await server.sql`update sku set name_en = '=1+1' where code = 'B'`;
    const { code } = (await buy()).body;
    const { text, headers } = await call(server, 'GET', `/api/v1/supply-orders/${code}.csv`, { as: admin });
    expect(headers.get('content-type')).toMatch(/^text\/csv/);
    expect(headers.get('content-disposition')).toContain(`${code}.csv`);
    expect(text.split('\r\n')).toEqual([
      // The byte order mark is taken for itself by whoever reads text.
      'order,kind,from,to,expectedAt,sku,nameZh,nameEn,qty,received,damaged,outstanding',
      `${code},purchase,FAR,HQ,2026-11-20T00:00:00.000Z,A,甲,A,40,0,0,40`,
      `${code},purchase,FAR,HQ,2026-11-20T00:00:00.000Z,B,乙,'=1+1,5,0,0,5`,
      '',
    ]);
  });
});

describe('people', () => {
  it('decide for their own stores only', async () => {
    const [mine, other] = [await propose('A', 'S1'), await propose('B', 'S3')];
    const manager = await person(server.sql, 'manager', { locations: ['S1'] });
    expect((await post(`proposals/${other}/approve`, {}, manager)).body.code).toBe('outside_scope');
    expect((await post(`proposals/${other}/reject`, { reason: 'no' }, manager)).body.code).toBe(
      'outside_scope',
    );
    const { rows } = await get<{ rows: { id: string }[] }>('proposals?status=open', manager);
    expect(rows.map(({ id }) => id)).toEqual([mine]);
    const { results } = (
      await post<{ results: { refused: string | null }[] }>(
        'proposals/approve',
        { ids: [other, mine] },
        manager,
      )
    ).body;
    expect(results.map(({ refused }) => refused)).toEqual(['outside_scope', null]);
    const sender = await person(server.sql, 'manager', { locations: ['S2'] });
    const [{ code } = { code: '' }] = (await get<{ rows: Order[] }>('supply-orders', sender)).rows;
    expect(
      (await post(`supply-orders/${code}/receive`, { deliveryId: 'd', lines: [], final: true }, sender))
        .status,
    ).toBe(403);
    expect((await post(`supply-orders/${code}/ship`, {}, sender)).status).toBe(200);
  });

  it('say no with a reason, and take it back', async () => {
    const id = await propose('A', 'S1');
    expect((await post(`proposals/${id}/reject`, {})).status).toBe(400);
    const rejected = await post<{ status: string; reason: string }>(`proposals/${id}/reject`, {
      reason: '换季',
    });
    expect(rejected.body).toMatchObject({ status: 'rejected', reason: '换季' });
    expect((await post(`proposals/${id}/approve`, {})).status).toBe(409);
    expect((await post<{ status: string }>(`proposals/${id}/reopen`)).body.status).toBe('open');
    await post(`proposals/${id}/reject`, { reason: 'no' });
    await propose('A', 'S1');
    expect((await post(`proposals/${id}/reopen`)).status).toBe(409);
    await server.sql`delete from proposal where state = 'open'`;
    await server.sql`update proposal set decided_at = now() - interval '11 minutes'`;
    expect((await post(`proposals/${id}/reopen`)).status).toBe(409);
  });

  it('let a rule approve what is small', async () => {
    const put = (body: object) => call(server, 'PUT', '/api/v1/approval-rules', { as: admin, body });
    const [small, dear, bought] = [
      await propose('A', 'S1', { cost: 500 }),
      await propose('B', 'S1', { cost: 501 }),
      await propose('C', 'S1', { cost: 1, kind: 'supplier', from: '', supplier: 'NEAR' }),
    ];
    await run(approveProposalsJob);
    expect((await put({ kinds: ['transfer'], maxCost: 500, maxQty: 20 })).status).toBe(200);
    await run(approveProposalsJob);
    const decided = await server.sql`select id, state, decided_by from proposal order by created_at`;
    expect(decided).toEqual([
      { id: small, state: 'approved', decided_by: 'rule' },
      { id: dear, state: 'open', decided_by: null },
      { id: bought, state: 'open', decided_by: null },
    ]);
    await demandWholeBooks();
  });
});
