import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDecimal, fromUnits, minus, parseDecimal, plus, times, toUnits } from './decimal.ts';

const read = (text: string) => parseDecimal(text) ?? { digits: -1n, scale: 99 };

describe('decimals', () => {
  it.each(['0', '12', '-3', '2.55', '-11062.06', '0.001', '.5'])('read %s', (text) => {
    expect(Number(formatDecimal(read(text)))).toBe(Number(text));
  });

  it.each(['', '-', '.', '1,5', '1e3', 'abc', '--2', '1.2.3', '£3'])('refuse %j', (text) => {
    expect(parseDecimal(text)).toBeNull();
  });

  it.each([
    ['2.55', 255],
    ['0.001', 0],
    ['0.005', 1],
    ['-0.005', -1],
    ['0.0049999', 0],
    ['-11062.06', -1_106_206],
    ['38970', 3_897_000],
  ])('%s is %d pence', (text, pence) => {
    expect(toUnits(read(text), 2)).toBe(pence);
  });

  it('count exactly where binary fractions do not', () => {
    expect(formatDecimal(plus(read('0.1'), read('0.2')))).toBe('0.3');
    expect(formatDecimal(times(read('74215'), read('1.04')))).toBe('77183.60');
    expect(formatDecimal(minus(read('1'), read('0.001')))).toBe('0.999');
  });

  it('agree with whole numbers for any amounts of pence', () => {
    const pence = fc.integer({ min: -1e9, max: 1e9 });
    fc.assert(
      fc.property(pence, pence, fc.integer({ min: -9999, max: 9999 }), (a, b, n) => {
        expect(toUnits(read((a / 100).toFixed(2)), 2)).toBe(a);
        expect(toUnits(plus(fromUnits(a, 2), fromUnits(b, 2)), 2)).toBe(a + b);
        expect(toUnits(times(fromUnits(a, 2), fromUnits(n, 0)), 2)).toBe(a * n + 0); // + 0: no minus zero
      }),
    );
  });

  it('say so where a number is too large', () => {
    expect(() => toUnits(read('99999999999999999'), 2)).toThrow(RangeError);
  });
});
