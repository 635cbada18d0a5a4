/** What a ledger transaction leaves for the publishers: which keys it touched, and lines for the ticker. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Topic } from '../contract/board.ts';
import type { FeedDraft } from '../ingest/notable.ts';
import type { Crossing } from '../stock/booking-store.ts';

export type Change = { topics: Topic[]; minutes: number[]; locationNos: number[] };

export async function noteChange(sql: Sql, change: Change): Promise<void> {
  await sql`
    insert into board_change (topics, minutes, location_nos) values (
      ${change.topics}::text[], ${column(change.minutes, (at) => new Date(at).toISOString())}::timestamptz[],
      ${change.locationNos}::int[])`;
}

export async function addFeed(sql: Sql, drafts: readonly FeedDraft[]): Promise<void> {
  if (drafts.length === 0) return;
  await sql`
    insert into feed_item (at, kind, sku_no, location_no, params)
    select at, kind, sku_no, location_no, params::jsonb from unnest(
      ${column(drafts, (draft) => new Date(draft.at).toISOString())}::timestamptz[], ${column(drafts, (draft) => draft.kind)}::text[],
      ${column(drafts, (draft) => draft.skuNo ?? null)}::int[], ${column(drafts, (draft) => draft.locationNo ?? null)}::int[],
      ${column(drafts, (draft) => JSON.stringify(draft.params))}::text[])
    as f (at, kind, sku_no, location_no, params)`;
}

/** A signal for each balance to look at: `stock`, or `count` where a count was far from the book. */
export async function addSignals(sql: Sql, crossings: readonly Crossing[]): Promise<void> {
  if (crossings.length === 0) return;
  await sql`
    insert into signal (kind, sku_no, location_no, params)
    select kind, sku_no, location_no, params::jsonb from unnest(
      ${column(crossings, ({ gap }) => (gap ? 'count' : 'stock'))}::text[], ${column(crossings, (c) => c.skuNo)}::int[],
      ${column(crossings, (c) => c.locationNo)}::int[],
      ${column(crossings, ({ gap }) => JSON.stringify(gap ?? {}))}::text[])
    as s (kind, sku_no, location_no, params)`;
}

/** A signal for each code of a transfer or purchase whose goods have moved. */
export async function addArrivals(sql: Sql, refs: readonly string[]): Promise<void> {
  if (refs.length === 0) return;
  await sql`
    insert into signal (kind, params)
    select 'arrival', jsonb_build_object('ref', ref) from unnest(${column(refs, (ref) => ref)}::text[]) as r (ref)`;
}

export const crossingKind = ({ after }: Crossing) =>
  after < 0 ? 'oversold' : after === 0 ? 'sold_out' : 'restocked';

/** Deletes the notes that every publisher has long read. Returns how many. */
export async function pruneBoardChanges(
  sql: Sql,
  { olderThanMinutes }: { olderThanMinutes: number },
): Promise<number> {
  const result = await sql`
    delete from board_change where at < now() - make_interval(mins => ${olderThanMinutes})`;
  return result.count;
}

/** Deletes ticker lines and unclaimed signals that nobody will look at any more. Answers how many went. */
export async function pruneNews(sql: Sql, { olderThanDays }: { olderThanDays: number }): Promise<number> {
  const lines = await sql`delete from feed_item where at < now() - ${olderThanDays}::int * interval '1 day'`;
  const signals = await sql`delete from signal where at < now() - ${olderThanDays}::int * interval '1 day'`;
  return lines.count + signals.count;
}
