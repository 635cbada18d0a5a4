/**
 * Writes reservations. Lock order of everything that touches them: orders, reservations (by reference), balances (by SKU and
 * location). The pieces are booked by `bookStock` with what these functions answer, in the same transaction.
 */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { AWAIT_ORDER_DAYS, type HeldLine } from './reservation.ts';

export type ReservationDraft = {
  reference: string;
  /** A channel, or a word of one's own for what is no sale: no buffer is kept from it. */
  channel: string;
  /** Sorted by (SKU, location), each pair once. */
  lines: readonly HeldLine[];
  /** null: it never ends by itself. */
  ttlSeconds: number | null;
  requestHash: string;
  createdBy: string;
};
export type InsertedReservation = { reference: string; id: string; createdAt: Date; expiresAt: Date | null };

/**
 * Inserts reservations; the caller books their pieces, or takes them out again with `dropReservations`. A reference that
 * holds something already is left out of the answer.
 */
export async function insertReservations(
  sql: Sql,
  drafts: readonly ReservationDraft[],
): Promise<InsertedReservation[]> {
  if (drafts.length === 0) return [];
  const document = drafts
    .toSorted((a, b) => (a.reference < b.reference ? -1 : 1))
    .map(({ lines, ...draft }) => ({
      ...draft,
      skus: lines.map((line) => line.skuNo),
      locations: lines.map((line) => line.locationNo),
      qtys: lines.map((line) => line.qty),
    }));
  return sql<InsertedReservation[]>`
    insert into reservation
      (reference, channel, line_sku, line_location, line_qty, expires_at, request_hash, created_by)
    select reference, channel, skus, locations, qtys, now() + "ttlSeconds" * interval '1 second', "requestHash", "createdBy"
    from json_to_recordset(${JSON.stringify(document)}::text::json) as d (reference text, channel text, skus int[],
      locations int[], qtys int[], "ttlSeconds" int, "requestHash" text, "createdBy" text)
    on conflict (reference) where holds do nothing
    returning reference, id, created_at as "createdAt", expires_at as "expiresAt"`;
}

/** Takes out reservations that were inserted in this transaction and could not be kept. */
export async function dropReservations(sql: Sql, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await sql`delete from reservation where id = any(${ids as string[]}::uuid[])`;
}

/** Locks balances until the transaction ends, and says what is available of each. Those that do not exist are missing. */
export async function lockBalances(
  sql: Sql,
  balances: readonly { skuNo: number; locationNo: number }[],
): Promise<{ skuNo: number; locationNo: number; available: number }[]> {
  if (balances.length === 0) return [];
  // Locked in the order of the sort, which stands below the lock in the plan.
  return sql`
    select s.sku_no as "skuNo", s.location_no as "locationNo", s.on_hand - s.reserved as available
    from (select distinct sku_no, location_no from unnest(
      ${column(balances, (b) => b.skuNo)}::int[], ${column(balances, (b) => b.locationNo)}::int[])
      as b (sku_no, location_no)) b
    join stock s using (sku_no, location_no)
    order by s.sku_no, s.location_no
    for update of s`;
}

type LineColumns = { line_sku: number[]; line_location: number[]; line_qty: number[] };

/** Lines that hold nothing any more. */
const linesOf = (rows: readonly LineColumns[]): HeldLine[] =>
  rows.flatMap(({ line_sku, line_location, line_qty }) =>
    line_sku.map((skuNo, i) => ({ skuNo, locationNo: line_location[i]!, qty: line_qty[i]! })),
  );

/**
 * Orders that were placed take over what was held for them: the hold ends, and the order itself reserves or takes the
 * goods. Answers the pieces that are free again. A second fact of the same order finds nothing.
 */
export async function takeOver(sql: Sql, orderIds: readonly string[]): Promise<HeldLine[]> {
  if (orderIds.length === 0) return [];
  return linesOf(
    await sql<LineColumns[]>`
      with held as materialized (
        -- A join: with "= any" a plan that was made while there was little compares each row with each of the ids.
        select r.id from unnest(${column(orderIds, (id) => id)}::text[]) as w (order_id)
        join reservation r on r.reference = w.order_id and r.holds
        order by r.reference for update of r
      )
      update reservation r set holds = false, state = 'fulfilled', fulfilled_at = coalesce(fulfilled_at, now()),
        ended_at = now()
      from held where r.id = held.id
      returning r.line_sku, r.line_location, r.line_qty`,
  );
}

/** Releases what still holds: open, or fulfilled by an order that nobody has told of yet. Answers the freed pieces. */
export async function releaseReservation(sql: Sql, id: string): Promise<HeldLine[]> {
  return linesOf(
    await sql<LineColumns[]>`
      update reservation set holds = false, state = 'released', ended_at = now() where id = ${id} and holds
      returning line_sku, line_location, line_qty`,
  );
}

/** Releases what is held under these references, and answers the freed pieces. What holds nothing any more is passed over. */
export async function releaseHolds(sql: Sql, references: readonly string[]): Promise<HeldLine[]> {
  if (references.length === 0) return [];
  return linesOf(
    await sql<LineColumns[]>`
      with held as materialized (
        select r.id from unnest(${column(references, (reference) => reference)}::text[]) as w (reference)
        join reservation r on r.reference = w.reference and r.holds
        order by r.reference for update of r
      )
      update reservation r set holds = false, state = 'released', ended_at = now() from held where r.id = held.id
      returning r.line_sku, r.line_location, r.line_qty`,
  );
}

/**
 * The order is made. Where its fact is here already the hold ends; else the pieces stay held until it comes, so that nobody
 * buys them in between, for some days at most. Answers the freed pieces; does nothing to one that is not open.
 */
export async function fulfilReservation(sql: Sql, id: string): Promise<HeldLine[]> {
  const [row] = await sql<{ known: boolean }[]>`
    with open as materialized (select * from reservation where id = ${id} and state = 'open' for update)
    update reservation r set state = 'fulfilled', fulfilled_at = now(),
      expires_at = now() + ${AWAIT_ORDER_DAYS}::int * interval '1 day'
    from open where r.id = open.id
    returning exists (select from orders where order_id = r.reference and placed_at is not null) as known`;
  if (!row?.known) return [];
  return linesOf(
    await sql<LineColumns[]>`
      update reservation set holds = false, ended_at = now() where id = ${id} and holds
      returning line_sku, line_location, line_qty`,
  );
}

/** Lets an open reservation hold for at least so long from now; never shorter than before. False where it is not open. */
export async function extendReservation(sql: Sql, id: string, ttlSeconds: number): Promise<boolean> {
  const { count } = await sql`
    update reservation set expires_at = greatest(expires_at, now() + ${ttlSeconds}::int * interval '1 second')
    where id = ${id} and state = 'open' and expires_at is not null`;
  return count === 1;
}

/**
 * Ends holds whose time is up, `most` at a time, and of these references only if some are given. Two that do it at once share
 * them out. Answers how many ended and the freed pieces.
 */
export async function expireReservations(
  sql: Sql,
  { most, references }: { most: number; references?: readonly string[] },
): Promise<{ ended: number; freed: HeldLine[] }> {
  const rows = await sql<LineColumns[]>`
    with due as materialized (
      select id from reservation where holds and expires_at <= now()
        ${references === undefined ? sql`` : sql`and reference = any(${references as string[]}::text[])`}
      order by reference limit ${most}::int for update skip locked
    )
    update reservation r set holds = false, state = case r.state when 'open' then 'expired' else r.state end,
      ended_at = now()
    from due where r.id = due.id
    returning r.line_sku, r.line_location, r.line_qty`;
  return { ended: rows.length, freed: linesOf(rows) };
}

/**
 * Ids of orders that are placed and for which something is held all the same: the order's fact and the reservation were
 * committed in the same moment, and neither saw the other. Looks at the reservations of the last hour.
 */
export async function findMissedOrders(sql: Sql): Promise<string[]> {
  const rows = await sql<{ reference: string }[]>`
    select r.reference from reservation r
    where r.holds and r.id > uuidv7(interval '-1 hour')
      and exists (select from orders o where o.order_id = r.reference and o.placed_at is not null)
    order by 1`;
  return rows.map(({ reference }) => reference);
}

/** Deletes reservations that ended long ago. Answers how many. */
export async function pruneReservations(
  sql: Sql,
  { olderThanDays }: { olderThanDays: number },
): Promise<number> {
  const { count } = await sql`
    delete from reservation where not holds and ended_at < now() - ${olderThanDays}::int * interval '1 day'`;
  return count;
}
