/** Counts that were read from a file and wait for somebody to look at their differences. Quantities in pieces. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

type Sight = { locations: readonly string[]; regions: readonly string[] } | null;

export type CountState = 'open' | 'booked' | 'discarded';

export type StockCountRow = {
  id: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  region: string | null;
  ref: string;
  status: CountState;
  countedAt: Date;
  createdAt: Date;
  createdBy: string;
  decidedAt: Date | null;
  decidedBy: string | null;
  lineCount: number;
  /** Lines where the book said something else. */
  differing: number;
  /** Pieces found beyond the book, and missing from it. */
  surplus: number;
  missing: number;
  /** Of both together at cost, minor units; SKUs without a cost count for nothing. */
  value: number;
};

export type CountLineRow = {
  sku: string;
  nameZh: string;
  nameEn: string;
  book: number;
  counted: number;
  difference: number;
  value: number | null;
};

/**
 * Keeps a count beside what the book says now. Answers its id, or the codes that the catalog does not know; then nothing was
 * kept.
 */
export async function draftCount(
  sql: Sql,
  count: {
    locationNo: number;
    ref: string;
    countedAt: Date;
    by: string;
    lines: readonly { sku: string; onHand: number }[];
  },
): Promise<{ id: string } | { unknown: string[] }> {
  const codes = column(count.lines, ({ sku }) => sku);
  const unknown = await sql<{ code: string }[]>`
    select distinct c.code from unnest(${codes}::text[]) as c (code)
    where not exists (select from sku where sku.code = c.code) order by 1`;
  if (unknown.length > 0) return { unknown: unknown.map(({ code }) => code) };
  const [row] = await sql<{ id: string }[]>`
    insert into stock_count (location_no, ref, counted_at, created_by)
    values (${count.locationNo}, ${count.ref}, ${count.countedAt}, ${count.by}) returning id`;
  // What was counted in two places of the shop adds up.
  await sql`
    insert into stock_count_line (count_id, sku_no, counted, book)
    select ${row!.id}, k.no, sum(c.qty), coalesce(max(s.on_hand), 0)
    from unnest(${codes}::text[], ${column(count.lines, ({ onHand }) => onHand)}::int[]) as c (code, qty)
    join sku k using (code) left join stock s on s.sku_no = k.no and s.location_no = ${count.locationNo}
    group by k.no`;
  return { id: row!.id };
}

/** Newest first; `before` is the id where the page before ended. */
export function listCounts(
  sql: Sql,
  filter: {
    id?: string | undefined;
    status?: CountState | undefined;
    location?: string | undefined;
    sight: Sight;
  },
  before: string | null,
  limit: number,
): Promise<StockCountRow[]> {
  const { id, status, location, sight } = filter;
  return sql<StockCountRow[]>`
    select c.id, l.code as location, l.name_zh as "locationNameZh", l.name_en as "locationNameEn", l.region, c.ref,
      c.state as status, c.counted_at as "countedAt", c.created_at as "createdAt", c.created_by as "createdBy",
      c.decided_at as "decidedAt", c.decided_by as "decidedBy", n.*
    from stock_count c join location l on l.no = c.location_no
    cross join lateral (
      select count(*)::int as "lineCount", (count(*) filter (where n.counted <> n.book))::int as differing,
        coalesce(sum(greatest(0, n.counted - n.book)), 0)::int as surplus,
        coalesce(sum(greatest(0, n.book - n.counted)), 0)::int as missing,
        coalesce(sum((n.counted - n.book) * k.cost), 0)::bigint as value
      from stock_count_line n join sku k on k.no = n.sku_no where n.count_id = c.id) n
    where true
      ${id === undefined ? sql`` : sql`and c.id = ${id}`}
      ${status === undefined ? sql`` : sql`and c.state = ${status}`}
      ${location === undefined ? sql`` : sql`and l.code = ${location}`}
      ${
        sight === null
          ? sql``
          : sql`and (l.code = any(${sight.locations as string[]}::text[]) or l.region = any(${sight.regions as string[]}::text[]))`
      }
      ${before === null ? sql`` : sql`and c.id < ${before}::uuid`}
    order by c.id desc limit ${limit}`;
}

/** Lines of a count, those that differ most in value first. */
export const listCountLines = (sql: Sql, id: string): Promise<CountLineRow[]> => sql<CountLineRow[]>`
  select k.code as sku, k.name_zh as "nameZh", k.name_en as "nameEn", n.book, n.counted, n.counted - n.book as difference,
    (n.counted - n.book) * k.cost as value
  from stock_count_line n join sku k on k.no = n.sku_no where n.count_id = ${id}
  order by abs((n.counted - n.book) * coalesce(k.cost, 0)) desc, abs(n.counted - n.book) desc, k.code`;

/** Holds a count for the one who decides; others wait. Answers its state, or null where there is none. */
export async function lockCount(sql: Sql, id: string): Promise<CountState | null> {
  const [row] = await sql<{ state: CountState }[]>`select state from stock_count where id = ${id} for update`;
  return row?.state ?? null;
}

export async function settleCount(
  sql: Sql,
  id: string,
  { state, by }: { state: 'booked' | 'discarded'; by: string },
): Promise<void> {
  await sql`
    update stock_count set state = ${state}, decided_at = now(), decided_by = ${by} where id = ${id} and state = 'open'`;
}
