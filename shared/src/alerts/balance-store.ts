/** Signals, and the state of the balances that they point at: what the job `assess-stock` works on. */
import type { AlertKind } from '../contract/words.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { MUCH_LESS, MUCH_MORE, RENEW_REST_MINUTES } from '../restock/renewal.ts';
import { paceNow } from '../stock/pace.ts';
import { CLEAR_SHARE, type BalanceState } from './stock-alert.ts';

export type Balance = { skuNo: number; locationNo: number };
export type Signal = Balance & {
  kind: 'stock' | 'count' | 'reorder';
  /** Of `count`: what the book had said and what was seen. */
  params: { book?: number; counted?: number };
};

/**
 * Signals that are about a balance; others belong to other jobs. `reorder` is what a plan found, ten thousands at once: the
 * plan takes them itself, so that a sale's signal never waits behind them.
 */
const ABOUT_BALANCES = ['stock', 'count', 'reorder'];

/** Whose signals are taken: what has just happened, or what a plan found. */
export type Lane = 'happened' | 'planned';
/** What a plan that died left behind is anybody's after this long. */
const PLAN_DEAD_SECONDS = 60;

/**
 * Takes up to `limit` signals of a lane, oldest first, passing over those that another worker has in hand. They are gone when
 * the transaction commits, and back when it does not.
 */
export function takeSignals(sql: Sql, limit: number, lane: Lane): Promise<Signal[]> {
  const inLane = lane === 'planned' ? sql`kind = 'reorder'` : happened(sql);
  return sql<Signal[]>`
    delete from signal where no in (
      select no from signal where ${inLane} and sku_no is not null and location_no is not null
      order by no limit ${limit} for update skip locked)
    returning kind, sku_no as "skuNo", location_no as "locationNo", params`;
}

const happened = (sql: Sql) => sql`(kind in ('stock', 'count')
  or kind = 'reorder' and at < now() - ${PLAN_DEAD_SECONDS} * interval '1 second')`;

/** How many signals wait, and since when those do that nobody has in hand. */
export async function waitingSignals(sql: Sql): Promise<{ count: number; oldest: Date | null }> {
  const [row] = await sql<{ count: number; oldest: Date | null }[]>`
    select count(*)::int as count, min(at) filter (where ${happened(sql)}) as oldest from signal where kind = any(${ABOUT_BALANCES}::text[])`;
  return row!;
}

/**
 * Until the transaction ends nobody else judges these balances: a worker that read them before a delivery must not open an
 * alert after another has closed it. Sorted by (SKU, location), the lock order; sales do not wait for it.
 */
export async function lockBalances(sql: Sql, balances: readonly Balance[]): Promise<void> {
  await sql`
    select pg_advisory_xact_lock((sku_no::bigint << 32) | location_no) from (
      select * from unnest(
        ${column(balances, (b) => b.skuNo)}::int[], ${column(balances, (b) => b.locationNo)}::int[])
      as b (sku_no, location_no) order by 1, 2) sorted`;
}

export type BalanceOf = Balance &
  BalanceState & {
    /** The alert of family `book` that is open. */
    openBook: AlertKind | null;
  };

/** The balances as they are now; one that no fact has touched is left out. */
export async function readBalanceStates(
  sql: Sql,
  balances: readonly Balance[],
  now: number,
): Promise<BalanceOf[]> {
  const rows = await sql<(BalanceOf & { paceAt: Date | null; lastMovedAt: Date | null })[]>`
    select s.sku_no as "skuNo", s.location_no as "locationNo", s.on_hand as "onHand",
      s.on_hand - s.reserved as available, s.inbound, s.reorder_point as "reorderPoint", p.order_up_to as "orderUpTo",
      p.abc, p.rate::float8 as rate, coalesce(v.per_hour, 0)::float8 as "perHour", v.at as "paceAt",
      s.last_moved_at as "lastMovedAt", a.kind as open, k.kind as "openBook"
    from unnest(
      ${column(balances, (b) => b.skuNo)}::int[], ${column(balances, (b) => b.locationNo)}::int[])
      as b (sku_no, location_no)
    join stock s using (sku_no, location_no)
    left join policy p using (sku_no, location_no)
    left join sale_pace v using (sku_no, location_no)
    left join alert a on a.family = 'stock' and a.sku_no = b.sku_no and a.location_no = b.location_no
      and a.resolved_at is null
    left join alert k on k.family = 'book' and k.sku_no = b.sku_no and k.location_no = b.location_no
      and k.resolved_at is null
    order by 1, 2`;
  return rows.map(({ paceAt, lastMovedAt, ...row }) => ({
    ...row,
    perHour: paceAt ? paceNow(row.perHour, paceAt.getTime(), now) : 0,
    movedAt: lastMovedAt && lastMovedAt.getTime(),
  }));
}

/** Whether a look for misfits may begin: it reads every open alert and proposal, so one at a time is enough. Until the transaction ends. */
export async function takeLook(sql: Sql): Promise<boolean> {
  const [lock] = await sql<[{ mine: boolean }]>`
    select pg_try_advisory_xact_lock(hashtext('alerts.misfits')) as mine`;
  return lock.mine;
}

/**
 * Leaves signals for balances whose alerts do not fit them any more, or not yet: what was lost, what only time changes (a
 * rush that calmed down, goods that were to come and were called off). Answers how many.
 */
export async function signalMisfits(sql: Sql, limit: number): Promise<number> {
  // "not in" and not "not exists": a table that was empty a minute ago is hashed all the same. Taken for small and read anew for each
  // balance, the signals of a plan cost five minutes of a core.
  // As clearLevel says, of a balance s and its policy y.
  const clear = sql`least(s.reorder_point + greatest(1, ceil(s.reorder_point * ${CLEAR_SHARE}::float8)),
    case when y.order_up_to is not null then greatest(y.order_up_to, s.reorder_point + 1) end)`;
  const result = await sql`
    insert into signal (kind, sku_no, location_no)
    select 'stock', m.sku_no, m.location_no from (
      -- Low or gone, nothing on the way that would lift it, and nobody was told.
      select s.sku_no, s.location_no from stock s
      where (s.low_at is not null or (s.flagged_at is not null and s.last_moved_at > now() - interval '28 days'))
        and (s.on_hand - s.reserved < 0 or s.on_hand - s.reserved + s.inbound <= coalesce(s.reorder_point, 0))
        and not exists (select from alert a where a.family = 'stock' and a.sku_no = s.sku_no
          and a.location_no = s.location_no and a.resolved_at is null)
      union
      -- Open, and the shelf says otherwise.
      select a.sku_no, a.location_no from alert a left join stock s using (sku_no, location_no)
      left join policy y using (sku_no, location_no)
      where a.resolved_at is null and a.family in ('stock', 'book') and a.sku_no <> 0 and a.location_no <> 0
        and case a.kind
          when 'sellout_soon' then true
          when 'negative_stock' then s.on_hand >= 0
          when 'count_gap' then false
          when 'low_stock' then s.low_at is null and coalesce(s.on_hand - s.reserved >= ${clear}, true)
          else s.low_at is null and s.on_hand - s.reserved > 0 end
      union
      -- Proposed, and not needed any more, or not like this: as clearLevel and renewalOf say.
      select p.sku_no, p.location_no from proposal p join stock s using (sku_no, location_no)
      left join policy y using (sku_no, location_no)
      left join stock f on f.sku_no = p.sku_no and f.location_no = p.source_location_no
      left join location l on l.no = p.source_location_no
      cross join lateral (
        select s.on_hand - s.reserved + greatest(0, s.inbound) as there, y.order_up_to - (s.on_hand - s.reserved) - s.inbound as wanted,
          p.kept_by is null and s.on_hand - s.reserved + s.inbound <= s.reorder_point as renewable) n
      where p.state = 'open' and (
        not proposal_awaited(p) and (s.low_at is null
          or n.there >= ${clear})
        or n.renewable and p.source_location_no is not null and coalesce(f.on_hand - f.reserved, 0) - p.qty
          < case when l.kind = 'hq_warehouse' then 0 else coalesce(f.reorder_point, 0) end
        or n.renewable and p.updated_at < now() - ${RENEW_REST_MINUTES} * interval '1 minute'
          and abs(n.wanted - p.wanted) >= p.pack_size
          and (n.wanted >= p.wanted * ${MUCH_MORE}::float8
            or p.source_kind <> 'purchase' and n.wanted <= p.wanted * ${MUCH_LESS}::float8))) m
    where (m.sku_no, m.location_no) not in (
      select sku_no, location_no from signal where sku_no is not null and location_no is not null)
    limit ${limit}`;
  return result.count;
}
