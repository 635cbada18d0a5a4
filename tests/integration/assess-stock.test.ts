/** From a sale to an alert and a proposal, and back: what stands at the end follows from the balances alone. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { signalMisfits, takeLook } from '@zhanggui/shared/alerts/balance-store.ts';
import { signalRushes, updatePaces } from '@zhanggui/shared/stock/pace-store.ts';
import { finishPlan, requestPlan, takePlan } from '@zhanggui/shared/restock/plan-store.ts';
import { assessOnce } from '@zhanggui/workers/src/assess.ts';
import type { JobContext } from '@zhanggui/workers/src/job.ts';
import watchStock from '@zhanggui/workers/src/jobs/watch-stock.ts';
import { emptyBooks, event, openBooks, type Books } from '../support/books.ts';

let books: Books;
beforeAll(async () => {
  books = await openBooks();
});
beforeEach(() => emptyBooks(books.sql));
afterAll(() => books.close());

let facts = 0;
const send = (type: string, data: object) =>
  books.committer().submit([event(`f${(facts += 1)}`, type, new Date().toISOString(), data)]);
const receive = (qty: number, location = 'S1') =>
  send('stock.received', { location, ref: 'd1', lines: [{ sku: 'A', qty }] });
const count = (onHand: number) => send('stock.counted', { location: 'S1', lines: [{ sku: 'A', onHand }] });
const sell = (qty: number, location = 'S1') =>
  send('order.placed', {
    orderId: `o${facts + 1}`,
    channel: 'pos',
    lines: [{ sku: 'A', qty, unitPrice: 100 }],
    total: qty * 100,
    fulfilment: { method: 'carry', location },
  });

/** A policy of every balance that there is. */
const policy = (reorderPoint: number, orderUpTo: number) =>
  books.sql.begin(async (sql) => {
    await sql`
      insert into policy (sku_no, location_no, abc, xyz, service_level, rate, sd, lead_days, lead_sd, review_days, pack_size,
        min_order, safety_stock, reorder_point, order_up_to)
      select sku_no, location_no, 'A', 'X', 0.98, 2, 1, 2, 0, 1, 1, 1, 2, ${reorderPoint}, ${orderUpTo} from stock`;
    await sql`
      update stock set reorder_point = ${reorderPoint},
        low_at = case when on_hand - reserved <= ${reorderPoint} then coalesce(low_at, now()) end`;
  });

async function assess(): Promise<void> {
  while ((await assessOnce(books.sql, new Date(), 'happened')).taken > 0);
}

/** Runs the job; how many signals wait then. */
async function watch(): Promise<number> {
  const context = {
    sql: books.sql,
    settings: { timeZone: 'Asia/Shanghai' },
    now: new Date(),
    queues: { add: () => Promise.resolve() },
    log: { debug: () => undefined },
  };
  await watchStock.run(context as unknown as JobContext, {});
  const [row] = await books.sql<[{ count: number }]>`select count(*)::int as count from signal`;
  return row.count;
}

const alerts = async () =>
  (
    await books.sql<{ kind: string; place: string | null; open: boolean }[]>`
      select alert.kind, l.code as place, resolved_at is null as open from alert left join location l on l.no = location_no
      order by opened_at, family desc`
  ).map(({ kind, place, open }) => `${kind} ${place ?? '*'}${open ? '' : ' over'}`);

const openProposals = async () =>
  (await books.sql<{ qty: number }[]>`select qty from proposal where state = 'open'`).map(({ qty }) => qty);

test('the sale that crosses the reorder point opens one alert, which gets worse, and ends with the goods', async () => {
  await receive(12);
  await policy(10, 30);
  await assess();
  expect(await alerts()).toEqual([]);
  await sell(2);
  await assess();
  expect(await alerts()).toEqual(['low_stock S1']);
  // Further down it is the same alert.
  await sell(1);
  await assess();
  await sell(9);
  await assess();
  expect(await alerts()).toEqual(['sold_out S1']);
  await sell(1);
  await assess();
  expect(await alerts()).toEqual(
    ['negative_stock S1', 'oversold S1'].sort((a) => (a.startsWith('o') ? -1 : 1)),
  );
  await receive(31);
  await assess();
  expect(await alerts()).toEqual(['oversold S1 over', 'negative_stock S1 over']);
});

test('goods under way keep an alert from opening, and a new look finds it when they are called off', async () => {
  await receive(12);
  await policy(10, 30);
  await books.sql`update stock set inbound = 20`;
  await sell(4);
  await assess();
  expect([await alerts(), await openProposals()]).toEqual([[], []]);
  await books.sql`update stock set inbound = 0`;
  expect(await signalMisfits(books.sql, 100)).toBe(1);
  await assess();
  expect(await alerts()).toEqual(['low_stock S1']);
});

test('a shelf between its reorder point and where the alert ends keeps the alert, and fits it', async () => {
  await receive(25);
  await policy(20, 60);
  await sell(6);
  await assess();
  await receive(2);
  await assess();
  expect(await alerts()).toEqual(['low_stock S1']);
  expect(await signalMisfits(books.sql, 100)).toBe(0);
  // One more ends it; should its signal be lost, the next look finds it.
  await books.sql`update stock set on_hand = 22`;
  expect(await signalMisfits(books.sql, 100)).toBe(1);
  await assess();
  expect(await alerts()).toEqual(['low_stock S1 over']);
});

test('while a plan is at work nobody looks for what does not fit, and after it one at a time does', async () => {
  await receive(12);
  await policy(10, 30);
  await books.sql`update stock set inbound = 20`;
  await sell(4);
  await assess();
  await books.sql`update stock set inbound = 0`;
  const run = await requestPlan(books.sql, books.time.day(Date.now()), 'tester');
  await takePlan(books.sql);
  expect(await watch()).toBe(0);
  await finishPlan(books.sql, run.id);
  await books.sql.begin(async (tx) => {
    expect(await takeLook(tx)).toBe(true);
    expect(await watch()).toBe(0);
  });
  expect(await watch()).toBe(1);
});

test('one restock is proposed, up to the level and less what is there, and withdrawn when it is not needed', async () => {
  await receive(12);
  await receive(500, 'HQ');
  await books.sql`update location set kind = case code when 'HQ' then 'hq_warehouse' else 'store' end, known = true`;
  await policy(10, 30);
  await books.sql`update policy set reorder_point = 100, order_up_to = 200 where location_no = (select no from location where code = 'HQ')`;
  await sell(3);
  await assess();
  expect(await openProposals()).toEqual([21]);
  await sell(1);
  await assess();
  expect((await openProposals()).length).toBe(1);
  await count(40);
  await assess();
  expect(await openProposals()).toEqual([]);
});

test('a count far from the book is looked into, and stays so until a person says so', async () => {
  await receive(50);
  await count(30);
  await assess();
  expect(await alerts()).toEqual(['count_gap S1']);
  const [alert] = await books.sql`select params from alert`;
  expect(alert).toMatchObject({ params: { book: 50, counted: 30 } });
  await count(29);
  await sell(1);
  await assess();
  expect(await alerts()).toEqual(['count_gap S1']);
});

test('a rush is foreseen before the shelf is empty, without any policy', async () => {
  await receive(100);
  const start = new Date(books.time.start(books.time.day(Date.now())));
  const day = books.time.day(Date.now());
  await updatePaces(books.sql, day, start, new Date(Date.now() - 600_000));
  for (let i = 0; i < 3; i++) await sell(10);
  expect(await updatePaces(books.sql, day, new Date(Date.now() - 600_000), new Date())).toBe(1);
  expect(await updatePaces(books.sql, day, start, new Date())).toBe(0);
  expect(await signalRushes(books.sql, { now: new Date(), withinHours: 2, perHour: 4 })).toBe(1);
  await assess();
  expect(await alerts()).toEqual(['sellout_soon S1']);
  const [row] = await books.sql<
    { sold_out_at: Date }[]
  >`select (params->>'soldOutAt')::timestamptz as sold_out_at from alert`;
  // 70 left, and 30 in ten minutes: the pace of a quarter of an hour has not quite caught up with it.
  expect((row!.sold_out_at.getTime() - Date.now()) / 60_000).toBeGreaterThan(23);
  expect((row!.sold_out_at.getTime() - Date.now()) / 60_000).toBeLessThan(60);
  // An hour later nobody buys any more.
  await books.sql`update sale_pace set at = at - interval '1 hour'`;
  expect(await signalMisfits(books.sql, 100)).toBe(1);
  await assess();
  expect(await alerts()).toEqual(['sellout_soon S1 over']);
});

test('sales that are only heard of late are no rush', async () => {
  const day = '2026-10-24';
  const start = books.time.start(day);
  const noon = start + 12 * 3_600_000;
  const sold = (id: string, at: number, sku: string, qty: number) =>
    event(id, 'order.placed', at, {
      orderId: id,
      channel: 'pos',
      lines: [{ sku, qty, unitPrice: 100 }],
      total: qty * 100,
      fulfilment: { method: 'carry', location: 'S1' },
    });
  const pace = async (sku: string) => {
    const [row] = await books.sql<{ perHour: number }[]>`
      select per_hour::float8 as "perHour" from sale_pace join sku on no = sku_no where code = ${sku}`;
    return row!.perHour;
  };
  const committer = books.committer();
  await committer.submit([sold('a', noon - 60_000, 'A', 1)]);
  await updatePaces(books.sql, day, new Date(start), new Date(noon));
  const before = await pace('A');
  // The morning's sales come in at noon.
  await committer.submit(Array.from({ length: 40 }, (_, i) => sold(`late${i}`, start + i * 60_000, 'A', 2)));
  await updatePaces(books.sql, day, new Date(start), new Date(noon + 60_000));
  expect(await pace('A')).toBeLessThan(before + 0.1);
  // The same number sold now is one.
  await committer.submit(Array.from({ length: 40 }, (_, i) => sold(`now${i}`, noon + 90_000, 'A', 2)));
  await updatePaces(books.sql, day, new Date(start), new Date(noon + 120_000));
  expect(await pace('A')).toBeGreaterThan(200);
});

test('a worker that dies loses no signal', async () => {
  await receive(12);
  await policy(10, 30);
  await sell(5);
  await expect(
    books.sql.begin(async (sql) => {
      await sql`delete from signal`;
      throw new Error('killed');
    }),
  ).rejects.toThrow('killed');
  await assess();
  expect(await alerts()).toEqual(['low_stock S1']);
});

test('whatever happens, in whatever order workers look, each low balance has one alert and others have none', async () => {
  const places = ['S1', 'S2', 'S3'];
  const step = fc.record({
    place: fc.constantFrom(...places),
    what: fc.constantFrom('sell', 'receive', 'assess', 'assess both'),
    qty: fc.integer({ min: 1, max: 15 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      await emptyBooks(books.sql);
      for (const place of places) await receive(30, place);
      await policy(20, 60);
      for (const { what, place, qty } of steps)
        if (what === 'sell') await sell(qty, place);
        else if (what === 'receive') await receive(qty, place);
        else if (what === 'assess') await assess();
        else await Promise.all([assess(), assess()]);
      await Promise.all([assess(), assess()]);
      const wrong = await books.sql`
        select s.on_hand, count(a.id)::int as alerts from stock s
        left join alert a on a.family = 'stock' and a.sku_no = s.sku_no and a.location_no = s.location_no
          and a.resolved_at is null
        group by s.sku_no, s.location_no
        having count(a.id) <> case when s.on_hand <= 20 then 1 when s.on_hand > 21 then 0 else count(a.id) end`;
      expect(wrong).toEqual([]);
      // What was just judged fits, or it would be looked at again each half minute for ever.
      expect(await signalMisfits(books.sql, 100)).toBe(0);
    }),
    { numRuns: Number(process.env['PROPERTY_RUNS'] ?? 12) },
  );
});
