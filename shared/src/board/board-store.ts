/** What publishers read: change notes since the last look, and the absolute values behind the tiles. Only reads. */
import type { Sql } from '../platform/database.ts';
import type {
  FeedKind,
  FeedParams,
  HotSku,
  SourceHealth,
  StockCounts,
  StockFlag,
  Topic,
} from '../contract/board.ts';

export type ChangeNote = {
  xid: string;
  topics: Topic[];
  minutes: Date[];
  locationNos: number[];
};

/**
 * Notes of transactions that may not have been visible at the last look, and the watermark for the next one.
 *
 * The watermark is the oldest transaction still running: everything older is decided, so nothing committed late is ever
 * skipped, which "newer than the largest I saw" would do. Notes between watermark and now come again; the caller
 * remembers which it has seen.
 */
export async function changesSince(
  sql: Sql,
  watermark: string,
): Promise<{ next: string; notes: ChangeNote[] }> {
  const rows = await sql<({ next: string } & { [K in keyof ChangeNote]: ChangeNote[K] | null })[]>`
    select pg_snapshot_xmin(pg_current_snapshot())::text as next, c.xid::text as xid, c.topics, c.minutes,
      c.location_nos as "locationNos"
    from (values (1)) one left join board_change c on c.xid >= ${watermark}::text::xid8`;
  return { next: rows[0]!.next, notes: rows.filter((row) => row.xid !== null) as ChangeNote[] };
}

/** Where to begin before a full read: what commits after this is seen by the first look. */
export async function currentWatermark(sql: Sql): Promise<string> {
  const [row] = await sql<{ next: string }[]>`select pg_snapshot_xmin(pg_current_snapshot())::text as next`;
  return row!.next;
}

export type Place = {
  no: number;
  code: string;
  kind: string;
  nameZh: string;
  nameEn: string;
  region: string | null;
  city: string | null;
};

export function readPlaces(sql: Sql): Promise<Place[]> {
  return sql<Place[]>`
    select no, code, kind, name_zh as "nameZh", name_en as "nameEn", region, city from location order by no`;
}

export type DayRow = {
  locationNo: number;
  channel: string;
  orders: number;
  units: number;
  placed: number;
  paid: number;
  refunded: number;
  lastSaleAt: Date | null;
};

/** Sums of a business day; only of some locations where `locationNos` is given. */
export function readDay(sql: Sql, day: string, locationNos: readonly number[] | null): Promise<DayRow[]> {
  return sql<DayRow[]>`
    select location_no as "locationNo", channel, orders, units, placed, paid, refunded, last_sale_at as "lastSaleAt"
    from sales_day where day = ${day}
      ${locationNos === null ? sql`` : sql`and location_no = any(${locationNos as number[]}::int[])`}`;
}

export type BucketRow = { bucket: number; locationNo: number; net: number };

/**
 * Net by bucket of `minutes` length since `start` and by location. `buckets`: only these, null: all up to `end`.
 * Times are epoch ms.
 */
export function readBuckets(
  sql: Sql,
  range: { start: number; end: number; minutes: number },
  buckets: readonly number[] | null,
): Promise<BucketRow[]> {
  const start = new Date(range.start);
  const length = range.minutes * 60;
  const bucket = sql`floor(extract(epoch from minute - ${start}::timestamptz) / ${length}::int)::int`;
  if (buckets === null)
    return sql<BucketRow[]>`
      select ${bucket} as bucket, location_no as "locationNo", sum(paid - refunded)::bigint as net
      from sales_minute where minute >= ${start}::timestamptz and minute < ${new Date(range.end)}::timestamptz
      group by 1, 2`;
  return sql<BucketRow[]>`
    select b.bucket, m.location_no as "locationNo", sum(m.paid - m.refunded)::bigint as net
    from unnest(${buckets as number[]}::int[]) as b (bucket)
    join sales_minute m on m.minute >= ${start}::timestamptz + b.bucket * ${length}::int * interval '1 second'
      and m.minute < ${start}::timestamptz + (b.bucket + 1) * ${length}::int * interval '1 second'
      and m.minute < ${new Date(range.end)}::timestamptz
    group by 1, 2`;
}

/** Net by location of [start, until) and of the whole day, from the minutes. Epoch ms. */
export function readSameTime(
  sql: Sql,
  { start, until, end }: { start: number; until: number; end: number },
): Promise<{ locationNo: number; net: number; total: number }[]> {
  return sql<{ locationNo: number; net: number; total: number }[]>`
    select location_no as "locationNo",
      coalesce(sum(paid - refunded) filter (where minute < ${new Date(until)}::timestamptz), 0)::bigint as net,
      sum(paid - refunded)::bigint as total
    from sales_minute
    where minute >= ${new Date(start)}::timestamptz and minute < ${new Date(end)}::timestamptz
    group by 1`;
}

/** Orders placed in one minute, by location. */
export function readMinuteOrders(
  sql: Sql,
  minute: number,
): Promise<{ locationNo: number; orders: number }[]> {
  return sql<{ locationNo: number; orders: number }[]>`
    select location_no as "locationNo", sum(orders)::int as orders
    from sales_minute where minute = ${new Date(minute)}::timestamptz group by 1`;
}

export function readTargets(sql: Sql, day: string): Promise<{ locationNo: number; amount: number }[]> {
  return sql<{ locationNo: number; amount: number }[]>`
    select location_no as "locationNo", amount from target where day = ${day}`;
}

/** The ten SKUs that sold most of a day, most pieces first. `locationNos` null: everywhere. */
export function readHot(sql: Sql, day: string, locationNos: readonly number[] | null): Promise<HotSku[]> {
  return sql<HotSku[]>`
    select k.code as sku, k.name_zh as "nameZh", k.name_en as "nameEn", t.units, t.net
    from (
      select sku_no, sum(units)::int as units, sum(paid - refunded)::bigint as net
      from sales_sku_day where day = ${day} and sku_no <> 0
        ${locationNos === null ? sql`` : sql`and location_no = any(${locationNos as number[]}::int[])`}
      group by sku_no having sum(units) > 0 order by units desc, net desc, sku_no limit 10) t
    join sku k on k.no = t.sku_no order by t.units desc, t.net desc, t.sku_no`;
}

export function readStockCounts(sql: Sql): Promise<({ locationNo: number } & StockCounts)[]> {
  return sql<({ locationNo: number } & StockCounts)[]>`
    select location_no as "locationNo", balances, sold_out as "soldOut", oversold from stock_location`;
}

export async function readUnknown(sql: Sql): Promise<{ unknownSkus: number; unknownLocations: number }> {
  const [row] = await sql<{ unknownSkus: number; unknownLocations: number }[]>`
    select (select count(*) from sku where not known)::int as "unknownSkus",
      (select count(*) from location where not known)::int as "unknownLocations"`;
  return row!;
}

/** The latest flagged balances. */
export async function readFlags(
  sql: Sql,
  locationNos: readonly number[] | null,
  limit: number,
): Promise<StockFlag[]> {
  const rows = await sql<(Omit<StockFlag, 'kind' | 'since'> & { since: Date })[]>`
    select k.code as sku, k.name_zh as "nameZh", k.name_en as "nameEn", l.code as location,
      l.name_zh as "locationNameZh", l.name_en as "locationNameEn", s.on_hand as "onHand", s.reserved,
      s.on_hand - s.reserved as available, s.flagged_at as since
    from (
      select * from stock where flagged_at is not null
        ${locationNos === null ? sql`` : sql`and location_no = any(${locationNos as number[]}::int[])`}
      order by flagged_at desc limit ${limit}) s
    join sku k on k.no = s.sku_no join location l on l.no = s.location_no
    order by s.flagged_at desc, s.sku_no, s.location_no`;
  return rows.map((row) => ({
    ...row,
    since: row.since.toISOString(),
    kind: row.available < 0 ? 'oversold' : 'sold_out',
  }));
}

export type FeedRow = {
  id: number;
  at: Date;
  kind: FeedKind;
  locationNo: number | null;
  params: FeedParams;
};

/** The newest lines, newest first, with names looked up now. */
export async function readFeed(
  sql: Sql,
  locationNos: readonly number[] | null,
  limit: number,
): Promise<FeedRow[]> {
  const rows = await sql<(FeedRow & { names: FeedParams })[]>`
    select f.id, f.at, f.kind, f.location_no as "locationNo", f.params,
      jsonb_strip_nulls(jsonb_build_object('sku', k.code, 'skuNameZh', k.name_zh, 'skuNameEn', k.name_en,
        'location', l.code, 'locationNameZh', l.name_zh, 'locationNameEn', l.name_en)) as names
    from (
      select * from feed_item
      ${locationNos === null ? sql`` : sql`where location_no = any(${locationNos as number[]}::int[])`}
      order by id desc limit ${limit}) f
    left join sku k on k.no = f.sku_no left join location l on l.no = f.location_no
    order by f.id desc`;
  return rows.map(({ names, ...row }) => ({ ...row, params: { ...row.params, ...names } }));
}

export async function readSources(sql: Sql): Promise<SourceHealth[]> {
  const rows = await sql<
    (Omit<SourceHealth, 'lastReceivedAt' | 'lastEventAt'> & {
      lastReceivedAt: Date;
      lastEventAt: Date | null;
    })[]
  >`
    select name, coalesce(last_received_at, first_seen_at) as "lastReceivedAt", last_event_at as "lastEventAt",
      accepted, duplicates, rejected
    from source order by last_received_at desc nulls last limit 200`;
  return rows.map((row) => ({
    ...row,
    lastReceivedAt: row.lastReceivedAt.toISOString(),
    lastEventAt: row.lastEventAt?.toISOString() ?? null,
  }));
}

export async function readLedgerSums(
  sql: Sql,
): Promise<{ events: number; lastReceivedAt: string | null; openRejections: number }> {
  const [row] = await sql<{ events: number; lastReceivedAt: Date | null; openRejections: number }[]>`
    select coalesce(sum(accepted), 0)::bigint as events, max(last_received_at) as "lastReceivedAt",
      (select count(*) from rejected_event where state = 'open')::int as "openRejections" from source`;
  return { ...row!, lastReceivedAt: row!.lastReceivedAt?.toISOString() ?? null };
}
