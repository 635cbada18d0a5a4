import { describe, expect, it } from 'vitest';
import { approves, csvCell, csvFile, isOrderCode, orderCode, outstanding } from './supply-order.ts';

describe('codes', () => {
  it('are made of the number, and told from those of other systems', () => {
    expect(orderCode('transfer', 123)).toBe('TR-000123');
    expect(orderCode('purchase', 12_345_678)).toBe('PO-12345678');
    for (const code of ['TR-000123', 'PO-12345678']) expect(isOrderCode(code)).toBe(true);
    for (const ref of ['PO-S001-2026-11-25', 'TR-123', 'tr-000123', 'XTR-000123', 'TR-000123 ', ''])
      expect(isOrderCode(ref)).toBe(false);
  });
});

describe('a CSV file', () => {
  it('keeps every text as it is', () => {
    expect(
      csvFile(
        ['sku', 'name'],
        [
          ['A', 'say "hi", 老板\n'],
          ['B', null],
        ],
      ),
    ).toBe('\uFEFFsku,name\r\nA,"say ""hi"", 老板\n"\r\nB,\r\n');
  });

  it('calculates nothing in a spreadsheet', () => {
    for (const sign of ['=', '+', '-', '@', '\t']) expect(csvCell(`${sign}1+1`)).toMatch(/^'/);
    expect(csvCell('\r=1')).toBe('"\'\r=1"');
    expect(csvCell('=HYPERLINK("http://x","y")')).toBe('"\'=HYPERLINK(""http://x"",""y"")"');
    expect(csvCell(-5)).toBe('-5');
    expect(csvCell('a=b')).toBe('a=b');
  });
});

it('nothing is outstanding of what came, broken or too much', () => {
  expect(outstanding({ qty: 10, received: 6, damaged: 1 })).toBe(3);
  expect(outstanding({ qty: 10, received: 12, damaged: 0 })).toBe(0);
});

it('a rule approves what is of its kind and small in both ways', () => {
  const rule = { kinds: ['warehouse' as const], maxCost: 500, maxQty: 10 };
  const small = { sourceKind: 'warehouse' as const, cost: 500, qty: 10 };
  expect(approves(rule, small)).toBe(true);
  for (const other of [{ cost: 501 }, { qty: 11 }, { sourceKind: 'supplier' as const }])
    expect(approves(rule, { ...small, ...other })).toBe(false);
});
