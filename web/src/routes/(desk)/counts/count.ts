export type CountState = 'open' | 'booked' | 'discarded';

/** A count as the API lists it. `value` at cost, minor units. */
export type StockCount = {
  id: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  ref: string;
  status: CountState;
  countedAt: string;
  createdBy: string;
  decidedBy: string | null;
  lineCount: number;
  differing: number;
  surplus: number;
  missing: number;
  value: number;
};

export type CountDetail = StockCount & {
  lines: {
    sku: string;
    nameZh: string;
    nameEn: string;
    book: number;
    counted: number;
    difference: number;
    value: number | null;
  }[];
};

export type CountLine = { sku: string; onHand: number };
export type ReadCount = { lines: CountLine[]; wrong: { line: number; text: string }[] };

/** As the server has it. */
export const MOST_LINES = 5000;

/**
 * Reads what was pasted from a sheet or a file: a code and a quantity on each line, with comma, semicolon or tab between. A
 * first line that names the columns is skipped; what is further right is left out; what makes no sense is told.
 */
export function readCount(text: string): ReadCount {
  const lines: CountLine[] = [];
  const wrong: ReadCount['wrong'] = [];
  let first = true;
  for (const [at, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    if (raw.trim() === '') continue;
    const [sku = '', quantity = ''] = raw.split(/[\t,;，；]/).map((cell) =>
      cell
        .trim()
        .replace(/^"(.*)"$/, '$1')
        .trim(),
    );
    const heading = first;
    first = false;
    if (sku !== '' && /^\d{1,6}$/.test(quantity) && Number(quantity) <= 100_000)
      lines.push({ sku, onHand: Number(quantity) });
    else if (!heading || quantity === '' || /\d/.test(quantity))
      wrong.push({ line: at + 1, text: raw.trim().slice(0, 60) });
  }
  return { lines, wrong };
}
