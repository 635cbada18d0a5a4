/** Targets of net sales, by business day, for the company and for stores. */
import type { Sql } from '../platform/database.ts';

/** `location` null is the company; `amount` in minor units. */
export type TargetRow = { day: string; location: string | null; amount: number };

/** `locationNo` 0 is the company; `amount` null takes the target away. */
export type TargetChange = { day: string; locationNo: number; amount: number | null };

/**
 * Targets from one business day to another, both included, by day and code, the company first.
 *
 * @param locationNos numbers of the locations to show, without the company; null for all, with the company
 */
export async function listTargets(
  sql: Sql,
  {
    from,
    to,
    locationNos,
    after,
    limit,
  }: {
    from: string;
    to: string;
    locationNos: readonly number[] | null;
    after: { day: string; location: string } | null;
    limit: number;
  },
): Promise<TargetRow[]> {
  return sql<TargetRow[]>`
    select t.day, l.code as location, t.amount
    from target t left join location l on l.no = t.location_no
    where t.day between ${from}::date and ${to}::date
      ${locationNos === null ? sql`` : sql`and t.location_no = any(${[...locationNos]}::int[])`}
      ${after === null ? sql`` : sql`and (t.day, coalesce(l.code, '')) > (${after.day}::date, ${after.location})`}
    order by t.day, coalesce(l.code, '')
    limit ${limit}`;
}

/** Sets and takes away targets; rows must be unique by day and location. Returns how many rows it touched. */
export async function setTargets(sql: Sql, rows: readonly TargetChange[]): Promise<number> {
  // Sorted, so that two requests at once never wait for each other in a circle.
  const sorted = rows.toSorted((a, b) =>
    a.day < b.day ? -1 : a.day > b.day ? 1 : a.locationNo - b.locationNo,
  );
  const days = sorted.map((row) => row.day);
  const nos = sorted.map((row) => row.locationNo);
  const amounts = sorted.map((row) => row.amount);
  const set = await sql`
    insert into target (day, location_no, amount)
    select * from unnest(${days}::date[], ${nos}::int[], ${amounts}::bigint[]) as r (day, location_no, amount)
    where amount is not null
    on conflict (day, location_no) do update set amount = excluded.amount, updated_at = now()
    where target.amount <> excluded.amount`;
  const gone = await sql`
    delete from target t
    using unnest(${days}::date[], ${nos}::int[], ${amounts}::bigint[]) as r (day, location_no, amount)
    where t.day = r.day and t.location_no = r.location_no and r.amount is null`;
  return set.count + gone.count;
}

/** Numbers of locations by code; codes that nobody has heard of are absent. */
export async function locationNosOf(sql: Sql, codes: readonly string[]): Promise<Map<string, number>> {
  const rows = await sql<{ code: string; no: number }[]>`
    select code, no from location where code = any(${[...new Set(codes)]}::text[])`;
  return new Map(rows.map((row) => [row.code, row.no]));
}
