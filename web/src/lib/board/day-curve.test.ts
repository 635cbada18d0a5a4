import { describe, expect, it } from 'vitest';
import { atHours, dayCurve, firstHour } from './day-curve.ts';

const flat = (value: number) => () => value;
const nothing = () => undefined;

describe('the curve of the day', () => {
  it('ends at this moment, with the unfinished bucket in it', () => {
    const curve = dayCurve({ today: flat(10), yesterday: flat(20) }, 288, 1 + 2.5 / 60);
    expect(curve.today.at(-1)).toEqual({ x: 1 + 2.5 / 60, y: 130 });
    expect(curve.today).toHaveLength(14);
  });
  it('compares with yesterday at the same moment, within a bucket', () => {
    const curve = dayCurve({ today: nothing, yesterday: flat(24) }, 288, 12 + 2.5 / 60);
    expect(curve.yesterdayNow).toBeCloseTo(144.5 * 24);
    expect(curve.dayShare).toBeCloseTo(144.5 / 288);
    expect(curve.yesterday.at(-1)).toEqual({ x: 24, y: 288 * 24 });
  });
  it('has nothing to compare with when there was no yesterday', () => {
    const curve = dayCurve({ today: flat(1), yesterday: nothing }, 288, 3);
    expect([curve.yesterday, curve.yesterdayNow, curve.dayShare]).toEqual([[], null, null]);
  });
  it('stops at the end of the day, also of one of 25 hours', () => {
    const curve = dayCurve({ today: flat(1), yesterday: flat(1) }, 300, 99);
    expect(curve.today.at(-1)).toEqual({ x: 25, y: 300 });
    expect(curve.dayShare).toBe(1);
  });
  it('goes down where refunds were larger than sales', () => {
    const curve = dayCurve({ today: (i) => (i === 0 ? 5 : -2), yesterday: nothing }, 288, 10 / 60);
    expect(curve.today.map((point) => point.y)).toEqual([0, 5, 3]);
  });
});

it('keeps the whole hours and the last point for the table', () => {
  const { today } = dayCurve({ today: flat(1), yesterday: nothing }, 288, 2.25);
  expect(atHours(today).map((point) => point.x)).toEqual([0, 1, 2, 2.25]);
});

describe('the picture begins', () => {
  /** Nothing before nine in the morning. */
  const shop = (i: number) => (i < 108 ? 0 : 10);
  it('when the day wakes up, at a multiple of three', () =>
    expect(firstHour(dayCurve({ today: shop, yesterday: shop }, 288, 20))).toBe(9));
  it('at midnight while today itself is in the night', () =>
    expect(firstHour(dayCurve({ today: shop, yesterday: shop }, 288, 2))).toBe(0));
  it('at midnight where the night sells too', () =>
    expect(firstHour(dayCurve({ today: flat(1), yesterday: flat(1) }, 288, 20))).toBe(0));
  it('at midnight without a yesterday to tell', () =>
    expect(firstHour(dayCurve({ today: shop, yesterday: nothing }, 288, 20))).toBe(0));
});
