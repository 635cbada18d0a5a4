import { beforeAll, describe, expect, it } from 'vitest';
import { prepareForecasts, planForecasts } from '@zhanggui/shared/forecast/plan-store.ts';
import { dayNo, dayText, weekdayOf } from '@zhanggui/shared/forecast/day.ts';
import { readSkuSales } from '@zhanggui/shared/forecast/forecast-store.ts';
import { noteStockOuts } from '@zhanggui/shared/forecast/stock-out-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { call, person, startServer, type Credentials, type TestServer } from '../support/running-server.ts';

const timeZone = 'Asia/Shanghai';
const today = new BusinessTime(timeZone).day(Date.now());
const daysAgo = (days: number) => dayText(dayNo(today) - days);

type View = {
  history: { day: string; units: number }[];
  forecast: { rate: number; days: { day: string; mean: number; low: number; high: number }[] } | null;
  last: { units: number; expected: number; error: number; bias: number; days: { units: number }[] } | null;
};

let server: TestServer;
let nos: { sku: number; quiet: number; s1: number; s2: number };
let viewer: Credentials;

/** Ten a day, twenty on Saturdays; S01 sells three of four. Until yesterday. */
const soldOn = (day: number) => (weekdayOf(day) === 5 ? 20 : 10);

beforeAll(async () => {
  server = await startServer();
  viewer = await person(server.sql, 'viewer');
  const { sql } = server;
  const [ids] = await sql<(typeof nos)[]>`
    with l as (
      insert into location (code, known, kind, name_zh, name_en, region)
      values ('S01', true, 'store', 'S01', 'S01', 'EAST'), ('S02', true, 'store', 'S02', 'S02', 'WEST')
      returning no, code),
    k as (
      insert into sku (code, known, name_zh, name_en, first_seen_at)
      values ('TEA', true, '茶', 'Tea', now() - interval '300 days'),
        ('QUIET', true, '静', 'Quiet', now() - interval '300 days')
      returning no, code)
    select (select no from k where code = 'TEA') as sku, (select no from k where code = 'QUIET') as quiet,
      (select no from l where code = 'S01') as s1, (select no from l where code = 'S02') as s2`;
  nos = ids!;
  const rows: { day: string; location: number; units: number }[] = [];
  for (let day = dayNo(today) - 120; day < dayNo(today); day++) {
    rows.push({ day: dayText(day), location: nos.s1, units: (soldOn(day) * 3) / 4 });
    rows.push({ day: dayText(day), location: nos.s2, units: soldOn(day) / 4 });
  }
  await sql`
    insert into sales_sku_day (sku_no, day, location_no, channel, orders, units)
    select ${nos.sku}, day, location, 'pos', 1, round(units) from jsonb_to_recordset(${sql.json(rows)})
      as r (day date, location int, units real)`;
  await sql`
    insert into sales_day (day, location_no, channel, orders, units)
    select day, location_no, channel, orders, units from sales_sku_day`;
  await sql`
    insert into stock (sku_no, location_no, on_hand, last_moved_at) values
      (${nos.sku}, ${nos.s1}, 50, now()), (${nos.sku}, ${nos.s2}, 50, now()), (${nos.quiet}, ${nos.s1}, 5, now())`;
});

const view = async (query = '', as = viewer) =>
  (await call<View>(server, 'GET', `/api/v1/forecasts/TEA${query}`, { as })).body;

describe('forecasts', () => {
  it('are made, shared out over locations, and shown', async () => {
    expect(await view()).toMatchObject({ forecast: null, last: null });
    const plan = await prepareForecasts(server.sql, { today, timeZone });
    const made = await planForecasts(server.sql, plan, [nos.sku, nos.quiet, 999_999], Date.now());
    expect(made.map(({ skuNo, forecast }) => [skuNo, forecast.method === 'none'])).toEqual([
      [nos.sku, false],
      [nos.quiet, true],
    ]);
    const all = await view();
    expect(all.history).toHaveLength(60);
    expect(all.history.at(-1)).toMatchObject({ day: daysAgo(1) });
    expect(all.forecast!.days).toHaveLength(28);
    expect(all.forecast!.days[0]!.day).toBe(today);
    const saturday = all.forecast!.days.find(({ day }) => weekdayOf(dayNo(day)) === 5)!;
    const monday = all.forecast!.days.find(({ day }) => weekdayOf(dayNo(day)) === 0)!;
    expect(saturday.mean / monday.mean).toBeGreaterThan(1.6);
    expect(saturday.mean / monday.mean).toBeLessThan(2.2);
    for (const { mean, low, high } of all.forecast!.days) expect(low <= mean && mean <= high).toBe(true);

    const [one, two] = [await view('?location=S01'), await view('?location=S02')];
    expect(one.forecast!.rate + two.forecast!.rate).toBeCloseTo(all.forecast!.rate, 2);
    expect(one.forecast!.rate / all.forecast!.rate).toBeCloseTo(0.75, 1);
    expect(one.history.at(-1)!.units + two.history.at(-1)!.units).toBe(all.history.at(-1)!.units);
  });

  it('are held against what happened, by what was said then', async () => {
    const past = daysAgo(35);
    const plan = await prepareForecasts(server.sql, { today: past, timeZone });
    await planForecasts(server.sql, plan, [nos.sku], Date.now());
    // A newer one of the same week does not take its place.
    await server.sql`update sales_sku_day set units = units * 3 where day >= ${daysAgo(60)} and day < ${past}`;
    await planForecasts(
      server.sql,
      await prepareForecasts(server.sql, { today: past, timeZone }),
      [nos.sku],
      Date.now(),
    );
    const { last, history } = await view();
    const happened = history.filter(({ day }) => day >= past && day < daysAgo(7));
    expect(last!.days.map(({ units }) => units)).toEqual(happened.map(({ units }) => units));
    expect(last!.units).toBe(happened.reduce((sum, { units }) => sum + units, 0));
    expect(last!.error).toBeLessThan(0.25);
    expect(last!.bias).toBeCloseTo((last!.expected - last!.units) / last!.units, 6);
  });

  it('show a manager their own stores and no others', async () => {
    const east = await person(server.sql, 'manager', { locations: [], regions: ['EAST'] });
    expect(await view('', east)).toEqual({ ...(await view('?location=S01')), location: null });
    expect((await call(server, 'GET', '/api/v1/forecasts/TEA?location=S02', { as: east })).status).toBe(404);
    expect((await call(server, 'GET', '/api/v1/forecasts/NONE', { as: viewer })).status).toBe(404);
  });
});

describe('days without stock', () => {
  it('are remembered from when a balance was flagged until it is not', async () => {
    const { sql } = server;
    const noon = (days: number) => `${daysAgo(days)}T12:00:00+08:00`;
    const spans = () => sql`
      select since, until from stock_out where sku_no = ${nos.quiet} order by since`;
    const flag = (at: string | null) => sql`
      update stock set flagged_at = ${at} where sku_no = ${nos.quiet} and location_no = ${nos.s1}`;
    await flag(noon(10));
    await noteStockOuts(sql, Date.parse(noon(9)));
    await noteStockOuts(sql, Date.parse(noon(8)));
    expect(await spans()).toEqual([{ since: new Date(noon(10)), until: null }]);
    await flag(null);
    expect(await noteStockOuts(sql, Date.parse(noon(6)))).toEqual({ begun: 0, ended: 1 });
    // Flagged anew between two looks: the old span ends where the new one begins, and the new one lasts.
    await flag(noon(4));
    await noteStockOuts(sql, Date.parse(noon(4)));
    await flag(noon(2));
    await noteStockOuts(sql, Date.parse(noon(1)));
    expect(await spans()).toEqual([
      { since: new Date(noon(10)), until: new Date(noon(6)) },
      { since: new Date(noon(4)), until: new Date(noon(2)) },
      { since: new Date(noon(2)), until: null },
    ]);
    const [sales] = await readSkuSales(sql, [nos.quiet], {
      from: daysAgo(20),
      recentFrom: daysAgo(20),
      today,
      timeZone,
    });
    // From noon: that day does not count, since its first half could sell. Until noon: that day counts no more.
    expect(sales!.outs.slice(0, 8)).toEqual([nos.s1, 11, 15, nos.s1, 17, 19, nos.s1, 19]);
  });
});
