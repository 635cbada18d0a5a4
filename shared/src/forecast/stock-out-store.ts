/** Remembers when balances had nothing available: `stock.flagged_at` knows it of now only. */
import type { Sql } from '../platform/database.ts';

/**
 * Brings `stock_out` up to what balances say now: a span begins when the balance was flagged (to the instant), and ends when
 * this first sees that it is not flagged any more, or flagged anew. Run it every few minutes; what begins and ends between
 * two runs is too short to matter to a day's demand. Costs the hot path nothing, unlike a trigger on every balance.
 *
 * @returns spans begun and ended
 */
export async function noteStockOuts(sql: Sql, now: number): Promise<{ begun: number; ended: number }> {
  const at = new Date(now).toISOString();
  const [row] = await sql<{ begun: number; ended: number }[]>`
    with ended as (
      update stock_out o set until = greatest(o.since, coalesce(s.flagged_at, ${at}::timestamptz))
      from stock s
      where o.until is null and s.sku_no = o.sku_no and s.location_no = o.location_no
        and s.flagged_at is distinct from o.since
      returning 1
    ),
    begun as (
      insert into stock_out (sku_no, location_no, since)
      select s.sku_no, s.location_no, s.flagged_at from stock s
      where s.flagged_at is not null
        and not exists (
          select from stock_out o
          where o.sku_no = s.sku_no and o.location_no = s.location_no and o.since = s.flagged_at)
      order by s.sku_no, s.location_no
      on conflict do nothing
      returning 1
    )
    select (select count(*)::int from begun) as begun, (select count(*)::int from ended) as ended`;
  return row!;
}

/** Deletes spans that ended before a business day that no forecast looks back to. */
export async function pruneStockOuts(sql: Sql, endedBefore: string): Promise<number> {
  const { count } = await sql`delete from stock_out where until < ${endedBefore}::date`;
  return count;
}
