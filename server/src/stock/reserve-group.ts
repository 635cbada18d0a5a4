/**
 * Reserves for a group of requests in one transaction. Where the pieces come from is decided from a look at the shelves
 * before it; then the balances that this needs are locked in sorted order, and a request whose pieces are not all there
 * any more is taken out and decided anew. Requests are decided one after the other, in the order in which they came.
 */
import {
  findAnswers,
  keepAnswers,
  type KeptAnswer,
  type KeyedCommand,
} from '@zhanggui/shared/access/idempotency-store.ts';
import { writeAudit, type Actor } from '@zhanggui/shared/access/audit-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { inOneGo, type Sql, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import {
  readPromisable,
  readReferences,
  type KnownReference,
  type Place,
  type Promisable,
} from '@zhanggui/shared/stock/promise-store.ts';
import {
  allocate,
  isStanding,
  Shelves,
  stillThere,
  sumLines,
  type BufferOf,
  type HeldLine,
  type WantedLine,
} from '@zhanggui/shared/stock/reservation.ts';
import {
  dropReservations,
  expireReservations,
  insertReservations,
  lockBalances,
} from '@zhanggui/shared/stock/reservation-store.ts';
import { linkLookups } from '@zhanggui/shared/stock/lookup-store.ts';
import { bookHolds, nothing, type Booked } from './book-holds.ts';

export type ReserveRequest = {
  reference: string;
  channel: string;
  lines: readonly { sku: string; qty: number }[];
  /** Where it may come from, best first; with `exact` there is one. */
  places: readonly Place[];
  exact: boolean;
  allowSplit: boolean;
  ttlSeconds: number;
  /** Of all that is asked for. */
  hash: string;
  by: Actor;
  lookupId: string | null;
  command: KeyedCommand | null;
};

export type Reserved = {
  id: string;
  reference: string;
  channel: string;
  state: 'open';
  holds: true;
  lines: { sku: string; location: string; qty: number }[];
  createdAt: Date;
  createdBy: string;
  expiresAt: Date | null;
  fulfilledAt: null;
  endedAt: null;
};

/** What became of a request. `again`: decide it anew, something was in its way that is gone or known now. */
export type Outcome =
  | { kind: 'reserved'; reservation: Reserved }
  /** The same was asked for before: that reservation stands. */
  | { kind: 'standing'; id: string }
  /** The same command was answered before. */
  | { kind: 'answered'; kept: KeptAnswer }
  | { kind: 'refused'; error: AppError }
  | { kind: 'again' };

/** An answer as the wire has it, to be kept with its command. */
export type EncodeAnswer = (reservation: Reserved) => unknown;

/** A request whose pieces were found. */
type Plan = {
  index: number;
  request: ReserveRequest;
  lines: HeldLine[];
  buffer: BufferOf;
  codeOf: (skuNo: number) => string;
};

export async function reserveGroup(
  sql: SqlPool,
  requests: readonly ReserveRequest[],
  encode: EncodeAnswer,
): Promise<{ outcomes: Outcome[]; booked: Booked[] }> {
  const outcomes: Outcome[] = requests.map(() => ({ kind: 'again' }));
  const { plans, overdue, short } = await planGroup(sql, requests, outcomes);
  const booked: Booked[] = [];
  if (overdue.length > 0) booked.push(await expireOverdue(sql, overdue));
  if (plans.length > 0) booked.push(await commitPlans(sql, plans, outcomes, encode));
  // What was planned and came to nothing may be what others were refused for.
  if (plans.some(({ index }) => outcomes[index]!.kind === 'again'))
    for (const index of short) if (outcomes[index]!.kind === 'refused') outcomes[index] = { kind: 'again' };
  return { outcomes, booked };
}

/** Settles what needs no transaction, and finds the pieces for the others. `short`: those for whom there are none. */
async function planGroup(
  sql: SqlPool,
  requests: readonly ReserveRequest[],
  outcomes: Outcome[],
): Promise<{ plans: Plan[]; overdue: string[]; short: number[] }> {
  const [promisable, references, answers] = await Promise.all([
    readPromisable(sql, wantedOf(requests)),
    readReferences(
      sql,
      requests.map(({ reference }) => reference),
    ),
    findAnswers(
      sql,
      requests.flatMap(({ command }) => command ?? []),
    ),
  ]);
  const skus = new Map(promisable.map((row) => [`${row.channel}|${row.sku}`, row]));
  const shelves = new Shelves();
  for (const { skuNo, shelves: list } of promisable)
    for (const [locationNo, pieces] of list) shelves.set(skuNo, locationNo, pieces);
  const known = new Map(references.map((row) => [row.reference, row]));
  const kept = new Map(answers.map((row) => [`${row.who} ${row.key}`, row]));
  const seen = new Set<string>();
  const plans: Plan[] = [];
  const overdue: string[] = [];
  const short: number[] = [];
  for (const [index, request] of requests.entries()) {
    const key = request.command && `${request.command.who} ${request.command.key}`;
    const answered = key === null ? undefined : kept.get(key);
    if (answered) {
      outcomes[index] = { kind: 'answered', kept: answered };
      continue;
    }
    const names = [`reference ${request.reference}`, ...(key === null ? [] : [`key ${key}`])];
    // What an earlier request of this group does under the same name is known in the next one.
    const repeats = names.some((name) => seen.has(name));
    for (const name of names) seen.add(name);
    if (repeats) continue;
    const settled = settle(request, known.get(request.reference));
    if (settled === 'overdue') overdue.push(request.reference);
    else if (settled) outcomes[index] = settled;
    else {
      const found = findPieces(request, skus, shelves);
      if (found instanceof AppError) {
        outcomes[index] = { kind: 'refused', error: found };
        short.push(index);
      } else {
        for (const line of found.lines) shelves.take(line);
        plans.push({ index, request, ...found });
      }
    }
  }
  await recall(sql, requests, short, outcomes);
  return { plans, overdue, short };
}

/**
 * The looks are not of one moment: what took the pieces that a request lacks may be itself, sent twice through two servers. Then
 * it has them.
 */
async function recall(
  sql: SqlPool,
  requests: readonly ReserveRequest[],
  short: readonly number[],
  outcomes: Outcome[],
): Promise<void> {
  if (short.length === 0) return;
  const rows = await readReferences(
    sql,
    short.map((index) => requests[index]!.reference),
  );
  const known = new Map(rows.map((row) => [row.reference, row]));
  for (const index of short) {
    const settled = settle(requests[index]!, known.get(requests[index]!.reference));
    if (settled !== null && settled !== 'overdue') outcomes[index] = settled;
  }
}

/** Each SKU once for each channel: at the one location, or at all where any request of the group may choose. */
function wantedOf(
  requests: readonly ReserveRequest[],
): { sku: string; channel: string; locationNo: number | null }[] {
  const exact = new Map<string, { sku: string; channel: string; locationNo: number | null }>();
  for (const { channel, lines, places, exact: isExact } of requests)
    for (const { sku } of lines) {
      const locationNo = isExact ? places[0]!.no : null;
      exact.set(`${channel}|${sku}|${locationNo ?? ''}`, { sku, channel, locationNo });
    }
  return [...exact.values()];
}

/** What is settled by what stands under the reference already. */
function settle(request: ReserveRequest, known: KnownReference | undefined): Outcome | 'overdue' | null {
  const { last, placed } = known ?? { last: null, placed: false };
  if (last && isStanding(last.state)) {
    if (last.overdue && last.state === 'open') return 'overdue';
    if (last.requestHash === request.hash) return { kind: 'standing', id: last.id };
    return refuse('conflict', `Something else is reserved for ${request.reference}`);
  }
  return placed ? refuse('conflict', `Order ${request.reference} is placed already`) : null;
}

const refuse = (code: 'conflict' | 'not_found', detail: string): Outcome => ({
  kind: 'refused',
  error: new AppError(code, detail),
});

/** Where a request's pieces come from, or the error that says why from nowhere. */
function findPieces(
  { lines, channel, places, allowSplit }: ReserveRequest,
  skus: ReadonlyMap<string, Promisable>,
  shelves: Shelves,
): Pick<Plan, 'lines' | 'buffer' | 'codeOf'> | AppError {
  const rows = new Map<number, Promisable>();
  const wanted: WantedLine[] = [];
  for (const { sku, qty } of lines) {
    const row = skus.get(`${channel}|${sku}`);
    if (row === undefined) return new AppError('not_found', `There is no SKU ${sku}`);
    rows.set(row.skuNo, row);
    wanted.push({ skuNo: row.skuNo, qty });
  }
  const buffer: BufferOf = (skuNo) => {
    const row = rows.get(skuNo);
    return row?.sold ? row.buffer : Infinity;
  };
  const codeOf = (skuNo: number): string => rows.get(skuNo)!.sku;
  const wish = { lines: sumLines(wanted), locationNos: places.map(({ no }) => no), allowSplit };
  const held = allocate(wish, shelves, buffer);
  if (held) return { lines: held, buffer, codeOf };
  const available = wish.lines.flatMap(({ skuNo }) =>
    places
      .map(({ no, code }) => ({
        sku: codeOf(skuNo),
        location: code,
        available: shelves.available(skuNo, no, buffer(skuNo)),
      }))
      .filter((row) => row.available > 0 || places.length === 1)
      .slice(0, MOST_TOLD),
  );
  return new AppError('insufficient_stock', undefined, { available });
}

/** Locations of a SKU that a refusal names. */
const MOST_TOLD = 20;

/** Frees what should have ended, so that its reference can be used again. */
async function expireOverdue(sql: SqlPool, references: readonly string[]): Promise<Booked> {
  return sql.begin(async (tx) => {
    const { freed } = await expireReservations(tx, { most: references.length, references });
    return bookHolds(tx, { freed });
  });
}

/** Somebody used the same Idempotency-Key in the meantime. */
class KeyTaken extends Error {}

async function commitPlans(
  sql: SqlPool,
  plans: readonly Plan[],
  outcomes: Outcome[],
  encode: EncodeAnswer,
): Promise<Booked> {
  const made = new Map<Plan, Reserved>();
  try {
    const booked = await inOneGo(sql, async (tx) => {
      const [inserted, balances] = await Promise.all([
        insertReservations(
          tx,
          plans.map(({ request: { reference, channel, ttlSeconds, hash, by }, lines }) => ({
            reference,
            channel,
            lines,
            ttlSeconds,
            requestHash: hash,
            createdBy: by.name,
          })),
        ),
        lockBalances(
          tx,
          plans.flatMap(({ lines }) => lines),
        ),
      ]);
      const rows = new Map(inserted.map((row) => [row.reference, row]));
      const shelves = new Shelves();
      for (const { skuNo, locationNo, available } of balances) shelves.set(skuNo, locationNo, available);
      const held: HeldLine[] = [];
      const dropped: string[] = [];
      for (const plan of plans) {
        const row = rows.get(plan.request.reference);
        // Another server was faster with this reference.
        if (!row) continue;
        if (!stillThere(plan.lines, shelves, plan.buffer)) {
          dropped.push(row.id);
          continue;
        }
        for (const line of plan.lines) {
          shelves.take(line);
          held.push(line);
        }
        made.set(plan, reservedOf(plan, row));
      }
      const booking = bookHolds(tx, { held });
      const rest = Promise.all([
        keepAnswers(
          tx,
          [...made].flatMap(([{ request }, reservation]) =>
            request.command ? [{ ...request.command, answer: encode(reservation) }] : [],
          ),
        ),
        dropReservations(tx, dropped),
        linkLookups(
          tx,
          [...made].flatMap(([{ request }]) =>
            request.lookupId === null ? [] : [{ id: request.lookupId, reference: request.reference }],
          ),
        ),
        auditPeople(tx, [...made.keys()]),
      ]);
      // Both to their end, also when one fails: what is sent after the rollback would be a statement of its own.
      await Promise.allSettled([booking, rest]);
      const [kept] = await rest;
      if (!kept) throw new KeyTaken();
      return booking;
    });
    for (const [{ index }, reservation] of made) outcomes[index] = { kind: 'reserved', reservation };
    return booked;
  } catch (error) {
    // All of them are decided anew; the next look finds the answer that the other one was given.
    if (error instanceof KeyTaken) return nothing;
    throw error;
  }
}

/** What machines reserve is in the reservations; what people do is in the audit log too. */
async function auditPeople(tx: Sql, plans: readonly Plan[]): Promise<void> {
  await Promise.all(
    plans
      .filter(({ request }) => request.by.kind === 'user')
      .map(({ request, lines }) =>
        writeAudit(tx, request.by, {
          action: 'reservation.create',
          target: request.reference,
          details: {
            pieces: lines.reduce((sum, { qty }) => sum + qty, 0),
            locations: codesOf(request, lines),
          },
        }),
      ),
  );
}

/** Codes of the locations that hold these lines, each once. */
function codesOf({ places }: ReserveRequest, lines: readonly HeldLine[]): string[] {
  const nos = new Set(lines.map(({ locationNo }) => locationNo));
  return places.filter(({ no }) => nos.has(no)).map((place) => place.code);
}

function reservedOf(
  { request, lines, codeOf }: Plan,
  { id, createdAt, expiresAt }: { id: string; createdAt: Date; expiresAt: Date | null },
): Reserved {
  const places = new Map(request.places.map((place) => [place.no, place.code]));
  return {
    id,
    reference: request.reference,
    channel: request.channel,
    state: 'open',
    holds: true,
    lines: lines.map(({ skuNo, locationNo, qty }) => ({
      sku: codeOf(skuNo),
      location: places.get(locationNo)!,
      qty,
    })),
    createdAt,
    createdBy: request.by.name,
    expiresAt,
    fulfilledAt: null,
    endedAt: null,
  };
}
