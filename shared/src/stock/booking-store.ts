/** Books a group's stock changes: balances, movements, counts and the per-location counters. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Count, StockChanges } from './changes.ts';

/**
 * A balance that somebody has to look at: what is available reached or left zero or its reorder point, what is on hand
 * fell below nothing or rose from there, or a count was far from the book. Quantities in pieces.
 */
export type Crossing = {
  skuNo: number;
  locationNo: number;
  /** Available; null where the balance is new. */
  before: number | null;
  after: number;
  /** What the count saw and what the book had said; null unless they were far apart. */
  gap: { book: number; counted: number } | null;
};

/** Whether it reached or left zero: news for the ticker. The others are signals only. */
export const isNews = ({ before, after }: Crossing): boolean => Math.sign(before ?? 1) !== Math.sign(after);

/** A count this far from the book, in pieces and as a share of it, is looked into. */
const GAP_PIECES = 5;
const GAP_SHARE = 0.2;

/** The reorder point and a tenth more: an alert ends there, so that a level at the point does not open it again and again. */
export const clearAt = (sql: Sql) => sql`(reorder_point + greatest(1, ceil(reorder_point * 0.1)))`;

/** Rows of the CTE `balance` that are crossings. */
const crossed = (sql: Sql) => sql`
  sign(coalesce(before, 1)) is distinct from sign(after)
  or (coalesce(before_hand, 0) < 0) <> (hand < 0)
  or (reorder_point is not null and (
    (coalesce(before, reorder_point + 1) <= reorder_point) <> (after <= reorder_point)
    or (before < ${clearAt(sql)} and after >= ${clearAt(sql)})))`;

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

/**
 * One statement for movements and reservations: locks and changes every balance in sorted order, records the movements,
 * keeps the counters by location, and returns the crossings. A movement from before the balance's newest count is
 * recorded with delta 0. The sum over movements one by one runs only for balances where that can be (first_at < counted_at).
 */
async function bookMovements(sql: Sql, changes: StockChanges): Promise<Crossing[]> {
  const balances = changes.balances();
  if (balances.length === 0) return [];
  const movements = changes.movements();
  return sql<Crossing[]>`
    with m as materialized (
      select * from unnest(
        ${column(movements, (m) => m.seq)}::bigint[], ${column(movements, (m) => m.skuNo)}::int[],
        ${column(movements, (m) => m.locationNo)}::int[], ${column(movements, (m) => m.kind)}::text[],
        ${column(movements, (m) => m.qty)}::int[], ${column(movements, (m) => new Date(m.at).toISOString())}::timestamptz[],
        ${column(movements, (m) => m.ref)}::text[])
      as m (seq, sku_no, location_no, kind, qty, at, ref)
    ),
    balance as (
      insert into stock as s (sku_no, location_no, on_hand, reserved, last_moved_at, flagged_at)
      select sku_no, location_no, qty, reserved, last_at, case when qty - reserved <= 0 then now() end
      from unnest(
        ${column(balances, (b) => b.skuNo)}::int[], ${column(balances, (b) => b.locationNo)}::int[],
        ${column(balances, (b) => b.qty)}::int[], ${column(balances, (b) => b.reserved)}::int[],
        ${column(balances, (b) => iso(b.lastAt))}::timestamptz[])
        as b (sku_no, location_no, qty, reserved, last_at)
      on conflict (sku_no, location_no) do update set
        -- excluded.on_hand is the group's whole quantity; see effective_qty below for balances with a count in between.
        on_hand = s.on_hand + case
          when s.counted_at is null then excluded.on_hand
          else (select coalesce(sum(m.qty), 0) from m
                where m.sku_no = s.sku_no and m.location_no = s.location_no and m.at >= s.counted_at) end,
        reserved = s.reserved + excluded.reserved,
        last_moved_at = greatest(s.last_moved_at, excluded.last_moved_at),
        flagged_at = case when s.on_hand + case
            when s.counted_at is null then excluded.on_hand
            else (select coalesce(sum(m.qty), 0) from m
                  where m.sku_no = s.sku_no and m.location_no = s.location_no and m.at >= s.counted_at) end
            - s.reserved - excluded.reserved <= 0
          then coalesce(s.flagged_at, now()) end,
        low_at = case when s.reorder_point is not null and s.on_hand + case
            when s.counted_at is null then excluded.on_hand
            else (select coalesce(sum(m.qty), 0) from m
                  where m.sku_no = s.sku_no and m.location_no = s.location_no and m.at >= s.counted_at) end
            - s.reserved - excluded.reserved <= s.reorder_point
          then coalesce(s.low_at, now()) end
      returning new.sku_no, new.location_no, new.counted_at, new.reorder_point,
        old.on_hand - old.reserved as before, new.on_hand - new.reserved as after,
        old.on_hand as before_hand, new.on_hand as hand
    ),
    recorded as (
      insert into stock_movement (seq, sku_no, location_no, kind, qty, delta, at, ref)
      select m.seq, m.sku_no, m.location_no, m.kind, m.qty,
        case when b.counted_at is null or m.at >= b.counted_at then m.qty else 0 end, m.at, m.ref
      from m join balance b using (sku_no, location_no)
    ),
    counters as (${counters(sql, 'balance')})
    select sku_no as "skuNo", location_no as "locationNo", before, after, null as gap from balance
    where ${crossed(sql)}`;
}

/** Adds to `stock_location` what the balances in the named CTE changed. */
const counters = (sql: Sql, cte: string) => sql`
  insert into stock_location as t (location_no, balances, sold_out, oversold)
  select location_no, balances, sold_out, oversold from (
    select location_no,
      count(*) filter (where before is null)::int as balances,
      (count(*) filter (where after = 0) - count(*) filter (where before = 0))::int as sold_out,
      (count(*) filter (where after < 0) - count(*) filter (where before < 0))::int as oversold
    from ${sql(cte)} group by location_no) changed
  where balances <> 0 or sold_out <> 0 or oversold <> 0
  order by location_no
  on conflict (location_no) do update set
    balances = t.balances + excluded.balances, sold_out = t.sold_out + excluded.sold_out,
    oversold = t.oversold + excluded.oversold`;

/**
 * Counts set the book to what was seen, plus what has moved since. Balances are locked already by `bookMovements`.
 * Counts older than the balance's newest one are recorded with delta 0.
 */
async function bookCounts(sql: Sql, counts: readonly Count[]): Promise<Crossing[]> {
  if (counts.length === 0) return [];
  const newest = new Map<string, Count>();
  for (const count of counts) {
    const key = `${count.skuNo}|${count.locationNo}`;
    const other = newest.get(key);
    if (!other || other.key < count.key) newest.set(key, count);
  }
  const rows = [...newest.values()].sort((a, b) => a.skuNo - b.skuNo || a.locationNo - b.locationNo);
  const superseded = counts.filter((count) => newest.get(`${count.skuNo}|${count.locationNo}`) !== count);
  const crossings = await sql<Crossing[]>`
    with c as materialized (
      select * from unnest(
        ${column(rows, (c) => c.seq)}::bigint[], ${column(rows, (c) => c.skuNo)}::int[], ${column(rows, (c) => c.locationNo)}::int[],
        ${column(rows, (c) => c.onHand)}::int[], ${column(rows, (c) => new Date(c.at).toISOString())}::timestamptz[],
        ${column(rows, (c) => c.key)}::text[])
      as c (seq, sku_no, location_no, on_hand, at, key)
    ),
    settled as (
      select c.*, c.on_hand + case when s.last_moved_at < c.at or s.last_moved_at is null then 0 else (
          select coalesce(sum(m.qty), 0) from stock_movement m
          where m.sku_no = c.sku_no and m.location_no = c.location_no and m.at >= c.at and m.kind <> 'counted') end
        as book
      from c join stock s using (sku_no, location_no)
      where s.counted_at is null or c.key collate "C" > s.counted_key collate "C"
    ),
    balance as (
      update stock s set on_hand = n.book, counted_at = n.at, counted_key = n.key,
        flagged_at = case when n.book - s.reserved <= 0 then coalesce(s.flagged_at, now()) end,
        low_at = case when n.book - s.reserved <= s.reorder_point then coalesce(s.low_at, now()) end
      from settled n
      where s.sku_no = n.sku_no and s.location_no = n.location_no
      returning s.sku_no, s.location_no, new.reorder_point, new.on_hand - old.on_hand as delta,
        old.on_hand - old.reserved as before, new.on_hand - new.reserved as after,
        old.on_hand as before_hand, new.on_hand as hand,
        -- The first thing that is ever known of a balance contradicts nothing.
        (old.counted_at is not null or old.last_moved_at is not null)
          and abs(new.on_hand - old.on_hand) >= greatest(${GAP_PIECES}::int, ${GAP_SHARE}::float8 * abs(old.on_hand))
          as far
    ),
    recorded as (
      insert into stock_movement (seq, sku_no, location_no, kind, qty, delta, at)
      select c.seq, c.sku_no, c.location_no, 'counted', c.on_hand, coalesce(b.delta, 0), c.at
      from c left join balance b using (sku_no, location_no)
    ),
    counters as (${counters(sql, 'balance')})
    select sku_no as "skuNo", location_no as "locationNo", before, after,
      case when far then jsonb_build_object('book', before_hand, 'counted', hand) end as gap
    from balance where far or ${crossed(sql)}`;
  if (superseded.length > 0)
    await sql`
      insert into stock_movement (seq, sku_no, location_no, kind, qty, delta, at)
      select seq, sku_no, location_no, 'counted', on_hand, 0, at from unnest(
        ${column(superseded, (c) => c.seq)}::bigint[], ${column(superseded, (c) => c.skuNo)}::int[],
        ${column(superseded, (c) => c.locationNo)}::int[], ${column(superseded, (c) => c.onHand)}::int[],
        ${column(superseded, (c) => new Date(c.at).toISOString())}::timestamptz[])
      as c (seq, sku_no, location_no, on_hand, at)`;
  return crossings;
}

/**
 * Books everything a group does to stock and returns the balances to look at. Movements first: counts of the same group
 * look at them.
 */
export async function bookStock(sql: Sql, changes: StockChanges): Promise<Crossing[]> {
  const moved = await bookMovements(sql, changes);
  const counted = await bookCounts(sql, changes.counts);
  if (counted.length === 0) return moved;
  // A balance that both moved and was counted crosses once: from before the movements to after the count. Where that is
  // nowhere (sold out by the movements, found again by the count), it is looked at all the same.
  const merged = new Map(moved.map((crossing) => [`${crossing.skuNo}|${crossing.locationNo}`, crossing]));
  for (const crossing of counted) {
    const key = `${crossing.skuNo}|${crossing.locationNo}`;
    const before = merged.get(key);
    merged.set(key, before ? { ...crossing, before: before.before } : crossing);
  }
  return [...merged.values()];
}
