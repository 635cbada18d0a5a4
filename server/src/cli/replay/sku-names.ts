/**
 * What the file calls its SKUs. A code may bear several descriptions, some of them remarks ("damaged?"): the name is what
 * stands most often on sold lines, the price what it was sold for most often.
 */
import type { MappedLine } from './line.ts';

export type LearnedSku = {
  code: string;
  name: string;
  /** Minor units; null where it was never sold at a price. */
  listPrice: number | null;
};

type Seen = { names: Map<string, number>; prices: Map<number, number> };

/** Different names and prices kept for a SKU: past these the file's descriptions are not names. */
const KEPT = 50;

export class SkuNames {
  readonly #skus = new Map<string, Seen>();

  add({ kind, sku, name, unitPrice }: MappedLine): void {
    let seen = this.#skus.get(sku);
    if (seen === undefined) this.#skus.set(sku, (seen = { names: new Map(), prices: new Map() }));
    if (kind !== 'sale' || unitPrice === 0) return;
    if (name !== '') count(seen.names, name);
    count(seen.prices, unitPrice);
  }

  /** All SKUs of the file, in order of their codes. One without a name is called by its code. */
  learned(): LearnedSku[] {
    return [...this.#skus]
      .map(([code, { names, prices }]) => ({
        code,
        name: mostFrequent(names) ?? code,
        listPrice: mostFrequent(prices),
      }))
      .sort((a, b) => (a.code < b.code ? -1 : 1));
  }
}

function count<T>(counts: Map<T, number>, value: T): void {
  const known = counts.get(value);
  if (known !== undefined || counts.size < KEPT) counts.set(value, (known ?? 0) + 1);
}

/** The first of those that came most often; null of none. */
function mostFrequent<T>(counts: Map<T, number>): T | null {
  let best: [T, number] | null = null;
  for (const entry of counts) if (best === null || entry[1] > best[1]) best = entry;
  return best === null ? null : best[0];
}
