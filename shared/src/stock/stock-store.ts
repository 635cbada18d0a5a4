/** Reads balances and movements. Quantities in pieces. */
import type { MovementKind } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';

type Sight = { locations: readonly string[]; regions: readonly string[] } | null;

export type BalanceRow = {
  sku: string;
  skuNameZh: string;
  skuNameEn: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  onHand: number;
  reserved: number;
  available: number;
  inbound: number;
  /** Less than nothing is available: facts say so, and facts are kept. */
  oversold: boolean;
  /** Newest count of this balance. */
  countedAt: Date | null;
  skuNo: number;
  locationNo: number;
};

const inSight = (sql: Sql, sight: Sight) =>
  sight === null
    ? sql``
    : sql`and (l.code = any(${sight.locations as string[]}::text[]) or l.region = any(${sight.regions as string[]}::text[]))`;

/** Balances in order of (SKU, location) number; `after` is where the page before ended. */
export function readBalances(
  sql: Sql,
  filter: {
    sku?: string | undefined;
    location?: string | undefined;
    flag?: 'sold_out' | 'oversold' | undefined;
    sight: Sight;
  },
  after: { skuNo: number; locationNo: number } | null,
  limit: number,
): Promise<BalanceRow[]> {
  const { sku, location, flag } = filter;
  return sql<BalanceRow[]>`
    select k.code as sku, k.name_zh as "skuNameZh", k.name_en as "skuNameEn", l.code as location,
      l.name_zh as "locationNameZh", l.name_en as "locationNameEn", s.on_hand as "onHand", s.reserved, s.on_hand - s.reserved as available,
      s.inbound, s.on_hand - s.reserved < 0 as oversold, s.counted_at as "countedAt", s.sku_no as "skuNo",
      s.location_no as "locationNo"
    from stock s join sku k on k.no = s.sku_no join location l on l.no = s.location_no
    where true
      ${sku === undefined ? sql`` : sql`and s.sku_no = (select no from sku where code = ${sku})`}
      ${location === undefined ? sql`` : sql`and s.location_no = (select no from location where code = ${location})`}
      ${flag === undefined ? sql`` : sql`and s.flagged_at is not null`}
      ${flag === 'oversold' ? sql`and s.on_hand - s.reserved < 0` : sql``}
      ${flag === 'sold_out' ? sql`and s.on_hand - s.reserved = 0` : sql``}
      ${inSight(sql, filter.sight)}
      ${after === null ? sql`` : sql`and (s.sku_no, s.location_no) > (${after.skuNo}, ${after.locationNo})`}
    order by s.sku_no, s.location_no limit ${limit}`;
}

export type MovementRow = {
  /** Number of the fact in the ledger. */
  seq: number;
  at: Date;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  kind: MovementKind;
  /** What the fact says; for `counted` what was seen. */
  qty: number;
  /** What it did to the book: 0 where a newer count had seen it. */
  delta: number;
  /** Order, delivery or reason. */
  ref: string | null;
  source: string | null;
  eventId: string | null;
  eventType: string | null;
};

/** Movements of a SKU, newest fact first, each with the fact that caused it (null once retention dropped it). */
export function readMovements(
  sql: Sql,
  filter: { sku: string; location?: string | undefined; sight: Sight },
  before: { at: Date; seq: number } | null,
  limit: number,
): Promise<MovementRow[]> {
  const { sku, location } = filter;
  return sql<MovementRow[]>`
    select m.seq, m.at, m.location, m."locationNameZh", m."locationNameEn", m.kind, m.qty, m.delta, m.ref,
      s.name as source, f.id as "eventId", f.type as "eventType"
    from (
      select m.*, l.code as location, l.name_zh as "locationNameZh", l.name_en as "locationNameEn"
      from stock_movement m join location l on l.no = m.location_no
      where m.sku_no = (select no from sku where code = ${sku})
        ${location === undefined ? sql`` : sql`and m.location_no = (select no from location where code = ${location})`}
        ${inSight(sql, filter.sight)}
        ${before === null ? sql`` : sql`and (m.at, m.seq) < (${before.at}::timestamptz, ${before.seq}::bigint)`}
      order by m.at desc, m.seq desc limit ${limit}) m
    left join lateral (select * from ledger f where f.seq = m.seq limit 1) f on true
    left join source s on s.no = f.source_no
    order by m.at desc, m.seq desc`;
}
