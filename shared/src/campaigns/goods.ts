/** The goods that a campaign is about: which they are, what one of them costs after it, and whether two campaigns share some. Pure. */
import type { Channel, LocationKind } from '../contract/words.ts';
import type { CampaignKind } from '../coupons/campaign.ts';
import type { CouponTemplate, Offer } from '../coupons/template.ts';
import type { BargainTemplate, GroupTemplate } from '../groups/template.ts';

/** A campaign with its template as its kind has it. */
export type Templated =
  | { kind: 'coupon'; template: CouponTemplate }
  | { kind: 'group'; template: GroupTemplate }
  | { kind: 'bargain'; template: BargainTemplate };

/** Its kind's own schema has checked the template when it was saved. */
export const templatedOf = (row: { kind: CampaignKind; template: unknown }): Templated => row as Templated;

/** What is named; both absent: everything. */
export type Goods = { skus?: readonly string[] | undefined; categories?: readonly string[] | undefined };

export const goodsOf = ({ kind, template }: Templated): Goods =>
  kind === 'coupon'
    ? { skus: template.scope.skus, categories: template.scope.categories }
    : { skus: template.goods.map(({ sku }) => sku) };

export const isEverything = ({ skus, categories }: Goods): boolean => !skus && !categories;

/** A SKU that is in scope. Amounts in minor units, rate in pieces a day, of the whole company. */
export type ScopedSku = {
  no: number;
  code: string;
  nameZh: string;
  nameEn: string;
  category: string | null;
  cost: number | null;
  listPrice: number | null;
  rate: number;
};

/** Whether another campaign is about some of these SKUs too. */
export function sharesGoods(skus: readonly ScopedSku[], mine: Goods, other: Goods): boolean {
  if (isEverything(mine) || isEverything(other)) return true;
  const [codes, categories] = [new Set(other.skus), new Set(other.categories)];
  return (
    (mine.categories?.some((category) => categories.has(category)) ?? false) ||
    skus.some(({ code, category }) => codes.has(code) || (category !== null && categories.has(category)))
  );
}

/**
 * What one piece costs at least after a coupon: in the basket that gains most, which holds nothing but this SKU and is only just worth
 * what the offer asks for.
 */
export function lowestPrice(offer: Offer, listPrice: number): number {
  const less = (off: number, from: number): number => {
    const pieces = Math.max(1, Math.ceil(from / Math.max(1, listPrice)));
    return listPrice - Math.min(listPrice, off / pieces);
  };
  switch (offer.kind) {
    case 'amount':
      return less(offer.off, offer.from);
    case 'threshold':
      return Math.min(...offer.steps.map(({ from, off }) => less(off, from)));
    case 'percent': {
      const pieces = Math.max(1, Math.ceil(offer.from / Math.max(1, listPrice)));
      return listPrice - Math.min((listPrice * offer.percent) / 100, offer.maxOff / pieces);
    }
    case 'goods':
      return listPrice - Math.min(Math.max(0, listPrice - offer.price), offer.maxOff);
    case 'told':
      return listPrice;
  }
}

export type BelowCost = Pick<ScopedSku, 'code' | 'nameZh' | 'nameEn'> & { cost: number; lowest: number };

/** SKUs that may be sold for less than they cost, those that lose most first. What costs nothing, or nobody knows what, is left out. */
export function belowCost(of: Templated, skus: readonly ScopedSku[]): BelowCost[] {
  const losing =
    of.kind === 'coupon'
      ? skus.flatMap((sku) =>
          sku.cost !== null && sku.listPrice !== null
            ? [{ ...sku, cost: sku.cost, lowest: Math.round(lowestPrice(of.template.offer, sku.listPrice)) }]
            : [],
        )
      : bundle(of, skus);
  return losing
    .filter(({ cost, lowest }) => lowest < cost)
    .sort((a, b) => b.cost - b.lowest - (a.cost - a.lowest) || (a.code < b.code ? -1 : 1))
    .map(({ code, nameZh, nameEn, cost, lowest }) => ({ code, nameZh, nameEn, cost, lowest }));
}

/** A seat or a bargain buys all its goods for one price: they are one thing. */
function bundle(
  of: Exclude<Templated, { kind: 'coupon' }>,
  skus: readonly ScopedSku[],
): (BelowCost & Pick<ScopedSku, 'nameZh' | 'nameEn'>)[] {
  const bySku = new Map(skus.map((sku) => [sku.code, sku]));
  const lines = of.template.goods.map(({ sku, qty }) => ({ sku: bySku.get(sku), qty }));
  const first = lines[0]?.sku;
  if (first === undefined || lines.some(({ sku }) => sku === undefined || sku.cost === null)) return [];
  const cost = lines.reduce((sum, { sku, qty }) => sum + sku!.cost! * qty, 0);
  const lowest =
    of.kind === 'group'
      ? of.template.price - Math.round(of.template.leaderBonus / of.template.size)
      : of.template.floorPrice;
  return [{ code: first.code, nameZh: first.nameZh, nameEn: first.nameEn, cost, lowest }];
}

/** Pieces that one use takes of each SKU; a coupon takes one piece of one of them. */
export const piecesOf = (of: Templated): number =>
  of.kind === 'coupon' ? 1 : of.template.goods.reduce((sum, { qty }) => sum + qty, 0);

/**
 * The pieces that a campaign moves beside what sells anyway, by SKU: those of a group or a bargain as its goods say, those of a coupon
 * as the SKUs sell today.
 */
export function extraPieces(of: Templated, skus: readonly ScopedSku[], used: number): number[] {
  if (of.kind !== 'coupon') {
    const qtys = new Map(of.template.goods.map(({ sku, qty }) => [sku, qty]));
    return skus.map(({ code }) => used * (qtys.get(code) ?? 0));
  }
  const all = skus.reduce((sum, { rate }) => sum + rate, 0);
  return skus.map(({ rate }) => (all > 0 ? (used * rate) / all : used / skus.length));
}

/** Where these pieces leave the shelves: kinds of locations, and single ones. Null: anywhere. */
export function placesOf(of: Templated): { kinds: LocationKind[] | null; codes: readonly string[] | null } {
  if (of.kind !== 'coupon')
    return { kinds: null, codes: of.template.location ? [of.template.location] : null };
  const { channels, locations } = of.template.scope;
  return { kinds: kindsOf(channels), codes: locations ?? null };
}

/** Tills sell what their store has; every other channel is sent from a warehouse. */
function kindsOf(channels: readonly Channel[] | undefined): LocationKind[] | null {
  if (!channels) return null;
  const [tills, others] = [channels.includes('pos'), channels.some((channel) => channel !== 'pos')];
  if (tills && others) return null;
  return tills ? ['store'] : ['hq_warehouse', 'online_warehouse'];
}
