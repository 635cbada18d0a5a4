import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  campaignActions,
  exposureOf,
  needsSecondPerson,
  stepOf,
  steps,
  type CampaignState,
} from './campaign.ts';
import { campaignKeyOf, codesBegin, makeCode, readCode, verifyCode } from './code.ts';
import type { Basket } from './discount.ts';
import { applyAll, bestQuote, mayStack, MOST_COMBINATIONS, type Candidate } from './quote.ts';
import { shownCode } from './shown-code.ts';
import { couponTemplate, liabilityOf, validityOf, type CouponTemplate } from './template.ts';
import { foldUses, type CouponTerms, type Use } from './use.ts';

const template = (part: Record<string, unknown>): CouponTemplate =>
  couponTemplate.parse({ title: 'T', validity: { kind: 'days', days: 7 }, ...part });
const candidate = (code: string, part: Record<string, unknown>): Candidate => ({
  code,
  template: template(part),
  validTo: 1_000,
});
const line = (sku: string, qty: number, amount: number, category: string | null = null) => ({
  sku,
  qty,
  amount,
  category,
});
const basket = (...lines: Basket['lines']): Basket => ({ lines, channel: 'pos', location: 'S001' });

const anySku = fc.constantFrom('A', 'B', 'C', 'D');
const anyBasket = fc
  .array(
    fc.record({
      sku: anySku,
      qty: fc.integer({ min: 1, max: 4 }),
      amount: fc.integer({ min: 0, max: 30_000 }),
    }),
    {
      minLength: 1,
      maxLength: 5,
    },
  )
  .map((lines) =>
    basket(...lines.map(({ sku, qty, amount }) => line(sku, qty, amount, sku < 'C' ? 'food' : 'home'))),
  );
const small = fc.integer({ min: 1, max: 20_000 });
const anyOffer = fc.oneof(
  fc.record({ kind: fc.constant('amount'), off: small, from: fc.integer({ min: 0, max: 20_000 }) }),
  fc.record({ kind: fc.constant('percent'), percent: fc.integer({ min: 1, max: 100 }), maxOff: small }),
  fc.uniqueArray(fc.integer({ min: 1, max: 40_000 }), { minLength: 1, maxLength: 3 }).map((froms) => ({
    kind: 'threshold',
    steps: froms.sort((a, b) => a - b).map((from) => ({ from, off: Math.ceil(from / 3) })),
  })),
  fc.record({
    kind: fc.constant('goods'),
    price: fc.integer({ min: 0, max: 9_000 }),
    maxQty: fc.integer({ min: 1, max: 3 }),
    maxOff: small,
  }),
);
const anyScope = fc.oneof(
  fc.record({ skus: fc.uniqueArray(anySku, { minLength: 1, maxLength: 3 }) }),
  fc.record({ categories: fc.constant(['food']) }),
);
const anyCandidates = (max: number) =>
  fc
    .array(
      fc.record({
        offer: anyOffer,
        scope: anyScope,
        stacking: fc.record({ class: fc.constantFrom('a', 'b', 'c', 'd'), alone: fc.boolean() }),
      }),
      { maxLength: max },
    )
    .map((list) => list.map((part, i) => ({ ...candidate(`C${i}`, part), validTo: 1_000 + i })));

const sum = (list: readonly number[]) => list.reduce((all, each) => all + each, 0);
function subsets<T>(list: readonly T[]): T[][] {
  return list.reduce<T[][]>((all, each) => all.concat(all.map((subset) => [...subset, each])), [[]]);
}

describe('a quote', () => {
  it('takes off what the template says', () => {
    const off = (part: Record<string, unknown>, ...lines: Basket['lines']) =>
      bestQuote(basket(...lines), [candidate('C', part)]).lines;
    const cheese = line('A', 2, 10_000);
    const soap = line('B', 1, 5_001);
    expect(off({ offer: { kind: 'amount', off: 1_000 } }, cheese, soap)).toEqual([667, 333]);
    expect(off({ offer: { kind: 'amount', off: 1_000, from: 15_002 } }, cheese, soap)).toEqual([0, 0]);
    expect(off({ offer: { kind: 'amount', off: 9_000 }, scope: { skus: ['B'] } }, cheese, soap)).toEqual([
      0, 5_001,
    ]);
    expect(off({ offer: { kind: 'percent', percent: 20, maxOff: 5_000 } }, cheese, soap)).toEqual([
      2_000, 1_000,
    ]);
    expect(off({ offer: { kind: 'percent', percent: 20, maxOff: 1_500 } }, cheese)).toEqual([1_500]);
    const steps = [
      { from: 10_000, off: 1_000 },
      { from: 15_000, off: 2_000 },
    ];
    expect(off({ offer: { kind: 'threshold', steps } }, cheese)).toEqual([1_000]);
    expect(sum(off({ offer: { kind: 'threshold', steps } }, cheese, soap))).toBe(2_000);
    // Of two pieces one is sold for 3.00 instead of 50.00.
    const goods = { kind: 'goods', price: 300, maxOff: 9_900 };
    expect(off({ offer: goods, scope: { skus: ['A'] } }, cheese, soap)).toEqual([4_700, 0]);
    expect(off({ offer: { kind: 'amount', off: 1 }, scope: { channels: ['mall'] } }, cheese)).toEqual([0]);
    expect(off({ offer: { kind: 'amount', off: 1 }, scope: { locations: ['S002'] } }, cheese)).toEqual([0]);
  });

  it('is never negative, never above what is in scope, and adds up', () => {
    fc.assert(
      fc.property(anyBasket, anyCandidates(8), (goods, coupons) => {
        const quote = bestQuote(goods, coupons);
        expect(quote.amount - quote.off).toBe(quote.payable);
        expect(sum(quote.lines)).toBe(quote.off);
        for (const [i, { amount }] of goods.lines.entries()) {
          expect(quote.lines[i]).toBeGreaterThanOrEqual(0);
          expect(quote.lines[i]).toBeLessThanOrEqual(amount);
        }
        for (const { code, off, lines } of quote.coupons) {
          const { template } = coupons.find((each) => each.code === code)!;
          expect(sum(lines)).toBe(off);
          expect(off).toBeLessThanOrEqual(liabilityOf(template as CouponTemplate));
          const { skus, categories } = template.scope;
          for (const [i, part] of lines.entries())
            if (part > 0)
              expect(
                skus?.includes(goods.lines[i]!.sku) ?? categories!.includes(goods.lines[i]!.category!),
              ).toBe(true);
        }
        expect(mayStack(quote.coupons.map(({ code }) => coupons.find((each) => each.code === code)!))).toBe(
          true,
        );
      }),
    );
  });

  it('is the best of all legal combinations, whatever order the coupons come in', () => {
    fc.assert(
      fc.property(anyBasket, anyCandidates(6), fc.infiniteStream(fc.nat()), (goods, coupons, random) => {
        const quote = bestQuote(goods, coupons);
        const best = Math.max(
          ...subsets(coupons)
            .filter(mayStack)
            .map((each) => applyAll(goods, each).off),
        );
        expect(quote.exact).toBe(true);
        expect(quote.off).toBe(best);
        const shuffled = coupons.map((each) => [random.next().value!, each] as const);
        shuffled.sort(([a], [b]) => a - b);
        expect(
          bestQuote(
            goods,
            shuffled.map(([, each]) => each),
          ),
        ).toEqual(quote);
      }),
      { numRuns: 300 },
    );
  });

  it('says when there were too many combinations to try them all', () => {
    const many = Array.from({ length: 60 }, (_, i) =>
      candidate(`C${i}`, {
        offer: { kind: 'amount', off: 100 + i },
        stacking: { class: `class ${i % 12}`, alone: false },
      }),
    );
    const quote = bestQuote(basket(line('A', 1, 1_000_000)), many);
    expect(quote.exact).toBe(false);
    expect(quote.off).toBeGreaterThan(1_000);
    expect(MOST_COMBINATIONS).toBeLessThan(10_000);
  });

  it('uses the coupon that ends sooner, and no coupon in vain', () => {
    const offer = { kind: 'amount', off: 500 };
    const [later, sooner] = [candidate('A', { offer }), { ...candidate('B', { offer }), validTo: 500 }];
    const cheap = basket(line('A', 1, 400));
    expect(bestQuote(cheap, [later, sooner]).coupons).toEqual([{ code: 'B', off: 400, lines: [400] }]);
    const other = candidate('C', { offer, stacking: { class: 'other' } });
    expect(bestQuote(cheap, [sooner, other]).coupons).toHaveLength(1);
  });
});

describe('a template', () => {
  it('refuses what cannot be meant', () => {
    const problem = (part: Record<string, unknown>) =>
      couponTemplate.safeParse({ title: 'T', validity: { kind: 'days', days: 1 }, ...part }).success;
    expect(problem({ offer: { kind: 'amount', off: 1 } })).toBe(true);
    expect(problem({ offer: { kind: 'percent', percent: 20 } })).toBe(false);
    expect(problem({ offer: { kind: 'threshold', steps: [{ from: 100, off: 101 }] } })).toBe(false);
    expect(problem({ offer: { kind: 'goods', price: 1, maxOff: 10 } })).toBe(false);
    const fixed = { kind: 'fixed', from: '2026-12-02T00:00:00+08:00', to: '2026-12-01T00:00:00+08:00' };
    expect(problem({ offer: { kind: 'amount', off: 1 }, validity: fixed })).toBe(false);
  });

  it('is good from the moment of issue, or between two moments', () => {
    expect(validityOf({ kind: 'days', days: 2 }, 1_000)).toEqual({ from: 1_000, to: 172_801_000 });
    const fixed = { kind: 'fixed' as const, from: '2026-12-01T00:00:00Z', to: '2026-12-02T00:00:00Z' };
    expect(validityOf(fixed, 0).to - validityOf(fixed, 0).from).toBe(86_400_000);
  });
});

describe('a campaign', () => {
  it('ends once and for all, and no dear one runs unapproved', () => {
    for (const { from, to } of Object.values(steps)) {
      expect(from).not.toContain('cancelled');
      // What is over gives nothing any more; only what it gave can be stopped.
      if (from.includes('finished')) expect(['paused', 'cancelled']).toContain(to);
      if (to === 'running') expect(from).not.toContain('draft');
    }
    const now = new Date();
    const over = { startsAt: null, endsAt: now };
    expect(stepOf('resume', { ...over, state: 'paused' }, now)).toBe('finish');
    const later = { startsAt: new Date(now.getTime() + 1), endsAt: null };
    expect(stepOf('launch', { ...later, state: 'approved' }, now)).toBe('schedule');
    expect(stepOf('launch', { ...later, state: 'approved' }, now, { startNow: true })).toBe('launch');
    expect(stepOf('launch', { ...later, state: 'scheduled' }, now, { startNow: true })).toBe('start');
    // Whatever is asked for in whatever order: before it runs it was approved.
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...campaignActions)), (asked) => {
        let state: CampaignState = 'draft';
        let approved = false;
        for (const action of asked) {
          if (!steps[action].from.includes(state)) continue;
          state = steps[action].to;
          if (action === 'approve') approved = true;
          if (state === 'running' || state === 'paused') expect(approved).toBe(true);
        }
      }),
    );
  });

  it('needs a second person above the limit, also cut into pieces or without any bound', () => {
    const rule = { approvedAlone: 0, approvalAbove: 100 };
    expect(exposureOf({ budget: 100, total: 5, liability: 30 })).toBe(100);
    expect(exposureOf({ budget: null, total: 3, liability: 30 })).toBe(90);
    expect(needsSecondPerson(100, rule)).toBe(false);
    expect(needsSecondPerson(101, rule)).toBe(true);
    expect(needsSecondPerson(60, { ...rule, approvedAlone: 60 })).toBe(true);
    expect(needsSecondPerson(exposureOf({ budget: null, total: null, liability: 1 }), rule)).toBe(true);
  });
});

describe('a code', () => {
  const secret = Buffer.alloc(32, 7);
  const keyOf = (campaignNo: number) => campaignKeyOf(secret, campaignNo);
  const anyParts = fc.record({
    campaignNo: fc.integer({ min: 1, max: 2 ** 20 - 1 }),
    memberNo: fc.integer({ min: 1, max: 2 ** 31 - 1 }),
    nth: fc.integer({ min: 1, max: 15 }),
    lastDay: fc.integer({ min: 20_089, max: 20_089 + 16_000 }),
  });

  it('proves its coupon, however it is typed', () => {
    fc.assert(
      fc.property(anyParts, (parts) => {
        const code = makeCode(parts, keyOf(parts.campaignNo));
        expect(verifyCode(code, keyOf)).toEqual(parts);
        expect(code.startsWith(codesBegin(parts.campaignNo))).toBe(true);
        expect(verifyCode(shownCode(code).toLowerCase().replaceAll('0', 'o'), keyOf)).toEqual(parts);
      }),
    );
  });

  it('cannot be changed or made without the key', () => {
    fc.assert(
      fc.property(anyParts, fc.nat(29), fc.integer({ min: 1, max: 31 }), (parts, at, by) => {
        const code = makeCode(parts, keyOf(parts.campaignNo));
        const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
        const other = alphabet[(alphabet.indexOf(code[at]!) + by) % 32]!;
        expect(verifyCode(code.slice(0, at) + other + code.slice(at + 1), keyOf)).toBeNull();
        expect(verifyCode(code, (no) => campaignKeyOf(Buffer.alloc(32, 8), no))).toBeNull();
        expect(verifyCode(code, () => keyOf(parts.campaignNo + 1))).toBeNull();
      }),
    );
    expect(readCode('CP12345678')).toBeNull();
    expect(readCode('U'.repeat(30))).toBeNull();
  });

  it('keeps its published form', () => {
    const parts = { campaignNo: 1, memberNo: 1, nth: 1, lastDay: 20_089 + 365 };
    expect(makeCode(parts, keyOf(1))).toMatchInlineSnapshot(`"00010000008GBDHP33MM8SVA72QPZ0"`);
  });
});

describe('what became of a coupon', () => {
  const terms: CouponTerms = { liability: 1_000, validTo: 100, voidFrom: null, returned: true, open: true };
  const use = (orderId: string, at: number, more: Partial<Use> = {}): Use => ({
    orderId,
    at,
    decided: false,
    amount: null,
    undone: false,
    ...more,
  });

  it('is the same in whatever order its uses are heard of', () => {
    const anyUse = fc.record({
      orderId: fc.constantFrom('1', '2', '3', '4', '5'),
      at: fc.integer({ min: 0, max: 150 }),
      decided: fc.boolean(),
      amount: fc.option(fc.integer({ min: 0, max: 2_000 })),
      undone: fc.boolean(),
    });
    const uses = fc.uniqueArray(anyUse, { selector: ({ orderId }) => orderId });
    fc.assert(
      fc.property(uses, fc.boolean(), (list, returned) => {
        const fate = foldUses(list, { ...terms, returned }, null);
        expect(foldUses(list.toReversed(), { ...terms, returned }, null)).toEqual(fate);
        expect([...fate.verdicts.values()].filter((verdict) => verdict === 'counted')).toHaveLength(
          fate.state === 'redeemed' ? 1 : 0,
        );
        expect(fate.amount).toBeLessThanOrEqual(terms.liability);
        expect(fate.verdicts.size).toBe(list.length);
      }),
    );
  });

  it('counts what was decided, then the earliest; the rest is kept as conflicts', () => {
    const fate = foldUses(
      [use('1', 10), use('2', 20, { decided: true, amount: 300 }), use('3', 5)],
      terms,
      null,
    );
    expect(fate).toMatchObject({ state: 'redeemed', use: { orderId: '2' }, amount: 300 });
    expect(Object.fromEntries(fate.verdicts)).toEqual({ 1: 'conflict', 2: 'counted', 3: 'conflict' });
    expect(foldUses([use('1', 10), use('3', 5)], terms, null)).toMatchObject({
      use: { orderId: '3' },
      amount: 1_000,
    });
  });

  it('comes back with its order where the template says so', () => {
    const undone = use('1', 10, { undone: true });
    expect(foldUses([undone], terms, null)).toMatchObject({ state: 'issued', amount: 0 });
    expect(foldUses([undone], { ...terms, returned: false }, null).state).toBe('redeemed');
    expect(foldUses([undone, use('2', 50)], terms, null).use?.orderId).toBe('2');
  });

  it('is over after its time, and the books stay closed', () => {
    expect(foldUses([use('1', 100)], terms, null).verdicts.get('1')).toBe('late');
    expect(foldUses([use('1', 60)], { ...terms, voidFrom: 50 }, null).verdicts.get('1')).toBe('void');
    expect(foldUses([use('1', 60)], { ...terms, open: false }, null)).toMatchObject({ state: 'expired' });
    expect(foldUses([use('1', 60)], { ...terms, open: false }, '1')).toMatchObject({ state: 'redeemed' });
  });
});
