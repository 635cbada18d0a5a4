/** Checks of what is on its way and of what is proposed. */
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';
import { outstandingByBalance } from './supply-store.ts';

/** Inbound is what is outstanding of the orders that are under way. */
export function compareInbound(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select sku_no, location_no, qty::bigint as inbound from (${outstandingByBalance(sql)}) o where qty <> 0`,
      found: sql`select sku_no, location_no, inbound::bigint as inbound from stock where inbound <> 0`,
      keys: ['sku_no', 'location_no'],
      values: ['inbound'],
    },
    limit,
  );
}

/** What an order's lines have received is what the movements with its code brought to its destination. */
export function compareArrivals(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      // Facts whose signal still waits are not booked yet.
      expected: sql`
        select o.code, n.sku_no, sum(m.qty)::bigint as received
        from supply_order o join supply_order_line n on n.order_no = o.no
        join stock_movement m on m.ref = o.code and m.sku_no = n.sku_no and m.location_no = o.to_location_no
          and m.kind in ('received', 'transfer_in')
        where ${settled(sql)}
        group by 1, 2`,
      found: sql`
        select o.code, n.sku_no, n.received::bigint as received
        from supply_order o join supply_order_line n on n.order_no = o.no where n.received <> 0 and ${settled(sql)}`,
      keys: ['code', 'sku_no'],
      values: ['received'],
    },
    limit,
  );
}

const settled = (sql: Sql) =>
  sql`not exists (select from signal g where g.kind = 'arrival' and g.params->>'ref' = o.code)`;

/**
 * A balance has at most one open proposal, and none where it is stocked above its order-up-to level and nobody has been told
 * to look; each approved one has its order's line.
 */
export function compareProposals(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select p.id::text as id, 'an order' as has from proposal p where p.state = 'approved'
        union all
        select min(p.id::text), 'one' from proposal p where p.state = 'open' group by p.sku_no, p.location_no`,
      found: sql`
        select p.id::text as id, 'an order' as has
        from proposal p join supply_order_line n on n.order_no = p.supply_order_no and n.proposal_id = p.id
          and n.sku_no = p.sku_no and n.qty = p.approved_qty
        union all
        select p.id::text, 'one' from proposal p
        left join stock s on s.sku_no = p.sku_no and s.location_no = p.location_no
        left join policy y on y.sku_no = p.sku_no and y.location_no = p.location_no
        where p.state = 'open' and not coalesce(s.on_hand - s.reserved > y.order_up_to, false)
        union all
        select p.id::text, 'one' from proposal p join stock s on s.sku_no = p.sku_no and s.location_no = p.location_no
        join policy y on y.sku_no = p.sku_no and y.location_no = p.location_no
        where p.state = 'open' and s.on_hand - s.reserved > y.order_up_to and exists (
          select from signal g where g.sku_no = p.sku_no and g.location_no = p.location_no)`,
      keys: ['id'],
      values: ['has'],
    },
    limit,
  );
}
