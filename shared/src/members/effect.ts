/**
 * What reaching members did: those who were reached beside those who were held back by lot. Pure.
 *
 * An interval is right 19 times of 20. `enough` says whether it means anything: with few members, or where hardly anybody bought, both
 * formulas promise more than they know. An interval around zero is another matter: it is known, and says that chance may have done it.
 */

/** Of `n` members `k` did something. */
export type Rate = { n: number; k: number };

/** A figure of each of `n` members: its sum, and the sum of its squares. */
export type Sample = { n: number; sum: number; sumOfSquares: number };

/** First group less second one, and the interval in which that difference lies, in the unit of what was compared. */
export type Effect = { difference: number; low: number; high: number; enough: boolean };

/** Members that each group must have. */
export const LEAST_MEMBERS = 100;

/** Of both groups together so many must have done it. */
export const LEAST_EVENTS = 10;

const UNKNOWN: Effect = { difference: 0, low: 0, high: 0, enough: false };

/** Of a normal distribution 95 % are within so many standard deviations. */
const Z = 1.959964;

/**
 * Compares two rates; answers are parts of one (0.02: two points more). Newcombe's interval of two score intervals, which, other than
 * the usual one, holds for the rates of some in a thousand that promotions have.
 */
export function compareRates(first: Rate, second: Rate): Effect {
  if (first.n === 0 || second.n === 0) return UNKNOWN;
  const [one, two] = [scored(first), scored(second)];
  const difference = one.rate - two.rate;
  return {
    difference,
    low: difference - Math.hypot(one.rate - one.low, two.high - two.rate),
    high: difference + Math.hypot(one.high - one.rate, two.rate - two.low),
    enough: Math.min(first.n, second.n) >= LEAST_MEMBERS && first.k + second.k >= LEAST_EVENTS,
  };
}

/** Compares two means, each group with a variance of its own (Welch). */
export function compareMeans(first: Sample, second: Sample): Effect {
  if (first.n < 2 || second.n < 2) return UNKNOWN;
  const difference = first.sum / first.n - second.sum / second.n;
  const [one, two] = [varianceOf(first), varianceOf(second)];
  const reach = Z * Math.sqrt(one / first.n + two / second.n);
  return {
    difference,
    low: difference - reach,
    high: difference + reach,
    // A group in which all are alike, as where nobody bought, says nothing about how far its members differ.
    enough: Math.min(first.n, second.n) >= LEAST_MEMBERS && one > 0 && two > 0,
  };
}

/** Whether chance alone does not make such a difference. */
export const isClear = ({ low, high, enough }: Effect): boolean => enough && (low > 0 || high < 0);

/** A rate with its score interval (Wilson). */
function scored({ n, k }: Rate): { rate: number; low: number; high: number } {
  const rate = k / n;
  const scale = 1 + (Z * Z) / n;
  const middle = (rate + (Z * Z) / (2 * n)) / scale;
  const reach = (Z / scale) * Math.sqrt((rate * (1 - rate)) / n + (Z * Z) / (4 * n * n));
  return { rate, low: Math.max(0, middle - reach), high: Math.min(1, middle + reach) };
}

const varianceOf = ({ n, sum, sumOfSquares }: Sample): number =>
  Math.max(0, (sumOfSquares - (sum * sum) / n) / (n - 1));
