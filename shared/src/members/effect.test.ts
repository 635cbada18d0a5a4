import { describe, expect, it } from 'vitest';
import { compareMeans, compareRates, isClear, type Sample } from './effect.ts';

const sampleOf = (values: readonly number[]): Sample => ({
  n: values.length,
  sum: values.reduce((sum, value) => sum + value, 0),
  sumOfSquares: values.reduce((sum, value) => sum + value * value, 0),
});

describe('two rates', () => {
  it('are compared as in the textbook (Newcombe 1998, method 10)', () => {
    const { difference, low, high } = compareRates({ n: 70, k: 56 }, { n: 80, k: 48 });
    expect(difference).toBeCloseTo(0.2, 6);
    expect(low).toBeCloseTo(0.0524, 4);
    expect(high).toBeCloseTo(0.3339, 4);
  });

  it('say that there is not enough to say, rather than nothing', () => {
    expect(compareRates({ n: 0, k: 0 }, { n: 500, k: 40 }).enough).toBe(false);
    expect(compareRates({ n: 5_000, k: 300 }, { n: 40, k: 1 }).enough).toBe(false);
    expect(compareRates({ n: 5_000, k: 6 }, { n: 5_000, k: 1 }).enough).toBe(false);
    const clear = compareRates({ n: 5_000, k: 400 }, { n: 5_000, k: 250 });
    expect([clear.enough, isClear(clear)]).toEqual([true, true]);
    const chance = compareRates({ n: 5_000, k: 260 }, { n: 5_000, k: 250 });
    expect([chance.enough, isClear(chance)]).toEqual([true, false]);
  });

  it('hold their interval 19 times of 20, also where few do it', () => {
    // A fixed sequence, so that the test is the same each time.
    let state = 7;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const drawn = (n: number, rate: number) => ({
      n,
      k: Array.from({ length: n }, random).filter((each) => each < rate).length,
    });
    let held = 0;
    for (let i = 0; i < 400; i++) {
      const { low, high } = compareRates(drawn(800, 0.03), drawn(200, 0.02));
      if (low <= 0.01 && 0.01 <= high) held += 1;
    }
    expect(held / 400).toBeGreaterThan(0.92);
    expect(held / 400).toBeLessThan(0.99);
  });
});

describe('two means', () => {
  const spread = (n: number, from: number) => sampleOf(Array.from({ length: n }, (_, i) => from + (i % 10)));

  it('differ by what they differ by, within an interval that more members narrow', () => {
    const few = compareMeans(spread(100, 12), spread(100, 10));
    const many = compareMeans(spread(10_000, 12), spread(10_000, 10));
    expect(few.difference).toBeCloseTo(2, 9);
    expect(many.high - many.low).toBeLessThan((few.high - few.low) / 9);
    expect(isClear(many)).toBe(true);
    // By hand: variance 8.25 × 100/99, of two groups of a hundred.
    expect(few.high - 2).toBeCloseTo(1.959964 * Math.sqrt((2 * (8.25 * 100)) / 99 / 100), 6);
  });

  it('say that there is not enough to say where a group is small or all are alike', () => {
    expect(compareMeans(spread(1, 1), spread(100, 1)).enough).toBe(false);
    expect(compareMeans(spread(99, 1), spread(1_000, 1)).enough).toBe(false);
    expect(compareMeans(spread(1_000, 1), sampleOf(Array<number>(1_000).fill(0))).enough).toBe(false);
  });
});
