import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dayKinds, kindOf, makeCalendar, withPromotions } from './calendar.ts';
import { dayNo, dayText, weekdayOf } from './day.ts';
import { DemandLearner, forecastDemand } from './demand.ts';
import { historyOf } from './history.ts';
import { shareOut } from './share-out.ts';
import { compare, daysOf } from './view.ts';

const ordinary = { firstDay: 0, kinds: new Uint8Array(0) };
const sum = (values: Float64Array | number[]) => [...values].reduce((all, value) => all + value, 0);

/** Poisson numbers, the same every time. */
const poisson = (seed: number) => {
  let state = seed;
  const next = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  return (mean: number) => {
    let [count, product] = [0, next()];
    while (product > Math.exp(-mean)) [count, product] = [count + 1, product * next()];
    return count;
  };
};

describe('the calendar', () => {
  const calendar = makeCalendar('2024-01-01', '2030-12-31');
  const kind = (day: string) => dayKinds[kindOf(calendar, dayNo(day))];

  test.each(['2024-02-10', '2025-01-29', '2026-02-17', '2027-02-06', '2030-02-03'])(
    'knows the lunar new year of %s',
    (day) => {
      expect(kind(day)).toBe('spring festival');
      expect(kind(dayText(dayNo(day) + 6))).toBe('spring festival');
      expect(kind(dayText(dayNo(day) + 7))).not.toBe('spring festival');
      expect(kind(dayText(dayNo(day) - 5))).toBe('spring run-up');
    },
  );

  test.each([
    ['2024-09-17', 'holiday'],
    ['2026-09-25', 'holiday'],
    ['2026-06-19', 'holiday'],
    ['2024-04-04', 'holiday'],
    ['2027-04-05', 'holiday'],
    ['2026-10-01', 'golden week'],
    ['2026-06-18', '618'],
    ['2026-11-11', '11.11'],
    ['2026-11-05', '11.11 run-up'],
    ['2026-11-14', 'lull'],
    ['2026-08-19', 'lovers'],
    ['2028-05-28', 'holiday'],
    // The fifth of the fifth again, in a leap month.
    ['2028-06-27', 'ordinary'],
    ['2026-03-10', 'ordinary'],
  ])('%s is %s', (day, expected) => expect(kind(day)).toBe(expected));

  test('has no festival twice in a year with a leap month', () => {
    // 2025 has a second sixth month; the seventh of the seventh is on August 29, and only there.
    const lovers = Array.from({ length: 365 }, (_, at) => dayText(dayNo('2025-01-01') + at)).filter(
      (day) => kind(day) === 'lovers',
    );
    expect(lovers).toEqual(['2025-02-14', '2025-05-20', '2025-08-29']);
  });

  test('lets the company’s promotions win, and leaves the common calendar as it is', () => {
    const own = withPromotions(calendar, [{ from: '2026-11-10', to: '2026-11-12' }]);
    expect(dayKinds[kindOf(own, dayNo('2026-11-11'))]).toBe('promotion');
    expect(kind('2026-11-11')).toBe('11.11');
    expect(kindOf(calendar, dayNo('2031-01-01'))).toBe(0);
  });
});

describe('daily demand', () => {
  const firstDay = '2026-01-05';
  const options = { horizon: 28, calendar: ordinary };

  test('days without stock are not days without demand', () => {
    const inStock = Uint8Array.from({ length: 140 }, (_, t) => (t % 10 < 6 ? 1 : 0));
    const units = Float64Array.from(inStock, (ok) => 10 * ok);
    expect(forecastDemand({ firstDay, units, inStock }, options).rate).toBeCloseTo(10, 1);
    expect(forecastDemand({ firstDay, units }, options).rate).toBeLessThan(8);
    const reach = Float64Array.from(inStock, (ok) => (ok ? 1 : 0.5));
    const half = Float64Array.from(reach, (share) => 10 * share);
    expect(forecastDemand({ firstDay, units: half, reach }, options).rate).toBeCloseTo(10, 1);
  });

  test('knows the weekdays', () => {
    const units = Array.from({ length: 140 }, (_, t) => (weekdayOf(dayNo(firstDay) + t) === 6 ? 240 : 60));
    const { mean } = forecastDemand({ firstDay, units }, options);
    expect(mean[6]! / mean[5]!).toBeGreaterThan(3.5);
    expect(mean[6]! / mean[5]!).toBeLessThanOrEqual(4.1);
    expect(Math.abs(sum(mean.subarray(0, 7)) / 600 - 1)).toBeLessThan(0.03);
  });

  test('learns from last 11.11, and from past promotions, what the next will do', () => {
    const calendar = makeCalendar('2025-10-20', '2026-12-01', [
      { from: '2026-03-02', to: '2026-03-08' },
      { from: '2026-11-20', to: '2026-11-22' },
    ]);
    const from = dayNo('2025-10-20');
    const size = dayNo('2026-11-03') - from;
    const usual = { '11.11': 5, promotion: 3 } as Record<string, number>;
    const units = Array.from(
      { length: size },
      (_, t) => 20 * (usual[dayKinds[kindOf(calendar, from + t)]!] ?? 1),
    );
    const { mean, rate } = forecastDemand({ firstDay: '2025-10-20', units }, { horizon: 28, calendar });
    const at = (day: string) => mean[dayNo(day) - dayNo('2026-11-03')]!;
    expect(at('2026-11-11') / 20).toBeGreaterThan(4);
    expect(at('2026-11-21') / 20).toBeGreaterThan(2.6);
    expect(at('2026-11-28') / 20).toBeCloseTo(1, 1);
    expect(rate).toBeCloseTo(sum(mean) / 28, 9);
  });

  test('a new SKU has the weekdays and uplifts of the panel', () => {
    const calendar = makeCalendar('2025-10-20', '2026-12-01');
    const from = dayNo('2025-10-20');
    const size = dayNo('2026-11-03') - from;
    const factor = (day: number) =>
      (weekdayOf(day) === 5 ? 2 : 1) * (dayKinds[kindOf(calendar, day)] === '11.11' ? 4 : 1);
    const learner = new DemandLearner(calendar, 28);
    for (let i = 1; i <= 30; i++)
      learner.add({
        firstDay: '2025-10-20',
        units: Array.from({ length: size }, (_, t) => i * 10 * factor(from + t)),
      });
    const fresh = { firstDay: dayText(from + size - 10), units: new Array<number>(10).fill(1) };
    const { mean } = forecastDemand(fresh, { horizon: 28, calendar, panel: learner.panel() });
    const at = (day: string) => mean[dayNo(day) - dayNo('2026-11-03')]!;
    // A Saturday against a Friday, and 11.11 against a usual Wednesday.
    expect(at('2026-11-28') / at('2026-11-27')).toBeGreaterThan(1.3);
    expect(at('2026-11-11') / at('2026-11-25')).toBeGreaterThan(3);
  });

  test.each([0.2, 3, 40])(
    'four of five days of Poisson demand around %d lie in the band; sd is theirs',
    (mean) => {
      const draw = poisson(11);
      let [within, days, spread, came, expected] = [0, 0, 0, 0, 0];
      for (let sku = 0; sku < 60; sku++) {
        const units = Float64Array.from({ length: 168 }, () => draw(mean));
        const forecast = forecastDemand({ firstDay, units }, options);
        for (let h = 0; h < 28; h++) {
          const units = draw(mean);
          if (units >= forecast.low[h]! && units <= forecast.high[h]!) within += 1;
          days += 1;
          came += units;
          expected += forecast.mean[h]!;
        }
        spread += forecast.sd / 60;
      }
      expect(within / days).toBeGreaterThan(0.72);
      expect(within / days).toBeLessThan(0.92);
      expect(Math.abs(expected / came - 1)).toBeLessThan(0.12);
      expect(spread / Math.sqrt(mean)).toBeGreaterThan(0.9);
      expect(spread / Math.sqrt(mean)).toBeLessThan(1.4);
    },
  );

  test('of any history is ordered, finite and never negative, and blind to what was not in stock', () => {
    const days = fc.array(
      fc.tuple(
        fc.integer({ min: -2, max: 30 }),
        fc.integer({ min: 0, max: 3 }),
        fc.integer({ min: 0, max: 999 }),
      ),
      { maxLength: 120 },
    );
    const calendar = makeCalendar('2026-01-01', '2026-12-31');
    fc.assert(
      fc.property(days, fc.integer({ min: 0, max: 60 }), (rows, horizon) => {
        const inStock = Uint8Array.from(rows, ([, stock]) => (stock > 0 ? 1 : 0));
        const history = { firstDay: '2026-01-20', units: rows.map(([units]) => units), inStock };
        const forecast = forecastDemand(history, { horizon, calendar });
        for (let h = 0; h < horizon; h++) {
          expect(forecast.low[h]).toBeGreaterThanOrEqual(0);
          expect(forecast.mean[h]).toBeGreaterThanOrEqual(forecast.low[h]!);
          expect(forecast.high[h]).toBeGreaterThanOrEqual(forecast.mean[h]!);
          expect(forecast.high[h]).toBeLessThan(1e6);
        }
        expect(forecast.sd).toBeGreaterThanOrEqual(0);
        expect(forecast.rate).toBeGreaterThanOrEqual(0);
        const other = rows.map(([units, , garbage], t) => (inStock[t] ? units : garbage));
        expect(forecastDemand({ ...history, units: other }, { horizon, calendar })).toEqual(forecast);
      }),
    );
  });
});

describe('sharing out', () => {
  test('adds up, and gives nobody less than nothing', () => {
    const place = fc.tuple(
      fc.integer({ min: 0, max: 99 }),
      fc.integer({ min: 0, max: 56 }),
      fc.integer({ min: 0, max: 9 }),
    );
    const total = fc.record({
      rate: fc.double({ min: 0, max: 1e4, noNaN: true }),
      sd: fc.double({ min: 0, max: 1e4, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 60 }), total, (places, forecast) => {
        const recent = {
          units: places.map(([units]) => units),
          days: places.map(([, days]) => days),
          weights: places.map(([, , weight]) => weight),
        };
        const { rate, sd } = shareOut(forecast, recent);
        expect(sum(rate)).toBeCloseTo(forecast.rate, 6);
        for (const values of [rate, sd])
          expect(values.every((value) => value >= 0 && Number.isFinite(value))).toBe(true);
      }),
    );
    expect(shareOut({ rate: 1, sd: 1 }, { units: [], days: [], weights: [] }).rate).toHaveLength(0);
  });

  test('goes by size where nothing was sold, and by sales where there were some', () => {
    const days = [50, 50];
    expect(shareOut({ rate: 4, sd: 2 }, { units: [0, 0], days, weights: [3, 1] }).rate).toEqual(
      Float64Array.of(3, 1),
    );
    const sold = shareOut({ rate: 4, sd: 2 }, { units: [100, 300], days, weights: [3, 1] }).rate;
    expect(sold[1]! / sold[0]!).toBeCloseTo(3, 0);
  });

  test('does not hold an empty shelf against a location', () => {
    const recent = { units: [50, 25], days: [50, 25], weights: [1, 1] };
    const { rate } = shareOut({ rate: 2, sd: 2 }, recent);
    expect(rate[0]! / rate[1]!).toBeCloseTo(1, 1);
  });

  test('spread: chance at each location adds up to the company’s; what moves all moves each', () => {
    const many = {
      units: new Array<number>(50).fill(1e6),
      days: new Array<number>(50).fill(50),
      weights: new Array<number>(50).fill(1),
    };
    const chance = shareOut({ rate: 100, sd: 10 }, many);
    expect(sum(chance.sd.map((sd) => sd ** 2))).toBeCloseTo(100, 1);
    // A company whose demand doubles and halves: each location's does.
    const common = shareOut({ rate: 100, sd: 50 }, many);
    expect(common.sd[0]).toBeCloseTo(Math.sqrt(2 + 0.24 * 4), 3);
  });
});

describe('history', () => {
  const window = {
    firstDay: dayNo('2026-01-01'),
    size: 10,
    recentDays: 5,
    weights: new Map([
      [1, 3],
      [2, 1],
    ]),
  };
  const sales = {
    skuNo: 9,
    firstSeen: -5,
    days: [2, 8, 7, 4],
    recent: [1, 3, 2, 2, 1, 1],
    locations: [2, 1, 3],
    outs: [],
  };

  test('begins when the SKU was first known or sold', () => {
    const { history, locationNos, recent, unitsPerSale } = historyOf(sales, window);
    expect(history.firstDay).toBe('2026-01-01');
    expect([...history.units]).toEqual([0, 0, 8, 0, 0, 0, 0, 4, 0, 0]);
    expect(history.reach).toBeUndefined();
    expect(locationNos).toEqual([1, 2, 3]);
    expect(recent).toEqual({
      units: Float64Array.of(3, 1, 0),
      days: Float64Array.of(5, 5, 5),
      weights: Float64Array.of(3, 1, 0),
    });
    expect(unitsPerSale).toBeCloseTo(4 / 3, 9);
    const late = historyOf({ ...sales, firstSeen: 6 }, window).history;
    expect([late.firstDay, late.units.length]).toEqual(['2026-01-03', 8]);
  });

  test('days without stock lower the reach by the location’s part, and its days', () => {
    const { history, recent } = historyOf({ ...sales, outs: [1, 6, 9, 3, 0, 10] }, window);
    expect(Array.from(recent.days)).toEqual([2, 5, 0]);
    // Location 1 sells 3 in 2 days, location 2 one in 5, location 3 has no size: 1.5 of 1.7 were missing.
    const share = 0.2 / 1.7;
    expect([...history.reach!]).toEqual([
      1,
      1,
      1,
      1,
      1,
      1,
      ...new Array<number>(3).fill(expect.closeTo(share, 9)),
      1,
    ]);
  });
});

describe('a forecast as it is shown', () => {
  const made = {
    firstDay: '2026-11-20',
    mean: [10, 20],
    low: [5, 12],
    high: [15, 30],
    rate: 15,
    locationNos: [1, 2],
    locationRate: [10, 5],
    locationSd: [4, 3],
  };

  test('is the company’s, or a location’s share with a band of its own', () => {
    expect(daysOf(made, null)[1]).toEqual({ day: '2026-11-21', mean: 20, low: 12, high: 30 });
    const [one] = daysOf(made, [2]);
    expect(one!.mean).toBeCloseTo(10 / 3, 9);
    expect(one!.high - one!.mean).toBeCloseTo(1.2816 * 3 * (2 / 3) ** 0.7, 6);
    expect(one!.low).toBeGreaterThan(0);
    expect(daysOf(made, [7])).toMatchObject([{ mean: 0, low: 0, high: 0 }, { mean: 0 }]);
  });

  test('is held against the days that are over', () => {
    const compared = compare(daysOf(made, null), new Map([['2026-11-20', 16]]), '2026-11-22');
    expect(compared).toMatchObject({ units: 16, expected: 30, within: 0 });
    expect(compared.error).toBeCloseTo((6 + 20) / 16, 9);
    expect(compared.bias).toBeCloseTo(14 / 16, 9);
    const none = compare(daysOf(made, null), new Map(), '2026-11-20');
    expect(none).toEqual({ days: [], units: 0, expected: 0, error: null, bias: null, within: null });
  });
});
