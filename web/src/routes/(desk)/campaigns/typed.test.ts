import { describe, expect, it } from 'vitest';
import { amountOf, amountText, percentOf, percentText } from './typed.ts';

describe('what is typed', () => {
  it('is an amount as people write it, with no fraction of a 分', () => {
    expect(amountOf('1,000.50', 100)).toBe(100_050);
    expect(amountOf(' ', 100)).toBeNull();
    expect(amountOf('0.005', 100)).toBeNaN();
    for (const minor of [0, 1, 29, 115, 100_050, 99_999_999_999])
      expect(amountOf(amountText(minor, 100), 100)).toBe(minor);
    expect(amountText(null, 100)).toBe('');
  });

  it('is a share as its language says it', () => {
    expect(percentOf('10', true)).toBeNaN();
    expect(percentOf('0', true)).toBe(100);
    for (let percent = 1; percent <= 100; percent++)
      for (const chinese of [true, false])
        expect(percentOf(percentText(percent, chinese), chinese)).toBe(percent);
  });
});
