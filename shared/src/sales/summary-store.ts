/** Sums over business days, answered from rollups: the cost depends on the rollup rows in range, not on the ledger. */
import type { Sql } from '../platform/database.ts';

export const groupings = [
  'channel',
  'location',
  'region',
  'category',
  'sku',
  'minute',
  'hour',
  'day',
  'month',
] as const;
export type Grouping = (typeof groupings)[number];

export type SummaryFilter = {
  /** Business days, both inclusive, `YYYY-MM-DD`. */
  from: string;
  to: string;
  channel?: string | undefined;
  location?: string | undefined;
  region?: string | undefined;
  category?: string | undefined;
  sku?: string | undefined;
  /** Only these places; null: everywhere. */
  sight: { locations: readonly string[]; regions: readonly string[] } | null;
};

/** Money in minor units. `key` is a code, a day, a month, or the RFC 3339 start of the hour or minute; `unknown` where nobody told. */
export type SummaryRow = {
  key: string;
  orders: number;
  units: number;
  placed: number;
  paid: number;
  refunded: number;
  net: number;
};

/** Whether the sums must come from the rollup by SKU, which knows days but not hours. */
export const needsSku = (groupBy: Grouping, filter: Pick<SummaryFilter, 'sku' | 'category'>) =>
  groupBy === 'sku' || groupBy === 'category' || filter.sku !== undefined || filter.category !== undefined;

/**
 * Sums by `groupBy`, sorted by key; days are cut at midnight in `timeZone`. By SKU and category, `orders` counts each
 * order once for every SKU that it holds. Not for minute or hour together with `sku` or `category`.
 */
export function readSummary(
  sql: Sql,
  groupBy: Grouping,
  filter: SummaryFilter,
  timeZone: string,
): Promise<SummaryRow[]> {
  const bySku = needsSku(groupBy, filter);
  const byTime = groupBy === 'minute' || groupBy === 'hour';
  const start = sql`(${filter.from}::date::timestamp at time zone ${timeZone})`;
  const end = sql`((${filter.to}::date + 1)::timestamp at time zone ${timeZone})`;
  const instant = (expression: ReturnType<typeof sql>) =>
    sql`to_char(${expression} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')`;
  const key = {
    channel: sql`coalesce(nullif(t.channel, ''), 'unknown')`,
    location: sql`coalesce(l.code, 'unknown')`,
    region: sql`coalesce(l.region, 'unknown')`,
    category: sql`coalesce(k.category, 'unknown')`,
    sku: sql`coalesce(k.code, 'unknown')`,
    minute: instant(sql`t.minute`),
    hour: instant(sql`date_trunc('hour', t.minute, ${timeZone})`),
    day: sql`t.day::text`,
    month: sql`to_char(t.day, 'YYYY-MM')`,
  }[groupBy];
  const table = byTime ? sql`sales_minute` : bySku ? sql`sales_sku_day` : sql`sales_day`;
  const { channel, location, region, category, sku, sight } = filter;
  return sql<SummaryRow[]>`
    select * from (
      select ${key} as key, sum(t.orders)::bigint as orders, sum(t.units)::bigint as units,
        sum(t.placed)::bigint as placed, sum(t.paid)::bigint as paid, sum(t.refunded)::bigint as refunded,
        sum(t.paid - t.refunded)::bigint as net
      from ${table} t
      left join location l on l.no = t.location_no
      ${bySku ? sql`left join sku k on k.no = t.sku_no` : sql``}
      where ${byTime ? sql`t.minute >= ${start} and t.minute < ${end}` : sql`t.day between ${filter.from} and ${filter.to}`}
        ${channel === undefined ? sql`` : sql`and t.channel = ${channel}`}
        ${location === undefined ? sql`` : sql`and l.code = ${location}`}
        ${region === undefined ? sql`` : sql`and l.region = ${region}`}
        ${category === undefined ? sql`` : sql`and k.category = ${category}`}
        ${sku === undefined ? sql`` : sql`and t.sku_no = (select no from sku where code = ${sku})`}
        ${sight === null ? sql`` : sql`and (l.code = any(${sight.locations as string[]}::text[]) or l.region = any(${sight.regions as string[]}::text[]))`}
      group by 1) s
    -- Rows that a correction brought back to nothing.
    where orders <> 0 or units <> 0 or placed <> 0 or paid <> 0 or refunded <> 0
    order by key collate "C"`;
}

export type Sums = Omit<SummaryRow, 'key'>;

/** Sums of [start, until) from the minutes, epoch ms; for comparisons at the same time of day. */
export async function readSpan(
  sql: Sql,
  span: { start: number; until: number },
  { channel, location, region, sight }: Omit<SummaryFilter, 'from' | 'to' | 'category' | 'sku'>,
): Promise<Sums> {
  const [row] = await sql<Sums[]>`
    select coalesce(sum(t.orders), 0)::bigint as orders, coalesce(sum(t.units), 0)::bigint as units,
      coalesce(sum(t.placed), 0)::bigint as placed, coalesce(sum(t.paid), 0)::bigint as paid,
      coalesce(sum(t.refunded), 0)::bigint as refunded, coalesce(sum(t.paid - t.refunded), 0)::bigint as net
    from sales_minute t left join location l on l.no = t.location_no
    where t.minute >= ${new Date(span.start)}::timestamptz and t.minute < ${new Date(span.until)}::timestamptz
      ${channel === undefined ? sql`` : sql`and t.channel = ${channel}`}
      ${location === undefined ? sql`` : sql`and l.code = ${location}`}
      ${region === undefined ? sql`` : sql`and l.region = ${region}`}
      ${sight === null ? sql`` : sql`and (l.code = any(${sight.locations as string[]}::text[]) or l.region = any(${sight.regions as string[]}::text[]))`}`;
  return row!;
}
