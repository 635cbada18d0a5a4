import { describe, expect, it } from 'vitest';
import { barOf, levelsOf, scaleTop } from './policy.ts';

describe('levels by hand', () => {
  it('are whole numbers, the upper not below the lower', () => {
    expect(levelsOf(' 12', '48 ')).toEqual({ min: 12, max: 48 });
    expect(levelsOf('0', '0')).toEqual({ min: 0, max: 0 });
    for (const [min, max] of [
      ['48', '12'],
      ['1.5', '3'],
      ['', '3'],
      ['-1', '3'],
      ['1', '100001'],
    ] as const)
      expect(levelsOf(min, max), `${min} ${max}`).toBeNull();
  });
});

describe('the scale', () => {
  it('ends at what most locations need, so that a warehouse does not flatten the stores', () => {
    const stores = Array.from({ length: 20 }, (_, i) => ({ onHand: 10 + i, inbound: 0, location: `S${i}` }));
    const none = new Map<string, { orderUpTo: number }>();
    expect(scaleTop(stores, none)).toBe(29);
    expect(scaleTop([...stores, { onHand: 5000, inbound: 0, location: 'HQ' }], none)).toBeLessThan(60);
    expect(scaleTop(stores, new Map([['S0', { orderUpTo: 40 }]]))).toBe(40);
    expect(scaleTop([], none)).toBe(1);
  });

  it('stacks reserved, available and inbound, cuts at its end, and marks the levels of what is available', () => {
    const policy = { reorderPoint: 20, orderUpTo: 60 };
    expect(barOf({ available: 30, reserved: 10, inbound: 20 }, policy, 100)).toEqual({
      reserved: 10,
      available: 30,
      inbound: 20,
      point: 30,
      upTo: 70,
    });
    expect(barOf({ available: 95, reserved: 10, inbound: 20 }, undefined, 100)).toMatchObject({
      available: 90,
      inbound: 0,
      point: null,
    });
    expect(barOf({ available: -5, reserved: 10, inbound: 0 }, undefined, 100)).toMatchObject({
      available: 0,
    });
  });
});
