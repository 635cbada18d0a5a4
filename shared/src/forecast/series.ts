/** Forecasts a regular series (months, weeks): what the product does with one when nobody says how. Pure. */
import { patternOf } from './intermittent.ts';
import { ahead, findLevel, type LevelPanel } from './level.ts';
import { adjust, reseason } from './seasonality.ts';
import { dampedTrend, holtWinters } from './smoothing.ts';
import { optimisedThetaLine, thetaLine } from './theta.ts';
import { quantileOf, type Values } from './values.ts';

export type SeriesForecast = {
  /** The method that counts most. */
  method: string;
  mean: Float64Array;
  /** Four of five values are expected between them; never below zero where no value was. */
  low: Float64Array;
  high: Float64Array;
};

export type SeriesOptions = {
  /** Steps ahead. */
  horizon: number;
  /** Values after which the season comes again; 1: no season. */
  period: number;
  /** What series of its kind have in common (`learnPanel`); used for intermittent ones. */
  panel?: LevelPanel | undefined;
};

/** Share of values below the band, and above it. */
const TAIL = 0.1;
/** How many of the newest values are forecast from before them, to see which method does well, and how well. */
const TRIED = 6;

const methods = ['theta', 'optimised theta', 'Holt-Winters'] as const;

/** What each method says; those that know no season get the series without it, and the season is put back. */
function forecasts(values: Values, period: number, horizon: number): Float64Array[] {
  const adjusted = adjust(values, period);
  const back = (line: Float64Array) => reseason(line, adjusted, values.length);
  return [
    back(thetaLine(adjusted.values, horizon)),
    back(optimisedThetaLine(adjusted.values, horizon)),
    // It finds a season that is too weak for the test; the errors on the last values say whether to listen.
    period > 1 && values.length >= 3 * period && values.every((value) => value > 0)
      ? holtWinters(values, period, horizon, false).mean
      : back(dampedTrend(adjusted.values, horizon).mean),
  ];
}

/**
 * The mean of theta, optimised theta and damped Holt-Winters, each weighted by the inverse square of its error on the last
 * values, as forecast from before them; for a series with gaps in its demand, `findLevel`.
 * A series of less than eight values is taken for its level alone.
 */
export function forecastSeries(values: Values, { horizon, period, panel }: SeriesOptions): SeriesForecast {
  const { kind } = patternOf(values);
  const negative = values.some((value) => value < 0);
  if (values.length < 8 || (!negative && (kind === 'none' || kind === 'intermittent' || kind === 'lumpy')))
    return sparse(values, horizon, panel);

  const tried = Math.min(TRIED, values.length - 6);
  const past: { from: number; each: Float64Array[] }[] = [];
  const errors = new Float64Array(methods.length);
  for (let back = tried; back >= 1; back--) {
    const from = values.length - back;
    const each = forecasts(values.slice(0, from) as Values, period, back);
    past.push({ from, each });
    for (const [m, forecast] of each.entries())
      for (let h = 0; h < back; h++) errors[m]! += Math.abs(values[from + h]! - forecast[h]!) / back;
  }
  const least = Math.min(...errors);
  const weights = errors.map((error) => (error > 0 ? (least / error) ** 2 : 1));
  const mixed = mixer(weights);

  // Errors grow like the root of the way ahead; brought to one step, those of all origins tell how wide the band is.
  const residuals: number[] = [];
  for (const { from, each } of past)
    for (const [h, expected] of mixed(each).entries())
      residuals.push(Math.abs(values[from + h]! - expected) / Math.sqrt(h + 1));
  residuals.sort((a, b) => a - b);
  // One more error than were seen: the next one may be the largest yet.
  const width = quantileOf(residuals, Math.min(1, (1 - 2 * TAIL) * (1 + 1 / residuals.length)));
  const mean = mixed(forecasts(values, period, horizon));
  if (!negative) for (let h = 0; h < horizon; h++) mean[h] = Math.max(0, mean[h]!);
  const band = (sign: number) =>
    mean.map((value, h) => {
      const edge = value + sign * width * Math.sqrt(h + 1);
      return negative ? edge : Math.max(0, edge);
    });
  return { method: methods[weights.indexOf(Math.max(...weights))]!, mean, low: band(-1), high: band(1) };
}

function mixer(weights: Float64Array): (each: readonly Float64Array[]) => Float64Array {
  const sum = weights.reduce((all, weight) => all + weight, 0);
  return (each) =>
    each[0]!.map((_, h) => each.reduce((mean, forecast, m) => mean + (weights[m]! / sum) * forecast[h]!, 0));
}

function sparse(values: Values, horizon: number, panel: LevelPanel | undefined): SeriesForecast {
  const { method, level, trend, origins } = findLevel(values, undefined, { horizon, bucket: 1, panel });
  const residuals: number[] = [];
  for (let o = 0; o < origins.at.length; o++)
    for (let t = origins.at[o]!; t < Math.min(values.length, origins.at[o]! + horizon); t++)
      residuals.push(values[t]! - ahead(origins.level[o]!, origins.trend[o]!, t - origins.at[o]!, 1));
  residuals.sort((a, b) => a - b);
  const [under, over] = [quantileOf(residuals, TAIL), quantileOf(residuals, 1 - TAIL)];
  const mean = Float64Array.from({ length: horizon }, (_, h) => ahead(level, trend, h, 1));
  return {
    method,
    mean,
    low: mean.map((value) => Math.max(0, value + Math.min(0, under))),
    high: mean.map((value) => value + Math.max(0, over)),
  };
}
