import { describe, expect, it } from 'vitest';
import { afterMinute, RECORD_ORDERS, RECORD_PAST_MS, RECORD_REST_MS, type SalesRecord } from './record.ts';

const MINUTE = 60_000;
const first = 0;
const START = RECORD_PAST_MS;
const minute = (at: number, placed: number, orders = RECORD_ORDERS) => ({
  minute: START + at * MINUTE,
  orders,
  placed,
});
const best: SalesRecord = { best: minute(-100, 1000), told: null };

describe('a record minute', () => {
  it('sold more than any before, with orders enough', () => {
    expect(afterMinute(best, minute(0, 1001), first).told).toEqual(minute(0, 1001));
    expect(afterMinute(best, minute(0, 1000), first)).toBe(best);
    expect(afterMinute(best, minute(0, 9999, RECORD_ORDERS - 1), first)).toBe(best);
  });

  it('is told of once in a while, however a rush grows; what was not told of still has to be beaten', () => {
    let record = afterMinute(best, minute(0, 2000), first);
    for (let i = 1; i < RECORD_REST_MS / MINUTE; i++)
      record = afterMinute(record, minute(i, 2000 + i), first);
    expect(record.told).toEqual(minute(0, 2000));
    const rested = RECORD_REST_MS / MINUTE;
    expect(afterMinute(record, minute(rested, 2029), first).told).toEqual(minute(0, 2000));
    expect(afterMinute(record, minute(rested, 2030), first).told).toEqual(minute(rested, 2030));
  });

  it('needs a past to stand out of', () => {
    const young = afterMinute({ best: null, told: null }, minute(0, 500), START - MINUTE);
    expect(young).toEqual({ best: minute(0, 500), told: null });
    expect(afterMinute(young, minute(1, 600), null).told).toBeNull();
  });
});
