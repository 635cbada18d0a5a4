import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { croston, patternOf, sba, tsb } from './intermittent.ts';
import { minimise } from './minimise.ts';
import { adjust, isSeasonal, seasonalIndices } from './seasonality.ts';
import { dampedTrend, holt, holtWinters, seasonalNaive, ses, winters } from './smoothing.ts';
import { line, optimisedTheta, theta, thetaLine } from './theta.ts';

/** Flow of the Nile at Aswan, 1871 to 1970, 10⁸ m³ (Cobb 1978): what local level models are tried on. */
const nile =
  `1120 1160 963 1210 1160 1160 813 1230 1370 1140 995 935 1110 994 1020 960 1180 799 958 1140 1100 1210 1150 1250
1260 1220 1030 1100 774 840 874 694 940 833 701 916 692 1020 1050 969 831 726 456 824 702 1120 1100 832 764 821 768 845 864
862 698 845 744 796 1040 759 781 865 845 944 984 897 822 1010 771 676 649 846 812 742 801 1040 860 874 848 890 744 749 838
1050 918 986 797 923 975 815 1020 906 901 1170 912 746 919 718 714 740`
    .split(/\s/)
    .map(Number);

const close = (values: ArrayLike<number>, expected: number[], digits = 6) => {
  expect(values.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(values[i]).toBeCloseTo(value, digits);
};

/** Twelve months with a mean of 1. */
const months = [0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.2, 1.1, 1, 0.9, 0.8];

test('minimise finds the floor of Rosenbrock’s valley, and a floor at a bound', () => {
  const valley = (p: Float64Array) => (1 - p[0]!) ** 2 + 100 * (p[1]! - p[0]! ** 2) ** 2;
  close(minimise(valley, [-1.2, 1], [-5, -5], [5, 5], 1000), [1, 1], 2);
  close(minimise(valley, [-1, 0], [-5, -5], [0.5, 5], 1000), [0.5, 0.25], 2);
});

describe('smoothing', () => {
  test('naive repeats the last season', () => {
    close(seasonalNaive([1, 2, 3, 4, 5], 3, 5), [3, 4, 5, 3, 4]);
    close(seasonalNaive([1, 2], 12, 3), [1, 2, 1]);
    close(seasonalNaive([], 12, 2), [0, 0]);
  });

  test('SES by hand, and of the Nile by least squares', () => {
    // 3 → 3 → 4 → 6.5
    const byHand = ses([3, 5, 9], 2, 0.5);
    close(byHand.mean, [6.5, 6.5]);
    expect(byHand.mse).toBeCloseTo((0 + 4 + 25) / 3, 9);
    // R: HoltWinters(Nile, gamma = FALSE, beta = FALSE) finds alpha 0.2465796 and level 805.0389.
    const { mean, parameters } = ses(nile, 1);
    expect(parameters['alpha']).toBeCloseTo(0.2466, 1);
    expect(Math.abs(mean[0]! - 805)).toBeLessThan(8);
  });

  test('damped Holt by hand', () => {
    // expected 10 + 0.5·2 = 11, error 1: level 11 + 0.4, trend 1 + 0.1; ahead 11.4 + 0.55, 11.4 + 0.825.
    const { mean, mse } = holt([12], { alpha: 0.4, beta: 0.1, phi: 0.5, level: 10, trend: 2 }, 2);
    close(mean, [11.95, 12.225]);
    expect(mse).toBeCloseTo(1, 9);
  });

  test('damped Holt follows a line for a while', () => {
    const { mean } = dampedTrend(
      Array.from({ length: 40 }, (_, t) => 100 + 5 * t),
      3,
    );
    for (const [h, value] of mean.entries()) expect(Math.abs(value - (300 + 5 * h))).toBeLessThan(3);
  });

  test('Holt-Winters by hand', () => {
    const start = { alpha: 0.5, beta: 0, gamma: 0.5, phi: 0.9, level: 10, trend: 0 };
    // 30 at index 2: expected 20, error 10: level 10 + 0.5·10/2 = 12.5, index 2 + 0.5·10/10 = 2.5; 0.5 at the other place.
    close(winters([30], { ...start, indices: Float64Array.of(2, 0.5) }, 2, false).mean, [6.25, 31.25]);
    // 16 at index +4: expected 14, error 2: level 11, index 5; −4 at the other place.
    close(winters([16], { ...start, indices: Float64Array.of(4, -4) }, 2, true).mean, [7, 16]);
  });

  test('Holt-Winters continues a pure season, multiplied and added', () => {
    const multiplied = Array.from({ length: 60 }, (_, t) => 200 * months[t % 12]!);
    close(
      holtWinters(multiplied, 12, 12, false).mean,
      months.map((index) => 200 * index),
      1,
    );
    close(
      holtWinters(multiplied, 12, 12, true).mean,
      months.map((index) => 200 * index),
      1,
    );
  });
});

describe('season', () => {
  const yearly = Array.from({ length: 48 }, (_, t) => (100 + t) * months[t % 12]!);

  test('is found where there is one, and only there', () => {
    expect(isSeasonal(yearly, 12)).toBe(true);
    expect(isSeasonal(nile, 12)).toBe(false);
    expect(isSeasonal(yearly.slice(0, 35), 12)).toBe(false);
  });

  test('indices are those that made the series, and mean 1 or 0', () => {
    close(seasonalIndices(yearly, 12), months, 2);
    const added = Array.from({ length: 48 }, (_, t) => 50 + 2 * t + 10 * (months[t % 12]! - 1));
    close(
      seasonalIndices(added, 12, true),
      months.map((index) => 10 * (index - 1)),
      6,
    );
  });

  test('is left alone where a value is not positive: ratios mean nothing there', () => {
    expect(adjust([...yearly.slice(0, 47), 0], 12).seasonal).toBe(false);
    expect(adjust(yearly, 12).seasonal).toBe(true);
  });
});

describe('theta', () => {
  test('line of least squares by hand', () => {
    expect(line([1, 2, 6])).toEqual({ origin: 0.5, slope: 2.5 });
    expect(line([4])).toEqual({ origin: 4, slope: 0 });
  });

  test('is simple smoothing with half the slope as drift (Hyndman and Billah 2003)', () => {
    const forecast = thetaLine(nile, 3);
    const { slope } = line(nile);
    expect(forecast[1]! - forecast[0]!).toBeCloseTo(slope / 2, 9);
    expect(forecast[2]! - forecast[1]!).toBeCloseTo(slope / 2, 9);
    // The drift from the smoothed level on: slope/2 · (1/alpha), with alpha as least squares finds it on the doubled line.
    const { origin } = line(nile);
    const doubled = nile.map((value, t) => 2 * value - origin - slope * t);
    expect(forecast[0]!).toBeCloseTo((ses(doubled, 1).mean[0]! + origin + slope * nile.length) / 2, 9);
  });

  test.each([
    ['standard', theta],
    ['optimised', optimisedTheta],
  ])('%s: continues a growing season', (_, method) => {
    const series = Array.from({ length: 72 }, (_, t) => (100 + t) * months[t % 12]!);
    const forecast = method(series, 12, 12);
    for (const [h, value] of forecast.entries())
      expect(Math.abs(value / ((172 + h) * months[h % 12]!) - 1)).toBeLessThan(0.06);
  });

  test('both stay at a constant', () => {
    close(theta(new Float64Array(40).fill(7), 12, 3), [7, 7, 7], 4);
    close(optimisedTheta(new Float64Array(40).fill(7), 12, 3), [7, 7, 7], 4);
  });
});

describe('intermittent demand', () => {
  const series = [0, 0, 2, 0, 3, 0, 0, 4];

  test('Croston and SBA by hand', () => {
    // Sizes 2, 2.1, 2.29; intervals 3, 2.9, 2.91.
    const { rate, size, rhythm } = croston(series, 0.1);
    close([size, rhythm, rate], [2.29, 2.91, 2.29 / 2.91]);
    expect(sba(series, 0.1).rate).toBeCloseTo((0.95 * 2.29) / 2.91, 9);
  });

  test('TSB by hand: it fades while nothing comes', () => {
    // Chance 1/3 → 1/6 → 7/12 → 7/24.
    expect(tsb([0, 2, 0], 0.5, 0.5)).toEqual({
      rate: expect.closeTo(7 / 12, 9),
      size: 2,
      rhythm: expect.closeTo(7 / 24, 9),
    });
    expect(tsb([...series, ...new Array<number>(50).fill(0)], 0.1, 0.1).rate).toBeLessThan(0.01);
    expect(croston([...series, ...new Array<number>(50).fill(0)], 0.1).rate).toBe(croston(series, 0.1).rate);
  });

  test('nothing sold: nothing expected', () => {
    for (const method of [croston([0, 0], 0.1), sba([], 0.1), tsb([0, 0], 0.1, 0.1)])
      expect(method.rate).toBe(0);
  });

  test('kinds, cut where Syntetos, Boylan and Croston cut', () => {
    expect(patternOf([5, 6, 5, 4]).kind).toBe('smooth');
    expect(patternOf([1, 20, 1, 30]).kind).toBe('erratic');
    expect(patternOf([0, 5, 0, 5]).kind).toBe('intermittent');
    expect(patternOf([0, 1, 0, 40]).kind).toBe('lumpy');
    expect(patternOf([0, 0]).kind).toBe('none');
  });

  test('rates lie between nothing and the largest demand', () => {
    const demands = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 60 });
    fc.assert(
      fc.property(demands, fc.double({ min: 0.01, max: 1, noNaN: true }), (values, alpha) => {
        for (const { rate } of [croston(values, alpha), sba(values, alpha), tsb(values, alpha, alpha)]) {
          expect(rate).toBeGreaterThanOrEqual(0);
          expect(rate).toBeLessThanOrEqual(Math.max(0, ...values) + 1e-9);
        }
      }),
    );
  });
});
