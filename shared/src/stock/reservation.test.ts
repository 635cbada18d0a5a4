import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allocate, Shelves, sumLines, type HeldLine } from './reservation.ts';

const none = () => 0;

function shelves(pieces: [skuNo: number, locationNo: number, pieces: number][]): Shelves {
  const made = new Shelves();
  for (const [skuNo, locationNo, qty] of pieces) made.set(skuNo, locationNo, qty);
  return made;
}

describe('allocate', () => {
  const some = shelves([
    [1, 10, 2],
    [1, 11, 5],
    [2, 11, 1],
    [1, 12, 9],
    [2, 12, 9],
    [2, 13, 3],
  ]);
  const wish = (lines: [number, number][], locationNos: number[], allowSplit = false) => ({
    lines: lines.map(([skuNo, qty]) => ({ skuNo, qty })),
    locationNos,
    allowSplit,
  });

  it.each<[string, Parameters<typeof allocate>[0], HeldLine[] | null]>([
    [
      'the first location that has all of it',
      wish([[1, 2]], [10, 11, 12]),
      [{ skuNo: 1, locationNo: 10, qty: 2 }],
    ],
    [
      'a farther one, where the first has a part only',
      wish(
        [
          [1, 2],
          [2, 2],
        ],
        [10, 11, 12],
      ),
      [
        { skuNo: 1, locationNo: 12, qty: 2 },
        { skuNo: 2, locationNo: 12, qty: 2 },
      ],
    ],
    ['nothing, where no one has all', wish([[1, 6]], [10, 11]), null],
    [
      'two together, the nearer one first',
      wish([[1, 6]], [10, 11], true),
      [
        { skuNo: 1, locationNo: 10, qty: 2 },
        { skuNo: 1, locationNo: 11, qty: 4 },
      ],
    ],
    [
      'two rather than three',
      wish(
        [
          [1, 5],
          [2, 3],
        ],
        [10, 11, 13],
        true,
      ),
      [
        { skuNo: 1, locationNo: 11, qty: 5 },
        { skuNo: 2, locationNo: 11, qty: 1 },
        { skuNo: 2, locationNo: 13, qty: 2 },
      ],
    ],
    [
      'three where it takes three',
      wish([[1, 16]], [10, 11, 12], true),
      [
        { skuNo: 1, locationNo: 10, qty: 2 },
        { skuNo: 1, locationNo: 11, qty: 5 },
        { skuNo: 1, locationNo: 12, qty: 9 },
      ],
    ],
    ['nothing, where all together have too little', wish([[1, 17]], [10, 11, 12], true), null],
  ])('takes %s', (_what, wanted, held) => {
    expect(allocate(wanted, some, none)).toEqual(held);
  });

  it('leaves the buffer on each shelf', () => {
    expect(allocate(wish([[1, 5]], [11, 12]), some, () => 1)).toEqual([{ skuNo: 1, locationNo: 12, qty: 5 }]);
    expect(allocate(wish([[1, 1]], [10, 11, 12], true), some, () => Infinity)).toBeNull();
  });

  it('gives all that is wanted, never more than there is, and finds it whenever it is there', () => {
    const lines = fc.array(
      fc.record({ skuNo: fc.integer({ min: 1, max: 3 }), qty: fc.integer({ min: 1, max: 6 }) }),
      { minLength: 1, maxLength: 4 },
    );
    const pieces = fc.array(
      fc.tuple(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: -2, max: 6 }),
      ),
    );
    fc.assert(
      fc.property(lines, pieces, fc.nat(2), (wanted, stock, buffer) => {
        const made = shelves(stock);
        const summed = sumLines(wanted);
        const there = [1, 2, 3, 4, 5];
        const held = allocate({ lines: summed, locationNos: there, allowSplit: true }, made, () => buffer);
        const enough = summed.every(
          ({ skuNo, qty }) => there.reduce((sum, no) => sum + made.available(skuNo, no, buffer), 0) >= qty,
        );
        expect(held !== null).toBe(enough);
        for (const { skuNo, locationNo, qty } of held ?? []) {
          expect(qty).toBeGreaterThan(0);
          expect(qty).toBeLessThanOrEqual(made.available(skuNo, locationNo, buffer));
        }
        if (held)
          for (const { skuNo, qty } of summed)
            expect(held.filter((line) => line.skuNo === skuNo).reduce((sum, line) => sum + line.qty, 0)).toBe(
              qty,
            );
      }),
    );
  });
});
