import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { StockChanges } from './changes.ts';

describe('stock changes', () => {
  test('moves of one fact that cancel out leave no movement', () => {
    const stock = new StockChanges();
    stock.cause(1);
    stock.move(1, 1, 'sale', -2, 1000, 'o');
    stock.move(1, 1, 'sale', 2, 1000, 'o');
    expect(stock.movements()).toEqual([]);
    expect(stock.balances()).toEqual([]);
  });

  test('moves of two facts are kept apart, so that each is traceable', () => {
    const stock = new StockChanges();
    stock.cause(1);
    stock.move(1, 1, 'sale', -2, 1000, 'o');
    stock.cause(2);
    stock.move(1, 1, 'sale', 2, 1000, 'o');
    expect(stock.movements().map(({ seq, qty }) => [seq, qty])).toEqual([
      [1, -2],
      [2, 2],
    ]);
    expect(stock.balances()).toMatchObject([{ qty: 0, firstAt: 1000, lastAt: 1000 }]);
  });

  test('a counted balance is among those to lock, though nothing moved it', () => {
    const stock = new StockChanges();
    stock.count(3, 4, 7, 1000, 'k');
    expect(stock.balances()).toEqual([
      { skuNo: 3, locationNo: 4, qty: 0, reserved: 0, firstAt: null, lastAt: null },
    ]);
  });

  test('balances are unique, sorted in lock order, and hold the sums', () => {
    const no = fc.integer({ min: 1, max: 30 });
    const moves = fc.array(fc.tuple(no, no, fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 9 })));
    fc.assert(
      fc.property(moves, moves, (moved, reserved) => {
        const stock = new StockChanges();
        for (const [seq, [skuNo, locationNo, qty, at]] of moved.entries()) {
          stock.cause(seq);
          stock.move(skuNo, locationNo, 'adjusted', qty, at, null);
        }
        for (const [skuNo, locationNo, qty] of reserved) stock.reserve(skuNo, locationNo, qty);
        const balances = stock.balances();
        const keys = balances.map(({ skuNo, locationNo }) => skuNo * 100 + locationNo);
        expect(keys).toEqual([...new Set(keys)].sort((a, b) => a - b));
        for (const { skuNo, locationNo, qty, reserved: held } of balances) {
          const sum = (list: typeof moved) =>
            list.reduce(
              (all, [sku, location, more]) => (sku === skuNo && location === locationNo ? all + more : all),
              0,
            );
          expect({ qty, held }).toEqual({ qty: sum(moved), held: sum(reserved) });
        }
      }),
    );
  });
});
