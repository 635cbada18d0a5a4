/**
 * Reservations: pieces held for an order that is to come, and where they are taken from. Pure; quantities in pieces, codes
 * resolved to their numbers.
 */

/** How long a reservation holds when nobody says; it may be asked for from half a minute to a week. */
export const DEFAULT_TTL_SECONDS = 900;
export const MIN_TTL_SECONDS = 30;
export const MAX_TTL_SECONDS = 7 * 86_400;

/**
 * What a person may keep for a customer at a store that is not one of theirs: pieces of a line, and for how long. Enough for
 * whoever asks at a counter, too little to empty somebody else's shelf.
 */
export const ELSEWHERE_PIECES = 10;
export const ELSEWHERE_SECONDS = 24 * 3600;

/** How long a fulfilled reservation goes on holding while its order's fact is awaited. */
export const AWAIT_ORDER_DAYS = 7;

export const reservationStates = ['open', 'fulfilled', 'released', 'expired'] as const;
export type ReservationState = (typeof reservationStates)[number];

/** Whether a reservation that is asked for again is answered as it stands; else a new one is made. */
export const isStanding = (state: ReservationState): boolean => state === 'open' || state === 'fulfilled';

export type WantedLine = { skuNo: number; qty: number };
export type HeldLine = { skuNo: number; locationNo: number; qty: number };

/** What somebody wants held. */
export type Wish = {
  /** Each SKU once. */
  lines: readonly WantedLine[];
  /** Where it may come from, best first. */
  locationNos: readonly number[];
  /** Whether several locations may give a part each. */
  allowSplit: boolean;
};

/** Pieces that can be promised, by balance; what is allocated is taken off. */
export class Shelves {
  #pieces = new Map<string, number>();

  set(skuNo: number, locationNo: number, pieces: number): void {
    this.#pieces.set(`${skuNo}|${locationNo}`, pieces);
  }

  /** Never below 0. `buffer` pieces are left alone. */
  available(skuNo: number, locationNo: number, buffer = 0): number {
    return Math.max(0, (this.#pieces.get(`${skuNo}|${locationNo}`) ?? 0) - buffer);
  }

  take({ skuNo, locationNo, qty }: HeldLine): void {
    const key = `${skuNo}|${locationNo}`;
    this.#pieces.set(key, (this.#pieces.get(key) ?? 0) - qty);
  }
}

/** What a channel leaves on the shelf of a SKU; `Infinity` where it may not sell it at all. */
export type BufferOf = (skuNo: number) => number;

/** Adds up lines of the same SKU, sorted by SKU. */
export function sumLines(lines: readonly WantedLine[]): WantedLine[] {
  const sums = new Map<number, number>();
  for (const { skuNo, qty } of lines) sums.set(skuNo, (sums.get(skuNo) ?? 0) + qty);
  return [...sums].map(([skuNo, qty]) => ({ skuNo, qty })).sort((a, b) => a.skuNo - b.skuNo);
}

/**
 * Where the pieces of a wish come from, sorted in lock order, or null where they are not to be had: all of them from the
 * first location that has all. Else, where it may be split, from the first two that have all together; else from those
 * that have most, one after the other. Takes nothing off the shelves.
 */
export function allocate(wish: Wish, shelves: Shelves, buffer: BufferOf): HeldLine[] | null {
  const has = (locationNo: number, { skuNo }: WantedLine) =>
    shelves.available(skuNo, locationNo, buffer(skuNo));
  const one = wish.locationNos.find((no) => wish.lines.every((line) => has(no, line) >= line.qty));
  if (one !== undefined) return inLockOrder(wish.lines.map((line) => ({ ...line, locationNo: one })));
  if (!wish.allowSplit) return null;
  const some = wish.locationNos.filter((no) => wish.lines.some((line) => has(no, line) > 0));
  return gather(wish.lines, firstPair(wish.lines, some, has) ?? byGreed(wish.lines, some, has), has);
}

type Has = (locationNo: number, line: WantedLine) => number;

/** The first two locations that have everything together. */
function firstPair(lines: readonly WantedLine[], some: readonly number[], has: Has): number[] | undefined {
  for (const [i, one] of some.entries())
    for (const other of some.slice(i + 1))
      if (lines.every((line) => has(one, line) + has(other, line) >= line.qty)) return [one, other];
  return undefined;
}

/** Locations by how much of what is still missing they have. Not always the fewest, but few, and quickly found. */
function byGreed(lines: readonly WantedLine[], some: readonly number[], has: Has): number[] {
  const missing = new Map(lines.map(({ skuNo, qty }) => [skuNo, qty]));
  const left = new Set(some);
  const chosen: number[] = [];
  for (;;) {
    let [best, most] = [0, 0];
    for (const no of left) {
      const gives = lines.reduce((sum, line) => sum + Math.min(missing.get(line.skuNo)!, has(no, line)), 0);
      if (gives > most) [best, most] = [no, gives];
    }
    if (most === 0) return chosen;
    left.delete(best);
    chosen.push(best);
    for (const line of lines)
      missing.set(line.skuNo, Math.max(0, missing.get(line.skuNo)! - has(best, line)));
  }
}

/** What each of these gives, the first as much as it can; null where it is not enough. */
function gather(lines: readonly WantedLine[], locationNos: readonly number[], has: Has): HeldLine[] | null {
  const held: HeldLine[] = [];
  for (const line of lines) {
    let missing = line.qty;
    for (const locationNo of locationNos) {
      const qty = Math.min(missing, has(locationNo, line));
      if (qty > 0) held.push({ skuNo: line.skuNo, locationNo, qty });
      missing -= qty;
    }
    if (missing > 0) return null;
  }
  return inLockOrder(held);
}

const inLockOrder = (lines: HeldLine[]): HeldLine[] =>
  lines.sort((a, b) => a.skuNo - b.skuNo || a.locationNo - b.locationNo);

/** Whether the shelves still have all lines of an allocation. */
export const stillThere = (lines: readonly HeldLine[], shelves: Shelves, buffer: BufferOf): boolean =>
  lines.every(({ skuNo, locationNo, qty }) => shelves.available(skuNo, locationNo, buffer(skuNo)) >= qty);
