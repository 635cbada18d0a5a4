import { describe, expect, it } from 'vitest';
import { readCount } from './count.ts';

describe('a count that was pasted', () => {
  it('is read whatever stands between code and quantity, without its heading', () => {
    expect(readCount('\uFEFF编码,数量\nA1,5\r\nB2\t0\n\nC3；12；note\n"D4","7"')).toEqual({
      lines: [
        { sku: 'A1', onHand: 5 },
        { sku: 'B2', onHand: 0 },
        { sku: 'C3', onHand: 12 },
        { sku: 'D4', onHand: 7 },
      ],
      wrong: [],
    });
  });

  it('tells the lines that make no sense, by number, and loses none silently', () => {
    const { lines, wrong } = readCount('A1,5\nB2,-3\nC3\nD4,1.5\nE5,999999');
    expect(lines).toEqual([{ sku: 'A1', onHand: 5 }]);
    expect(wrong.map(({ line }) => line)).toEqual([2, 3, 4, 5]);
    // A first line with a figure is no heading.
    expect(readCount('A1,-5').wrong).toHaveLength(1);
  });
});
