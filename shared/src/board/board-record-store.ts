/** Minutes of sales of the whole company, for its record. Only reads. */
import type { Sql } from '../platform/database.ts';
import type { MinuteSums } from './record.ts';

/** The minute with most placed of [from, until) among those with `orders` at least; null: there is none. Epoch ms. */
export async function readBestMinute(
  sql: Sql,
  { from, until, orders }: { from: number; until: number; orders: number },
): Promise<MinuteSums | null> {
  const [row] = await sql<{ minute: Date; orders: number; placed: number }[]>`
    select minute, sum(orders)::int as orders, sum(placed)::bigint as placed from sales_minute
    where minute >= ${new Date(from)}::timestamptz and minute < ${new Date(until)}::timestamptz
    group by 1 having sum(orders) >= ${orders} order by 3 desc, 1 limit 1`;
  return row ? { ...row, minute: row.minute.getTime() } : null;
}

/** One minute, and the first one that the company sold in. */
export async function readMinute(
  sql: Sql,
  minute: number,
): Promise<{ sums: MinuteSums; firstSale: number | null }> {
  const [row] = await sql<[{ orders: number; placed: number; first: Date | null }]>`
    select coalesce(sum(orders), 0)::int as orders, coalesce(sum(placed), 0)::bigint as placed,
      (select min(minute) from sales_minute) as first
    from sales_minute where minute = ${new Date(minute)}::timestamptz`;
  return {
    sums: { minute, orders: row.orders, placed: row.placed },
    firstSale: row.first?.getTime() ?? null,
  };
}
