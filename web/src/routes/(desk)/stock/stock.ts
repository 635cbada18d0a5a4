import type { MovementKind } from '@zhanggui/shared/contract/words.ts';

export type Quantities = { onHand: number; reserved: number; available: number; inbound: number };
export const quantities = ['onHand', 'reserved', 'available', 'inbound'] as const;

export type Balance = Quantities & {
  sku: string;
  skuNameZh: string;
  skuNameEn: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  oversold: boolean;
  countedAt: string | null;
};

export type SkuStock = {
  sku: string;
  nameZh: string;
  nameEn: string;
  known: boolean;
  totals: Quantities;
  rows: Balance[];
};

export type Movement = {
  seq: number;
  at: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  kind: MovementKind;
  qty: number;
  delta: number;
  ref: string | null;
  source: string | null;
  eventId: string | null;
  eventType: string | null;
};

export const flags = ['oversold', 'sold_out'] as const;
export type Flag = (typeof flags)[number];

/** Whether a balance asks for a hand. */
export function flagOf({ available, oversold }: Pick<Balance, 'available' | 'oversold'>): Flag | null {
  if (oversold) return 'oversold';
  return available === 0 ? 'sold_out' : null;
}

/** Where a hand is needed first, then where the most is. */
export function byUrgency(rows: readonly Balance[]): Balance[] {
  const rank = (row: Balance) => (flagOf(row) === null ? 2 : row.oversold ? 0 : 1);
  return [...rows].sort((a, b) => rank(a) - rank(b) || b.available - a.available);
}
