/** Something that could be done about a slow mover, with its effect over 90 days. Amounts in minor units. */
export type Option = {
  action: 'transfer' | 'bundle' | 'markdown' | 'leave';
  to: string | null;
  toNameZh: string | null;
  toNameEn: string | null;
  with: string | null;
  withNameZh: string | null;
  withNameEn: string | null;
  /** Share taken off the price. */
  cut: number | null;
  price: number | null;
  qty: number;
  effect: { pieces: number; money: number | null; coverDays: number | null };
};

export type SlowMover = {
  sku: string;
  skuNameZh: string;
  skuNameEn: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  available: number;
  value: number | null;
  rate: number;
  coverDays: number | null;
  ageDays: number | null;
  class: string;
  excess: number;
  options: Option[];
};

export type Summary = {
  share: number | null;
  value: number;
  stagnantValue: number;
  days: { day: string; share: number | null }[];
};

/** How an option is named to the server; null where there is nothing to do. */
export function choiceOf({ action, to, with: partner, cut }: Option): Record<string, unknown> | null {
  switch (action) {
    case 'transfer':
      return { action, to };
    case 'bundle':
      return { action, with: partner };
    case 'markdown':
      return { action, cut };
    case 'leave':
      return null;
  }
}
