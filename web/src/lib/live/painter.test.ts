import { beforeEach, expect, it } from 'vitest';
import { HandTimers } from '#lib/testing/timers.ts';
import { Painter } from './painter.ts';

let time: HandTimers;
let painted: { at: number; value: number }[];
let value: number;
let painter: Painter;

beforeEach(() => {
  time = new HandTimers();
  painted = [];
  value = 0;
  painter = new Painter(() => painted.push({ at: time.now(), value }), time);
});

const change = (to: number) => {
  value = to;
  painter.request();
};

it('shows the first change at once when it was quiet', () => {
  change(1);
  expect(painted).toEqual([{ at: time.now(), value: 1 }]);
});

it('never paints twice in one frame', () => {
  change(1);
  change(2);
  expect(painted).toHaveLength(1);
  time.pass(16);
  expect(painted.map((paint) => paint.value)).toEqual([1, 2]);
});

it('paints at most eight times a second in a storm, and shows what came last', () => {
  for (let i = 1; i <= 1000; i++) {
    change(i);
    time.pass(10);
  }
  const seconds = 10;
  expect(painted.length).toBeLessThanOrEqual(seconds * 8 + 3);
  expect(painted.length).toBeGreaterThan(seconds * 7);
  time.pass(125);
  expect(painted.at(-1)?.value).toBe(1000);
});

it('rests when nothing changes', () => {
  change(1);
  change(2);
  time.pass(10_000);
  expect(painted).toHaveLength(2);
  expect(time.waiting).toBe(0);
});

it('is at once again after a rest', () => {
  for (let i = 0; i < 50; i++) {
    change(i);
    time.pass(10);
  }
  time.pass(2000);
  const before = painted.length;
  change(99);
  expect(painted.length).toBe(before + 1);
});

it('paints nothing after it was stopped', () => {
  change(1);
  change(2);
  painter.stop();
  time.pass(1000);
  expect(painted).toHaveLength(1);
});
