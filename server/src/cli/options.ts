/** Readers of command-line values. Each throws commander's error, which names the option and ends with code 2. */
import { InvalidArgumentError } from 'commander';

/** "a,b" → ['a', 'b']; blanks around are dropped. Throws for an empty list. */
export function list(text: string): string[] {
  const parts = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  if (parts.length === 0) throw new InvalidArgumentError('It must not be empty.');
  return parts;
}

/** A reader of a comma-separated list of words that must all be among `allowed`. */
export function listOf<T extends string>(allowed: readonly T[]): (text: string) => T[] {
  return (text) => list(text).map((word) => oneOf(allowed)(word));
}

/** A reader of one of some words. */
export function oneOf<T extends string>(allowed: readonly T[]): (text: string) => T {
  return (text) => {
    const word = allowed.find((each) => each === text);
    if (word === undefined) throw new InvalidArgumentError(`${text} is none of ${allowed.join(', ')}.`);
    return word;
  };
}

/** A reader of a number above `above`. */
export function positive(above = 0): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isFinite(value) || value <= above)
      throw new InvalidArgumentError(`It must be a number above ${above}.`);
    return value;
  };
}

/** A reader of a whole number from 1. */
export function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1)
    throw new InvalidArgumentError('It must be a whole number from 1.');
  return value;
}

/** "90", "90s", "5m", "1h" → milliseconds. */
export function duration(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h)?$/.exec(text);
  if (parts === null) throw new InvalidArgumentError('Write it as 90s, 5m or 1h.');
  const unit = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }[(parts[2] ?? 's') as 'ms' | 's' | 'm' | 'h'];
  return Number(parts[1]) * unit;
}
