/**
 * The level of a series without season, and where it goes: a handful of cheap methods run side by side, each weighted by how
 * well it would have done on the series' own past and, since one series tells little, on that of all the others (the panel).
 * Pure; one pass per method, nothing is allocated per value.
 */
import type { Values } from './values.ts';

type Method = { name: string; kind: 'ses' | 'sba' | 'tsb' | 'trend'; alpha: number; beta: number };

/** What is weighed. Their gains are fixed: fitting one to a sparse series fits its noise. */
export const levelMethods: readonly Method[] = [
  { name: 'ses 0.02', kind: 'ses', alpha: 0.02, beta: 0 },
  { name: 'ses 0.05', kind: 'ses', alpha: 0.05, beta: 0 },
  { name: 'ses 0.1', kind: 'ses', alpha: 0.1, beta: 0 },
  { name: 'ses 0.2', kind: 'ses', alpha: 0.2, beta: 0 },
  { name: 'ses 0.3', kind: 'ses', alpha: 0.3, beta: 0 },
  { name: 'sba 0.1', kind: 'sba', alpha: 0.1, beta: 0 },
  { name: 'sba 0.2', kind: 'sba', alpha: 0.2, beta: 0 },
  { name: 'tsb 0.05', kind: 'tsb', alpha: 0.05, beta: 0.05 },
  { name: 'tsb 0.1', kind: 'tsb', alpha: 0.1, beta: 0.1 },
  { name: 'tsb 0.2', kind: 'tsb', alpha: 0.2, beta: 0.2 },
  { name: 'damped trend', kind: 'trend', alpha: 0.1, beta: 0.01 },
];
const COUNT = levelMethods.length;

/** What many series of a kind have in common. */
export type LevelPanel = {
  /** Root mean squared error of each method, in that of the average method. */
  scores: Float64Array;
  /** What came, per what each method expected: a whole assortment that fades away shows here, and in no single series. */
  drift: Float64Array;
};

export type LevelOptions = {
  /** Steps ahead. */
  horizon: number;
  /** Errors are judged over sums of so many values: 7 where values are days, 1 where they are weeks or months. */
  bucket: number;
  panel?: LevelPanel | undefined;
};

/** Weight of the panel's evidence beside the series' own. */
const PANEL_WEIGHT = 2;
/** How much better evidence counts more. */
const SHARPNESS = 16;
const MOST_ORIGINS = 12;

export type Level = {
  /** The method with the largest weight. */
  method: string;
  weights: Float64Array;
  /** At the end, and at each origin: level, trend per step. Ahead of them: level + damped sum of the trend, never negative. */
  level: number;
  trend: number;
  origins: { at: Int32Array; level: Float64Array; trend: Float64Array };
  /** Squared error of each method over buckets, and what came and was expected after the origins. */
  scores: Float64Array;
  came: number;
  expected: Float64Array;
};

/** Share of the trend that is left after one more step. */
const damping = (bucket: number) => (bucket > 1 ? 0.98 : 0.9);

/** Expected value `step` steps after an origin (0: the next value). */
export function ahead(level: number, trend: number, step: number, bucket: number): number {
  const phi = damping(bucket);
  const steps = (phi * (1 - phi ** (step + 1))) / (1 - phi);
  return Math.max(0, level + trend * steps);
}

/** From where forecasts are tried: the newest has a whole horizon after it, the oldest a third of the series before it. */
function originsOf(size: number, horizon: number, bucket: number): Int32Array {
  const most = Math.floor(size / 3);
  const window = Math.max(1, Math.min(horizon, Math.max(bucket, most - (most % bucket))));
  const step = bucket > 1 ? bucket : Math.max(1, window >> 1);
  const origins: number[] = [];
  for (let at = size - window; at >= Math.max(1, size / 3) && origins.length < MOST_ORIGINS; at -= step)
    origins.unshift(at);
  return Int32Array.from(origins);
}

/**
 * Runs one method over the series; its level and trend at each origin and at the end go to `levels` and `trends`.
 * Where `usable` is 0 time stands still: nobody knows what would have been sold.
 */
function trace(
  method: Method,
  values: Values,
  usable: Uint8Array | undefined,
  bucket: number,
  origins: Int32Array,
  start: { mean: number; size: number; chance: number },
  levels: Float64Array,
  trends: Float64Array,
): void {
  const { kind, alpha, beta } = method;
  const phi = damping(bucket);
  let level = start.mean;
  let trend = 0;
  let { size, chance } = start;
  let interval = chance > 0 ? 1 / chance : 0;
  let since = 1;
  let next = 0;
  for (let t = 0; t <= values.length; t++) {
    if (t === values.length || t === origins[next]) {
      levels[next] =
        kind === 'sba'
          ? interval > 0
            ? ((1 - alpha / 2) * size) / interval
            : 0
          : kind === 'tsb'
            ? size * chance
            : level;
      trends[next] = trend;
      next += 1;
      if (t === values.length) return;
    }
    if (usable !== undefined && usable[t] === 0) continue;
    const value = values[t]!;
    switch (kind) {
      case 'ses':
        level += alpha * (value - level);
        break;
      case 'trend': {
        const error = value - level - phi * trend;
        level += phi * trend + alpha * error;
        trend = phi * trend + beta * error;
        break;
      }
      case 'tsb':
        if (value > 0) {
          size = size > 0 ? size + alpha * (value - size) : value;
          chance += beta * (1 - chance);
        } else chance -= beta * chance;
        break;
      case 'sba':
        if (value > 0) {
          size = size > 0 ? size + alpha * (value - size) : value;
          interval = interval > 0 ? interval + alpha * (since - interval) : since;
          since = 1;
        } else since += 1;
    }
  }
}

/**
 * Level and trend of a series without season, by methods weighted by evidence.
 *
 * @param usable 0 where a value says nothing (no stock that day); undefined: all are usable
 */
export function findLevel(values: Values, usable: Uint8Array | undefined, options: LevelOptions): Level {
  const { horizon, bucket, panel } = options;
  const size = values.length;
  const at = originsOf(size, horizon, bucket);
  const count = at.length;
  // Methods begin with what was seen before the first origin: what comes after it is what they are tried on.
  const start = startOf(values, usable, count > 0 ? at[0]! : size);
  const levels = new Float64Array((count + 1) * COUNT);
  const trends = new Float64Array((count + 1) * COUNT);
  const scores = new Float64Array(COUNT);
  const expected = new Float64Array(COUNT);
  const phi = damping(bucket);
  let came = 0;
  for (let m = 0; m < COUNT; m++) {
    const ownLevels = levels.subarray(m * (count + 1), (m + 1) * (count + 1));
    const ownTrends = trends.subarray(m * (count + 1), (m + 1) * (count + 1));
    trace(levelMethods[m]!, values, usable, bucket, at, start, ownLevels, ownTrends);
    let [squares, sums] = [0, 0];
    for (let o = 0; o < count; o++) {
      const end = Math.min(size, at[o]! + horizon);
      let [error, power, steps, inBucket] = [0, 1, 0, 0];
      for (let t = at[o]!; t < end; t++) {
        power *= phi;
        steps += power;
        if (usable === undefined || usable[t] !== 0) {
          const forecast = Math.max(0, ownLevels[o]! + steps * ownTrends[o]!);
          error += values[t]! - forecast;
          expected[m]! += forecast;
          if (m === 0) came += values[t]!;
        }
        inBucket += 1;
        if (inBucket === bucket || t === end - 1) {
          squares += error * error;
          sums += 1;
          [error, inBucket] = [0, 0];
        }
      }
    }
    scores[m] = sums > 0 ? squares / sums : 0;
  }
  const weights = weigh(scores, panel);
  const out = { at, level: new Float64Array(count), trend: new Float64Array(count) };
  let [level, trend, best] = [0, 0, 0];
  for (let m = 0; m < COUNT; m++) {
    const weight = weights[m]! * (panel?.drift[m] ?? 1);
    for (let o = 0; o < count; o++) {
      out.level[o]! += weight * levels[m * (count + 1) + o]!;
      out.trend[o]! += weight * trends[m * (count + 1) + o]!;
    }
    level += weight * levels[m * (count + 1) + count]!;
    trend += weight * trends[m * (count + 1) + count]!;
    if (weights[m]! > weights[best]!) best = m;
  }
  return { method: levelMethods[best]!.name, weights, level, trend, origins: out, scores, came, expected };
}

function startOf(values: Values, usable: Uint8Array | undefined, until: number) {
  let [units, demands, seen] = [0, 0, 0];
  for (let t = 0; t < until; t++) {
    if (usable !== undefined && usable[t] === 0) continue;
    seen += 1;
    units += values[t]!;
    if (values[t]! > 0) demands += 1;
  }
  return {
    mean: seen > 0 ? units / seen : 0,
    size: demands > 0 ? units / demands : 0,
    chance: seen > 0 ? demands / seen : 0,
  };
}

/** Root errors in that of the average method; all 1 where nothing tells them apart. */
function relative(scores: Float64Array): Float64Array {
  let mean = 0;
  for (let m = 0; m < COUNT; m++) mean += scores[m]! / COUNT;
  return scores.map((score) => (mean > 0 ? Math.sqrt(score / mean) : 1));
}

function weigh(scores: Float64Array, panel: LevelPanel | undefined): Float64Array {
  const own = relative(scores);
  let sum = 0;
  // A method that was never wrong would weigh infinitely much.
  const weights = own.map(
    (score, m) => Math.max(1e-6, score + PANEL_WEIGHT * (panel?.scores[m] ?? 1)) ** -SHARPNESS,
  );
  for (let m = 0; m < COUNT; m++) sum += weights[m]!;
  return weights.map((weight) => weight / sum);
}

/** Units of evidence that it takes to move the drift half-way from 1. */
const DRIFT_DOUBT = 200;

/** Adds up what single series say about the methods. */
export class LevelLearner {
  #scores = new Float64Array(COUNT);
  #expected = new Float64Array(COUNT);
  #came = 0;
  #series = 0;

  /** `unit`: how many pieces one unit of the series is, where series of different size are to count alike. */
  add({ scores, came, expected }: Level, unit = 1): void {
    if (came === 0 && expected.every((units) => units === 0)) return;
    const own = relative(scores);
    for (let m = 0; m < COUNT; m++) {
      this.#scores[m]! += own[m]!;
      this.#expected[m]! += unit * expected[m]!;
    }
    this.#came += unit * came;
    this.#series += 1;
  }

  /** Undefined where nothing was added. */
  panel(): LevelPanel | undefined {
    if (this.#series === 0) return undefined;
    const drift = this.#expected.map((expected) =>
      Math.min(2, Math.max(1 / 2, (this.#came + DRIFT_DOUBT) / (expected + DRIFT_DOUBT))),
    );
    return { scores: this.#scores.map((score) => score / this.#series), drift };
  }
}

/** What the panel of `series` has in common, from the past of each alone; the horizon is the one that is to be forecast. */
export function learnPanel(
  series: Iterable<Values>,
  options: Omit<LevelOptions, 'panel'>,
): LevelPanel | undefined {
  const learner = new LevelLearner();
  for (const values of series) learner.add(findLevel(values, undefined, options));
  return learner.panel();
}
