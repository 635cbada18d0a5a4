/** What a shopper does about the promotions that run, and what they put into a basket for a coupon. Pure. */
import type { CouponTemplate } from '../coupons/template.ts';
import type { Channel } from '../contract/words.ts';
import type { BasketLine, Offer } from './basket.ts';
import type { Random } from './random.ts';

/** `use`: coupons that they have already. `bargain`: open one. */
export const deeds = ['claim', 'use', 'open', 'join', 'leave', 'bargain', 'help', 'buy', 'watch'] as const;
export type Deed = (typeof deeds)[number];

/** How many of a hundred shoppers come for what, where all of it is to be had. */
const weights: Record<Deed, number> = {
  claim: 36,
  use: 12,
  open: 8,
  join: 18,
  leave: 2,
  bargain: 3,
  help: 12,
  buy: 2,
  watch: 7,
};

/** One of what is possible now, each as often as people want it; null where nothing is. */
export function nextDeed(possible: ReadonlySet<Deed>, random: Random): Deed | null {
  const choice = deeds.filter((deed) => possible.has(deed));
  let left = random.next() * choice.reduce((sum, deed) => sum + weights[deed], 0);
  for (const deed of choice) {
    if (left < weights[deed]) return deed;
    left -= weights[deed];
  }
  return null;
}

/** A SKU on offer, with what coupons look at. */
export type ShelfOffer = Offer & { category: string | null };

export type ShopperBasket = { channel: Channel; location: string; lines: BasketLine[] };

/** Pieces of one SKU at most: a coupon that needs more is for somebody richer. */
const MOST_PIECES = 50;

/**
 * A basket in which a coupon works: of what is in its scope so much that it takes something off, and sometimes something else.
 *
 * @param places where goods are sold; at least one
 */
export function basketFor(
  { offer, scope }: Pick<CouponTemplate, 'offer' | 'scope'>,
  offers: readonly ShelfOffer[],
  places: readonly string[],
  random: Random,
): ShopperBasket {
  const { skus, categories, channels, locations } = scope;
  const inScope =
    skus || categories
      ? offers.filter(
          ({ code, category }) =>
            skus?.includes(code) || (category !== null && categories?.includes(category)),
        )
      : offers;
  const other = random.pick(offers);
  // A SKU that is not among the offers costs what another one does.
  const wanted =
    inScope.length > 0 ? random.pick(inScope) : { ...other, ...(skus && { code: random.pick(skus) }) };
  const least = leastOf(offer);
  const qty = Math.min(MOST_PIECES, Math.max(1, Math.ceil(least / Math.max(1, wanted.listPrice))));
  const lines: BasketLine[] = [{ sku: wanted.code, qty, unitPrice: wanted.listPrice }];
  if (random.chance(0.5) && other.code !== wanted.code)
    lines.push({ sku: other.code, qty: 1, unitPrice: other.listPrice });
  const channel = channels ? random.pick(channels) : random.pick(['mall', 'miniapp', 'pos'] as const);
  const location = random.pick(locations ?? places);
  return { channel, location, lines };
}

/** What must be in the basket for the coupon to take anything off, minor units. */
function leastOf(offer: CouponTemplate['offer']): number {
  switch (offer.kind) {
    case 'amount':
    case 'percent':
      return offer.from;
    case 'threshold':
      return offer.steps[0]!.from;
    default:
      return 1;
  }
}
