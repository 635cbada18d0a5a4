/**
 * Chance that can be repeated: the same seed gives the same numbers on every machine and in every Node.
 * Not for secrets.
 */

/** A stream of numbers. Whoever needs chance takes one as a parameter. */
export type Random = {
  /** 0 ≤ x < 1, 32 bits of it. */
  next: () => number;
  /** A whole number, 0 ≤ x < `below`. */
  int: (below: number) => number;
  /** A whole number, `from` ≤ x ≤ `to`. */
  between: (from: number, to: number) => number;
  /** True with probability `p`. */
  chance: (p: number) => boolean;
  /** One of them, each as likely as the others. Throws on an empty list. */
  pick: <T>(items: readonly T[]) => T;
  /** How many of many independent things happen when `mean` are expected. */
  poisson: (mean: number) => number;
};

/** The stream of a seed: Sfc32 (Chris Doty-Humphrey), seeded with four hashes of the text. */
export function randomFrom(seed: string): Random {
  let a = hash32(seed, 0x9e3779b9);
  let b = hash32(seed, 0x243f6a88);
  let c = hash32(seed, 0xb7e15162);
  let counter = 1;
  const next = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (c << 21) | (c >>> 11);
    c = (c + sum) | 0;
    return (sum >>> 0) / 4294967296;
  };
  // The first numbers still resemble the seed.
  for (let i = 0; i < 12; i++) next();
  const int = (below: number) => Math.floor(next() * below);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[int(items.length)];
    if (item === undefined) throw new RangeError('nothing to pick from');
    return item;
  };
  return {
    next,
    int,
    between: (from, to) => from + int(to - from + 1),
    chance: (p) => next() < p,
    pick,
    poisson: (mean) => poisson(mean, next),
  };
}

/**
 * A number 0 ≤ x < 1 that belongs to a text: for decisions that must come out the same wherever they are asked,
 * without a stream that has to be at the right place.
 */
export function share(text: string): number {
  return hash32(text, 0x51ed270b) / 4294967296;
}

/** FNV-1a over the UTF-16 units, then a finish that spreads a last digit over all bits (Murmur3). Unsigned. */
function hash32(text: string, start: number): number {
  let hash = start | 0;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Knuth's product for small means; the rounded normal for large ones, where the product would take that many steps. */
function poisson(mean: number, next: () => number): number {
  if (mean <= 0) return 0;
  if (mean > 30) {
    const radius = Math.sqrt(-2 * Math.log(1 - next()));
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * radius * Math.cos(2 * Math.PI * next())));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = next(); product > limit; product *= next()) count++;
  return count;
}
