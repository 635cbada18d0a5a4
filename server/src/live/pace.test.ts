import { expect, test } from 'vitest';
import { Pace } from './pace.ts';

/** Takes as soon as it may, asked each millisecond; answers when. */
function taken(pace: Pace, from: number, to: number): number[] {
  const at: number[] = [];
  for (let now = from; now < to; now++)
    if (pace.wait(now) <= 0) {
      pace.take(now);
      at.push(now);
    }
  return at;
}

test('what comes after a rest goes at once, a few in a row', () => {
  expect(taken(new Pace(50, 3), 1000, 1003)).toEqual([1000, 1001, 1002]);
});

test('a storm goes at the pace, and says how long to wait', () => {
  const pace = new Pace(50, 3);
  expect(taken(pace, 0, 10_000)).toHaveLength(202);
  pace.take(10_000);
  const wait = pace.wait(10_000);
  expect(wait).toBeGreaterThan(0);
  expect(pace.wait(10_000 + wait)).toBeCloseTo(0);
});

test('what was given back is there for the next', () => {
  const pace = new Pace(50, 1);
  pace.take(1000);
  expect(pace.wait(1000)).toBe(50);
  pace.giveBack();
  expect(pace.wait(1000)).toBe(0);
});

test('after a storm a rest gives back no more than the few', () => {
  const pace = new Pace(50, 2);
  taken(pace, 0, 1000);
  expect(taken(pace, 60_000, 60_003)).toHaveLength(2);
});
