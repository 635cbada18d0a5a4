import type { PolicyWhy } from '@zhanggui/shared/restock/policy.ts';

/** A policy as the API lists it. */
export type PolicyRow = {
  sku: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  reorderPoint: number;
  orderUpTo: number;
  byHand: boolean;
  handBy: string | null;
  handAt: string | null;
  /** Null: never planned, only set by hand. */
  serviceLevel: number | null;
  safetyStock: number | null;
  why: (Omit<PolicyWhy, never> & { planned: { reorderPoint: number; orderUpTo: number } }) | null;
};

const MOST = 100_000;

/** Both levels as they were typed; null when they can't be. */
export function levelsOf(min: string, max: string): { min: number; max: number } | null {
  if (!/^\d{1,6}$/.test(min.trim()) || !/^\d{1,6}$/.test(max.trim())) return null;
  const levels = { min: Number(min), max: Number(max) };
  return levels.max >= levels.min && levels.max <= MOST ? levels : null;
}

export type Bar = {
  available: number;
  reserved: number;
  inbound: number;
  point: number | null;
  upTo: number | null;
};

/** Lengths of a balance's bar and places of its marks on a scale that ends at `top`, in percent. */
export function barOf(
  balance: { available: number; reserved: number; inbound: number },
  policy: Pick<PolicyRow, 'reorderPoint' | 'orderUpTo'> | undefined,
  top: number,
): Bar {
  const share = (value: number) => (top <= 0 ? 0 : Math.min(100, (Math.max(0, value) / top) * 100));
  const reserved = share(balance.reserved);
  const available = Math.min(100 - reserved, share(balance.available));
  return {
    reserved,
    available,
    inbound: Math.min(100 - reserved - available, share(balance.inbound)),
    // Marks are about what is available: they stand behind what is reserved.
    point: policy ? Math.min(100, reserved + share(policy.reorderPoint)) : null,
    upTo: policy ? Math.min(100, reserved + share(policy.orderUpTo)) : null,
  };
}

/**
 * Where the scale ends. A warehouse with thousands would leave the stores no bar to see, so it ends at what most need: the
 * largest store, or its level; what goes beyond is cut.
 */
export function scaleTop(
  rows: readonly { onHand: number; inbound: number; location: string }[],
  policies: ReadonlyMap<string, Pick<PolicyRow, 'orderUpTo'>>,
): number {
  const needs = rows
    .map((row) => Math.max(row.onHand + row.inbound, policies.get(row.location)?.orderUpTo ?? 0))
    .sort((a, b) => a - b);
  const most = needs.at(-1) ?? 0;
  const usual = needs[Math.floor((needs.length - 1) * 0.9)] ?? 0;
  return Math.max(1, usual > 0 && most > usual * 3 ? usual * 1.5 : most);
}
