/** Demand that comes now and then: Croston and what was made of it. Each answers units per period, the same for all steps ahead. Pure. */
import type { Values } from './values.ts';

export type Intermittent = {
  /** Expected units per period. */
  rate: number;
  /** Smoothed units of a demand. */
  size: number;
  /** Smoothed periods from one demand to the next (Croston, SBA), or chance of a demand (TSB). */
  rhythm: number;
};

/**
 * Croston (1972): size and interval of demands, smoothed apart at each demand. Both begin with the first demand; the first
 * interval counts from the beginning of the series.
 */
export function croston(values: Values, alpha: number): Intermittent {
  let [size, interval, since, seen] = [0, 0, 1, false];
  for (let t = 0; t < values.length; t++) {
    const value = values[t]!;
    if (value <= 0) {
      since += 1;
      continue;
    }
    size = seen ? size + alpha * (value - size) : value;
    interval = seen ? interval + alpha * (since - interval) : since;
    [since, seen] = [1, true];
  }
  return { rate: seen ? size / interval : 0, size, rhythm: interval };
}

/** Syntetos and Boylan (2005): Croston without the bias that dividing by a smoothed interval brings. */
export function sba(values: Values, alpha: number): Intermittent {
  const { rate, ...rest } = croston(values, alpha);
  return { rate: (1 - alpha / 2) * rate, ...rest };
}

/**
 * Teunter, Syntetos and Babai (2011): the chance of a demand is smoothed every period, so that what no longer sells fades
 * away. The chance begins with that of the whole series, the size with the mean of its demands.
 *
 * @param alpha gain of the size
 * @param beta gain of the chance
 */
export function tsb(values: Values, alpha: number, beta: number): Intermittent {
  let [units, demands] = [0, 0];
  for (let t = 0; t < values.length; t++)
    if (values[t]! > 0) {
      units += values[t]!;
      demands += 1;
    }
  if (demands === 0) return { rate: 0, size: 0, rhythm: 0 };
  let size = units / demands;
  let chance = demands / values.length;
  for (let t = 0; t < values.length; t++) {
    const value = values[t]!;
    if (value > 0) {
      size += alpha * (value - size);
      chance += beta * (1 - chance);
    } else chance -= beta * chance;
  }
  return { rate: size * chance, size, rhythm: chance };
}

/** How demand comes: mean periods between demands, and squared coefficient of variation of their sizes. */
export type Pattern = {
  adi: number;
  cv2: number;
  kind: 'smooth' | 'erratic' | 'intermittent' | 'lumpy' | 'none';
};

/** Syntetos, Boylan and Croston's (2005) four kinds, cut at an interval of 1.32 and a squared variation of 0.49. */
export function patternOf(values: Values): Pattern {
  let [demands, sum, squares] = [0, 0, 0];
  for (let t = 0; t < values.length; t++)
    if (values[t]! > 0) {
      demands += 1;
      sum += values[t]!;
      squares += values[t]! ** 2;
    }
  if (demands === 0) return { adi: Infinity, cv2: 0, kind: 'none' };
  const adi = values.length / demands;
  const mean = sum / demands;
  const cv2 = Math.max(0, squares / demands / mean ** 2 - 1);
  const kind = adi < 1.32 ? (cv2 < 0.49 ? 'smooth' : 'erratic') : cv2 < 0.49 ? 'intermittent' : 'lumpy';
  return { adi, cv2, kind };
}
