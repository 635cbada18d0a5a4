/**
 * Checks of "exactly once": the ledger against its keys and its counters. Read in one repeatable-read transaction, so
 * that facts which come in meanwhile are seen in all tables or in none.
 */
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';

/** Every key has exactly one ledger row and every row its key; a (source, id) that stands twice has a row without one. */
export function compareKeys(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select k.seq, s.name as source, k.id, 1::bigint as rows
        from ledger_key k left join source s on s.no = k.source_no`,
      found: sql`
        select l.seq, coalesce(s.name, l.source_no::text) as source, l.id, count(*) as rows
        from ledger l left join source s on s.no = l.source_no
        group by 1, 2, 3`,
      keys: ['seq', 'id', 'source'],
      values: ['rows'],
    },
    limit,
  );
}

/** A source has as many facts in the ledger as it was told "accepted". Only where no partition was dropped. */
export function compareAccepted(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select name as source, accepted as facts from source where accepted <> 0`,
      found: sql`
        select s.name as source, count(*) as facts from ledger l join source s on s.no = l.source_no group by 1`,
      keys: ['source'],
      values: ['facts'],
    },
    limit,
  );
}

/**
 * Whether retention has dropped months of the ledger: the month in which the company was founded is gone. Then sums over
 * all facts cannot be had from the ledger any more.
 */
export async function hasDroppedMonths(sql: Sql): Promise<boolean> {
  // A day of grace: the first month may have been cut by the clock of another time zone.
  const [row] = await sql<{ dropped: boolean }[]>`
    select min(to_date(right(p.relname, 7), 'YYYY_MM')) > (c.created_at + interval '1 day')::date as dropped
    from company c, pg_inherits i join pg_class p on p.oid = i.inhrelid
    where i.inhparent = 'ledger'::regclass
    group by c.created_at`;
  return row?.dropped ?? false;
}

/** Facts in the ledger. */
export async function countFacts(sql: Sql): Promise<number> {
  const [row] = await sql<[{ facts: number }]>`select count(*) as facts from ledger`;
  return row.facts;
}
