/**
 * What to move before a campaign, so that its goods lie where they are going to be asked for. Pure. Sources are weighed as a restock's
 * are; besides, nobody gives away what the campaign is going to take from themselves.
 */
import { MAX_QTY, sourceOptions, type SourcingRow } from '../restock/sourcing.ts';

/** What a balance is going to need, and has. */
export type Need = { skuNo: number; locationNo: number; need: number; short: number };

export type Move = {
  skuNo: number;
  /** Numbers of locations; null: bought from `supplier`. */
  from: number | null;
  supplier: string | null;
  to: number;
  qty: number;
  /** RFC 3339. */
  expectedAt: string;
};

/** Sources that one balance is filled from at most: more parcels than that nobody packs. */
const MOST_SOURCES = 3;

const keyOf = (skuNo: number, locationNo: number): string => `${skuNo} ${locationNo}`;

/**
 * Moves for balances that are going to be short, the shortest first: from locations as far as those have some to spare, the rest from
 * the supplier where it brings goods there. What is short beyond that stays short.
 *
 * @param rows what each of these balances could be filled from
 * @param needs of all balances of these SKUs, so that sources keep what they need themselves
 */
export function planMoves(rows: readonly SourcingRow[], needs: readonly Need[], now: Date): Move[] {
  const byBalance = new Map(needs.map((each) => [keyOf(each.skuNo, each.locationNo), each]));
  const needOf = (skuNo: number, locationNo: number) => byBalance.get(keyOf(skuNo, locationNo));
  const shortOf = ({ skuNo, locationNo }: SourcingRow) => needOf(skuNo, locationNo)?.short ?? 0;
  /** Pieces that earlier moves take from a location. */
  const taken = new Map<string, number>();
  const moves: Move[] = [];
  for (const row of rows.toSorted((a, b) => shortOf(b) - shortOf(a))) {
    let missing = Math.min(MAX_QTY, shortOf(row));
    for (let i = 0; i < MOST_SOURCES && missing > 0; i++) {
      const sources = row.sources.map((source) => ({
        ...source,
        promised: source.promised + (taken.get(keyOf(row.skuNo, source.locationNo)) ?? 0),
        orderUpTo: Math.max(source.orderUpTo ?? 0, needOf(row.skuNo, source.locationNo)?.need ?? 0),
        reorderPoint: source.reorderPoint ?? 0,
      }));
      const options = sourceOptions({ ...row, sources }, missing, now).filter(
        ({ outOfQuestion }) => outOfQuestion === null,
      );
      // A supplier fills whatever is asked for: it comes last, when nothing is left to move.
      const option = options.find(({ locationNo }) => locationNo !== null) ?? options[0];
      if (option === undefined) break;
      const { locationNo, supplier, qty, expectedAt } = option;
      moves.push({ skuNo: row.skuNo, from: locationNo, supplier, to: row.locationNo, qty, expectedAt });
      if (locationNo !== null) {
        const key = keyOf(row.skuNo, locationNo);
        taken.set(key, (taken.get(key) ?? 0) + qty);
      }
      missing -= qty;
    }
  }
  return moves;
}
