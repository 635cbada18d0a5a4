/** What lies too long is shown with what could be done, and one of it is done. */
import { beforeAll, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { noteStagnant } from '@zhanggui/shared/restock/slow-mover-store.ts';
import { call, person, startServer, type Credentials, type TestServer } from '../support/running-server.ts';
import { foundSupply, setBalance, type Supply } from '../support/supply.ts';

type Slow = {
  sku: string;
  location: string;
  class: string;
  excess: number;
  value: number;
  options: { action: string; to: string | null; with: string | null; cut: number | null; qty: number }[];
};
type Page = { rows: Slow[]; nextCursor: string | null };

let server: TestServer;
let at: Supply;
let admin: Credentials;
beforeAll(async () => {
  server = await startServer();
  const { sql } = server;
  at = await foundSupply(sql);
  admin = await person(sql, 'admin');
  const policy = { reorderPoint: 5, orderUpTo: 20 };
  // Hardly sells in S1, well in S2; C is fresh there. B sells best in S1.
  await setBalance(sql, at, 'A', 'S1', { onHand: 200, ...policy, rate: 0.125 });
  await setBalance(sql, at, 'A', 'S2', { onHand: 2, ...policy, orderUpTo: 60, rate: 3 });
  await setBalance(sql, at, 'B', 'S1', { onHand: 50, ...policy, rate: 4 });
  await setBalance(sql, at, 'C', 'S1', { onHand: 300, ...policy, rate: 0.5 });
  await setBalance(sql, at, 'C', 'S3', { onHand: 100, reserved: 0 });
  const moved = (sku: string, kind: string, days: number) => sql`
    insert into stock_movement (seq, sku_no, location_no, kind, qty, delta, at)
    values (1, ${at.sku(sku)}, ${at.location('S1')}, ${kind}, 1, 0, now() - ${days} * interval '1 day')`;
  await moved('A', 'received', 400);
  await moved('A', 'sale', 200);
  await moved('C', 'received', 3);
  await sql`update sku set cost = 1000 where code = 'A'`;
});

const list = async (query: string, as = admin) =>
  (await call<Page>(server, 'GET', `/api/v1/slow-movers?${query}`, { as })).body;
const accept = (option: object, as = admin, sku = 'A') =>
  call<{ order: string | null; promotionDraft: string | null } & Problem>(
    server,
    'POST',
    '/api/v1/slow-movers/accept',
    {
      as,
      body: { sku, location: 'S1', option },
    },
  );

it('what lies too long is listed, the dearest first, with what could be done', async () => {
  const { rows } = await list('location=S1');
  expect(rows.map((row) => [row.sku, row.class, row.value, row.excess])).toEqual([
    ['A', 'dead', 200_000, 188],
  ]);
  expect(rows[0]!.options.map(({ action }) => action)).toEqual(
    expect.arrayContaining(['transfer', 'bundle', 'markdown', 'leave']),
  );
  expect(rows[0]!.options.find(({ action }) => action === 'transfer')).toMatchObject({ to: 'S2', qty: 58 });
  expect(rows[0]!.options.find(({ action }) => action === 'bundle')).toMatchObject({ with: 'B' });
  expect((await list('class=fresh')).rows.map(({ sku }) => sku)).toEqual(['C']);
  const manager = await person(server.sql, 'manager', { locations: ['S2'] });
  expect((await list('location=S1', manager)).rows).toEqual([]);
  // Pages go on where the last one ended.
  const first = await list('limit=1');
  expect(first.rows.map(({ sku }) => sku)).toEqual(['A']);
  expect(await list(`limit=1&cursor=${first.nextCursor}`)).toEqual({ rows: [], nextCursor: null });
});

it('its share of the value is noted once a day', async () => {
  expect(await noteStagnant(server.sql, '2026-11-25')).toBe(true);
  expect(await noteStagnant(server.sql, '2026-11-25')).toBe(false);
  await server.sql`update stagnant_day set day = current_date`;
  const { body } = await call<{ value: number; stagnantValue: number; share: number; days: unknown[] }>(
    server,
    'GET',
    '/api/v1/slow-movers/summary',
    { as: admin },
  );
  // A in S1; C came three days ago, and in S3 nobody knows what sells.
  expect(body).toMatchObject({ stagnantValue: 200_000, value: 307_000, days: [{}] });
  expect(body.share).toBeCloseTo(200 / 307, 6);
});

it('one of it is done: a transfer is made, or a promotion drafted', async () => {
  const manager = await person(server.sql, 'manager', { locations: ['S2'] });
  expect((await accept({ action: 'transfer', to: 'S2' }, manager)).body.code).toBe('outside_scope');
  const drafted = await accept({ action: 'markdown', cut: 0.3 });
  expect(drafted).toMatchObject({ status: 201, body: { order: null } });
  const [draft] =
    await server.sql`select kind, percent_off, qty from promotion_draft where id = ${drafted.body.promotionDraft!}`;
  expect(draft).toEqual({ kind: 'markdown', percent_off: 30, qty: 188 });
  const bundled = await accept({ action: 'bundle', with: 'B' });
  expect(bundled.body.promotionDraft).toBeTypeOf('string');
  const moved = await accept({ action: 'transfer', to: 'S2' });
  expect(moved.body.order).toMatch(/^TR-/);
  const [order] = await server.sql`
    select n.qty, o.kind from supply_order o join supply_order_line n on n.order_no = o.no where code = ${moved.body.order!}`;
  expect(order).toEqual({ qty: 58, kind: 'transfer' });
  const [held] =
    await server.sql`select reserved from stock where sku_no = ${at.sku('A')} and location_no = ${at.location('S1')}`;
  expect(held).toEqual({ reserved: 58 });
  // There is no room in S2 any more.
  expect((await accept({ action: 'transfer', to: 'S2' })).status).toBe(409);
  expect((await accept({ action: 'transfer', to: 'S3' })).status).toBe(409);
});
