import type { SupplyLine } from '../../order.ts';

/** Pieces that are here of one SKU; damaged ones are among `qty`. */
export type Here = { qty: number; damaged: number };
export type Tally = Readonly<Record<string, Here>>;

export type Scan = { code: string; qty: number };

/** More at once is a scanner that read a barcode into the quantity. */
const MOST_AT_ONCE = 10_000;

/** What a scanner or a person typed: `SKU00001`, or `SKU00001*12`. Null when it says nothing. */
export function scanOf(text: string): Scan | null {
  const plain = text.trim();
  if (plain === '') return null;
  const [, code, many] = /^(.+?)(?:\s*[*×]|\s+x)\s*(\d{1,5})$/i.exec(plain) ?? [];
  const qty = Number(many);
  if (code !== undefined && qty >= 1 && qty <= MOST_AT_ONCE) return { code, qty };
  return { code: plain, qty: 1 };
}

/** The line that a code means, whatever the case a scanner makes of it. */
export function lineOf<L extends Pick<SupplyLine, 'sku'>>(lines: readonly L[], code: string): L | undefined {
  const exact = lines.find(({ sku }) => sku === code);
  return exact ?? lines.find(({ sku }) => sku.toLowerCase() === code.toLowerCase());
}

const none: Here = { qty: 0, damaged: 0 };
export const hereOf = (tally: Tally, sku: string): Here => tally[sku] ?? none;

/** The tally with so many more (or fewer) of a SKU; never below nothing, never more damaged than there are. */
export function addTo(tally: Tally, sku: string, qty: number, damaged = 0): Tally {
  const before = hereOf(tally, sku);
  return setIn(tally, sku, { qty: before.qty + qty, damaged: before.damaged + damaged });
}

export function setIn(tally: Tally, sku: string, here: Here): Tally {
  const qty = Math.max(0, here.qty);
  const damaged = Math.min(qty, Math.max(0, here.damaged));
  const { [sku]: _gone, ...rest } = tally;
  return qty === 0 ? rest : { ...rest, [sku]: { qty, damaged } };
}

/** Everything as ordered. */
export const allHere = (lines: readonly SupplyLine[], tally: Tally): Tally =>
  lines.reduce(
    (sum, { sku, outstanding }) =>
      outstanding > hereOf(sum, sku).qty
        ? setIn(sum, sku, { qty: outstanding, damaged: hereOf(sum, sku).damaged })
        : sum,
    tally,
  );

export type Difference = { line: SupplyLine; here: Here; lacks: number };

/** Where what is here differs from what is due. `lacks` is negative where there is too much. */
export function differencesOf(lines: readonly SupplyLine[], tally: Tally): Difference[] {
  return lines.flatMap((line) => {
    const here = hereOf(tally, line.sku);
    const lacks = line.outstanding - here.qty;
    return lacks !== 0 || here.damaged > 0 ? [{ line, here, lacks }] : [];
  });
}

/** What is told to the server. */
export const receiptLines = (tally: Tally): { sku: string; qty: number; damaged: number }[] =>
  Object.entries(tally).map(([sku, { qty, damaged }]) => ({ sku, qty, damaged }));

export const piecesIn = (tally: Tally): number => Object.values(tally).reduce((sum, { qty }) => sum + qty, 0);
