/** What a demand history says about the sum over the time that a policy has to cover: its rate, and how much it spreads. Pure. */

type Values = Float64Array | readonly number[];

/** Weight of the newest period. Larger ones, and methods chosen by their last errors, chase single demands: more stock, no fewer misses. */
const GAIN = 0.05;

/**
 * Expected units per period: exponential smoothing that begins with the first demand spread over the time until then, so that
 * a young series has a rate at once, and fades away where nothing sells any more.
 *
 * @param until how many of the values count
 */
export function steadyRate(values: Values, until = values.length): number {
  let level = 0;
  for (let t = 0; t < until; t++) {
    const value = Math.max(0, values[t]!);
    if (level > 0) level += GAIN * (value - level);
    else level = value / (t + 1);
  }
  return level;
}

/**
 * Standard deviation of one period's demand, as it adds up over `window` periods (lead time and review together). Periods one
 * by one are not enough: where demand comes in waves, sums spread more than √window times one period. The wider of the two
 * counts, since a short history shows few of the waves; with less than two windows only the periods speak.
 *
 * @param values demand by period, oldest first
 * @param until how many of them count
 */
export function demandSpread(values: Values, window: number, until = values.length): number {
  const span = Math.max(1, Math.round(window));
  let [sum, squares, inWindow, sums, sumsSquared, windows] = [0, 0, 0, 0, 0, 0];
  for (let t = 0; t < until; t++) {
    const value = values[t]!;
    sum += value;
    squares += value * value;
    inWindow += value;
    if (t >= span) inWindow -= values[t - span]!;
    if (t >= span - 1) {
      sums += inWindow;
      sumsSquared += inWindow * inWindow;
      windows += 1;
    }
  }
  if (until === 0) return 0;
  const alone = squares / until - (sum / until) ** 2;
  const together = until >= 2 * span ? (sumsSquared / windows - (sums / windows) ** 2) / span : 0;
  return Math.sqrt(Math.max(0, alone, together));
}
