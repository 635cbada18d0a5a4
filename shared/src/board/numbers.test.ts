import { describe, expect, it } from 'vitest';
import {
  change,
  compactParts,
  joinParts,
  majorUnits,
  moneyParts,
  percent,
  UNKNOWN,
  wholeParts,
} from './numbers.ts';

const zh = (value: number | null, digits?: number) => joinParts(compactParts(value, 'zh-CN', digits));
const en = (value: number | null, digits?: number) => joinParts(compactParts(value, 'en', digits));

describe('short numbers', () => {
  it.each([
    [0, '0'],
    [9_999, '9,999'],
    [9_999.6, '1.0万'],
    [12_345, '1.2万'],
    [4_113_602, '411.4万'],
    [99_999_999, '1.0亿'],
    [96_000_000, '9,600.0万'],
    [123_456_789, '1.2亿'],
    [-52_000, '\u22125.2万'],
  ])('in Chinese: %d is %s', (value, text) => expect(zh(value)).toBe(text));
  it.each([
    [999, '999'],
    [1_000, '1.0k'],
    [41_200, '41.2k'],
    [4_113_602, '4.1M'],
    [1_500_000_000, '1.5B'],
  ])('in English: %d is %s', (value, text) => expect(en(value)).toBe(text));
  it('keeps the decimals it is told, so that columns align', () => expect(zh(50_000, 2)).toBe('5.00万'));
  it('leaves out decimals that say nothing, where it may', () => {
    expect(joinParts(compactParts(5_000_000, 'zh-CN', 'fit'))).toBe('500万');
    expect(joinParts(compactParts(5_260_000, 'en', 'fit'))).toBe('5.3M');
  });
  it('keeps the unit apart from the value', () =>
    expect(compactParts(412_000, 'zh-CN')).toEqual({ sign: '', symbol: '', value: '41.2', unit: '万' }));
});

describe('money', () => {
  it('is in minor units', () => expect(majorUnits(123_45, 'CNY')).toBe(123.45));
  it('of yen has none', () => expect(majorUnits(500, 'JPY')).toBe(500));
  it.each([
    ['compact', '¥41.2万'],
    ['whole', '¥412,346'],
    ['exact', '¥412,345.67'],
  ] as const)('%s', (style, text) =>
    expect(joinParts(moneyParts(412_345_67, 'CNY', 'zh-CN', style))).toBe(text),
  );
  it('in pounds', () => expect(joinParts(moneyParts(-1050, 'GBP', 'en', 'exact'))).toBe('\u2212£10.50'));
  it('that rounds to nothing has no sign', () =>
    expect(joinParts(moneyParts(-20, 'CNY', 'en', 'whole'))).toBe('¥0'));
});

describe('what is unknown', () => {
  it('is a dash in every style, with neither symbol nor zero', () => {
    for (const style of ['compact', 'whole', 'exact'] as const) {
      expect(joinParts(moneyParts(null, 'CNY', 'zh-CN', style))).toBe(UNKNOWN);
    }
    expect(joinParts(wholeParts(undefined, 'en'))).toBe(UNKNOWN);
    expect(percent(null, 'en')).toBe(UNKNOWN);
    expect(change(null, 'en')).toBeNull();
    expect(change(Infinity, 'en')).toBeNull();
  });
});

describe('a comparison', () => {
  it.each([
    [0.124, 'up', '12.4%'],
    [-0.0312, 'down', '3.1%'],
    [0.0004, 'flat', '0.0%'],
    [0, 'flat', '0.0%'],
    [1.522, 'up', '152%'],
    [11, 'up', '×12'],
  ])('%d', (ratio, direction, text) => expect(change(ratio, 'zh-CN')).toEqual({ direction, text }));
});
