import { expect, it } from 'vitest';
import { passes, waitMs } from './fan-out.ts';

const failure = (code: unknown) => Object.assign(new Error('x'), { code });

it('what passes is told from what does not', () => {
  for (const code of ['40001', '40P01', '53100', '53200', '53300', '55P03', '57014'])
    expect(passes(failure(code)), code).toBe(true);
  for (const code of ['23505', '23514', '55006', '57P01', '42P01', '22003', 40001, undefined])
    expect(passes(failure(code)), String(code)).toBe(false);
  expect(passes(new Error('40001'))).toBe(false);
  expect(passes('40001')).toBe(false);
});

it('a range waits a second at first and a minute at most, however often it was put off', () => {
  expect([0, 1, 2, 5, 6, 7, 10_000].map(waitMs)).toEqual([
    1_000, 2_000, 4_000, 32_000, 60_000, 60_000, 60_000,
  ]);
});
