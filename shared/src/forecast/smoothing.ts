/** Exponential smoothing, from the simple one to Holt and Winters' with a damped trend. Pure. */
import { minimise } from './minimise.ts';
import { seasonalIndices } from './seasonality.ts';
import { meanOf, type Values } from './values.ts';

/** `mean` is the forecast by step ahead; `mse` the mean squared error one step ahead over the series itself. */
export type Smoothed = { mean: Float64Array; mse: number; parameters: Record<string, number> };

/** The last value of the same place in the period, again and again. With a period of 1: the last value. */
export function seasonalNaive(values: Values, period: number, horizon: number): Float64Array {
  const size = values.length;
  const season = Math.max(1, Math.min(period, size));
  return Float64Array.from({ length: horizon }, (_, h) => (size ? values[size - season + (h % season)]! : 0));
}

/** Simple exponential smoothing from a given first level: the last level, and the mean squared error. */
export function smoothLevel(values: Values, alpha: number, first: number): { level: number; mse: number } {
  let level = first;
  let squares = 0;
  for (let t = 0; t < values.length; t++) {
    const error = values[t]! - level;
    squares += error * error;
    level += alpha * error;
  }
  return { level, mse: values.length === 0 ? 0 : squares / values.length };
}

/** Simple exponential smoothing; without `alpha`, alpha and the first level are those of least squares. */
export function ses(values: Values, horizon: number, alpha?: number): Smoothed {
  if (values.length === 0)
    return { mean: new Float64Array(horizon), mse: 0, parameters: { alpha: alpha ?? 0 } };
  let first = values[0]!;
  let chosen = alpha;
  if (chosen === undefined) {
    const guess = meanOf(values.slice(0, Math.min(12, values.length)) as Values);
    const spread = rangeOf(values);
    const best = minimise(
      (p) => smoothLevel(values, p[0]!, p[1]!).mse,
      [0.3, guess],
      [0.001, guess - spread],
      [0.999, guess + spread],
    );
    [chosen, first] = [best[0]!, best[1]!];
  }
  const { level, mse } = smoothLevel(values, chosen, first);
  return { mean: new Float64Array(horizon).fill(level), mse, parameters: { alpha: chosen, first } };
}

const rangeOf = (values: Values): number => {
  let [least, most] = [Infinity, -Infinity];
  for (let t = 0; t < values.length; t++) {
    least = Math.min(least, values[t]!);
    most = Math.max(most, values[t]!);
  }
  return most - least;
};

/** Sums of the damped trend: phi + phi² + … by step ahead. */
function dampedSteps(phi: number, horizon: number): Float64Array {
  const steps = new Float64Array(horizon);
  let [power, sum] = [1, 0];
  for (let h = 0; h < horizon; h++) {
    power *= phi;
    sum += power;
    steps[h] = sum;
  }
  return steps;
}

export type HoltParameters = { alpha: number; beta: number; phi: number; level: number; trend: number };

/** Holt's linear smoothing with a trend damped by phi (1: not at all), from given parameters. */
export function holt(
  values: Values,
  { alpha, beta, phi, level, trend }: HoltParameters,
  horizon: number,
): Smoothed {
  let squares = 0;
  for (let t = 0; t < values.length; t++) {
    const error = values[t]! - level - phi * trend;
    squares += error * error;
    level += phi * trend + alpha * error;
    trend = phi * trend + beta * error;
  }
  const mean = dampedSteps(phi, horizon).map((steps) => level + steps * trend);
  return { mean, mse: squares / Math.max(1, values.length), parameters: { alpha, beta, phi, level, trend } };
}

/** Damped Holt with the parameters of least squares. `beta` here is the gain of the trend, at most alpha. */
export function dampedTrend(values: Values, horizon: number): Smoothed {
  if (values.length < 4) return ses(values, horizon);
  const few = Math.min(values.length, 10);
  const slope = (values[few - 1]! - values[0]!) / (few - 1);
  const spread = rangeOf(values) || 1;
  const parametersOf = (p: Float64Array): HoltParameters => ({
    alpha: p[0]!,
    beta: p[0]! * p[1]!,
    phi: p[2]!,
    level: p[3]!,
    trend: p[4]!,
  });
  const best = minimise(
    (p) => holt(values, parametersOf(p), 0).mse,
    [0.3, 0.1, 0.95, values[0]! - slope, slope],
    [0.001, 0.001, 0.8, values[0]! - spread, -spread / few],
    [0.999, 0.999, 0.98, values[0]! + spread, spread / few],
    500,
  );
  return holt(values, parametersOf(best), horizon);
}

export type WintersParameters = HoltParameters & { gamma: number; indices: Float64Array };

/**
 * Holt and Winters' smoothing with a damped trend; `additive` seasons are added, else they multiply. The season of
 * `values[0]` is `indices[0]`; `gamma` is the gain of the season.
 */
export function winters(
  values: Values,
  start: WintersParameters,
  horizon: number,
  additive: boolean,
): Smoothed {
  const { alpha, beta, phi, gamma } = start;
  let { level, trend } = start;
  const season = Float64Array.from(start.indices);
  const period = season.length;
  let squares = 0;
  for (let t = 0; t < values.length; t++) {
    const place = t % period;
    const expected = level + phi * trend;
    const index = season[place]!;
    const error = values[t]! - (additive ? expected + index : expected * index);
    squares += error * error;
    const share = additive ? error : index > 0 ? error / index : 0;
    season[place] = additive
      ? index + gamma * error
      : Math.max(0.01, index + (expected > 0 ? (gamma * error) / expected : 0));
    level = expected + alpha * share;
    trend = phi * trend + beta * share;
  }
  const mean = dampedSteps(phi, horizon).map((steps, h) => {
    const index = season[(values.length + h) % period]!;
    return additive ? level + steps * trend + index : (level + steps * trend) * index;
  });
  return {
    mean,
    mse: squares / Math.max(1, values.length),
    parameters: { alpha, beta, phi, gamma, level, trend },
  };
}

/** Damped Holt-Winters with the parameters of least squares; the first seasons are those of the decomposition. */
export function holtWinters(values: Values, period: number, horizon: number, additive: boolean): Smoothed {
  const indices = seasonalIndices(values, period, additive);
  const free = Float64Array.from(values as ArrayLike<number>, (value, t) =>
    additive ? value - indices[t % period]! : value / indices[t % period]!,
  );
  // The series without its first seasons, fitted on its own, gives a good first guess of the gains.
  const guess = dampedTrend(free, 0).parameters as HoltParameters;
  const few = Math.min(free.length, 10);
  const trend = (free[few - 1]! - free[0]!) / (few - 1);
  const level = meanOf(free.slice(0, few)) - trend * ((few + 1) / 2);
  const parametersOf = (p: Float64Array): WintersParameters => ({
    alpha: p[0]!,
    beta: p[0]! * p[1]!,
    gamma: p[2]! * (1 - p[0]!),
    phi: p[3]!,
    level,
    trend,
    indices,
  });
  const best = minimise(
    (p) => winters(values, parametersOf(p), 0, additive).mse,
    [Math.min(0.9, guess.alpha), Math.min(0.9, guess.beta / guess.alpha), 0.1, guess.phi],
    [0.001, 0.001, 0.001, 0.8],
    [0.999, 0.999, 0.999, 0.98],
    300,
  );
  return winters(values, parametersOf(best), horizon, additive);
}
