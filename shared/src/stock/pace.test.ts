import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PACE_MINUTES, paceAfter, paceNow, sellsOutAt } from './pace.ts';

const MINUTE = 60_000;

describe('pace', () => {
  test('a steady sale is found, and forgotten when it stops', () => {
    let perHour = 0;
    for (let minute = 0; minute < 90; minute++)
      perHour = paceAfter(perHour, minute * MINUTE, 2, (minute + 1) * MINUTE);
    expect(perHour).toBeCloseTo(120, 0);
    expect(paceNow(perHour, 0, PACE_MINUTES * MINUTE)).toBeCloseTo(120 / Math.E, 0);
  });

  test('looking seldom or often ends in the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 40 }), fc.integer({ min: 0, max: 50 }), (minutes, perMinute) => {
        let often = 10;
        for (let minute = 0; minute < minutes; minute++)
          often = paceAfter(often, minute * MINUTE, perMinute, (minute + 1) * MINUTE);
        const once = paceAfter(10, 0, perMinute * minutes, minutes * MINUTE);
        expect(often).toBeCloseTo(once, 6);
      }),
    );
  });

  test('a correction downwards is no negative sale', () => {
    expect(paceAfter(10, 0, -5, MINUTE)).toBeCloseTo(paceNow(10, 0, MINUTE));
  });

  test('tells when the last piece goes', () => {
    expect(sellsOutAt(30, 20, 1000)).toBe(1000 + 1.5 * 3_600_000);
    expect(sellsOutAt(30, 0, 1000)).toBeNull();
    expect(sellsOutAt(0, 20, 1000)).toBe(1000);
  });
});
