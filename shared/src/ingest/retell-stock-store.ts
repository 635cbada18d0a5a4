/**
 * Stock told anew from the ledger, into temporary tables; after `retellOrders`, in its transaction.
 *   retold_move   what moved where and when, one row a fact and line, quantities with their sign
 *   retold_count  the newest count of each balance
 */
import type { Sql } from '../platform/database.ts';
import { factKey } from './retell-store.ts';

/** Makes both tables. */
export async function retellStock(sql: Sql): Promise<void> {
  await retellMoves(sql);
  await retellCounts(sql);
}

/** Everything that moves goods, as the facts tell it: one row a fact and line, quantities with their sign. */
async function retellMoves(sql: Sql): Promise<void> {
  await sql`
    create temp table retold_move on commit drop as
    select n.sku_no, o.stock_location_no as location_no, -n.qty as qty,
      case when o.method = 'carry' then o.placed_at else o.gone_at end as at
    from retold_order o join retold_line n using (order_id)
    where o.method = 'carry' or o.gone_at is not null
    union all
    select n.sku_no, r.return_to, n.qty, r.at
    from retold_refund r join retold_refund_line n using (seq)
    where r.return_to is not null and n.sku_no <> 0
    union all
    select k.no, p.no, case l.type
        when 'stock.received' then (e.line ->> 'qty')::bigint
        when 'stock.adjusted' then (e.line ->> 'delta')::bigint
        when 'stock.transferred' then (e.line ->> 'qty')::bigint * side.sign end, l.time
    from ledger l
    cross join lateral (
      select l.data ->> 'location' as code, 1 as sign where l.type <> 'stock.transferred'
      union all
      select l.data ->> 'from', -1 where l.type = 'stock.transferred'
      union all
      select l.data ->> 'to', 1 where l.type = 'stock.transferred') side
    join location p on p.code = side.code
    cross join lateral jsonb_array_elements(l.data -> 'lines') as e (line)
    join sku k on k.code = e.line ->> 'sku'
    where l.type in ('stock.received', 'stock.adjusted', 'stock.transferred')`;
  await sql`analyze retold_move`;
}

/** The newest count of each balance. */
async function retellCounts(sql: Sql): Promise<void> {
  await sql`
    create temp table retold_count on commit drop as
    select distinct on (sku_no, location_no) * from (
      select k.no as sku_no, p.no as location_no, l.time as at, (e.line ->> 'onHand')::bigint as on_hand,
        -- The line's place in the fact settles a SKU that one fact counts twice.
        ${factKey(sql)} || ' ' || lpad((e.i - 1)::text, 4, '0') as key
      from ledger l
      join source s on s.no = l.source_no
      join location p on p.code = l.data ->> 'location'
      cross join lateral jsonb_array_elements(l.data -> 'lines') with ordinality as e (line, i)
      join sku k on k.code = e.line ->> 'sku'
      where l.type = 'stock.counted') counted
    order by sku_no, location_no, key collate "C" desc`;
  await sql`analyze retold_count`;
}
