import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ahead, findLevel, learnPanel } from './level.ts';
import { forecastSeries } from './series.ts';

const season = [0.5, 0.8, 1, 1.2, 1.3, 1.4, 1.3, 1.2, 1.1, 0.9, 0.7, 0.6];

/** Numbers that look random and are the same every time, 0 to 1. */
const noise = (seed: number) => {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
};

describe('a series', () => {
  test('with season and growth goes on as it did, within a narrow band', () => {
    const values = Array.from({ length: 72 }, (_, t) => (300 + 2 * t) * season[t % 12]!);
    const { mean, low, high } = forecastSeries(values, { horizon: 12, period: 12 });
    for (let h = 0; h < 12; h++) {
      const expected = (300 + 2 * (72 + h)) * season[h]!;
      expect(Math.abs(mean[h]! / expected - 1)).toBeLessThan(0.05);
      expect(high[h]! - low[h]!).toBeLessThan(0.25 * expected);
    }
  });

  test('is forecast mostly by what did well on its last values', () => {
    // A walk has neither season nor line: what follows the last value wins over what returns to a line.
    const next = noise(3);
    const values = [500];
    while (values.length < 90) values.push(values.at(-1)! + 20 * (next() - 0.5));
    const { mean } = forecastSeries(values, { horizon: 1, period: 1 });
    expect(Math.abs(mean[0]! - values.at(-1)!)).toBeLessThan(15);
  });

  test('of any shape has an ordered band without a negative number, unless it had negative values itself', () => {
    const values = fc.array(
      fc.oneof(fc.integer({ min: 0, max: 9 }), fc.constant(0), fc.integer({ min: 0, max: 9_999 })),
      {
        maxLength: 60,
      },
    );
    fc.assert(
      fc.property(values, fc.constantFrom(1, 4, 12), (series, period) => {
        const { mean, low, high } = forecastSeries(series, { horizon: 9, period });
        for (let h = 0; h < 9; h++) {
          expect([low[h], mean[h], high[h]].every(Number.isFinite)).toBe(true);
          expect(low[h]).toBeGreaterThanOrEqual(0);
          expect(mean[h]).toBeGreaterThanOrEqual(low[h]!);
          expect(high[h]).toBeGreaterThanOrEqual(mean[h]!);
        }
      }),
      { numRuns: 60 },
    );
    const falling = Array.from({ length: 40 }, (_, t) => 20 - 2 * t);
    expect(forecastSeries(falling, { horizon: 3, period: 1 }).mean[2]).toBeLessThan(-55);
  });
});

describe('a level', () => {
  const options = { horizon: 6, bucket: 1 };

  test('does not see what is not usable', () => {
    const values = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 20 }), fc.boolean(), fc.integer({ min: 0, max: 999 })),
      {
        minLength: 3,
        maxLength: 80,
      },
    );
    fc.assert(
      fc.property(values, (rows) => {
        const usable = Uint8Array.from(rows, ([, ok]) => (ok ? 1 : 0));
        const seen = rows.map(([value]) => value);
        const other = rows.map(([value, ok, garbage]) => (ok ? value : garbage));
        expect(findLevel(other, usable, options)).toEqual(findLevel(seen, usable, options));
      }),
    );
  });

  test('weighs methods by the series’ own past: one that jumped is followed fast', () => {
    const jumped = [...new Array<number>(40).fill(10), ...new Array<number>(20).fill(30)];
    const { weights, level } = findLevel(jumped, undefined, options);
    expect(level).toBeGreaterThan(26);
    // ses 0.3 against ses 0.02
    expect(weights[4]).toBeGreaterThan(5 * weights[0]!);
  });

  test('takes from the panel what one series cannot know: that all of them fade away', () => {
    const next = noise(7);
    const fading = Array.from({ length: 400 }, () =>
      Array.from({ length: 48 }, (_, t) => (next() < 0.5 * 0.97 ** t ? 1 + Math.floor(next() * 3) : 0)),
    );
    const [train, test] = [
      fading.map((values) => values.slice(0, 36)),
      fading.map((values) => values.slice(36)),
    ];
    const panel = learnPanel(train, { horizon: 12, bucket: 1 });
    expect(Math.max(...panel!.drift)).toBeLessThan(1);
    const biasOf = (with_: typeof panel) => {
      let [expected, came] = [0, 0];
      for (const [i, values] of train.entries()) {
        const { level, trend } = findLevel(values, undefined, { horizon: 12, bucket: 1, panel: with_ });
        for (let h = 0; h < 12; h++) expected += ahead(level, trend, h, 1);
        came += test[i]!.reduce((sum, value) => sum + value, 0);
      }
      return expected / came - 1;
    };
    expect(biasOf(undefined)).toBeGreaterThan(0.4);
    expect(Math.abs(biasOf(panel))).toBeLessThan(0.15);
  });
});
