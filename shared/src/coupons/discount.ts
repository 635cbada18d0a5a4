/** What one coupon takes off the lines of a basket. Pure; whole minor units. */
import { shareOut } from '../sales/share-out.ts';
import type { CouponScope, CouponTemplate, Offer } from './template.ts';

/** A line of a basket. `amount` is what it costs before coupons: price × pieces, less the line's own discount. */
export type BasketLine = { sku: string; category: string | null; qty: number; amount: number };

export type Basket = { lines: readonly BasketLine[]; channel: string; location: string | null };

const inScope = ({ skus, categories }: CouponScope, { sku, category }: BasketLine): boolean =>
  (!skus && !categories) ||
  (skus?.includes(sku) ?? false) ||
  (category !== null && (categories?.includes(category) ?? false));

/** Whether the coupon works in this channel and place at all. */
export const worksHere = ({ channels, locations }: CouponScope, basket: Basket): boolean =>
  (!channels || (channels as readonly string[]).includes(basket.channel)) &&
  (!locations || (basket.location !== null && locations.includes(basket.location)));

/**
 * What a coupon takes off each line, when `left` is what earlier coupons left of them. Each part is between 0 and what is left;
 * all zeros where the coupon does not apply.
 */
export function discountOf(
  { offer, scope }: Pick<CouponTemplate, 'offer' | 'scope'>,
  basket: Basket,
  left: readonly number[],
): number[] {
  const weights = left.map((amount, i) => (inScope(scope, basket.lines[i]!) ? amount : 0));
  const sum = weights.reduce((all, each) => all + each, 0);
  if (sum === 0 || !worksHere(scope, basket)) return left.map(() => 0);
  if (offer.kind === 'goods') return goods(offer, basket.lines, weights);
  const off = Math.min(offOf(offer, sum), sum);
  return off === 0 ? left.map(() => 0) : shareOut(off, weights, []);
}

function offOf(offer: Exclude<Offer, { kind: 'goods' }>, sum: number): number {
  switch (offer.kind) {
    case 'amount':
      return sum >= offer.from ? offer.off : 0;
    case 'percent': {
      if (sum < offer.from) return 0;
      // In two parts: the product of a legal sum and 100 may pass 2^53.
      const off = Math.floor(sum / 100) * offer.percent + Math.floor(((sum % 100) * offer.percent) / 100);
      return Math.min(off, offer.maxOff);
    }
    case 'threshold':
      return Math.max(0, ...offer.steps.filter(({ from }) => sum >= from).map(({ off }) => off));
    case 'told':
      return 0;
  }
}

/** The pieces that save most get the price; a piece is worth its line's amount by its pieces, rounded down. */
function goods(
  { price, maxQty, maxOff }: Extract<Offer, { kind: 'goods' }>,
  lines: readonly BasketLine[],
  weights: readonly number[],
): number[] {
  const savings = weights
    .map((amount, i) => ({ i, each: Math.max(0, Math.floor(amount / lines[i]!.qty) - price) }))
    .sort((a, b) => b.each - a.each || a.i - b.i);
  const parts = weights.map(() => 0);
  let pieces = maxQty;
  for (const { i, each } of savings) {
    const taken = Math.min(pieces, lines[i]!.qty);
    parts[i] = taken * each;
    pieces -= taken;
  }
  const off = parts.reduce((all, each) => all + each, 0);
  return off > maxOff ? shareOut(maxOff, parts, []) : parts;
}
