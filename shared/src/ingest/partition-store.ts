import type { SqlPool } from '../platform/database.ts';

/** How far ahead partitions are made: a worker may be down for weeks, and facts must still find their place. */
const MONTHS_AHEAD = 2;

/** Keys deleted in one transaction: short enough that no fact that needs a row of these pages waits long. */
const KEYS_A_CHUNK = 5_000;

/**
 * Makes the ledger's partitions of this month and the next two, and drops those that ended more than `retainMonths`
 * whole months ago (never, when it is undefined). Returns the names of both. Safe to run at the same time as itself.
 */
export async function maintainLedgerPartitions(
  sql: SqlPool,
  { retainMonths }: { retainMonths?: number | undefined } = {},
): Promise<{ created: string[]; dropped: string[] }> {
  const created = await createMonths(sql);
  const dropped: string[] = [];
  if (retainMonths !== undefined)
    for (const partition of await monthsBefore(sql, retainMonths)) {
      await deleteKeys(sql, partition);
      if (await dropPartition(sql, partition)) dropped.push(partition);
    }
  return { created, dropped };
}

/**
 * Made beside the ledger and then attached: `create table … partition of` would lock every writer out of the ledger
 * until its commit, attaching locks none of them.
 */
async function createMonths(sql: SqlPool): Promise<string[]> {
  const months = await sql<{ name: string; from: string; to: string }[]>`
    select to_char(month, '"ledger_"YYYY_MM') as name, month::date as from, (month + interval '1 month')::date as to
    from generate_series(
      date_trunc('month', current_date), date_trunc('month', current_date) + make_interval(months => ${MONTHS_AHEAD}),
      interval '1 month') as month`;
  const created: string[] = [];
  for (const { name, from, to } of months) {
    const did = await sql.begin(async (tx) => {
      await tx`select pg_advisory_xact_lock(hashtext('ledger.partitions'))`;
      const [found] = await tx`select 1 from pg_class where oid = to_regclass(${name})`;
      if (found) return false;
      await tx`create table ${tx(name)} (like ledger including defaults including constraints)`;
      await tx.unsafe(
        `alter table ledger attach partition "${name}" for values from ('${from}') to ('${to}')`,
      );
      return true;
    });
    if (did) created.push(name);
  }
  return created;
}

/** Names are made by `createMonths` only, so what they say is what they hold. */
async function monthsBefore(sql: SqlPool, retainMonths: number): Promise<string[]> {
  const rows = await sql<{ name: string }[]>`
    select c.relname as name
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'ledger'::regclass
      and c.relname ~ '^ledger_\\d{4}_\\d{2}$'
      and to_date(right(c.relname, 7), 'YYYY_MM')
        < date_trunc('month', current_date) - make_interval(months => ${retainMonths})
    order by c.relname`;
  return rows.map((row) => row.name);
}

/**
 * Keys first: should this stop half-way, a key without its row would mean a fact that is called a duplicate and is nowhere,
 * whereas a row without its key is only a fact of long ago that could be told twice.
 */
async function deleteKeys(sql: SqlPool, partition: string): Promise<void> {
  for (let after = -1; ;) {
    const [chunk] = await sql<{ last: number | null }[]>`
      with old as (
        select seq, source_no, id from ${sql(partition)} where seq > ${after} order by seq limit ${KEYS_A_CHUNK}
      ), gone as (
        delete from ledger_key k using old where k.source_no = old.source_no and k.id = old.id and k.seq = old.seq
      )
      select max(seq) as last from old`;
    if (chunk?.last == null) return;
    after = chunk.last;
  }
}

/** Waits for its lock only briefly, since all facts would wait behind it: the next hour is as good. */
async function dropPartition(sql: SqlPool, partition: string): Promise<boolean> {
  return sql.begin(async (tx) => {
    await tx`set local lock_timeout = '2s'`;
    await tx`alter table ledger detach partition ${tx(partition)}`;
    await tx`drop table ${tx(partition)}`;
    return true;
  });
}
