/** Compares what should be with what is, in the database: for checks over tables that no process could hold. */
import type { PendingQuery, Row } from 'postgres';
import type { Sql } from './database.ts';

/** A row that is not as it should be. Null on a side where there is none at all. */
export type Difference = {
  expected: Record<string, unknown> | null;
  found: Record<string, unknown> | null;
};

/** All differences in number, and the first of them. */
export type Differences = { total: number; first: Difference[] };

export type Comparison = {
  /** Queries with the same columns of the same types, at most one row a key each. */
  expected: PendingQuery<Row[]>;
  found: PendingQuery<Row[]>;
  /** Columns that say which rows belong together; never null. */
  keys: readonly string[];
  /** Columns that have to be equal. */
  values: readonly string[];
};

/**
 * Joins the two queries on their keys and answers the rows whose values differ, at most `limit` of them. A hash join with
 * hash aggregates below it: what does not fit into work_mem goes to disk.
 */
export async function differences(
  sql: Sql,
  { expected, found, keys, values }: Comparison,
  limit: number,
): Promise<Differences> {
  const join = keys.flatMap((key, i) => [i === 0 ? sql`` : sql`and`, sql`e.${sql(key)} = f.${sql(key)}`]);
  const differs = values.flatMap((value, i) => [
    i === 0 ? sql`` : sql`or`,
    sql`e.${sql(value)} is distinct from f.${sql(value)}`,
  ]);
  const [firstKey = ''] = keys;
  const rows = await sql<(Difference & { total: number })[]>`
    select count(*) over () as total, to_jsonb(e) as expected, to_jsonb(f) as found
    from (${expected}) e full join (${found}) f on ${join}
    where e.${sql(firstKey)} is null or f.${sql(firstKey)} is null or ${differs}
    limit ${limit}`;
  const first = rows.map((row) => ({ expected: row.expected, found: row.found }));
  return { total: rows[0]?.total ?? 0, first };
}
