/** What one customer takes to the till: lines, discounts, coupon, total. Used by the demo company and the simulator. */
import type { FactData } from '../contract/events.ts';
import type { Random } from './random.ts';

/** A SKU that can be sold. `listPrice` in minor units. */
export type Offer = { code: string; listPrice: number };

/** Something that offers are taken from, each as often as it is popular. */
export type Shelf = { pick: (random: Random) => Offer };

export type BasketLine = FactData<'order.placed'>['lines'][number];

export type Basket = {
  lines: BasketLine[];
  /** Minor units: the lines' amounts, less the coupon's value. */
  total: number;
  couponCode: string | null;
};

/** How many lines and pieces an order has, as cumulative shares: index 0 is one line or piece. */
const LINES = [0.46, 0.74, 0.88, 0.95, 1];
const PIECES = [0.78, 0.93, 0.97, 0.985, 0.99, 1];

/** Mean pieces of a basket; the exact mean of the two tables above. */
export const UNITS_A_BASKET = mean(LINES) * mean(PIECES);

/** Coupons in minor units: [the lines must reach, it takes off]. */
const COUPONS: readonly [number, number][] = [
  [29_900, 5_000],
  [19_900, 3_000],
  [9_900, 1_000],
];

/** Fills a basket of one to five different SKUs. `couponChance` is how likely the customer has a coupon that may fit. */
export function fillBasket(shelf: Shelf, random: Random, couponChance: number): Basket {
  const wanted = drawCount(LINES, random);
  const lines: BasketLine[] = [];
  // A popular SKU may come up twice; after a few attempts the basket stays smaller instead.
  for (let attempt = 0; lines.length < wanted && attempt < wanted + 3; attempt++) {
    const offer = shelf.pick(random);
    if (lines.some((line) => line.sku === offer.code)) continue;
    lines.push(makeLine(offer, drawCount(PIECES, random), random));
  }
  const amount = lines.reduce((sum, line) => sum + lineAmount(line), 0);
  const coupon = random.chance(couponChance) ? COUPONS.find(([threshold]) => amount >= threshold) : undefined;
  if (coupon === undefined) return { lines, total: amount, couponCode: null };
  return { lines, total: amount - coupon[1], couponCode: `CP${random.between(10_000_000, 99_999_999)}` };
}

/** A line; one in eight is on offer, with 10 to 30 % off the whole line. */
export function makeLine(offer: Offer, qty: number, random: Random): BasketLine {
  const line: BasketLine = { sku: offer.code, qty, unitPrice: offer.listPrice };
  if (!random.chance(0.12)) return line;
  // Whole 角 (10 分) off, as a shelf label would say.
  const discount = Math.round((offer.listPrice * qty * random.between(10, 30)) / 1000) * 10;
  return discount > 0 && discount < offer.listPrice * qty ? { ...line, discount } : line;
}

/** Minor units that a line costs. */
export function lineAmount(line: BasketLine): number {
  return line.qty * line.unitPrice - (line.discount ?? 0);
}

function drawCount(cumulative: readonly number[], random: Random): number {
  const x = random.next();
  return cumulative.findIndex((limit) => x < limit) + 1;
}

function mean(cumulative: readonly number[]): number {
  return cumulative.reduce((sum, limit, i) => sum + (i + 1) * (limit - (cumulative[i - 1] ?? 0)), 0);
}
