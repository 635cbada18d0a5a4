/** Makes of what was sold, and of when there was no stock, the history that a forecast is made of. Pure. */
import { dayText } from './day.ts';
import type { DemandHistory } from './demand.ts';
import type { Recent } from './share-out.ts';

/** One SKU as the database tells it. Days are counted from the first day of the window (0); `size` days are in it. */
export type SkuSales = {
  skuNo: number;
  /** Day on which it was first heard of; may lie before the window. */
  firstSeen: number;
  /** Day, units, day, units …; a day without sales is left out. */
  days: readonly number[];
  /** Location, units, purchases, location … of the recent part of the window. */
  recent: readonly number[];
  /** Locations that hold it or held it. */
  locations: readonly number[];
  /** Location, first day, day after the last …: when it had none for most of the day. */
  outs: readonly number[];
};

export type SkuHistory = {
  skuNo: number;
  history: DemandHistory;
  /** Sorted; the order of `recent`'s columns. */
  locationNos: number[];
  recent: Recent;
  unitsPerSale: number;
};

export type Window = {
  /** Day number of day 0. */
  firstDay: number;
  /** Days, up to yesterday. */
  size: number;
  /** How many of the last days tell the locations' shares. */
  recentDays: number;
  /** What each location sells of everything: the shares to begin with. */
  weights: ReadonlyMap<number, number>;
};

/**
 * The history begins when the SKU was first heard of or sold, not at the window's beginning. While a location had none, what
 * the others sold was not all that would have been sold: its usual share is missing from that day's reach.
 */
export function historyOf(sales: SkuSales, { firstDay, size, recentDays, weights }: Window): SkuHistory {
  const units = new Float64Array(size);
  let begin = Math.min(size, Math.max(0, sales.firstSeen));
  for (let i = 0; i < sales.days.length; i += 2) {
    units[sales.days[i]!] = Math.max(0, sales.days[i + 1]!);
    begin = Math.min(begin, sales.days[i]!);
  }
  const sold = new Map<number, number>();
  let [pieces, purchases] = [0, 0];
  for (let i = 0; i < sales.recent.length; i += 3) {
    sold.set(sales.recent[i]!, Math.max(0, sales.recent[i + 1]!));
    pieces += Math.max(0, sales.recent[i + 1]!);
    purchases += Math.max(0, sales.recent[i + 2]!);
  }
  const locationNos = [...new Set([...sales.locations, ...sold.keys()])].sort((a, b) => a - b);
  const place = new Map(locationNos.map((no, at) => [no, at]));
  const recent = {
    units: Float64Array.from(locationNos, (no) => sold.get(no) ?? 0),
    days: new Float64Array(locationNos.length).fill(recentDays),
    weights: Float64Array.from(locationNos, (no) => weights.get(no) ?? 0),
  };
  for (let i = 0; i < sales.outs.length; i += 3) {
    const at = place.get(sales.outs[i]!);
    const from = Math.max(size - recentDays, sales.outs[i + 1]!);
    const to = Math.min(size, sales.outs[i + 2]!);
    if (at !== undefined && to > from) recent.days[at] = Math.max(0, recent.days[at]! - (to - from));
  }
  const history: DemandHistory = {
    firstDay: dayText(firstDay + begin),
    units: units.subarray(begin),
    reach: reachOf(sales.outs, place, recent, size, begin),
  };
  return {
    skuNo: sales.skuNo,
    history,
    locationNos,
    recent,
    unitsPerSale: purchases > 0 ? pieces / purchases : 1,
  };
}

/** Share of the usual demand that met stock, by day from `begin`; undefined where it was always all of it. */
function reachOf(
  outs: readonly number[],
  place: ReadonlyMap<number, number>,
  { units, days, weights }: Recent,
  size: number,
  begin: number,
): Float64Array | undefined {
  if (outs.length === 0) return undefined;
  // Pace where it had stock; a location that had none all the time weighs what its size lets expect.
  const paces = new Float64Array(place.size);
  let [sum, allWeights, knownWeights] = [0, 0, 0];
  for (let i = 0; i < paces.length; i++) {
    allWeights += weights[i]!;
    if (days[i]! === 0) continue;
    knownWeights += weights[i]!;
    paces[i] = units[i]! / days[i]!;
    sum += paces[i]!;
  }
  if (sum === 0) for (let i = 0; i < paces.length; i++) paces[i] = allWeights > 0 ? weights[i]! : 1;
  else if (knownWeights > 0)
    for (let i = 0; i < paces.length; i++) if (days[i]! === 0) paces[i] = (sum * weights[i]!) / knownWeights;
  const total = paces.reduce((all, pace) => all + pace, 0);
  if (total === 0) return undefined;
  const reach = new Float64Array(size - begin).fill(1);
  for (let i = 0; i < outs.length; i += 3) {
    const at = place.get(outs[i]!);
    if (at === undefined) continue;
    const share = paces[at]! / total;
    for (let t = Math.max(begin, outs[i + 1]!); t < Math.min(size, outs[i + 2]!); t++)
      reach[t - begin]! -= share;
  }
  // Sums of shares are not exact: what is left of all of them is nothing.
  return reach.map((share) => (share < 1e-9 ? 0 : share));
}
