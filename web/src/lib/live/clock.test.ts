import { beforeEach, expect, it } from 'vitest';
import { HandTimers } from '#lib/testing/timers.ts';
import { ServerClock } from './clock.ts';

const START = Date.parse('2026-03-01T00:00:00Z');
let time: HandTimers;
let clock: ServerClock;
/** The server's clock when the test's own says `now`. */
const server = () => START + time.now();

beforeEach(() => {
  time = new HandTimers();
  clock = new ServerClock(() => time.now());
});

const pulses = (count: number, delay = 0) => {
  for (let i = 0; i < count; i++) {
    time.pass(1000);
    clock.hear(server() - delay);
  }
};

it('knows nothing before the first pulse', () => expect(clock.now()).toBeNull());

it('counts on between pulses', () => {
  pulses(1);
  time.pass(400);
  expect(clock.now()).toBe(server());
});

it('is not moved by one late pulse', () => {
  pulses(9);
  pulses(1, 900);
  expect(clock.now()).toBe(server());
  pulses(1, 30_000);
  expect(clock.now()).toBe(server());
});

it('follows when the screen slept and its monotonic clock stood still', () => {
  pulses(9);
  const offsetBySleep = 3_600_000;
  clock.hear(server() + offsetBySleep);
  time.pass(1000);
  clock.hear(server() + offsetBySleep);
  expect(clock.now()).toBe(server() + offsetBySleep);
});
