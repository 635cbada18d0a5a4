/** The calendar of promotions: put by people and machines, and what the forecast makes of it. */
import { beforeAll, expect, it } from 'vitest';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import { dayNo, dayText } from '@zhanggui/shared/forecast/day.ts';
import { forecastSkus, prepareForecasts } from '@zhanggui/shared/forecast/plan-store.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

const timeZone = 'Asia/Shanghai';
/** An ordinary time of the year. */
const TODAY = '2026-09-01';
const day = (fromToday: number) => dayText(dayNo(TODAY) + fromToday);

type Bulk = { upserted: number; rejected: { index: number; key: string; code: string; field: string }[] };
type Row = { id: string; name: string; fromDay: string; skus: string[] | null; category: string | null };

let server: TestServer;
let marketer: Credentials;
let teaNo: number;

beforeAll(async () => {
  server = await startServer();
  marketer = await person(server.sql, 'marketer');
  const { sql } = server;
  await sql`insert into category (code, name_zh, name_en) values ('DRINK', '饮料', 'Drinks')`;
  await sql`insert into location (code, known, kind, name_zh, name_en) values ('S1', true, 'store', '一店', 'One')`;
  await sql`
    insert into sku (code, known, name_zh, name_en, category, first_seen_at)
    select code, true, code, code, 'DRINK', '2026-01-01' from unnest('{TEA,COLA}'::text[]) as k (code)`;
  [{ no: teaNo }] = await sql<[{ no: number }]>`select no from sku where code = 'TEA'`;
  // Ten a day, thirty while it was promoted: five days, a month apart, three times.
  await sql`
    insert into sales_sku_day (sku_no, day, location_no, channel, orders, units)
    select ${teaNo}, d::date, 1, 'pos', 1, case when (${TODAY}::date - d::date) % 30 between 6 and 10 then 30 else 10 end
    from generate_series(${TODAY}::date - 100, ${TODAY}::date - 1, '1 day') d`;
  await sql`
    insert into sales_day (day, location_no, channel, orders, units)
    select day, location_no, channel, orders, units from sales_sku_day`;
  await sql`insert into stock (sku_no, location_no, on_hand, last_moved_at) values (${teaNo}, 1, 500, now())`;
});

const put = async (rows: unknown[], as = marketer) =>
  (await call<Bulk & Problem>(server, 'PUT', '/api/v1/promotions', { as, body: { rows } })).body;
const list = async (query = '') =>
  (
    await call<{ rows: Row[]; nextCursor: string | null }>(server, 'GET', `/api/v1/promotions${query}`, {
      as: marketer,
    })
  ).body;
const remove = (id: string) => call(server, 'DELETE', `/api/v1/promotions/${id}`, { as: marketer });

/** Expected pieces of TEA, so many days from today. */
async function expected(): Promise<(at: number) => number> {
  const plan = await prepareForecasts(server.sql, { today: TODAY, timeZone });
  const [made] = await forecastSkus(server.sql, plan, [teaNo]);
  return (at) => made!.forecast.mean[at]!;
}

it('is put by those who promote; rows that do not fit are named, and the same row again changes nothing', async () => {
  const rows = [
    { name: '店庆', fromDay: day(40), toDay: day(42), all: true },
    { name: '茶周', fromDay: day(50), toDay: day(56), skus: ['TEA', 'COLA', 'TEA'] },
    { name: '饮料', fromDay: day(60), toDay: day(61), category: 'DRINK' },
    { name: '倒着', fromDay: day(9), toDay: day(8), all: true },
    { name: '谁的', fromDay: day(9), toDay: day(9) },
    { name: '两样', fromDay: day(9), toDay: day(9), category: 'DRINK', skus: ['TEA'] },
    { name: '没有', fromDay: day(9), toDay: day(9), skus: ['TEA', 'NOWHERE'] },
    { name: '没类', fromDay: day(9), toDay: day(9), category: 'NONE' },
    { name: '店庆', fromDay: day(40), toDay: day(49), all: true },
  ];
  const answer = await put(rows);
  expect(answer.upserted).toBe(3);
  expect(answer.rejected.map(({ index, code, field }) => [index, code, field])).toEqual([
    [3, 'invalid_request', 'toDay'],
    [4, 'invalid_request', 'skus'],
    [5, 'invalid_request', 'skus'],
    [6, 'not_found', 'skus'],
    [7, 'not_found', 'category'],
    [8, 'conflict', 'name'],
  ]);
  const key = await machine(server.sql, 'command');
  expect(await put(rows.slice(0, 3), key)).toEqual({ upserted: 3, rejected: [] });
  expect(await put([{ ...rows[1], skus: ['COLA'] }], key)).toMatchObject({ upserted: 1 });
  const { rows: kept } = await list();
  expect(kept.map(({ name, skus, category }) => [name, skus, category])).toEqual([
    ['店庆', null, null],
    ['茶周', ['COLA'], null],
    ['饮料', null, 'DRINK'],
  ]);
  const first = await list('?limit=2');
  const rest = await list(`?limit=2&cursor=${first.nextCursor}`);
  expect([...first.rows, ...rest.rows]).toEqual(kept);
  expect((await list(`?from=${day(43)}&to=${day(50)}`)).rows.map(({ name }) => name)).toEqual(['茶周']);

  expect((await remove(kept[0]!.id)).status).toBe(204);
  expect((await remove(kept[0]!.id)).status).toBe(404);
  const audit =
    await server.sql`select action, target from audit_log where action like 'promotion%' order by no`;
  expect(audit).toEqual([
    { action: 'promotion.put', target: null },
    { action: 'promotion.put', target: '茶周' },
    { action: 'promotion.delete', target: '店庆' },
  ]);
  for (const { id } of kept.slice(1)) await remove(id);
});

it('teaches the forecast what a promotion did, and raises the days of the next one', async () => {
  const planned = { name: '下次', fromDay: day(5), toDay: day(9), skus: ['TEA'] };
  const without = await expected();
  // Nobody knows what was promoted: the peaks are noise, and every day is like every other.
  expect(without(7) / without(15)).toBeLessThan(1.3);
  await put(
    [30, 60, 90].map((ago) => ({
      name: '以前',
      fromDay: day(-ago - 10 + 0),
      toDay: day(-ago - 6),
      skus: ['TEA'],
    })),
  );
  await put([{ name: '以前', fromDay: day(-10), toDay: day(-6), skus: ['TEA'] }, planned]);
  const taught = await expected();
  expect(taught(7) / taught(15)).toBeGreaterThan(1.8);
  // What promotions sold is not taken for everyday demand any more.
  expect(taught(15)).toBeLessThan(without(15));
  expect(taught(15)).toBeGreaterThan(8);
});
