import { describe, expect, it } from 'vitest';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { HALF, isHalf, momentOf, typedMoment } from './moment.ts';

describe('a moment that is typed', () => {
  it('is on the company’s clock, wherever the screen is', () => {
    const shanghai = new BusinessTime('Asia/Shanghai');
    expect(momentOf('2026-12-01T00:30', shanghai)).toBe('2026-11-30T16:30:00.000Z');
    expect(typedMoment('2026-11-30T16:30:45Z', shanghai)).toBe('2026-12-01T00:30');
    expect(momentOf('', shanghai)).toBeNull();
    expect(typedMoment(null, shanghai)).toBe('');
  });

  it('is right on both sides of a clock change', () => {
    const newYork = new BusinessTime('America/New_York');
    // Clocks go from 2:00 to 3:00 on 8 March, and from 2:00 back to 1:00 on 1 November.
    for (const text of [
      '2026-03-07T23:30',
      '2026-03-08T01:59',
      '2026-03-08T03:00',
      '2026-11-01T00:59',
      '2026-11-01T02:00',
    ])
      expect(typedMoment(momentOf(text, newYork), newYork)).toBe(text);
  });

  it('without its time is none', () => {
    expect(isHalf(HALF)).toBe(true);
    expect(isHalf('')).toBe(false);
    expect(momentOf(HALF, new BusinessTime('UTC'))).toBeNull();
  });
});
