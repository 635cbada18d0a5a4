import { describe, expect, it } from 'vitest';
import {
  BELOW_COST_LOSS,
  BELOW_COST_UNITS,
  belowCostOf,
  brakesOf,
  refundStormOf,
  STORM_AMOUNT,
  type CostRow,
} from './anomaly.ts';

const NOW = Date.parse('2026-11-25T13:20:00Z');

describe('what loses money', () => {
  it('is a campaign that its brake stopped, as another matter each time', () => {
    const row = { id: 'c', name: '周年', brake: 5000, spent: 8000 };
    const stopped = (at: number) => brakesOf([{ ...row, pausedAt: new Date(at) }])[0]!;
    expect(stopped(NOW)).toMatchObject({
      kind: 'brake',
      name: '周年',
      amount: 8000,
      usualAmount: 5000,
      times: 1.6,
    });
    expect(stopped(NOW).id).toBe(stopped(NOW).id);
    expect(stopped(NOW + 1).id).not.toBe(stopped(NOW).id);
    // Nobody knows the minute: it is told all the same.
    expect(brakesOf([{ ...row, spent: null, pausedAt: new Date(NOW) }])[0]).toMatchObject({
      amount: null,
      times: null,
    });
  });

  it('is a price far below cost, not a clearance, not a few pieces, not a small loss', () => {
    const cost = 10_000;
    const row: CostRow = { sku: 'A', nameZh: '米', nameEn: 'Rice', cost, units: BELOW_COST_UNITS, placed: 0 };
    const of = (more: Partial<CostRow>) => belowCostOf([{ ...row, ...more }], '2026-11-25').length;
    expect(of({})).toBe(1);
    expect(of({ placed: 0.8 * cost * BELOW_COST_UNITS })).toBe(0);
    expect(of({ placed: 0.79 * cost * BELOW_COST_UNITS, units: BELOW_COST_UNITS })).toBe(0);
    expect(of({ units: 100, placed: 0.79 * cost * 100 })).toBe(1);
    expect(of({ units: BELOW_COST_UNITS - 1 })).toBe(0);
    expect(of({ cost: BELOW_COST_LOSS / BELOW_COST_UNITS - 1 })).toBe(0);
    expect(belowCostOf([row, { ...row, sku: 'B', units: 90 }], '2026-11-25').map(({ sku, amount }) => [sku, amount])).toEqual([
      ['B', 900_000], ['A', 200_000],
    ]); // prettier-ignore
  });

  it('is a storm of refunds: much, and many times what is usual, once an hour', () => {
    const storm = (refunded: number, usualDay: number | null, at = NOW) =>
      refundStormOf({ refunded, usualDay }, at);
    const usualDay = 40 * 300_000;
    expect(storm(1_500_000, usualDay)).toMatchObject([
      { kind: 'refund_storm', amount: 1_500_000, usualAmount: 300_000, times: 5 },
    ]);
    expect(storm(1_499_999, usualDay)).toEqual([]);
    expect(storm(STORM_AMOUNT - 1, 0)).toEqual([]);
    expect(storm(STORM_AMOUNT, 0)).toMatchObject([{ times: null }]);
    expect(storm(9 * STORM_AMOUNT, null)).toEqual([]);
    const ids = [0, 30, 45].map((minutes) => storm(9 * STORM_AMOUNT, 0, NOW + minutes * 60_000)[0]!.id);
    expect(ids[0]).toBe(ids[1]);
    expect(ids[2]).not.toBe(ids[0]);
  });
});
