/** Customers who asked in a shop for what it had not got: each one is a sale to be saved, and counted. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

/** `elsewhere`: sent to another store; `online`: ordered online; `lost`: the customer left without. */
export const lookupOutcomes = ['elsewhere', 'online', 'lost'] as const;
export type LookupOutcome = (typeof lookupOutcomes)[number];

export type LookupDraft = {
  sku: string;
  location: string;
  qty: number;
  outcome: LookupOutcome | null;
  createdBy: string;
};

/** Notes a look-up; null where the SKU or the location is unknown. */
export async function insertLookup(sql: Sql, draft: LookupDraft): Promise<{ id: string; at: Date } | null> {
  const [row] = await sql<{ id: string; at: Date }[]>`
    insert into stock_lookup (sku_no, location_no, qty, outcome, created_by)
    select k.no, l.no, ${draft.qty}, ${draft.outcome}, ${draft.createdBy}
    from sku k, location l where k.code = ${draft.sku} and l.code = ${draft.location}
    returning id, at`;
  return row ?? null;
}

/** Says what came of look-ups: the id of the order that is reserved for or made. Unknown ids are passed over. */
export async function linkLookups(
  sql: Sql,
  links: readonly { id: string; reference: string }[],
): Promise<void> {
  if (links.length === 0) return;
  await sql`
    update stock_lookup s set reference = w.reference, outcome = coalesce(s.outcome, 'elsewhere')
    from unnest(${column(links, ({ id }) => id)}::uuid[], ${column(links, ({ reference }) => reference)}::text[])
      as w (id, reference)
    where s.id = w.id`;
}

export type LookupSums = {
  location: string;
  lookups: number;
  /** Something was reserved or ordered. */
  followed: number;
  /** The order was placed, and not cancelled. */
  saved: number;
  lost: number;
  /** Minor units: what the saved orders came to. */
  savedAmount: number;
};

/** Look-ups by location of the time from `from` up to, not including, `to`. `locationNos` null: everywhere. */
export function sumLookups(
  sql: Sql,
  { from, to, locationNos }: { from: Date; to: Date; locationNos: number[] | null },
): Promise<LookupSums[]> {
  return sql<LookupSums[]>`
    select l.code as location, count(*) as lookups, count(s.reference) as followed, count(o.order_id) as saved,
      count(*) filter (where s.outcome = 'lost') as lost, coalesce(sum(o.total), 0)::bigint as "savedAmount"
    from stock_lookup s join location l on l.no = s.location_no
    left join orders o on o.order_id = s.reference and o.placed_at is not null and o.cancelled_at is null
    where s.at >= ${from} and s.at < ${to}
      ${locationNos === null ? sql`` : sql`and s.location_no = any(${locationNos}::int[])`}
    group by l.code order by count(*) desc, l.code`;
}
