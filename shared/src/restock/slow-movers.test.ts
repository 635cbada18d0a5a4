import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assessSlowMover, slownessOf, stagnantShare, type SlowMoverInput } from './slow-movers.ts';

/** Five thousand bottles that hardly anybody buys here. */
const bottles: SlowMoverInput = {
  skuNo: 1,
  locationNo: 1,
  available: 5_000,
  unitCost: 1_000,
  price: 2_000,
  rate: 0.5,
  daysSinceSale: 3,
  daysSinceArrival: 200,
  needed: 10,
  others: [],
  partners: [],
};
const shop = {
  locationNo: 2,
  rate: 20,
  available: 0,
  inbound: 0,
  orderUpTo: 600,
  wayCost: 1_200,
  pieceCost: 20,
};

describe('slow movers', () => {
  it.each([
    [{ available: 10, rate: 1, daysSinceSale: 1, daysSinceArrival: 60 }, 'fresh'],
    [{ available: 500, rate: 1, daysSinceSale: 1, daysSinceArrival: 5 }, 'fresh'],
    [{ available: 120, rate: 1, daysSinceSale: 1, daysSinceArrival: 60 }, 'slow'],
    [{ available: 500, rate: 1, daysSinceSale: 1, daysSinceArrival: 60 }, 'stagnant'],
    [{ available: 10, rate: 1, daysSinceSale: 100, daysSinceArrival: 120 }, 'stagnant'],
    [{ available: 10, rate: 0, daysSinceSale: 20, daysSinceArrival: 60 }, 'stagnant'],
    [{ available: 10, rate: 0, daysSinceSale: null, daysSinceArrival: 300 }, 'dead'],
    [{ available: 0, rate: 0, daysSinceSale: 400, daysSinceArrival: 400 }, 'fresh'],
  ] as const)('%o is %s', (row, expected) => {
    expect(slownessOf(row)).toBe(expected);
  });

  it('go first to where they sell, as many as there is room for', () => {
    const { slowness, excess, options } = assessSlowMover({ ...bottles, others: [shop] });
    expect([slowness, excess]).toEqual(['stagnant', 4_955]);
    const transfer = options.find(({ action }) => action === 'transfer')!;
    expect(transfer).toMatchObject({ toLocationNo: 2, qty: 600, effect: { pieces: 600 } });
    expect(transfer.effect.money).toBeGreaterThan(0);
    expect(transfer.effect.coverDays).toBe(8_800);
    const full = assessSlowMover({ ...bottles, others: [{ ...shop, available: 600 }] });
    expect(full.options.map(({ action }) => action)).not.toContain('transfer');
  });

  it('are marked down as far as it pays, by the elasticity that is stated', () => {
    const dead = { ...bottles, available: 50, rate: 0, daysSinceSale: 300 };
    const { options } = assessSlowMover(dead);
    const half = options.find((option) => option.action === 'markdown' && option.cut === 0.5)!;
    // Four times the least rate of 0.02 a day, for 90 days.
    expect(half).toMatchObject({ price: 1_000, elasticity: 2, effect: { pieces: 7.2 } });
    expect(half.effect.money).toBe(Math.round(7.2 * (1_000 - 100)));
    expect(options.at(-1)!.action).toBe('leave');
  });

  it('are left where they would sell soon anyway at the full price', () => {
    const { slowness, options } = assessSlowMover({ ...bottles, available: 95, rate: 1 });
    expect(slowness).toBe('slow');
    expect(options[0]!.action).toBe('leave');
  });

  it('never give away what is needed, and promise no more pieces than there are', () => {
    // In single precision, as they are stored: what is so small that its inverse is infinite never comes.
    const rateUpTo = (max: number) => fc.float({ min: 0, max, noNaN: true });
    const place = fc.record({
      locationNo: fc.integer({ min: 2, max: 5 }),
      rate: rateUpTo(50),
      available: fc.integer({ min: -20, max: 500 }),
      inbound: fc.nat(100),
      orderUpTo: fc.nat(800),
      wayCost: fc.nat(5_000),
      pieceCost: fc.nat(100),
    });
    const rows: fc.Arbitrary<SlowMoverInput> = fc.record({
      skuNo: fc.constant(1),
      locationNo: fc.constant(1),
      available: fc.integer({ min: -20, max: 2_000 }),
      unitCost: fc.option(fc.nat(10_000)),
      price: fc.option(fc.nat(20_000)),
      rate: rateUpTo(20),
      daysSinceSale: fc.option(fc.nat(500)),
      daysSinceArrival: fc.option(fc.nat(500)),
      needed: fc.nat(300),
      others: fc.array(place, { maxLength: 4 }),
      partners: fc.constant([{ skuNo: 9, rate: 4, price: 500 }]),
    });
    fc.assert(
      fc.property(rows, (row) => {
        const { excess, available, options } = assessSlowMover(row);
        expect(options.some(({ action }) => action === 'leave')).toBe(true);
        for (const { qty, effect } of options) {
          expect(qty).toBeGreaterThanOrEqual(0);
          expect(qty).toBeLessThanOrEqual(excess);
          if (qty > 0) expect(available - qty).toBeGreaterThanOrEqual(row.needed);
          expect(effect.pieces).toBeLessThanOrEqual(available + 1e-6);
          expect(Number.isNaN(effect.money)).toBe(false);
        }
      }),
    );
  });

  it('are counted by value', () => {
    const share = stagnantShare([
      { slowness: 'fresh', value: 600 },
      { slowness: 'dead', value: 100 },
      { slowness: 'stagnant', value: 300 },
      { slowness: 'dead', value: null },
    ]);
    expect(share).toEqual({ value: 1_000, stagnant: 400, share: 0.4 });
    expect(stagnantShare([]).share).toBeNull();
  });
});
