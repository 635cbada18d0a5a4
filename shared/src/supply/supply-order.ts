/** Transfers and purchases: their codes, what is outstanding of them, and the file that a supplier or warehouse gets. Pure. */
import type { SourceKind, SupplyOrderKind } from '../contract/words.ts';

const prefixes = { transfer: 'TR', purchase: 'PO' } as const satisfies Record<SupplyOrderKind, string>;

/** `TR-000123`: what people say, and what the facts that move the goods carry as `ref`. */
export const orderCode = (kind: SupplyOrderKind, no: number): string =>
  `${prefixes[kind]}-${String(no).padStart(6, '0')}`;

/** Whether a `ref` may be one of our codes; other systems number their deliveries in their own ways. */
export const isOrderCode = (ref: string): boolean => /^(TR|PO)-\d{6,15}$/.test(ref);

/** Pieces that are still to come. A supplier that sent more than was ordered owes nothing. */
export const outstanding = ({
  qty,
  received,
  damaged,
}: {
  qty: number;
  received: number;
  damaged: number;
}): number => Math.max(0, qty - received - damaged);

/** What a proposal becomes when it is approved. */
export const orderKindOf = (kind: SourceKind): SupplyOrderKind =>
  kind === 'transfer' || kind === 'warehouse' ? 'transfer' : 'purchase';

/** A sign of a formula, for a spreadsheet that opens the file: it would be calculated, not read. */
const FORMULA = /^[=+\-@\t\r]/;

/**
 * One cell of a CSV file. Text that a spreadsheet would take for a formula gets an apostrophe before it; a number stays a
 * number, also a negative one.
 */
export function csvCell(value: string | number | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = FORMULA.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A CSV file with a byte order mark, without which spreadsheets read Chinese names as noise. */
export const csvFile = (
  header: readonly string[],
  rows: readonly (readonly (string | number | null)[])[],
): string => `\uFEFF${[header, ...rows].map((row) => `${row.map(csvCell).join(',')}\r\n`).join('')}`;

/** Proposals that a rule approves in nobody's name. */
export type ApprovalRule = {
  /** Kinds of source that it is about; none: it approves nothing. */
  kinds: readonly SourceKind[];
  /** Inclusive; minor units. */
  maxCost: number;
  maxQty: number;
};

export const approves = (
  rule: ApprovalRule,
  { sourceKind, cost, qty }: { sourceKind: SourceKind; cost: number; qty: number },
): boolean => rule.kinds.includes(sourceKind) && cost <= rule.maxCost && qty <= rule.maxQty;
