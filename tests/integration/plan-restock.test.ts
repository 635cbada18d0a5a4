/** From what was sold to when each location restocks, on a real database. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  listPlans,
  notePlan,
  requestDailyPlan,
  requestPlan,
  takePlan,
} from '@zhanggui/shared/restock/plan-store.ts';
import { plan } from '@zhanggui/workers/src/jobs/plan-restock.ts';
import { openBooks, type Books } from '../support/books.ts';

const TODAY = '2026-10-24';
let books: Books;

beforeAll(async () => {
  books = await openBooks();
  const { sql } = books;
  await sql`insert into supplier (code, name_zh, name_en, lead_time_days, direct) values
    ('V1', '直送', 'Direct', 5, true), ('V2', '总仓', 'Through HQ', 10, false)`;
  await sql`insert into location (code, known, kind, name_zh, name_en) values
    ('HQ', true, 'hq_warehouse', '总仓', 'HQ'), ('S1', true, 'store', '一店', 'One'), ('S2', true, 'store', '二店', 'Two')`;
  await sql`insert into sku (code, known, name_zh, name_en, supplier, cost, list_price, pack_size, min_order, first_seen_at) values
    ('D', true, '直', 'd', 'V1', 1000, 2000, 6, 12, '2026-07-01'), ('W', true, '仓', 'w', 'V2', 1000, 2000, 1, 1, '2026-07-01'),
    ('N', true, '无', 'n', 'V2', 1000, 2000, 1, 1, '2026-07-01')`;
  // Eight weeks: three pieces a day of D and W at S1, one at S2; nothing of N.
  await sql`
    insert into sales_sku_day (sku_no, day, location_no, channel, orders, units, placed, paid)
    select k.no, d::date, l.no, 'pos', n, n, n * 2000, n * 2000
    from sku k, location l, lateral (select case l.code when 'S1' then 3 else 1 end as n) n,
      generate_series(${TODAY}::date - 56, ${TODAY}::date - 1, '1 day') d
    where k.code in ('D', 'W') and l.code in ('S1', 'S2')`;
  await sql`
    insert into sales_day (day, location_no, channel, orders, units, placed, paid)
    select day, location_no, channel, sum(orders), sum(units), sum(placed), sum(paid) from sales_sku_day group by 1, 2, 3`;
  await sql`
    insert into stock (sku_no, location_no, on_hand, last_moved_at)
    select k.no, l.no, case when k.code = 'N' then 0 when l.code = 'S2' then 1 else 500 end, '2026-10-23' from sku k, location l`;
});
afterAll(() => books.close());

const time = () => books.time;

test('plans what sells, where it sells, and has what is low already restocked', async () => {
  const { sql } = books;
  const run = await requestPlan(sql, TODAY, 'tester');
  const taken = await takePlan(sql);
  expect(taken?.id).toBe(run.id);
  expect(await plan(sql, run, { today: TODAY, time: time() })).toEqual({ skus: 3, policies: 9 });
  const policies = await sql<
    { sku: string; place: string; rate: number; point: number; upTo: number; lead: number }[]
  >`
    select k.code as sku, l.code as place, rate::float8 as rate, p.reorder_point as point, order_up_to as "upTo",
      lead_days::float8 as lead
    from policy p join sku k on k.no = sku_no join location l on l.no = location_no order by 1, 2`;
  const of = (sku: string, place: string) => policies.find((p) => p.sku === sku && p.place === place)!;
  // Three a day at S1 and one at S2.
  expect(of('W', 'S1').rate).toBeGreaterThan(2.6);
  expect(of('W', 'S1').rate).toBeLessThan(3.4);
  expect(of('W', 'S2').rate).toBeGreaterThan(0.7);
  expect(of('W', 'S2').rate).toBeLessThan(1.4);
  // The warehouse waits for its supplier, for all that its stores sell; the lorry is quicker than that.
  expect(of('W', 'HQ').rate).toBeCloseTo(of('W', 'S1').rate + of('W', 'S2').rate, 1);
  expect([of('W', 'HQ').lead, of('W', 'S1').lead, of('D', 'S1').lead]).toEqual([10, 2, 5]);
  expect(of('W', 'HQ').point).toBeGreaterThanOrEqual(40);
  expect(of('W', 'S1').point).toBeGreaterThanOrEqual(9);
  expect((of('D', 'S1').upTo - of('D', 'S1').point) % 6).toBe(0);
  expect(of('D', 'S1').upTo - of('D', 'S1').point).toBeGreaterThanOrEqual(12);
  // What nobody buys has no reorder point: its empty shelf is nobody's concern.
  expect(of('N', 'S1')).toMatchObject({ point: 0, upTo: 0 });
  for (const table of ['alert', 'proposal']) {
    const low = await sql<{ at: string }[]>`
      select k.code || '@' || l.code as at from ${sql(table)} join sku k on k.no = sku_no join location l on l.no = location_no
      order by 1`;
    expect(low.map(({ at }) => at)).toEqual(['D@S2', 'W@S2']);
  }
  expect(await sql`select from signal`).toHaveLength(0);
  const [forecast] = await sql`select rate from forecast join sku on no = sku_no where code = 'W'`;
  expect(forecast!['rate']).toBeGreaterThan(3.5);
});

test('values by hand stay in force through a plan', async () => {
  const { sql } = books;
  await sql`
    update policy set hand_reorder_point = 77, hand_order_up_to = 99, reorder_point = 77, order_up_to = 99
    where sku_no = (select no from sku where code = 'W') and location_no = (select no from location where code = 'S1')`;
  await plan(sql, { id: (await listPlans(sql, 1))[0]!.id, afterSku: 0 }, { today: TODAY, time: time() });
  const [row] = await sql`
    select p.reorder_point as policy, s.reorder_point as stock from policy p join stock s using (sku_no, location_no)
    where hand_reorder_point is not null`;
  expect(row).toEqual({ policy: 77, stock: 77 });
});

test('a run whose worker died is taken up where it was, and only one worker has it', async () => {
  const { sql } = books;
  await sql`update plan_run set finished_at = now()`;
  const run = await requestPlan(sql, TODAY, null);
  expect((await requestPlan(sql, TODAY, 'another')).id).toBe(run.id);
  expect((await takePlan(sql))?.id).toBe(run.id);
  expect(await takePlan(sql)).toBeNull();
  await notePlan(sql, run.id, { afterSku: 2, skus: 2, policies: 6 });
  await sql`update plan_run set beat_at = now() - interval '5 minutes'`;
  const again = await takePlan(sql);
  expect(again).toMatchObject({ id: run.id, afterSku: 2 });
  expect(await plan(sql, again!, { today: TODAY, time: time() })).toEqual({ skus: 1, policies: 3 });
  await sql`update plan_run set finished_at = now()`;
  await requestDailyPlan(sql, TODAY);
  expect(await takePlan(sql)).toBeNull();
  await requestDailyPlan(sql, '2026-10-25');
  expect((await takePlan(sql))?.day).toBe('2026-10-25');
});
