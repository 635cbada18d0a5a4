import { beforeEach, expect, it } from 'vitest';
import { HandTimers } from '#lib/testing/timers.ts';
import { Painter } from './painter.ts';

type Paint = { what: 'first' | 'all'; at: number; value: number };

let time: HandTimers;
let painted: Paint[];
let value: number;
let painter: Painter;

beforeEach(() => {
  time = new HandTimers();
  painted = [];
  value = 0;
  painter = new Painter((what) => painted.push({ what, at: time.now(), value }), time);
});

const change = (to: number, first = true) => {
  value = to;
  painter.request(first);
};
const of = (what: Paint['what']) => painted.filter((paint) => paint.what === what);

it('shows the headline at once when it was quiet, and the rest with what came along', () => {
  const began = time.now();
  change(1);
  expect(painted).toEqual([{ what: 'first', at: began, value: 1 }]);
  change(2, false);
  time.pass(25);
  expect(painted.at(-1)).toEqual({ what: 'all', at: began + 25, value: 2 });
  time.pass(10_000);
  expect(painted).toHaveLength(2);
  expect(time.waiting).toBe(0);
});

it('does not keep the next sale waiting', () => {
  change(1);
  time.pass(20);
  change(2);
  expect(of('first').map((paint) => paint.value)).toEqual([1, 2]);
});

it('in a storm shows the rest twice a second and the headline more often, and shows what came last', () => {
  const seconds = 10;
  for (let i = 1; i <= seconds * 100; i++) {
    change(i, i % 2 === 0);
    time.pass(10);
  }
  expect(of('all').length).toBeLessThanOrEqual(seconds * 2 + 1);
  expect(of('all').length).toBeGreaterThan(seconds * 2 - 2);
  expect(of('first').length).toBeLessThanOrEqual((seconds * 1000) / 50 + 3);
  expect(of('first').length).toBeGreaterThan(seconds * 15);
  time.pass(500);
  expect(painted.at(-1)?.value).toBe(1000);
});

it('is at once again after a rest', () => {
  for (let i = 0; i < 50; i++) {
    change(i);
    time.pass(10);
  }
  time.pass(2000);
  const before = of('first').length;
  change(99);
  expect(of('first').length).toBe(before + 1);
});

it('shows a snapshot at once', () => {
  change(1, false);
  painter.flush();
  expect(painted.map((paint) => paint.what)).toEqual(['all']);
  time.pass(1000);
  expect(painted).toHaveLength(1);
});

it('paints nothing after it was stopped', () => {
  for (let i = 1; i <= 9; i++) change(i);
  painter.stop();
  const before = painted.length;
  time.pass(1000);
  expect(painted).toHaveLength(before);
});
