/** The theta method (Assimakopoulos and Nikolopoulos 2000), as standard and optimised. Pure. */
import { minimise } from './minimise.ts';
import { adjust, reseason, type Adjusted } from './seasonality.ts';
import { ses } from './smoothing.ts';
import { meanOf, type Values } from './values.ts';

/** The straight line of least squares through (0, y₀), (1, y₁) …: value at 0, and slope. */
export function line(values: Values): { origin: number; slope: number } {
  const size = values.length;
  if (size < 2) return { origin: size === 1 ? values[0]! : 0, slope: 0 };
  const middle = (size - 1) / 2;
  const mean = meanOf(values);
  let [shared, all] = [0, 0];
  for (let t = 0; t < size; t++) {
    shared += (t - middle) * (values[t]! - mean);
    all += (t - middle) ** 2;
  }
  const slope = shared / all;
  return { origin: mean - slope * middle, slope };
}

/**
 * Standard theta of a series without season: the mean of the straight line and of the smoothed series with the line's
 * distance doubled (theta 2).
 */
export function thetaLine(values: Values, horizon: number): Float64Array {
  const size = values.length;
  const { origin, slope } = line(values);
  const doubled = Float64Array.from(
    values as ArrayLike<number>,
    (value, t) => 2 * value - origin - slope * t,
  );
  const smoothed = ses(doubled, 1).mean[0]!;
  return Float64Array.from({ length: horizon }, (_, h) => (smoothed + origin + slope * (size + h)) / 2);
}

/** Standard theta with the seasonal test and multiplicative decomposition. */
export function theta(values: Values, period: number, horizon: number): Float64Array {
  const adjusted = adjust(values, period);
  return reseason(thetaLine(adjusted.values, horizon), adjusted, values.length);
}

/**
 * The optimised dynamic theta model (Fiorucci et al. 2016) of a series without season: the line is learnt as it goes, and
 * first level, alpha and theta are those of least squares.
 */
export function optimisedThetaLine(values: Values, horizon: number): Float64Array {
  const size = values.length;
  if (size < 4) return thetaLine(values, horizon);
  let [least, most] = [Infinity, -Infinity];
  for (let t = 0; t < size; t++) {
    least = Math.min(least, values[t]!);
    most = Math.max(most, values[t]!);
  }
  const spread = most - least || 1;
  const out = new Float64Array(horizon);
  const run = (first: number, alpha: number, weight: number, steps: number): number => {
    const omega = 1 - 1 / weight;
    const rest = 1 - alpha;
    let [level, mean, a, b, power] = [first, 0, values[0]!, 0, 1];
    let squares = 0;
    for (let t = 0; t < size + steps; t++) {
      // (1 - alpha)^t stands in `power`: what of the line the smoothed level has not caught up with yet.
      const expected = level + omega * (power * a + ((1 - power * rest) / alpha) * b);
      const value = t < size ? values[t]! : expected;
      if (t >= size) out[t - size] = expected;
      // The first errors are the line's, which knows nothing yet.
      else if (t >= 3) squares += (value - expected) ** 2;
      level = alpha * value + rest * level;
      const before = mean;
      mean = (t * mean + value) / (t + 1);
      if (t > 0) b = ((t - 1) * b + (6 * (value - before)) / (t + 1)) / (t + 2);
      a = mean - (b * (t + 2)) / 2;
      power *= rest;
    }
    return squares;
  };
  const best = minimise(
    (p) => run(p[0]!, p[1]!, p[2]!, 0),
    [values[0]! / 2, 0.5, 2],
    [Math.min(-1, least - 10 * spread), 0.1, 1],
    [most + 10 * spread, 0.99, 20],
    400,
  );
  run(best[0]!, best[1]!, best[2]!, horizon);
  return out;
}

/** Optimised theta with the seasonal test and multiplicative decomposition. */
export function optimisedTheta(values: Values, period: number, horizon: number): Float64Array {
  const adjusted: Adjusted = adjust(values, period);
  return reseason(optimisedThetaLine(adjusted.values, horizon), adjusted, values.length);
}
