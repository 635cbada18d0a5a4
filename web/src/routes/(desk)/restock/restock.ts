import type { ProposalState, SourceKind } from '@zhanggui/shared/contract/words.ts';
import type { SourceOption, Why } from '@zhanggui/shared/restock/sourcing.ts';

/** A proposal as the API lists it. Amounts in minor units. */
export type Proposal = {
  id: string;
  status: ProposalState;
  sku: string;
  skuNameZh: string;
  skuNameEn: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  sourceKind: SourceKind;
  /** Code of the location or supplier that sends. */
  source: string | null;
  sourceNameZh: string | null;
  sourceNameEn: string | null;
  qty: number;
  cost: number;
  expectedAt: string;
  why: Why;
  createdAt: string;
  decidedAt: string | null;
  decidedBy: string | null;
  reason: string | null;
  approvedQty: number | null;
  order: string | null;
};

/** A source as `GET /proposals/{id}/sources` lists it. */
export type Offer = SourceOption & { nameZh: string | null; nameEn: string | null; current: boolean };

/** Whether a source can send so many without lacking them itself. */
export const canGive = ({ outOfQuestion, qty }: Offer, wanted: number): boolean =>
  outOfQuestion === null && qty >= wanted;

/** What became of each approval that was asked for. */
export type ApprovalResult = { id: string; order: string | null; refused: string | null; available?: number };

/** As the server has it. */
const MOST = 100_000;

/** What was typed as a quantity; null when it is none. */
export function quantityOf(text: string): number | null {
  const plain = text.trim().replace(/[,，\s]/g, '');
  if (!/^\d{1,6}$/.test(plain)) return null;
  const qty = Number(plain);
  return qty >= 1 && qty <= MOST ? qty : null;
}

export type Term = { kind: 'upTo' | 'available' | 'inbound' | 'waiting' | 'wanted' | 'qty'; value: number };

/** The small sum behind a quantity: each line adds to the one before, up to `wanted`; then packs and minimum make `qty`. */
export function sumOf(why: Why): Term[] {
  return [
    { kind: 'upTo', value: why.orderUpTo },
    { kind: 'available', value: -why.available },
    ...(why.inbound === 0 ? [] : [{ kind: 'inbound', value: -why.inbound } as const]),
    ...(why.waiting === null ? [] : [{ kind: 'waiting', value: why.waiting.qty } as const]),
    { kind: 'wanted', value: why.wanted },
    { kind: 'qty', value: why.chosen.qty },
  ];
}

/** Orders that a bulk approval made, each once. */
export const ordersOf = (results: readonly ApprovalResult[]): string[] => [
  ...new Set(results.flatMap(({ order }) => order ?? [])),
];
