import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { shareOut } from './share-out.ts';

const amounts = fc.array(fc.integer({ min: 0, max: 100_000_000_000 }), { minLength: 1, maxLength: 30 });
const total = fc.integer({ min: 0, max: 100_000_000_000 });
const sum = (list: readonly number[]) => list.reduce((all, one) => all + one, 0);

describe('shareOut', () => {
  test('parts are whole, not negative, and add up to the total exactly', () => {
    fc.assert(
      fc.property(total, amounts, (all, weights) => {
        const parts = shareOut(
          all,
          weights,
          weights.map(() => 1),
        );
        expect(parts).toHaveLength(weights.length);
        expect(sum(parts)).toBe(all);
        expect(parts.every((part) => Number.isSafeInteger(part) && part >= 0)).toBe(true);
      }),
    );
  });

  test('a part differs from its exact share by less than one, and larger weights get no less', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 1_000_000 }),
        fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 1, maxLength: 20 }),
        (all, weights) => {
          fc.pre(sum(weights) > 0);
          const parts = shareOut(all, weights, []);
          weights.forEach((weight, i) => {
            expect(Math.abs(parts[i]! - (all * weight) / sum(weights))).toBeLessThan(1);
            weights.forEach((other, j) => {
              if (weight > other) expect(parts[i]).toBeGreaterThanOrEqual(parts[j]!);
            });
          });
        },
      ),
    );
  });

  test.each([
    { all: 100, weights: [1, 1, 1], fallback: [], parts: [34, 33, 33] },
    { all: 5, weights: [2, 1], fallback: [], parts: [3, 2] },
    { all: 30, weights: [10, 20], fallback: [], parts: [10, 20] },
    { all: 9, weights: [0, 0], fallback: [2, 1], parts: [6, 3] },
    { all: 9, weights: [0, 0], fallback: [0, 0], parts: [9, 0] },
    { all: 0, weights: [5, 5], fallback: [], parts: [0, 0] },
    { all: 7, weights: [], fallback: [], parts: [] },
  ])('$all over $weights is $parts', ({ all, weights, fallback, parts }) => {
    expect(shareOut(all, weights, fallback)).toEqual(parts);
  });
});
