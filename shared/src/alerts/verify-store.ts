/**
 * Checks of alerts and proposals against the balances, in one view of the database. A balance whose signal is still waiting
 * is left out, as is what only time decides (rushes, shelves without a policy); a signal that waits for long is found itself.
 */
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';

/** A signal is worked off in well under a second; after a standstill, in minutes. */
const SIGNAL_MINUTES = 10;
/** What an order's coming or going changes without a signal is looked for every half minute. */
const LOOK_MINUTES = 2;

const waits = (sql: Sql) => sql`
  exists (select from signal g where g.sku_no = s.sku_no and g.location_no = s.location_no)`;

/**
 * Balances that must have an alert: oversold, or at or below their reorder point and nothing on its way that would lift
 * them above it. Each has exactly one.
 */
export function compareLowAlerts(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select s.sku_no, s.location_no, 1::bigint as alerts, s.on_hand - s.reserved as available, s.inbound, s.reorder_point
        from stock s
        where ${mustWarn(sql)} and not ${waits(sql)}`,
      found: sql`
        select s.sku_no, s.location_no, count(*) as alerts, min(s.on_hand - s.reserved) as available, min(s.inbound) as inbound,
          min(s.reorder_point) as reorder_point
        from alert a join stock s using (sku_no, location_no)
        where a.family = 'stock' and a.resolved_at is null and ${mustWarn(sql)} and not ${waits(sql)}
        group by 1, 2`,
      keys: ['sku_no', 'location_no'],
      values: ['alerts'],
    },
    limit,
  );
}

const mustWarn = (sql: Sql) => sql`
  (s.on_hand - s.reserved < 0
    or (s.on_hand - s.reserved <= s.reorder_point and s.on_hand - s.reserved + s.inbound <= s.reorder_point
      and (s.inbound = 0 or s.last_moved_at < now() - ${LOOK_MINUTES} * interval '1 minute')))`;

/** Alerts of shelves that are full again: a tenth above the reorder point, or above nothing where there is none. */
export function compareClearedAlerts(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select null::int as sku_no, null::int as location_no, null::text as kind where false`,
      found: sql`
        select s.sku_no, s.location_no, a.kind, s.on_hand - s.reserved as available, s.reorder_point
        from alert a join stock s using (sku_no, location_no)
        where a.family = 'stock' and a.resolved_at is null and a.kind in ('low_stock', 'sold_out', 'oversold')
          and s.on_hand - s.reserved > 0
          and s.on_hand - s.reserved >= coalesce(s.reorder_point + greatest(1, ceil(s.reorder_point * 0.1)), 1)
          and not ${waits(sql)}`,
      keys: ['sku_no', 'location_no'],
      values: ['kind'],
    },
    limit,
  );
}

/** Balances with more than one open alert of a family, or more than one open proposal. */
export function compareDoubles(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select null::text as what, null::int as sku_no, null::int as location_no, null::bigint as order_no, 1::bigint as open
        where false`,
      found: sql`
        select family as what, sku_no, location_no, supply_order_no as order_no, count(*) as open from alert
        where resolved_at is null group by 1, 2, 3, 4 having count(*) > 1
        union all
        select 'proposal', sku_no, location_no, 0, count(*) from proposal
        where state = 'open' group by 2, 3 having count(*) > 1`,
      keys: ['what', 'sku_no', 'location_no', 'order_no'],
      values: ['open'],
    },
    limit,
  );
}

/** Signals about balances that nobody has looked at for long. */
export function compareSignals(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select null::bigint as no, null::text as kind where false`,
      found: sql`
        select no, kind, sku_no, location_no, at from signal
        where sku_no is not null and location_no is not null and at < now() - ${SIGNAL_MINUTES} * interval '1 minute'`,
      keys: ['no'],
      values: ['kind'],
    },
    limit,
  );
}
