import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gammaBelow, gammaQuantile } from './gamma.ts';
import { demandSpread, steadyRate } from './lead-time-demand.ts';
import { classify, orderQuantity, policyOf, serviceTable, type PolicyInput } from './policy.ts';

/** Sells three a day, comes after a week, looked at daily. */
const steady: PolicyInput = {
  rate: 3,
  sd: 2,
  leadDays: 7,
  leadSd: 1,
  reviewDays: 1,
  packSize: 1,
  minOrder: 1,
  unitCost: 2_000,
  orderCost: 2_000,
  holdingPerYear: 0.25,
  abc: 'A',
  xyz: 'X',
};

const amount = (max: number) => fc.double({ min: 0, max, noNaN: true });
const inputs: fc.Arbitrary<PolicyInput> = fc.record({
  rate: fc.oneof(amount(0.1), amount(500)),
  sd: fc.oneof(amount(0.5), amount(2_000)),
  leadDays: amount(150),
  leadSd: amount(30),
  reviewDays: fc.integer({ min: 1, max: 30 }),
  packSize: fc.integer({ min: 1, max: 144 }),
  minOrder: fc.integer({ min: 0, max: 1_000 }),
  unitCost: fc.option(fc.integer({ min: 0, max: 1_000_000 })),
  orderCost: fc.integer({ min: 0, max: 10_000 }),
  holdingPerYear: amount(1),
  abc: fc.constantFrom('A', 'B', 'C'),
  xyz: fc.constantFrom('X', 'Y', 'Z'),
});
const hands = fc.option(
  fc.record({ reorderPoint: fc.integer({ min: -5, max: 500 }), orderUpTo: fc.nat(500) }),
);

describe('policy', () => {
  it('tells every step from its inputs to the reorder point', () => {
    const { reorderPoint, orderUpTo, safetyStock, serviceLevel, why } = policyOf(steady);
    expect(why).toMatchObject({
      exposureDays: 8,
      exposureDemand: 24,
      service: { by: 'money' },
      byHand: false,
    });
    expect(why.exposureSd).toBeCloseTo(Math.sqrt(4 * 8 + 9), 5);
    // √(2 · 3 · 365 · 20.00 / 5.00)
    expect(why.order.economic).toBeCloseTo(93.6, 1);
    // 94 pieces last 31 days; a piece costs 5.00 a year; a missed one is worth 20.00 + a quarter of 20.00.
    expect(why.service.keeping).toBeCloseTo(500 * (94 / (3 * 365)), 5);
    expect(why.service.missed).toBe(2_500);
    expect(serviceLevel).toBeCloseTo(1 - 42.92 / 2_500, 4);
    expect(gammaBelow(why.covered, 24, why.exposureSd ** 2)).toBeCloseTo(serviceLevel, 6);
    expect([reorderPoint, safetyStock, orderUpTo]).toEqual([39, 15, 133]);
  });

  it('is whole, never negative, and orders up to above the point, whatever comes in', () => {
    fc.assert(
      fc.property(inputs, hands, (input, hand) => {
        const policy = policyOf({ ...input, hand });
        for (const value of [policy.reorderPoint, policy.orderUpTo, policy.safetyStock]) {
          expect(Number.isSafeInteger(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(0);
        }
        expect(policy.orderUpTo).toBeGreaterThanOrEqual(policy.reorderPoint);
        expect(policy.serviceLevel).toBeGreaterThanOrEqual(0);
        expect(policy.serviceLevel).toBeLessThan(1);
      }),
    );
    const broken = { ...steady, rate: NaN, sd: -1, leadDays: Infinity, minOrder: NaN, packSize: 0 };
    expect(policyOf(broken)).toMatchObject({ reorderPoint: 0, orderUpTo: 0 });
  });

  it('keeps more of what is worth more when missed, what comes later, and what is less sure', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        const { reorderPoint, serviceLevel } = policyOf(input);
        expect(policyOf(input, 3).serviceLevel).toBeGreaterThanOrEqual(serviceLevel);
        expect(policyOf(input, 3).reorderPoint).toBeGreaterThanOrEqual(reorderPoint);
        // A longer wait spreads in proportion. Did it spread by the same days, it would be less uncertain for its length, and
        // its rarest cases less far out.
        const days = input.leadDays + input.reviewDays;
        const longer = {
          ...input,
          leadDays: input.leadDays + 10,
          leadSd: (input.leadSd * (days + 10)) / days,
        };
        expect(policyOf(longer).reorderPoint).toBeGreaterThanOrEqual(reorderPoint);
      }),
    );
    const points = [1, 2, 4, 8].map((sd) => policyOf({ ...steady, sd }).reorderPoint);
    expect(points).toEqual(points.toSorted((a, b) => a - b));
  });

  it('never serves a better class worse', () => {
    for (const limit of ['least', 'usual', 'most'] as const) {
      for (const xyz of ['X', 'Y', 'Z'] as const) {
        const levels = (['A', 'B', 'C'] as const).map((abc) => serviceTable[`${abc}${xyz}`][limit]);
        expect(levels).toEqual(levels.toSorted((a, b) => b - a));
      }
      for (const abc of ['A', 'B', 'C'] as const) {
        const levels = (['X', 'Y', 'Z'] as const).map((xyz) => serviceTable[`${abc}${xyz}`][limit]);
        expect(levels).toEqual(levels.toSorted((a, b) => b - a));
      }
    }
    const unknown = { ...steady, unitCost: null };
    expect(policyOf(unknown)).toMatchObject({ serviceLevel: 0.98, why: { service: { by: 'class_usual' } } });
  });

  it('is by hand where a person set it, and still tells what was planned', () => {
    const planned = policyOf(steady);
    const policy = policyOf({ ...steady, hand: { reorderPoint: 7, orderUpTo: 9 } });
    expect([policy.reorderPoint, policy.orderUpTo, policy.why.byHand]).toEqual([7, 9, true]);
    expect(policy.why.planned).toEqual(planned.why.planned);
  });

  it('orders in packs and at least the minimum, and says what made it more', () => {
    expect(policyOf({ ...steady, packSize: 24 }).why.order).toMatchObject({ rounded: 96, raisedBy: 'pack' });
    const large = policyOf({ ...steady, packSize: 24, minOrder: 100 });
    expect(large.why.order).toMatchObject({ rounded: 120, raisedBy: 'min_order' });
  });

  it('does not stock what nobody buys, nor what costs more to keep than to miss', () => {
    expect(policyOf({ ...steady, rate: 0 })).toMatchObject({
      orderUpTo: 0,
      why: { service: { by: 'no_demand' } },
    });
    const dear: PolicyInput = { ...steady, rate: 0.001, sd: 0.03, unitCost: 500_000, abc: 'C', xyz: 'Z' };
    expect(policyOf(dear)).toMatchObject({ orderUpTo: 0, why: { service: { by: 'not_worth' } } });
    expect(policyOf({ ...dear, abc: 'A' }).orderUpTo).toBeGreaterThan(0);
  });
});

describe('order quantity', () => {
  it('is nothing above the point, else whole packs of at least the minimum that reach the level', () => {
    const balances = fc.integer({ min: -100, max: 3_000 });
    fc.assert(
      fc.property(inputs, balances, fc.nat(500), (input, available, inbound) => {
        const { packSize, minOrder } = input;
        const policy = policyOf(input);
        const { qty, position } = orderQuantity({ available, inbound, policy, packSize, minOrder });
        const missing = policy.orderUpTo - position;
        const needed = position <= policy.reorderPoint && missing > 0;
        expect(qty % packSize).toBe(0);
        expect(qty).toBeGreaterThanOrEqual(needed ? Math.max(packSize, minOrder, missing) : 0);
        expect(qty).toBeLessThan(needed ? Math.max(minOrder, missing) + packSize : 1);
      }),
    );
  });

  it('warns when it would last too long', () => {
    const slow = policyOf({ ...steady, rate: 0.5, sd: 0.7 });
    const now = { available: 0, inbound: 0, policy: slow };
    expect(orderQuantity({ ...now, packSize: 1, minOrder: 1 }).warning).toBeNull();
    const large = orderQuantity({ ...now, packSize: 500, minOrder: 1 });
    expect(large).toEqual({ qty: 500, position: 0, coverDays: 1_000, warning: 'over_replenishment' });
  });
});

describe('classes', () => {
  it('are by revenue and by how steady a week is, the same whatever the order of rows', () => {
    const row = (revenue: number, sd: number) => ({ revenue, rate: 1, sd });
    const rows = [row(50, 1), row(800, 0.5), row(0, 9), row(150, 2)];
    const classes = classify(rows).map(({ abc, xyz }) => abc + xyz);
    expect(classes).toEqual(['CX', 'AX', 'CZ', 'BY']);
    expect(classify(rows.toReversed()).map(({ abc, xyz }) => abc + xyz)).toEqual(classes.toReversed());
    expect(classify([{ revenue: 0, rate: 0, sd: 0 }])).toEqual([{ abc: 'C', xyz: 'Z' }]);
  });
});

describe('demand over the lead time', () => {
  it('has quantiles that are the inverse of the distribution, from single demands to steady ones', () => {
    const levels = fc.double({ min: 0.3, max: 0.9995, noNaN: true });
    const means = fc.double({ min: 0.05, max: 5_000, noNaN: true });
    const variations = fc.double({ min: 0.05, max: 6, noNaN: true });
    fc.assert(
      fc.property(levels, means, variations, (level, mean, variation) => {
        const variance = (variation * mean) ** 2;
        const x = gammaQuantile(level, mean, variance);
        // Where nothing is nearly always enough, how small the quantile is makes no difference.
        if (x < 1e-6 * mean) expect(gammaBelow(1e-6 * mean, mean, variance)).toBeGreaterThan(level - 1e-4);
        else expect(Math.abs(gammaBelow(x, mean, variance) - level)).toBeLessThan(1e-4);
      }),
    );
    // Exponential: shape 1.
    expect(gammaQuantile(0.95, 10, 100)).toBeCloseTo(-10 * Math.log(0.05), 4);
  });

  it('spreads wider than single periods say where demand comes in waves', () => {
    const waves = Array.from({ length: 48 }, (_, t) => (t % 12 < 6 ? 10 : 0));
    expect(demandSpread(waves, 1)).toBeCloseTo(5);
    expect(demandSpread(waves, 6)).toBeGreaterThan(7);
    expect(demandSpread(waves, 30)).toBeCloseTo(5);
    expect(demandSpread([], 4)).toBe(0);
  });

  it('has a rate at once, which fades where nothing sells any more, and sees nothing of what comes later', () => {
    expect(steadyRate([0, 0, 0, 8])).toBe(2);
    expect(steadyRate([0, 0, 0, 8, 100, 100], 4)).toBe(2);
    expect(steadyRate([8, ...Array.from({ length: 60 }, () => 0)])).toBeLessThan(0.5);
    expect(steadyRate([0, 0])).toBe(0);
  });
});
