/** Reads what was sold by day, and keeps what is forecast. Units are pieces; days are business days `YYYY-MM-DD`. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Promotion } from './calendar.ts';
import type { SkuSales } from './history.ts';

/** Numbers as Postgres writes an array, short: four digits behind the point are more than a forecast knows. */
const numbers = (values: ArrayLike<number>): string => {
  let text = '{';
  for (let i = 0; i < values.length; i++) text += (i ? ',' : '') + Math.round(values[i]! * 10_000) / 10_000;
  return `${text}}`;
};

const split = (text: string | null): number[] => (text === null ? [] : text.split(' ').map(Number));

/**
 * What was sold of some SKUs by day from `from` up to, not including, `today`, and by location since `recentFrom`; and when they
 * had no stock. A day counts as one without stock where it lacked for at least twelve hours of it, by the clock of
 * `timeZone`. For some hundred SKUs at a time, neighbours by number: they lie together in the index.
 */
export async function readSkuSales(
  sql: Sql,
  skuNos: readonly number[],
  {
    from,
    recentFrom,
    today,
    timeZone,
  }: { from: string; recentFrom: string; today: string; timeZone: string },
): Promise<SkuSales[]> {
  const nos = column(skuNos, (no) => no);
  const dayAt = (moment: ReturnType<typeof sql>) =>
    sql`((${moment} at time zone ${timeZone}) + interval '12 hours')::date - ${from}::date`;
  type Row = { skuNo: number; firstSeen: number };
  const [skus, days, recent, places, outs] = await Promise.all([
    sql<Row[]>`
      select no as "skuNo", (first_seen_at at time zone ${timeZone})::date - ${from}::date as "firstSeen"
      from sku where no = any(${nos}::int[])`,
    sql<{ skuNo: number; list: string }[]>`
      select sku_no as "skuNo", string_agg(t || ' ' || units, ' ') as list from (
        select sku_no, day - ${from}::date as t, sum(units)::int as units from sales_sku_day
        where day >= ${from} and day < ${today} and sku_no = any(${nos}::int[])
        group by sku_no, day) sold
      group by sku_no`,
    sql<{ skuNo: number; list: string }[]>`
      select sku_no as "skuNo", string_agg(location_no || ' ' || units || ' ' || orders, ' ') as list from (
        select sku_no, location_no, sum(units)::int as units, sum(orders)::int as orders from sales_sku_day
        where day >= ${recentFrom} and day < ${today} and sku_no = any(${nos}::int[]) and location_no <> 0
        group by sku_no, location_no) sold
      group by sku_no`,
    sql<{ skuNo: number; list: string }[]>`
      select sku_no as "skuNo", string_agg(location_no::text, ' ') as list from stock
      where sku_no = any(${nos}::int[]) and (last_moved_at is not null or on_hand <> 0)
      group by sku_no`,
    sql<{ skuNo: number; list: string }[]>`
      select sku_no as "skuNo",
        string_agg(concat_ws(' ', location_no, ${dayAt(sql`since`)}, ${dayAt(sql`coalesce(until, now() + interval '1 day')`)}),
          ' ' order by location_no, since) as list
      from stock_out
      where sku_no = any(${nos}::int[]) and (until is null or until >= ${from}::date)
      group by sku_no`,
  ]);
  const bySku = (rows: { skuNo: number; list: string }[]) =>
    new Map(rows.map(({ skuNo, list }) => [skuNo, split(list)]));
  const [dayLists, recentLists, placeLists, outLists] = [days, recent, places, outs].map(bySku);
  const none: number[] = [];
  return skus
    .map(({ skuNo, firstSeen }) => ({
      skuNo,
      firstSeen,
      days: dayLists!.get(skuNo) ?? none,
      recent: recentLists!.get(skuNo) ?? none,
      locations: placeLists!.get(skuNo) ?? none,
      outs: outLists!.get(skuNo) ?? none,
    }))
    .sort((a, b) => a.skuNo - b.skuNo);
}

/** Units that each location sold of everything, `from` up to, not including, `today`. */
export async function readLocationWeights(
  sql: Sql,
  { from, today }: { from: string; today: string },
): Promise<Map<number, number>> {
  const rows = await sql<{ no: number; units: number }[]>`
    select location_no as no, greatest(0, sum(units))::bigint as units from sales_day
    where day >= ${from} and day < ${today} and location_no <> 0 group by location_no`;
  return new Map(rows.map(({ no, units }) => [no, units]));
}

/** The first business day on which anything was sold, from `from` on; null: nothing was. */
export async function firstDaySold(sql: Sql, from: string): Promise<string | null> {
  const [row] = await sql<{ day: string | null }[]>`
    select min(day)::text as day from sales_day where day >= ${from}`;
  return row!.day;
}

/** The number of a SKU; null: there is none of this code. */
export async function findSkuNo(sql: Sql, code: string): Promise<number | null> {
  const [row] = await sql<{ no: number }[]>`select no from sku where code = ${code}`;
  return row?.no ?? null;
}

/** Numbers of SKUs, in order; `after` is the last of the page before, 0 to begin. */
export async function listSkuNos(sql: Sql, after: number, limit: number): Promise<number[]> {
  const rows = await sql<{ no: number }[]>`select no from sku where no > ${after} order by no limit ${limit}`;
  return rows.map(({ no }) => no);
}

/** SKUs that stand for all in what is learnt of them: every n-th of those that sold since `from`, at most `most`. */
export async function sampleSkuNos(
  sql: Sql,
  { from, today, most }: { from: string; today: string; most: number },
): Promise<number[]> {
  const rows = await sql<{ no: number }[]>`
    select no from (
      select no, row_number() over (order by no) as place, count(*) over () as total from sku
      where exists (select from sales_sku_day s where s.day >= ${from} and s.day < ${today} and s.sku_no = sku.no)) sold
    where place % greatest(1, total / ${most}) = 0 order by no limit ${most}`;
  return rows.map(({ no }) => no);
}

export type PromotionRow = Promotion & { skuNos: number[] | null; category: string | null };

/** Promotions that were or will be in `from` through `to`. */
export function readPromotions(
  sql: Sql,
  { from, to }: { from: string; to: string },
): Promise<PromotionRow[]> {
  return sql<PromotionRow[]>`
    select from_day::text as from, to_day::text as to, sku_nos as "skuNos", category from promotion
    where to_day >= ${from} and from_day <= ${to} order by from_day, id`;
}

/** Categories of SKUs. */
export async function readCategories(sql: Sql, skuNos: readonly number[]): Promise<Map<number, string>> {
  const rows = await sql<{ no: number; category: string }[]>`
    select no, category from sku
    where no = any(${column(skuNos, (no) => no)}::int[]) and category is not null`;
  return new Map(rows.map(({ no, category }) => [no, category]));
}

export type ForecastToWrite = {
  skuNo: number;
  method: string;
  mean: Float64Array;
  low: Float64Array;
  high: Float64Array;
  rate: number;
  sd: number;
  locationNos: readonly number[];
  locationRate: Float64Array;
  locationSd: Float64Array;
};

/**
 * Writes forecasts that begin on `firstDay`, at most some hundred at a time; sorted by SKU, which is the lock order. The
 * first of a week is kept beside for comparison.
 */
export async function writeForecasts(
  sql: Sql,
  rows: readonly ForecastToWrite[],
  { firstDay, madeAt }: { firstDay: string; madeAt: number },
): Promise<void> {
  if (rows.length === 0) return;
  const at = new Date(madeAt).toISOString();
  await sql`
    with made as (
      insert into forecast as f (sku_no, first_day, made_at, method, mean, low, high, rate, sd,
        location_nos, location_rate, location_sd)
      select sku_no, ${firstDay}::date, ${at}::timestamptz, method, mean::real[], low::real[], high::real[], rate, sd,
        nos::int[], rates::real[], sds::real[]
      from unnest(
        ${column(rows, (row) => row.skuNo)}::int[], ${column(rows, (row) => row.method)}::text[],
        ${column(rows, (row) => numbers(row.mean))}::text[], ${column(rows, (row) => numbers(row.low))}::text[],
        ${column(rows, (row) => numbers(row.high))}::text[], ${column(rows, (row) => row.rate)}::real[],
        ${column(rows, (row) => row.sd)}::real[], ${column(rows, (row) => numbers(row.locationNos))}::text[],
        ${column(rows, (row) => numbers(row.locationRate))}::text[],
        ${column(rows, (row) => numbers(row.locationSd))}::text[])
        as r (sku_no, method, mean, low, high, rate, sd, nos, rates, sds)
      order by sku_no
      on conflict (sku_no) do update set
        first_day = excluded.first_day, made_at = excluded.made_at, method = excluded.method, mean = excluded.mean,
        low = excluded.low, high = excluded.high, rate = excluded.rate, sd = excluded.sd,
        location_nos = excluded.location_nos, location_rate = excluded.location_rate,
        location_sd = excluded.location_sd
      returning f.*
    )
    insert into forecast_past (sku_no, week, first_day, made_at, method, mean, low, high, rate,
      location_nos, location_rate, location_sd)
    select sku_no, date_trunc('week', first_day)::date, first_day, made_at, method, mean, low, high, rate,
      location_nos, location_rate, location_sd
    from made order by sku_no
    on conflict (week, sku_no) do nothing`;
}

/** Deletes kept forecasts of weeks before that of `before`. */
export async function prunePastForecasts(sql: Sql, before: string): Promise<number> {
  const { count } = await sql`delete from forecast_past where week < date_trunc('week', ${before}::date)`;
  return count;
}

export type ForecastRow = {
  firstDay: string;
  madeAt: Date;
  method: string;
  mean: number[];
  low: number[];
  high: number[];
  rate: number;
  locationNos: number[];
  locationRate: number[];
  locationSd: number[];
};

const columnsOf = (sql: Sql) => sql`
  first_day::text as "firstDay", made_at as "madeAt", method, mean::float8[] as mean, low::float8[] as low,
  high::float8[] as high, rate::float8 as rate, location_nos as "locationNos",
  location_rate::float8[] as "locationRate", location_sd::float8[] as "locationSd"`;

/** The newest forecast of a SKU; null: none was made yet. */
export async function readForecast(sql: Sql, skuNo: number): Promise<ForecastRow | null> {
  const [row] = await sql<ForecastRow[]>`select ${columnsOf(sql)} from forecast where sku_no = ${skuNo}`;
  return row ?? null;
}

/**
 * The forecast to hold against what happened up to, not including, `today`: the newest whose days are all over, else the
 * oldest that has begun; null: none.
 */
export async function readPastForecast(sql: Sql, skuNo: number, today: string): Promise<ForecastRow | null> {
  const [row] = await sql<ForecastRow[]>`
    select ${columnsOf(sql)} from (
      select *, first_day + cardinality(mean) <= ${today}::date as over from forecast_past
      where sku_no = ${skuNo} and first_day < ${today}) past
    order by over desc, case when over then first_day end desc, first_day limit 1`;
  return row ?? null;
}

/** Units sold of a SKU by day at some locations (null: everywhere), `from` up to, not including, `until`; days without sales are left out. */
export async function readDailyUnits(
  sql: Sql,
  skuNo: number,
  { from, until, locationNos }: { from: string; until: string; locationNos: readonly number[] | null },
): Promise<Map<string, number>> {
  const rows = await sql<{ day: string; units: number }[]>`
    select day::text, sum(units)::int as units from sales_sku_day
    where day >= ${from} and day < ${until} and sku_no = ${skuNo}
      ${locationNos === null ? sql`` : sql`and location_no = any(${column(locationNos, (no) => no)}::int[])`}
    group by day`;
  return new Map(rows.map(({ day, units }) => [day, units]));
}
