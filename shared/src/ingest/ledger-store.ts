/** The append-only ledger: keys, rows, sources, rejections. Set-based; callers pass rows in lock order. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

export type LedgerRow = { sourceNo: number; id: string; type: string; time: string; data: string };

/**
 * Takes the keys of facts that are new and appends those facts; the answer maps `sourceNo id` to the ledger seq. Facts that
 * are missing in it are duplicates. Rows must be unique and sorted by (sourceNo, id); `data` is JSON text. Waits for a
 * transaction that writes the same key now.
 */
export async function appendLedger(sql: Sql, rows: readonly LedgerRow[]): Promise<Map<string, number>> {
  if (rows.length === 0) return new Map();
  const taken = await sql<{ source_no: number; id: string; seq: number }[]>`
    with fact as materialized (
      select * from unnest(
        ${column(rows, (row) => row.sourceNo)}::int[], ${column(rows, (row) => row.id)}::text[],
        ${column(rows, (row) => row.type)}::text[], ${column(rows, (row) => row.time)}::timestamptz[],
        ${column(rows, (row) => row.data)}::text[])
      as f (source_no, id, type, time, data)
    ),
    key as (
      insert into ledger_key (source_no, id) select source_no, id from fact
      on conflict do nothing
      returning source_no, id, seq
    ),
    entry as (
      insert into ledger (seq, source_no, id, type, time, data)
      select key.seq, source_no, id, type, time, data::jsonb from fact join key using (source_no, id)
    )
    select source_no, id, seq from key`;
  return new Map(taken.map((row) => [ledgerKey(row.source_no, row.id), row.seq]));
}

export const ledgerKey = (sourceNo: number, id: string) => `${sourceNo} ${id}`;

/** Numbers of sources by name; unknown names are added. Runs before the ledger's transaction, so it never waits inside one. */
export async function resolveSources(
  sql: Sql,
  names: readonly string[],
): Promise<{ name: string; no: number; isNew: boolean }[]> {
  const added = await sql<{ name: string; no: number }[]>`
    insert into source (name) select * from unnest(${[...names].sort()}::text[]) on conflict do nothing
    returning name, no`;
  const fresh = new Set(added.map((row) => row.name));
  const rows = await sql<{ name: string; no: number }[]>`
    select name, no from source where name = any(${names as string[]}::text[])`;
  return rows.map((row) => ({ ...row, isNew: fresh.has(row.name) }));
}

export type SourceCounts = {
  sourceNo: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  /** Newest fact time in epoch ms. */
  lastEventAt: number | null;
};

/**
 * Adds to the sources' counters. Rows must be unique and sorted by number. No stronger lock than it needs: the keys of a
 * transaction that still runs hold their source by its foreign key, and waiting for that one would close a circle.
 */
export async function countSources(sql: Sql, rows: readonly SourceCounts[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    update source s set
      last_received_at = now(), accepted = s.accepted + n.accepted, duplicates = s.duplicates + n.duplicates,
      rejected = s.rejected + n.rejected, last_event_at = greatest(s.last_event_at, n.last_event_at)
    from (
      select s.no, n.* from unnest(
        ${column(rows, (row) => row.sourceNo)}::int[], ${column(rows, (row) => row.accepted)}::int[],
        ${column(rows, (row) => row.duplicates)}::int[], ${column(rows, (row) => row.rejected)}::int[],
        ${column(rows, (row) => (row.lastEventAt === null ? null : new Date(row.lastEventAt).toISOString()))}::timestamptz[])
        as n (source_no, accepted, duplicates, rejected, last_event_at)
      join source s on s.no = n.source_no order by s.no for no key update of s) n
    where s.no = n.no`;
}

export type RejectedRow = {
  source: string | null;
  eventId: string | null;
  type: string | null;
  code: string;
  field: string | null;
  detail: string;
  /** The event as it came, JSON text. */
  body: string;
};

/** Keeps what did not fit, so that it can be listed, mended and replayed. */
export async function keepRejected(sql: Sql, rows: readonly RejectedRow[]): Promise<void> {
  if (rows.length === 0) return;
  // Text columns can't hold NUL, and a rejected event may well be rejected for having one.
  const clean = (text: string | null) => text && text.replaceAll('\u0000', '\uFFFD').toWellFormed();
  await sql`
    insert into rejected_event (source, event_id, type, code, field, detail, body)
    select * from unnest(
      ${column(rows, (row) => clean(row.source))}::text[], ${column(rows, (row) => clean(row.eventId))}::text[],
      ${column(rows, (row) => clean(row.type))}::text[], ${column(rows, (row) => row.code)}::text[],
      ${column(rows, (row) => clean(row.field))}::text[], ${column(rows, (row) => clean(row.detail))}::text[],
      ${column(rows, (row) => clean(row.body))}::text[])`;
}
