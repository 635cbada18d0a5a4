/** Pieces held for a transfer from its approval until they leave: reservations that never end by themselves. */
import type { Sql } from '../platform/database.ts';
import { bookStock, type Crossing } from './booking-store.ts';
import { StockChanges } from './changes.ts';
import type { HeldLine } from './reservation.ts';
import { insertReservations, releaseReservation, takeOver } from './reservation-store.ts';

/** `reference` is the transfer's code. Lines sorted by (SKU, location), each pair once. */
export type Hold = { reference: string; lines: readonly HeldLine[]; by: string };

/** Holds goods. The caller has locked the balances and seen that enough is available. Answers the balances that crossed. */
export async function holdGoods(sql: Sql, holds: readonly Hold[]): Promise<Crossing[]> {
  const made = await insertReservations(
    sql,
    holds.map(({ reference, lines, by }) => ({
      reference,
      channel: 'transfer',
      lines,
      ttlSeconds: null,
      requestHash: reference,
      createdBy: by,
    })),
  );
  const references = new Set(made.map(({ reference }) => reference));
  return book(
    sql,
    holds.filter(({ reference }) => references.has(reference)).flatMap(({ lines }) => lines),
    1,
  );
}

/** Lets go of what is held for these transfers: they left, or were called off. Does nothing where nothing is held. */
export async function freeGoods(
  sql: Sql,
  references: readonly string[],
  why: 'left' | 'cancelled',
): Promise<Crossing[]> {
  if (references.length === 0) return [];
  if (why === 'left') return book(sql, await takeOver(sql, references), -1);
  const open = await sql<{ id: string }[]>`
    select id from reservation where holds and reference = any(${references as string[]}::text[]) order by reference for update`;
  const freed: HeldLine[] = [];
  for (const { id } of open) freed.push(...(await releaseReservation(sql, id)));
  return book(sql, freed, -1);
}

function book(sql: Sql, lines: readonly HeldLine[], sign: 1 | -1): Promise<Crossing[]> {
  const changes = new StockChanges();
  for (const { skuNo, locationNo, qty } of lines) changes.reserve(skuNo, locationNo, sign * qty);
  return bookStock(sql, changes);
}
