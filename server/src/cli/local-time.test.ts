import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { instantOf } from './local-time.ts';

const london = new BusinessTime('Europe/London');
const iso = (at: number | null) => (at === null ? null : new Date(at).toISOString());

describe('instantOf', () => {
  it.each([
    ['2010-12-01 08:26:00', '2010-12-01T08:26:00.000Z'],
    ['2011-07-01 08:26:00', '2011-07-01T07:26:00.000Z'],
    ['2011-07-01T08:26', '2011-07-01T07:26:00.000Z'],
    ['2011-07-01', '2011-06-30T23:00:00.000Z'],
    // The last second before and the first after the clocks go forward, on 27 March 2011 at 01:00.
    ['2011-03-27 00:59:59', '2011-03-27T00:59:59.000Z'],
    ['2011-03-27 02:00:00', '2011-03-27T01:00:00.000Z'],
    // 01:30 does not exist: read as before the change.
    ['2011-03-27 01:30:00', '2011-03-27T01:30:00.000Z'],
    // 01:30 comes twice on 30 October 2011: the first, still in summer time.
    ['2011-10-30 01:30:00', '2011-10-30T00:30:00.000Z'],
    ['2011-10-30 02:00:00', '2011-10-30T02:00:00.000Z'],
  ])('reads %s in London', (text, expected) => {
    expect(iso(instantOf(text, london))).toBe(expected);
  });

  it.each([
    '',
    'yesterday',
    '2011-02-30 10:00',
    '2011-13-01',
    '2011-01-01 25:00',
    '2011-01-01 00:75',
    '01/12/2010 8:26',
  ])('refuses %j', (text) => {
    expect(instantOf(text, london)).toBeNull();
  });

  it('goes back to the same local time, for every zone and minute that exists', () => {
    const zones = [
      'Europe/London',
      'Asia/Shanghai',
      'America/New_York',
      'Australia/Lord_Howe',
      'Asia/Kathmandu',
    ];
    const clocks = zones.map((zone) => ({
      zone: new BusinessTime(zone),
      show: new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' }),
    }));
    fc.assert(
      fc.property(
        fc.constantFrom(...clocks),
        fc.integer({ min: 15e6, max: 32e6 }),
        ({ zone, show }, minutes) => {
          const at = minutes * 60_000;
          const read = instantOf(show.format(at), zone);
          // In the hour that comes twice it is the first.
          expect(read !== null && at - read >= 0 && at - read <= 3_600_000).toBe(true);
          expect(show.format(read ?? 0)).toBe(show.format(at));
        },
      ),
    );
  });
});
