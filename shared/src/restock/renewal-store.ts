/** Open proposals held against the world as it is now, and what becomes of those that do not fit it. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Standing } from './renewal.ts';

type Pair = { skuNo: number; locationNo: number };
export type StandingProposal = Pair & Standing & { id: string };

/** The open proposals of these balances. */
export async function readStanding(sql: Sql, pairs: readonly Pair[]): Promise<StandingProposal[]> {
  if (pairs.length === 0) return [];
  const rows = await sql<
    (Omit<StandingProposal, 'source'> & { sourceAvailable: number | null; floor: number })[]
  >`
    select p.id, p.sku_no as "skuNo", p.location_no as "locationNo", p.source_kind as "sourceKind", p.qty,
      coalesce(p.wanted, p.qty) as wanted, coalesce(p.pack_size, 1) as "packSize",
      p.updated_at as "updatedAt", p.kept_by as "keptBy",
      coalesce(y.order_up_to - (s.on_hand - s.reserved) - s.inbound, p.qty) as "wantedNow",
      case when p.source_location_no is not null then coalesce(f.on_hand - f.reserved, 0) end as "sourceAvailable",
      case when l.kind = 'hq_warehouse' then 0 else coalesce(f.reorder_point, 0) end as floor,
      p.source_location_no is not null or p.supplier is not distinct from k.supplier as supplied
    from (
      select distinct * from unnest(${column(pairs, (p) => p.skuNo)}::int[], ${column(pairs, (p) => p.locationNo)}::int[])
      as b (sku_no, location_no)) b
    join proposal p on p.sku_no = b.sku_no and p.location_no = b.location_no and p.state = 'open'
    join stock s on s.sku_no = p.sku_no and s.location_no = p.location_no
    join sku k on k.no = p.sku_no
    left join policy y on y.sku_no = p.sku_no and y.location_no = p.location_no
    left join stock f on f.sku_no = p.sku_no and f.location_no = p.source_location_no
    left join location l on l.no = p.source_location_no
    order by p.sku_no, p.location_no`;
  return rows.map(({ sourceAvailable, floor, ...row }) => ({
    ...row,
    source: sourceAvailable === null ? null : { available: sourceAvailable, floor },
  }));
}

/**
 * Takes open proposals back so that new ones can take their place. Another id, not another content: whoever approves what
 * they saw a minute ago is told that it is not open, and never approves what they have not seen. Answers those it took; one
 * that was decided in this moment is not among them.
 */
export async function takeBackProposals(sql: Sql, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set();
  const taken = await sql<{ id: string }[]>`
    with due as (
      select id from proposal where id = any(${ids as string[]}::uuid[]) and state = 'open'
      order by sku_no, location_no for update
    )
    update proposal p set state = 'withdrawn', decided_at = now(), updated_at = now()
    from due where p.id = due.id and p.state = 'open' returning p.id`;
  return new Set(taken.map(({ id }) => id));
}

/** Puts back what was taken back in this transaction: there is nothing better. It rests before it is looked at again. */
export async function putBackProposals(sql: Sql, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await sql`
    update proposal set state = 'open', decided_at = null, updated_at = now()
    where id = any(${ids as string[]}::uuid[]) and state = 'withdrawn'`;
}
