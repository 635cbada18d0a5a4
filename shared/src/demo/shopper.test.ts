import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { couponTemplate } from '../coupons/template.ts';
import { applyAll } from '../coupons/quote.ts';
import { basketFor, deeds, nextDeed } from './shopper.ts';
import { randomFrom } from './random.ts';

const offers = Array.from({ length: 40 }, (_, i) => ({
  code: `K${i}`,
  listPrice: 300 + i * 250,
  category: i % 4 === 0 ? 'tea' : 'snacks',
}));

const templates = [
  { offer: { kind: 'amount', off: 500, from: 9_900 } },
  { offer: { kind: 'percent', percent: 10, maxOff: 2_000, from: 0 }, scope: { categories: ['tea'] } },
  {
    offer: { kind: 'threshold', steps: [{ from: 5_000, off: 500 }] },
    scope: { channels: ['live'], locations: ['S2'] },
  },
  { offer: { kind: 'goods', price: 100, maxOff: 5_000 }, scope: { skus: ['K3', 'K4'] } },
  // Not among the offers.
  { offer: { kind: 'amount', off: 1 }, scope: { skus: ['elsewhere'] } },
].map((each) => couponTemplate.parse({ title: 't', validity: { kind: 'days', days: 1 }, ...each }));

describe('a shopper', () => {
  it('fills a basket in which the coupon works', () => {
    fc.assert(
      fc.property(fc.constantFrom(...templates), fc.string(), (template, seed) => {
        const { channel, location, lines } = basketFor(template, offers, ['S1', 'S2'], randomFrom(seed));
        const basket = {
          channel,
          location,
          lines: lines.map(({ sku, qty, unitPrice }) => ({
            sku,
            qty,
            category: offers.find(({ code }) => code === sku)?.category ?? null,
            amount: qty * unitPrice,
          })),
        };
        expect(applyAll(basket, [{ code: 'c', template, validTo: 0 }]).off).toBeGreaterThan(0);
      }),
    );
  });

  it('does what is possible, and nothing where nothing is', () => {
    const random = randomFrom('deeds');
    expect(nextDeed(new Set(), random)).toBeNull();
    const some = new Set(['join', 'help'] as const);
    const done = Array.from({ length: 300 }, () => nextDeed(some, random));
    expect(new Set(done)).toEqual(some);
    const all = Array.from({ length: 3_000 }, () => nextDeed(new Set(deeds), random));
    expect(new Set(all)).toEqual(new Set(deeds));
  });
});
