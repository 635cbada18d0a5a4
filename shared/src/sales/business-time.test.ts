import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BusinessTime } from './business-time.ts';

const HOUR = 3_600_000;
const zones = [
  'Asia/Shanghai',
  'Europe/London',
  'America/New_York',
  'Asia/Kolkata',
  'Australia/Lord_Howe',
  'Asia/Kathmandu',
  'America/St_Johns',
  'America/Santiago',
  'Pacific/Apia',
  'UTC',
];
const times = new Map(zones.map((zone) => [zone, new BusinessTime(zone)]));
const zone = fc.constantFrom(...zones);
/** Apia had no 30 December 2011: these are later. */
const instant = fc.integer({ min: Date.UTC(2015, 0), max: Date.UTC(2035, 0) });
/** What the platform says about the wall clock, independent of our offsets. */
const wallDay = (ms: number, timeZone: string) =>
  new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    ms,
  );

describe('business time', () => {
  test('a day is the date on the wall', () => {
    fc.assert(
      fc.property(zone, instant, (name, ms) => {
        expect(times.get(name)!.day(ms)).toBe(wallDay(ms, name));
      }),
    );
  });

  test('a day starts at its first instant', () => {
    fc.assert(
      fc.property(zone, instant, (name, ms) => {
        const time = times.get(name)!;
        const day = time.day(ms);
        const start = time.start(day);
        expect(start).toBeLessThanOrEqual(ms);
        expect(time.day(start)).toBe(day);
        expect(time.day(start - 1)).not.toBe(day);
      }),
    );
  });

  test('shifting there and back is the same day, and the next day starts when this one ends', () => {
    fc.assert(
      fc.property(zone, instant, fc.integer({ min: -800, max: 800 }), (name, ms, days) => {
        const time = times.get(name)!;
        const day = time.day(ms);
        expect(time.shift(time.shift(day, days), -days)).toBe(day);
        const next = time.start(time.shift(day, 1));
        expect(next).toBeGreaterThan(ms);
        expect(time.day(next - 1)).toBe(day);
      }),
    );
  });

  test('an hour begins on the wall at minute 0 and holds its instant', () => {
    fc.assert(
      fc.property(zone, instant, (name, ms) => {
        const time = times.get(name)!;
        const hour = time.hour(ms);
        expect(hour).toBeLessThanOrEqual(ms);
        expect(ms - hour).toBeLessThan(HOUR);
        if (time.offset(hour) === time.offset(ms)) expect((hour + time.offset(hour)) % HOUR).toBe(0);
      }),
    );
  });

  test.each([
    { name: 'Europe/London', day: '2026-03-29', hours: 23 },
    { name: 'Europe/London', day: '2026-10-25', hours: 25 },
    { name: 'America/New_York', day: '2026-11-01', hours: 25 },
    { name: 'Australia/Lord_Howe', day: '2026-10-04', hours: 23.5 },
    { name: 'Asia/Shanghai', day: '2026-10-25', hours: 24 },
    // Midnight is skipped: the day begins at one o'clock.
    { name: 'America/Santiago', day: '2026-09-06', hours: 23 },
  ])('$day in $name has $hours hours', ({ name, day, hours }) => {
    const time = times.get(name)!;
    expect((time.start(time.shift(day, 1)) - time.start(day)) / HOUR).toBe(hours);
  });

  test('half-hour zones', () => {
    const kolkata = times.get('Asia/Kolkata')!;
    expect(kolkata.start('2026-05-01')).toBe(Date.UTC(2026, 3, 30, 18, 30));
    expect(kolkata.hour(Date.UTC(2026, 3, 30, 18, 45))).toBe(Date.UTC(2026, 3, 30, 18, 30));
  });

  test('an unknown zone is refused', () =>
    expect(() => new BusinessTime('Mars/Olympus')).toThrow(RangeError));
});
