/** The gamma distribution: sums of lumpy demand lean to the right, and never go below nothing. Pure. */

const LANCZOS = [
  76.1800917294715, -86.5053203294168, 24.0140982408309, -1.231739572450155, 0.001208650973866179,
  -0.000005395239384953,
];

/** Natural logarithm of Γ(x), x > 0; to ten digits (Lanczos). */
function logGamma(x: number): number {
  let y = x;
  let sum = 1.00000000019;
  for (const coefficient of LANCZOS) sum += coefficient / ++y;
  const high = x + 5.5;
  return (x + 0.5) * Math.log(high) - high + Math.log((2.50662827463 * sum) / x);
}

/** Share of the standard gamma distribution of `shape` below `x`; `log` is logGamma(shape). Series, else a continued fraction. */
function below(shape: number, x: number, log: number): number {
  if (x <= 0) return 0;
  const front = Math.exp(shape * Math.log(x) - x - log);
  if (x < shape + 1) {
    let term = 1 / shape;
    let sum = term;
    for (let n = shape + 1; n < shape + 500; n++) {
      term *= x / n;
      sum += term;
      if (term < sum * 1e-10) break;
    }
    return Math.min(1, sum * front);
  }
  let b = x + 1 - shape;
  let c = 1e300;
  let d = 1 / b;
  let h = d;
  for (let i = 1; i < 500; i++) {
    const a = -i * (i - shape);
    b += 2;
    d = 1 / (a * d + b);
    c = b + a / c;
    const step = c * d;
    h *= step;
    if (Math.abs(step - 1) < 1e-10) break;
  }
  return Math.max(0, 1 - front * h);
}

/** Share of demand of a mean and variance that stays at or below `x`. */
export function gammaBelow(x: number, mean: number, variance: number): number {
  const shape = mean ** 2 / variance;
  return below(shape, (x * mean) / variance, logGamma(shape));
}

/** Inverse of the standard normal distribution, to 4.5e-4 (Abramowitz and Stegun 26.2.23): a start for Newton's steps. */
function normalQuantile(level: number): number {
  const tail = Math.min(level, 1 - level);
  const t = Math.sqrt(-2 * Math.log(tail));
  const z =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  return level < 0.5 ? -z : z;
}

/**
 * What demand stays at or below with probability `level` (0 < level < 1), when it has this mean and variance (both > 0).
 * Wilson and Hilferty's guess, then steps that never leave the bracket; a microsecond or two.
 */
export function gammaQuantile(level: number, mean: number, variance: number): number {
  const shape = mean ** 2 / variance;
  const log = logGamma(shape);
  const ninth = 1 / (9 * shape);
  let x = shape * (1 - ninth + normalQuantile(level) * Math.sqrt(ninth)) ** 3;
  // Below shape 1 nearly all of it lies at nothing: P ≈ x^shape / Γ(shape + 1) there.
  if (shape < 0.6 || !(x > 0)) x = Math.exp((Math.log(level) + log + Math.log(shape)) / shape);
  if (!(x > 1e-12)) x = 1e-12;
  let low = 0;
  let high = Infinity;
  for (let i = 0; i < 100; i++) {
    const gap = below(shape, x, log) - level;
    if (gap > 0) high = x;
    else low = x;
    const density = Math.exp((shape - 1) * Math.log(x) - x - log);
    let next = x - gap / density;
    if (!(next > low && next < high)) next = high === Infinity ? x * 2 + 1 : (low + high) / 2;
    if (Math.abs(next - x) <= 1e-7 * (x + 1e-5)) return (next * variance) / mean;
    x = next;
  }
  return (x * variance) / mean;
}
