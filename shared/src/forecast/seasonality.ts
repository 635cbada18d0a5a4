/** What repeats every `period` values: whether anything does, how much, and the series without it. Pure. */
import type { Values } from './values.ts';

/** Two-sided 90 %. */
const Z = 1.645;

/** Correlation of the series with itself `lag` values ago; 0 for a constant series. */
export function autocorrelation(values: Values, lag: number): number {
  const size = values.length;
  let mean = 0;
  for (let t = 0; t < size; t++) mean += values[t]! / size;
  let [shared, all] = [0, 0];
  for (let t = 0; t < size; t++) {
    all += (values[t]! - mean) ** 2;
    if (t >= lag) shared += (values[t]! - mean) * (values[t - lag]! - mean);
  }
  return all === 0 ? 0 : shared / all;
}

/**
 * The test of Assimakopoulos and Nikolopoulos (2000): seasonal where the correlation at the seasonal lag stands out of what
 * the shorter lags explain, with 90 % confidence. Never with less than three whole periods.
 */
export function isSeasonal(values: Values, period: number): boolean {
  if (period < 2 || values.length < 3 * period) return false;
  let squares = 0;
  for (let lag = 1; lag < period; lag++) squares += autocorrelation(values, lag) ** 2;
  const limit = Z * Math.sqrt((1 + 2 * squares) / values.length);
  return Math.abs(autocorrelation(values, period)) > limit;
}

/**
 * Classical decomposition: ratio to (or, with `additive`, difference from) the centred moving average, averaged by place in
 * the period and brought to a mean of 1 (or 0).
 *
 * @returns one figure for each place, the first is that of `values[0]`
 */
export function seasonalIndices(values: Values, period: number, additive = false): Float64Array {
  const size = values.length;
  const half = period >> 1;
  const sums = new Float64Array(period);
  const counts = new Float64Array(period);
  for (let t = half; t < size - half; t++) {
    let level = 0;
    for (let k = t - half; k <= t + half; k++) level += values[k]!;
    // An even period has one value too many in the window: its two ends count half.
    if (period % 2 === 0) level -= (values[t - half]! + values[t + half]!) / 2;
    level /= period;
    if (!additive && level <= 0) continue;
    sums[t % period]! += additive ? values[t]! - level : values[t]! / level;
    counts[t % period]! += 1;
  }
  const neutral = additive ? 0 : 1;
  const indices = sums.map((sum, place) => (counts[place]! > 0 ? sum / counts[place]! : neutral));
  const mean = indices.reduce((sum, index) => sum + index, 0) / period;
  if (additive) return indices.map((index) => index - mean);
  return mean > 0 ? indices.map((index) => Math.max(0.01, index / mean)) : indices.fill(1);
}

export type Adjusted = {
  seasonal: boolean;
  /** The series without its seasonality. */
  values: Float64Array;
  indices: Float64Array;
};

/** The series without its season where it has one, by ratios; by nothing where values are not all positive. */
export function adjust(values: Values, period: number): Adjusted {
  const seasonal = isSeasonal(values, period) && values.every((value) => value > 0);
  const indices = seasonal ? seasonalIndices(values, period) : new Float64Array(Math.max(1, period)).fill(1);
  const adjusted = Float64Array.from(
    values as ArrayLike<number>,
    (value, t) => value / indices[t % indices.length]!,
  );
  return { seasonal, values: adjusted, indices };
}

/** Puts the season back onto a forecast that begins `offset` values after the start of the series. */
export function reseason(forecast: Float64Array, { indices }: Adjusted, offset: number): Float64Array {
  return forecast.map((value, h) => value * indices[(offset + h) % indices.length]!);
}
