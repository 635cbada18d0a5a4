/** Replays real demand against a policy, week by week, with nothing seen of the weeks to come. */
import type { Policy } from '@zhanggui/shared/restock/policy.ts';
import { orderQuantity } from '@zhanggui/shared/restock/policy.ts';

export type Item = {
  sku: string;
  /** Money in minor units. */
  unitCost: number;
  orderCost: number;
  holdingPerYear: number;
  leadWeeks: number;
  minOrder: number;
  demand: Float64Array;
  /** Week of the first demand; -1: none. */
  first: number;
};

/** Levels of an item as decided at the end of a week from demand up to it; null: nothing was ever sold. */
export type Decide = (item: Item, week: number) => Pick<Policy, 'reorderPoint' | 'orderUpTo'> | null;

export type Result = {
  /** Of what was wanted in the measured weeks, the share that was there: in pieces, in value, as the mean over SKUs. */
  fill: number;
  fillByValue: number;
  fillBySku: number;
  /** The same in pieces, with what was wanted before the first order of a new SKU could arrive. */
  fillOfAll: number;
  /** Minor units a year. */
  holding: number;
  ordering: number;
  cost: number;
};

export type Span = {
  /** The first week that is replayed: at the end of the week before, each SKU begins with its order-up-to level on the shelf. */
  from: number;
  /** The first week that is measured. */
  measured: number;
};

const WEEKS_A_YEAR = 52;

/**
 * In a week: what was ordered `leadWeeks` before arrives, demand is met from the shelf and what is not there is lost, what is
 * left at the end is kept for a week, and orders are decided.
 */
export function replay(items: readonly Item[], decide: Decide, { from, measured }: Span): Result {
  let [wanted, met, valueWanted, valueMet, everything, holding, ordering] = [0, 0, 0, 0, 0, 0, 0];
  let [shares, sharing] = [0, 0];
  for (const item of items) {
    const { demand, leadWeeks, unitCost, minOrder } = item;
    const weeks = demand.length;
    const arriving = new Float64Array(weeks + leadWeeks + 2);
    let [hand, inbound, ownWanted, ownMet] = [0, 0, 0, 0];
    for (let week = from - 1; week < weeks; week++) {
      if (week >= from) {
        hand += arriving[week]!;
        inbound -= arriving[week]!;
        const sold = Math.min(hand, demand[week]!);
        hand -= sold;
        if (week >= measured) {
          everything += demand[week]!;
          holding += (hand * unitCost * item.holdingPerYear) / WEEKS_A_YEAR;
          if (item.first < from || week > item.first + leadWeeks) {
            ownWanted += demand[week]!;
            ownMet += sold;
          }
        }
      }
      const policy = decide(item, week);
      if (policy === null) continue;
      if (week === from - 1) {
        hand = policy.orderUpTo;
        continue;
      }
      const { qty } = orderQuantity({ available: hand, inbound, policy, packSize: 1, minOrder });
      if (qty === 0) continue;
      // Decided when the week is over: it arrives when `leadWeeks` more are.
      arriving[week + 1 + leadWeeks]! += qty;
      inbound += qty;
      if (week >= measured) ordering += item.orderCost;
    }
    wanted += ownWanted;
    met += ownMet;
    valueWanted += ownWanted * unitCost;
    valueMet += ownMet * unitCost;
    if (ownWanted > 0) {
      shares += ownMet / ownWanted;
      sharing += 1;
    }
  }
  const years = (items[0]!.demand.length - measured) / WEEKS_A_YEAR;
  return {
    fill: met / wanted,
    fillByValue: valueMet / valueWanted,
    fillBySku: shares / sharing,
    fillOfAll: met / everything,
    holding: holding / years,
    ordering: ordering / years,
    cost: (holding + ordering) / years,
  };
}

/** Cost of a curve at a fill rate, between its two neighbouring points on a straight line; NaN outside of the curve. */
export function costAt(curve: readonly Result[], fill: number, by: 'fill' | 'fillByValue'): number {
  const sorted = [...curve].sort((a, b) => a[by] - b[by]);
  for (const [i, above] of sorted.entries()) {
    const below = sorted[i - 1];
    if (!below || fill < below[by] || fill > above[by]) continue;
    const share = (fill - below[by]) / (above[by] - below[by] || 1);
    return below.cost + share * (above.cost - below.cost);
  }
  return NaN;
}
