import { describe, expect, it } from 'vitest';
import { addTo, allHere, differencesOf, lineOf, receiptLines, scanOf, setIn } from './tally.ts';

const line = (sku: string, outstanding: number) => ({
  sku,
  nameZh: sku,
  nameEn: sku,
  qty: outstanding,
  received: 0,
  damaged: 0,
  outstanding,
  packSize: 1,
});

describe('a scan', () => {
  it('is a code, once or so many times', () => {
    expect([scanOf(' SKU01 '), scanOf('SKU01*12'), scanOf('SKU01 x 3'), scanOf('  ')]).toEqual([
      { code: 'SKU01', qty: 1 },
      { code: 'SKU01', qty: 12 },
      { code: 'SKU01', qty: 3 },
      null,
    ]);
    // No quantity: part of a code, or a barcode read into it.
    expect(scanOf('BOX12')).toEqual({ code: 'BOX12', qty: 1 });
    expect(scanOf('SKU01*0')).toEqual({ code: 'SKU01*0', qty: 1 });
    expect(scanOf('SKU01*99999')).toEqual({ code: 'SKU01*99999', qty: 1 });
  });

  it('finds its line in any case, the exact one first', () => {
    const lines = [line('abc', 1), line('ABC', 1)];
    expect(lineOf(lines, 'ABC')).toBe(lines[1]);
    expect(lineOf([lines[0]!], 'ABC')).toBe(lines[0]);
    expect(lineOf(lines, 'x')).toBeUndefined();
  });
});

describe('the tally', () => {
  it('never goes below nothing, and never has more damaged than there are', () => {
    const some = addTo(addTo({}, 'A', 2, 0), 'A', 1, 1);
    expect(some).toEqual({ A: { qty: 3, damaged: 1 } });
    expect(addTo(some, 'A', -2)).toEqual({ A: { qty: 1, damaged: 1 } });
    expect(addTo(some, 'A', -9)).toEqual({});
    expect(setIn(some, 'A', { qty: 2, damaged: 5 })).toEqual({ A: { qty: 2, damaged: 2 } });
  });

  it('shows what lacks, what is too much and what is damaged, and nothing else', () => {
    const lines = [line('A', 3), line('B', 2), line('C', 1), line('D', 4)];
    const tally = { A: { qty: 3, damaged: 0 }, B: { qty: 3, damaged: 0 }, C: { qty: 1, damaged: 1 } };
    expect(differencesOf(lines, tally).map(({ line: { sku }, lacks }) => [sku, lacks])).toEqual([
      ['B', -1],
      ['C', 0],
      ['D', 4],
    ]);
    expect(receiptLines(tally)).toContainEqual({ sku: 'C', qty: 1, damaged: 1 });
  });

  it('is filled up to what is due without losing what was found damaged or too much', () => {
    const lines = [line('A', 3), line('B', 2)];
    expect(allHere(lines, { A: { qty: 1, damaged: 1 }, B: { qty: 5, damaged: 0 } })).toEqual({
      A: { qty: 3, damaged: 1 },
      B: { qty: 5, damaged: 0 },
    });
  });
});
