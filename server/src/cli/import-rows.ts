/** CSV rows as the API takes them: the header names the fields, each cell becomes the field's type. */
import { catalogBooks, catalogRows } from '@zhanggui/shared/catalog/rows.ts';
import { memberRow } from '@zhanggui/shared/members/rows.ts';
import { CliError } from './errors.ts';

/** What is put row by row. */
export const importable = [...catalogBooks, 'targets', 'promotions', 'members'] as const;
export type Importable = (typeof importable)[number];
/** What is made of several rows each: see import-documents.ts. */
export const documents = ['supply-orders', 'counts'] as const;
export type DocumentKind = (typeof documents)[number];

/** Fields of every kind of row, in the order of the API. */
const fields: Record<Importable | DocumentKind, readonly string[]> = {
  skus: fieldsOf('skus'),
  locations: fieldsOf('locations'),
  suppliers: fieldsOf('suppliers'),
  regions: fieldsOf('regions'),
  categories: fieldsOf('categories'),
  targets: ['day', 'location', 'amount'],
  promotions: ['name', 'fromDay', 'toDay', 'skus', 'category', 'all'],
  members: Object.keys(memberRow.shape),
  'supply-orders': ['order', 'kind', 'from', 'supplier', 'to', 'expectedAt', 'note', 'sku', 'qty'],
  counts: ['location', 'ref', 'countedAt', 'sku', 'onHand'],
};

const numbers = new Set([
  'cost',
  'listPrice',
  'leadTimeDays',
  'packSize',
  'minOrder',
  'areaM2',
  'latitude',
  'longitude',
  'amount',
  'qty',
  'onHand',
]);
const lists = new Set(['exclusiveChannels', 'skus', 'tags']);
const booleans = new Set(['direct', 'all']);

export type RowMaker = (cells: readonly string[]) => Record<string, unknown>;

/**
 * Makes the reader of rows with this header. An empty cell leaves its field out (in targets it is null); a list has `|` between its items. What
 * does not fit a type is handed on as text: the server says what is wrong with it, like for every client.
 * Throws CliError for a header with unknown or double columns.
 */
export function rowMaker(what: Importable | DocumentKind, header: readonly string[]): RowMaker {
  const known = fields[what];
  const unknown = header.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new CliError(`Unknown columns for ${what}: ${unknown.join(', ')}. It takes ${known.join(', ')}.`);
  const double = header.find((name, i) => header.indexOf(name) !== i);
  if (double !== undefined) throw new CliError(`The column ${double} stands in the header twice`);
  return (cells) => {
    const row: Record<string, unknown> = {};
    for (const [i, name] of header.entries()) {
      const cell = cells[i]?.trim() ?? '';
      // A target without a location is the company's, one without an amount is taken away; elsewhere empty is absent.
      if (cell !== '') row[name] = valueOf(name, cell);
      else if (what === 'targets') row[name] = null;
    }
    return row;
  };
}

export function fieldNames(what: Importable | DocumentKind): string {
  return fields[what].join(', ');
}

function valueOf(name: string, cell: string): unknown {
  if (lists.has(name)) return cell.split('|').map((item) => item.trim());
  if (name === 'consents') return consentsOf(cell);
  if (booleans.has(name) && /^(true|false)$/i.test(cell)) return cell.toLowerCase() === 'true';
  if (!numbers.has(name)) return cell;
  const number = Number(cell);
  return Number.isFinite(number) ? number : cell;
}

/** `sms|-mail`: may be written to by the one, not by the other. */
function consentsOf(cell: string): Record<string, boolean> {
  const media = cell.split('|').map((item) => item.trim());
  return Object.fromEntries(media.map((name) => [name.replace(/^-/, ''), !name.startsWith('-')]));
}

function fieldsOf(book: (typeof catalogBooks)[number]): string[] {
  return Object.keys(catalogRows[book].in.shape);
}
