import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clearLevel, needsProposal, wantedAlert, wantedBookAlert, type BalanceState } from './stock-alert.ts';

const NOW = Date.UTC(2026, 10, 11, 8);
const state = (more: Partial<BalanceState>): BalanceState => ({
  onHand: more.available ?? 20,
  available: 20,
  inbound: 0,
  reorderPoint: 10,
  orderUpTo: 30,
  abc: 'B',
  rate: 2,
  perHour: 0,
  movedAt: NOW - 60_000,
  open: null,
  ...more,
});
const kind = (more: Partial<BalanceState>) => wantedAlert(state(more), NOW)?.kind ?? null;

describe('the alert of a balance', () => {
  test('begins at the reorder point and not above', () => {
    expect(kind({ available: 11 })).toBeNull();
    expect(kind({ available: 10 })).toBe('low_stock');
    expect(kind({ available: 0 })).toBe('sold_out');
    expect(kind({ available: -1 })).toBe('oversold');
  });

  test('does not begin while what is inbound lifts it above the reorder point, but a begun one stays', () => {
    expect(kind({ available: 4, inbound: 7 })).toBeNull();
    expect(kind({ available: 4, inbound: 6 })).toBe('low_stock');
    expect(kind({ available: 0, inbound: 30 })).toBeNull();
    expect(kind({ available: 0, inbound: 30, open: 'low_stock' })).toBe('sold_out');
    expect(kind({ available: 4, inbound: 30, open: 'low_stock' })).toBe('low_stock');
    // Promised to somebody and not there: inbound goods do not undo that.
    expect(kind({ available: -1, inbound: 30 })).toBe('oversold');
  });

  test('ends a tenth above the reorder point, and at the latest where restocking brings it', () => {
    expect(kind({ available: 10, open: 'low_stock' })).toBe('low_stock');
    expect(kind({ available: 11, open: 'low_stock' })).toBeNull();
    expect(kind({ reorderPoint: 40, available: 43, open: 'low_stock', orderUpTo: 90 })).toBe('low_stock');
    expect(kind({ reorderPoint: 40, available: 44, open: 'low_stock', orderUpTo: 90 })).toBeNull();
    expect(kind({ reorderPoint: 40, available: 42, open: 'low_stock', orderUpTo: 42 })).toBeNull();
    expect(clearLevel(1, 1)).toBe(2);
  });

  test('warns of a rush before the last piece goes, by the present rate', () => {
    expect(kind({ available: 100, perHour: 60 })).toBe('sellout_soon');
    expect(wantedAlert(state({ available: 100, perHour: 60 }), NOW)?.params.soldOutAt).toBe(
      new Date(NOW + 100 * 60_000).toISOString(),
    );
    expect(kind({ available: 150, perHour: 60 })).toBeNull();
    expect(kind({ available: 150, perHour: 60, open: 'sellout_soon' })).toBe('sellout_soon');
    expect(kind({ available: 200, perHour: 60, open: 'sellout_soon' })).toBeNull();
    // A dozen pieces left at one an hour is a quiet shelf.
    expect(kind({ available: 12, perHour: 1 })).toBeNull();
  });

  test('an empty shelf without a policy counts while something moves there', () => {
    expect(kind({ available: 0, reorderPoint: null })).toBe('sold_out');
    expect(kind({ available: 0, reorderPoint: null, movedAt: NOW - 29 * 86_400_000 })).toBeNull();
    expect(kind({ available: 0, reorderPoint: null, movedAt: null })).toBeNull();
    expect(kind({ available: 3, reorderPoint: null })).toBeNull();
  });

  test('is critical where customers ask for it', () => {
    const severity = (more: Partial<BalanceState>) => wantedAlert(state(more), NOW)?.severity;
    expect(severity({ available: 0, abc: 'A', rate: 0 })).toBe('critical');
    expect(severity({ available: 0, abc: 'C', rate: 0.1 })).toBe('warning');
    expect(severity({ available: 3, abc: 'C', rate: 0.1 })).toBe('info');
  });

  test('less than nothing on hand is a fault of the book', () => {
    expect(wantedBookAlert({ onHand: -1 })?.kind).toBe('negative_stock');
    expect(wantedBookAlert({ onHand: 0 })).toBeNull();
  });

  test('looking again changes nothing: what it wants, it wants still when that is open', () => {
    const states = fc.record({
      available: fc.integer({ min: -5, max: 60 }),
      inbound: fc.integer({ min: 0, max: 40 }),
      reorderPoint: fc.option(fc.integer({ min: 0, max: 40 })),
      orderUpTo: fc.option(fc.integer({ min: 1, max: 60 })),
      perHour: fc.double({ min: 0, max: 60, noNaN: true }),
    });
    fc.assert(
      fc.property(states, (some) => {
        const first = wantedAlert(state(some), NOW);
        const second = wantedAlert(state({ ...some, open: first?.kind ?? null }), NOW);
        expect(second?.kind).toBe(first?.kind);
        if (needsProposal(state(some))) expect(first).not.toBeNull();
      }),
    );
  });
});
