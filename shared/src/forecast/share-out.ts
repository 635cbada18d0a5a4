/** Shares the forecast of a SKU out over its locations. Pure. */

export type Recent = {
  /** Units sold lately by location. */
  units: ArrayLike<number>;
  /** Days of that time on which the location had stock. */
  days: ArrayLike<number>;
  /** Weight of each location before the SKU is looked at: its share of what all SKUs (or the category) sell. Any scale. */
  weights: ArrayLike<number>;
};

/** Units per day of each location, and the standard deviation of one day's demand there. The rates add up to the SKU's. */
export type Shares = { rate: Float64Array; sd: Float64Array };

/** Units that it takes to believe a location's own sales as much as its size. */
const DOUBT = 2;
/** Units per day that are none: one in three thousand years. */
const NOTHING = 1e-6;

/**
 * A location's share is that of its size, corrected by how much more or less than expected it sold while it had stock: of a
 * SKU that sells once a month the sizes decide, of one that sells every day its own sales.
 *
 * The spread of one day at a location has three parts: customers come by chance (that of their purchases, `unitsPerSale`),
 * what moves the whole company's demand moves the location's in proportion, and nobody knows its share exactly.
 *
 * @param total of the SKU: `rate` and `sd` as in `DemandForecast`
 * @param unitsPerSale pieces in a usual purchase
 */
export function shareOut(total: { rate: number; sd: number }, recent: Recent, unitsPerSale = 1): Shares {
  const { units, days, weights } = recent;
  const count = units.length;
  const rate = new Float64Array(count);
  const sd = new Float64Array(count);
  let [allWeights, soldUnits, exposure] = [0, 0, 0];
  for (let i = 0; i < count; i++) allWeights += Math.max(0, weights[i]!);
  const sizeOf = (i: number) => (allWeights > 0 ? Math.max(0, weights[i]!) / allWeights : 1 / count);
  for (let i = 0; i < count; i++) {
    soldUnits += Math.max(0, units[i]!);
    exposure += sizeOf(i) * days[i]!;
  }
  const pace = exposure > 0 ? soldUnits / exposure : 0;
  let sum = 0;
  for (let i = 0; i < count; i++) {
    const expected = pace * sizeOf(i) * days[i]!;
    // Sales of a location without any size of its own stand for themselves.
    const size = Math.max(sizeOf(i), 1e-6);
    rate[i] = (size * (Math.max(0, units[i]!) + DOUBT)) / (expected + DOUBT);
    sum += rate[i]!;
  }
  const variance = total.sd ** 2;
  const sells = total.rate > NOTHING;
  const batch = sells ? Math.min(Math.max(1, unitsPerSale), variance / total.rate) : 0;
  const common = sells ? Math.max(0, variance - batch * total.rate) / total.rate ** 2 : 0;
  for (let i = 0; i < count; i++) {
    const share = (rate[i]! / sum) * total.rate;
    rate[i] = share;
    sd[i] = Math.sqrt(batch * share + (common + 1 / (Math.max(0, units[i]!) + DOUBT)) * share * share);
  }
  return { rate, sd };
}
