/** What goods are worth by the catalog. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

/** Of all of these together, minor units: the list price, or the cost where that is more. Null where neither is known of one. */
export async function readWorth(
  sql: Sql,
  lines: readonly { sku: string; qty: number }[],
): Promise<number | null> {
  const [{ worth }] = await sql<[{ worth: number | null }]>`
    select case when count(*) = count(greatest(s.list_price, s.cost))
      then sum(w.qty * greatest(s.list_price, s.cost))::bigint end as worth
    from unnest(${column(lines, ({ sku }) => sku)}::text[], ${column(lines, ({ qty }) => qty)}::int[]) as w (code, qty)
    left join sku s using (code)`;
  return worth;
}
