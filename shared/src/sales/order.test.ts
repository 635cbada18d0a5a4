import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StockChanges } from '../stock/changes.ts';
import { BusinessTime } from './business-time.ts';
import {
  addSales,
  addStock,
  emptyOrder,
  foldOrder,
  lineAmounts,
  refundBySku,
  type OrderFact,
  type OrderState,
  type Placed,
} from './order.ts';
import { SalesChanges } from './rollup.ts';

const time = new BusinessTime('Asia/Shanghai');
const BASE = Date.UTC(2026, 9, 24, 15, 58);
const at = fc.integer({ min: 0, max: 5 }).map((n) => BASE + n * 40_000);
const money = fc.integer({ min: 0, max: 5000 });
const lines = fc.array(
  fc.record({ sku: fc.integer({ min: 1, max: 3 }), qty: fc.integer({ min: 1, max: 4 }), unitPrice: money }),
  { minLength: 1, maxLength: 3 },
);

const placed: fc.Arbitrary<Omit<Placed, 'key'>> = fc
  .record({
    at,
    lines,
    total: money,
    locationNo: fc.integer({ min: 1, max: 2 }),
    stockLocationNo: fc.integer({ min: 1, max: 2 }),
    method: fc.constantFrom('carry' as const, 'pickup' as const, 'ship' as const),
    channel: fc.constantFrom('pos', 'live'),
  })
  .map(({ lines: list, ...rest }) => ({
    ...rest,
    memberId: null,
    sessionId: null,
    groupId: null,
    bargainId: null,
    touch: null,
    couponCodes: null,
    lineSku: list.map((line) => line.sku),
    lineQty: list.map((line) => line.qty),
    lineAmount: lineAmounts(rest.total, list),
  }));
const step = fc.record({
  kind: fc.constantFrom('paid' as const, 'cancelled' as const, 'gone' as const, 'delivered' as const),
  at,
});
const refund = fc.record({
  at,
  amount: money,
  returnTo: fc.constantFrom(null, 1, 2),
  lines: fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 1, max: 3 })), { maxLength: 3 }),
});

/** Facts of one order; the keys are unique, as `time source id` is. */
const orderFacts: fc.Arbitrary<OrderFact[]> = fc
  .array(
    fc.oneof(
      placed.map((value) => ({ placed: value })),
      step.map((value) => ({ step: value })),
      refund.map((value) => ({ refund: value })),
    ),
    { maxLength: 8 },
  )
  .map((list) =>
    list.map((item, i): OrderFact => {
      if ('placed' in item)
        return {
          kind: 'placed',
          placed: { ...item.placed, key: `${new Date(item.placed.at).toISOString()} till ${i}` },
        };
      if ('refund' in item)
        return {
          kind: 'refunded',
          refund: { ...item.refund, key: `${new Date(item.refund.at).toISOString()} till ${i}` },
        };
      return item.step;
    }),
  );

/** What all the steps did together, each as the difference that it made. */
function contributions(facts: readonly OrderFact[]) {
  const sales = new SalesChanges(time);
  const stock = new StockChanges();
  let state = emptyOrder;
  for (const [seq, fact] of facts.entries()) {
    const next = foldOrder(state, fact);
    stock.cause(seq);
    addSales(state, -1, sales);
    addStock(state, -1, 'o', stock);
    addSales(next, 1, sales);
    addStock(next, 1, 'o', stock);
    state = next;
  }
  return { state, ...sums(sales, stock) };
}

/** Movements summed over the facts that caused them: which fact books what depends on the order of arrival, the sums do not. */
function sums(sales: SalesChanges, stock: StockChanges) {
  const moved = new Map<string, number>();
  for (const { skuNo, locationNo, kind, at: when, qty } of stock.movements()) {
    const key = `${skuNo}|${locationNo}|${kind}|${when}`;
    moved.set(key, (moved.get(key) ?? 0) + qty);
  }
  const reserved = stock
    .balances()
    .filter((balance) => balance.reserved !== 0)
    .map(({ skuNo, locationNo, reserved: qty }) => ({ skuNo, locationNo, qty }));
  return {
    minutes: sales.minutes(),
    days: sales.days(),
    skus: sales.skus(),
    moved: [...moved].filter(([, qty]) => qty !== 0).sort(),
    reserved,
  };
}

describe('an order', () => {
  test('any order of its facts ends in the same state and the same sums', () => {
    const cases = orderFacts.chain((facts) =>
      fc.tuple(fc.constant(facts), fc.shuffledSubarray(facts, { minLength: facts.length })),
    );
    fc.assert(
      fc.property(cases, ([facts, shuffled]) => {
        expect(contributions(shuffled)).toEqual(contributions(facts));
      }),
      { numRuns: 500 },
    );
  });

  test('the differences of its facts add up to what its last state contributes', () => {
    fc.assert(
      fc.property(orderFacts, (facts) => {
        const { state, ...steps } = contributions(facts);
        const sales = new SalesChanges(time);
        const stock = new StockChanges();
        addSales(state, 1, sales);
        addStock(state, 1, 'o', stock);
        expect(steps).toEqual(sums(sales, stock));
      }),
    );
  });

  test('folding never changes the state that it was given', () => {
    fc.assert(
      fc.property(orderFacts, (facts) => {
        let state: OrderState = Object.freeze({ ...emptyOrder });
        for (const fact of facts) {
          const before = structuredClone(state);
          const next = foldOrder(state, fact);
          expect(state).toEqual(before);
          state = Object.freeze(next);
        }
      }),
    );
  });

  test('the same step heard again, or a later one, changes nothing', () => {
    const paid = foldOrder(emptyOrder, { kind: 'paid', at: BASE });
    expect(foldOrder(paid, { kind: 'paid', at: BASE + 1 })).toEqual(paid);
    expect(foldOrder(paid, { kind: 'paid', at: BASE - 1 }).paidAt).toBe(BASE - 1);
  });

  test('goods that left stay gone when a cancellation comes', () => {
    const [order] = fc.sample(placed, { numRuns: 1, seed: 1 });
    const { moved, reserved } = contributions([
      { kind: 'placed', placed: { ...order!, key: 'k', method: 'ship' } },
      { kind: 'gone', at: BASE + 1 },
      { kind: 'cancelled', at: BASE + 2 },
    ]);
    expect(reserved).toEqual([]);
    expect(moved.reduce((all, [, qty]) => all + qty, 0)).toBe(
      -order!.lineQty.reduce((all, qty) => all + qty, 0),
    );
  });
});

describe('a refund by SKU', () => {
  test('adds up to its amount', () => {
    const cases = fc.tuple(fc.option(placed), refund);
    fc.assert(
      fc.property(cases, ([order, back]) => {
        const parts = refundBySku(order && { ...order, key: 'k' }, { ...back, key: 'r' });
        expect(parts.reduce((all, [, amount]) => all + amount, 0)).toBe(back.amount);
      }),
    );
  });
});
