/**
 * Checks of stock: against the facts (after `retellOrders` and `retellStock`, in their transaction), and of the books
 * against each other.
 */
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';

/** On hand is the newest count plus all that has moved since, or all that ever moved. */
export function compareOnHand(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select coalesce(m.sku_no, c.sku_no) as sku_no, coalesce(m.location_no, c.location_no) as location_no,
          (coalesce(m.qty, 0) + coalesce(c.on_hand, 0))::bigint as on_hand, c.at as counted_at
        from (
          select m.sku_no, m.location_no, sum(m.qty) filter (where c.at is null or m.at >= c.at) as qty
          from retold_move m left join retold_count c using (sku_no, location_no) group by 1, 2) m
        full join retold_count c on c.sku_no = m.sku_no and c.location_no = m.location_no
        where coalesce(m.qty, 0) + coalesce(c.on_hand, 0) <> 0 or c.at is not null`,
      found: sql`
        select sku_no, location_no, on_hand::bigint as on_hand, counted_at from stock
        where on_hand <> 0 or counted_at is not null`,
      keys: ['sku_no', 'location_no'],
      values: ['on_hand', 'counted_at'],
    },
    limit,
  );
}

/** On hand is the sum of the movements' deltas: no piece without a fact that explains it. */
export function compareMovements(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select sku_no, location_no, sum(delta)::bigint as on_hand from stock_movement
        group by 1, 2 having sum(delta) <> 0`,
      found: sql`select sku_no, location_no, on_hand::bigint as on_hand from stock where on_hand <> 0`,
      keys: ['sku_no', 'location_no'],
      values: ['on_hand'],
    },
    limit,
  );
}

/** Every movement points at a fact of the ledger. Only where no partition was dropped. */
export function compareMovementFacts(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select distinct m.seq, true as in_ledger from stock_movement m`,
      found: sql`
        select l.seq, true as in_ledger from ledger l where l.seq in (select seq from stock_movement)`,
      keys: ['seq'],
      values: ['in_ledger'],
    },
    limit,
  );
}

/** The pieces that reservations hold, to be added to those of the open orders. */
const heldPieces = (sql: Sql) => sql`
  select n.sku_no, n.location_no, n.qty
  from reservation r cross join lateral unnest(r.line_sku, r.line_location, r.line_qty) as n (sku_no, location_no, qty)
  where r.holds`;

/**
 * Reserved are the pieces of orders to be collected or sent that are neither gone nor cancelled, and those that reservations
 * hold for orders to come.
 */
export function compareReserved(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select sku_no, location_no, sum(qty)::bigint as reserved from (
          select n.sku_no, o.stock_location_no as location_no, n.qty
          from retold_order o join retold_line n using (order_id)
          where o.method <> 'carry' and o.gone_at is null and o.cancelled_at is null
          union all ${heldPieces(sql)}) p
        group by 1, 2`,
      found: reservedBalances(sql),
      keys: ['sku_no', 'location_no'],
      values: ['reserved'],
    },
    limit,
  );
}

/** The same, from the open orders as the books have them: what is left to check where the ledger is cut. */
export function compareReservedInBooks(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select sku_no, location_no, sum(qty)::bigint as reserved from (
          select n.sku_no, o.stock_location_no as location_no, n.qty
          from orders o cross join lateral unnest(o.line_sku, o.line_qty) as n (sku_no, qty)
          where o.placed_at is not null and o.method <> 'carry' and o.gone_at is null and o.cancelled_at is null
          union all ${heldPieces(sql)}) p
        group by 1, 2`,
      found: reservedBalances(sql),
      keys: ['sku_no', 'location_no'],
      values: ['reserved'],
    },
    limit,
  );
}

const reservedBalances = (sql: Sql) => sql`
  select sku_no, location_no, reserved::bigint as reserved from stock where reserved <> 0`;

/** No reservation holds beyond its time (a minute is for the job that ends it), and none for an order that is placed. */
export function compareHolds(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select null::uuid as id, null::text as reference where false`,
      found: sql`
        select r.id, r.reference from reservation r
        where r.holds and (r.expires_at < now() - interval '1 minute'
          or r.created_at < now() - interval '1 minute'
            and exists (select from orders o where o.order_id = r.reference and o.placed_at is not null))`,
      keys: ['id'],
      values: ['reference'],
    },
    limit,
  );
}

/** The counters by location are the counts over the balances. */
export function compareCounters(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select location_no, count(*) as balances, count(*) filter (where on_hand - reserved = 0) as sold_out,
          count(*) filter (where on_hand - reserved < 0) as oversold
        from stock group by 1`,
      found: sql`
        select location_no, balances::bigint as balances, sold_out::bigint as sold_out, oversold::bigint as oversold
        from stock_location where balances <> 0 or sold_out <> 0 or oversold <> 0`,
      keys: ['location_no'],
      values: ['balances', 'sold_out', 'oversold'],
    },
    limit,
  );
}

/** A balance is flagged exactly while nothing is available. */
export function compareFlags(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select sku_no, location_no, true as flagged, on_hand, reserved from stock where on_hand - reserved <= 0`,
      found: sql`
        select sku_no, location_no, true as flagged, on_hand, reserved from stock where flagged_at is not null`,
      keys: ['sku_no', 'location_no'],
      values: ['flagged'],
    },
    limit,
  );
}

/** A balance is marked low exactly while what is available is at or below its reorder point. */
export function compareLow(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select sku_no, location_no, true as low, on_hand, reserved, reorder_point from stock
        where on_hand - reserved <= reorder_point`,
      found: sql`
        select sku_no, location_no, true as low, on_hand, reserved, reorder_point from stock where low_at is not null`,
      keys: ['sku_no', 'location_no'],
      values: ['low'],
    },
    limit,
  );
}
