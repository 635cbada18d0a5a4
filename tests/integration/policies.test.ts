import { beforeAll, describe, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { orderCostOf } from '@zhanggui/shared/restock/explain.ts';
import { policyOf, type PolicyInput } from '@zhanggui/shared/restock/policy.ts';
import { writePolicies } from '@zhanggui/shared/restock/policy-store.ts';
import { assumptions } from '@zhanggui/shared/restock/sourcing.ts';
import { call, person, startServer, type Credentials, type TestServer } from '../support/running-server.ts';

type Row = {
  sku: string;
  location: string;
  reorderPoint: number;
  orderUpTo: number;
  byHand: boolean;
  handBy: string | null;
  safetyStock: number | null;
  why: null | {
    inputs: { rate: number; unitCost: number };
    covered: number;
    planned: { reorderPoint: number; orderUpTo: number };
  };
};

let server: TestServer;
let admin: Credentials;
/** As the plan would have it for T1 at S01. */
const input: PolicyInput = {
  rate: 2.3,
  sd: 1.7,
  leadDays: 2,
  leadSd: 0.5,
  reviewDays: 1,
  packSize: 6,
  minOrder: 1,
  unitCost: 1_234,
  orderCost: orderCostOf('store', false),
  holdingPerYear: assumptions.holdingShare,
  abc: 'B',
  xyz: 'Y',
};

beforeAll(async () => {
  server = await startServer();
  admin = await person(server.sql, 'admin');
  const places = ['S01', 'S02'].map((code) => ({ code, nameZh: code, kind: 'store', region: code }));
  await call(server, 'PUT', '/api/v1/catalog/locations', { as: admin, body: { rows: places } });
  const skus = ['T1', 'T2'].map((code) => ({ code, nameZh: code, cost: 1_234, packSize: 6 }));
  await call(server, 'PUT', '/api/v1/catalog/skus', { as: admin, body: { rows: skus } });
  await server.sql`
    insert into stock (sku_no, location_no, on_hand)
    select k.no, l.no, 20 from sku k, location l where k.code = 'T1' and l.code = 'S01'`;
});

const put = (rows: unknown[], as = admin) =>
  call<{ updated: number } & Problem>(server, 'PUT', '/api/v1/policies', { as, body: { rows } });
const list = async (query: string, as = admin) =>
  (await call<{ rows: Row[] }>(server, 'GET', `/api/v1/policies?${query}`, { as })).body.rows;
const numbers = async (sku: string, location: string) => {
  const [row] = await server.sql<{ skuNo: number; locationNo: number }[]>`
    select k.no as "skuNo", l.no as "locationNo" from sku k, location l where k.code = ${sku} and l.code = ${location}`;
  return row!;
};
const balance = async (sku: string, location: string) => {
  const { skuNo, locationNo } = await numbers(sku, location);
  const [row] = await server.sql<{ point: number | null; low: boolean }[]>`
    select reorder_point as point, low_at is not null as low from stock
    where sku_no = ${skuNo} and location_no = ${locationNo}`;
  return row;
};
/** How many signals there are about a balance; they are gone then. */
const signals = async (sku: string, location: string) => {
  const { skuNo, locationNo } = await numbers(sku, location);
  const { count } =
    await server.sql`delete from signal where kind in ('reorder', 'stock') and sku_no = ${skuNo} and location_no = ${locationNo}`;
  return count;
};
const plan = async () => {
  const policy = policyOf(input);
  await writePolicies(server.sql, [{ ...(await numbers('T1', 'S01')), input, policy }]);
  return policy;
};

describe('policies', () => {
  it('explain the planned numbers from what was kept of them', async () => {
    const planned = await plan();
    const [row] = await list('sku=T1');
    expect(row).toMatchObject({
      sku: 'T1',
      location: 'S01',
      reorderPoint: planned.reorderPoint,
      orderUpTo: planned.orderUpTo,
      safetyStock: planned.safetyStock,
      byHand: false,
      why: { planned: planned.why.planned, covered: planned.why.covered, inputs: { unitCost: 1_234 } },
    });
  });

  it('set by hand are in force at once, outlast the plan, and are given back', async () => {
    const planned = await plan();
    await signals('T1', 'S01');
    expect((await put([{ sku: 'T1', location: 'S01', min: 25, max: 60 }])).body).toEqual({ updated: 1 });
    expect(await balance('T1', 'S01')).toEqual({ point: 25, low: true });
    expect(await signals('T1', 'S01')).toBe(1);
    expect((await put([{ sku: 'T1', location: 'S01', min: 25, max: 60 }])).body).toEqual({ updated: 0 });

    await plan();
    const [row] = await list('location=S01&byHand=true');
    expect(row).toMatchObject({ reorderPoint: 25, orderUpTo: 60, byHand: true, handBy: expect.any(String) });
    expect(row!.why!.planned).toEqual(planned.why.planned);

    expect((await put([{ sku: 'T1', location: 'S01', clear: true }])).body).toEqual({ updated: 1 });
    expect(await balance('T1', 'S01')).toEqual({ point: planned.reorderPoint, low: false });
    expect(await signals('T1', 'S01')).toBe(1);
    expect((await list('sku=T1'))[0]).toMatchObject({ ...planned.why.planned, byHand: false });
    const [entry] = await server.sql`select action, target from audit_log order by no desc limit 1`;
    expect(entry).toEqual({ action: 'policy.set', target: 'T1 S01' });
  });

  it('of goods that never were there make an empty shelf that is missed; taken away, nobody misses it', async () => {
    await put([{ sku: 'T2', location: 'S02', reorderPoint: 2, orderUpTo: 8 }]);
    expect(await balance('T2', 'S02')).toEqual({ point: 2, low: true });
    expect(await signals('T2', 'S02')).toBe(1);
    expect((await list('sku=T2'))[0]).toMatchObject({ reorderPoint: 2, orderUpTo: 8, why: null });
    const [counters] = await server.sql`
      select balances, sold_out from stock_location where location_no = ${(await numbers('T2', 'S02')).locationNo}`;
    expect(counters).toEqual({ balances: 1, sold_out: 1 });

    await put([{ sku: 'T2', location: 'S02', clear: true }]);
    expect(await balance('T2', 'S02')).toEqual({ point: null, low: false });
    expect(await list('sku=T2')).toEqual([]);
  });

  it.each([
    [{ sku: 'T1', location: 'S01', min: 5, max: 4 }, 400, 'rows.1.max'],
    [{ sku: 'T1', location: 'S01', min: -1, max: 4 }, 400, 'rows.1.min'],
    [{ sku: 'T1', location: 'S01', reorderPoint: 5 }, 400, 'rows.1.orderUpTo'],
    [{ sku: 'T1', location: 'S01', min: 1, max: 2, reorderPoint: 5 }, 400, 'rows.1.reorderPoint'],
    [{ sku: 'T1', location: 'S01', clear: true, min: 1, max: 2 }, 400, 'rows.1.min'],
    [{ sku: 'T1', location: 'S01', min: 1.5, max: 2 }, 400, 'rows.1.min'],
    [{ sku: 'T2', location: 'S02', min: 1, max: 2 }, 400, 'rows.1.sku'],
    [{ sku: 'NONE', location: 'S01', min: 1, max: 2 }, 404, 'rows.1.sku'],
    [{ sku: 'T1', location: 'NOWHERE', min: 1, max: 2 }, 404, 'rows.1.location'],
  ])('are taken all or none, and the field that does not fit is named: %o', async (row, status, field) => {
    const answer = await put([{ sku: 'T2', location: 'S02', min: 3, max: 9 }, row]);
    expect([answer.status, answer.body.errors?.[0]?.field]).toEqual([status, field]);
    expect(await list('sku=T2')).toEqual([]);
  });

  it('of other stores are neither seen nor set by a manager', async () => {
    await plan();
    const manager = await person(server.sql, 'manager', { locations: ['S02'] });
    expect(await list('', manager)).toEqual([]);
    expect((await put([{ sku: 'T1', location: 'S01', min: 1, max: 2 }], manager)).body.code).toBe(
      'outside_scope',
    );
    expect((await put([{ sku: 'T2', location: 'S02', min: 1, max: 2 }], manager)).body).toEqual({
      updated: 1,
    });
  });
});
