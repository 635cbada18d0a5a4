import { factData } from '@zhanggui/shared/contract/events.ts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutgoingEvent } from '../event-body.ts';
import { Documents, LateLineError } from './documents.ts';
import { lineReader, type LineResult } from './line.ts';
import { checkMapping, readMapping, type Mapping } from './mapping.ts';

const header = [
  'InvoiceNo',
  'StockCode',
  'Description',
  'Quantity',
  'InvoiceDate',
  'UnitPrice',
  'CustomerID',
  'Country',
];
const mapping = await readMapping('online-retail');

type Row = [invoice: string, sku: string, qty: string, price: string, time?: string, customer?: string];

function read(rows: Row[], by: Mapping = mapping): LineResult[] {
  const reader = lineReader(by, header);
  return rows.map(([invoice, sku, qty, price, time = '2011-01-04 10:00:00', customer = ''], i) =>
    reader({ line: i + 2, fields: [invoice, sku, 'A thing', qty, time, price, customer, 'France'] }),
  );
}

function facts(rows: Row[], by: Mapping = mapping): OutgoingEvent[] {
  const documents = new Documents(by);
  const events = read(rows, by).flatMap((result) => {
    if (result.ok !== true) throw new Error(JSON.stringify(result));
    return documents.add(result.line);
  });
  return [...events, ...documents.end()];
}

const only = (rows: Row[]) => {
  const [event, another] = facts(rows);
  expect(another).toBeUndefined();
  return event;
};

describe('the mapping of Online Retail', () => {
  it('makes one order of the lines of an invoice, identical lines and all', () => {
    const event = only([
      ['536365', '85123A', '6', '2.55', '2011-07-01 08:26:00', '17850.0'],
      ['536365', '85123a', '2', '0'],
      ['536365', '85123A', '6', '2.55'],
    ]);
    expect(event).toEqual({
      id: '536365',
      source: 'online-retail',
      type: 'order.placed',
      // Summer time in London.
      time: '2011-07-01T07:26:00.000Z',
      data: {
        orderId: '536365',
        channel: 'mall',
        location: 'UK-WEB',
        memberId: '17850',
        lines: [
          { sku: '85123A', qty: 6, unitPrice: 255 },
          { sku: '85123a', qty: 2, unitPrice: 0 },
          { sku: '85123A', qty: 6, unitPrice: 255 },
        ],
        total: 3060,
        currency: 'GBP',
        fulfilment: { method: 'carry', location: 'UK-WEB' },
      },
    });
  });

  it('knows nobody where there is no customer', () => {
    expect(only([['1', 'A', '1', '1']])?.data).not.toHaveProperty('memberId');
  });

  it('makes a refund of each line of a C invoice, goods back on the shelf', () => {
    const events = facts([
      ['C536379', 'D', '-1', '27.50'],
      ['C536379', '22556', '-12', '1.65'],
    ]);
    expect(events).toMatchObject([
      {
        id: 'C536379/refund/1',
        type: 'order.refunded',
        data: { orderId: 'C536379', amount: 2750, returnTo: 'UK-WEB' },
      },
      {
        id: 'C536379/refund/2',
        data: { amount: 1980, lines: [{ sku: '22556', qty: 12 }], returnTo: 'UK-WEB' },
      },
    ]);
  });

  it('takes a bad debt as money given up without goods, and its reverse as a sale', () => {
    const [debt] = facts([['A563186', 'B', '1', '-11062.06']]);
    expect(debt).toMatchObject({
      type: 'order.refunded',
      data: { amount: 1_106_206, lines: [{ sku: 'B', qty: 1 }] },
    });
    expect(debt?.data).not.toHaveProperty('returnTo');
    expect(only([['A563185', 'B', '1', '11062.06']])).toMatchObject({
      type: 'order.placed',
      data: { total: 1_106_206 },
    });
  });

  it('takes a negative quantity without a price as a write-off', () => {
    expect(only([['536589', '21777', '-10', '0.0']])).toMatchObject({
      id: '536589/adjustment/1',
      type: 'stock.adjusted',
      data: { location: 'UK-WEB', reason: 'A thing', lines: [{ sku: '21777', delta: -10 }] },
    });
  });

  it('keeps a tenth of a penny out of the books, and says so', () => {
    const [result] = read([['550193', 'PADS', '1', '0.001']]);
    expect(result).toMatchObject({ ok: true, line: { amount: 0, rounded: { digits: -1n, scale: 3 } } });
  });

  it('makes the price up to a whole penny and discounts the rest', () => {
    const [result] = read([['1', 'A', '3', '0.335']]);
    // 1.005 is owed: 1.01 with halves up, as 3 × 0.34 − 0.01.
    expect(result).toMatchObject({ ok: true, line: { amount: 101, unitPrice: 34, discount: 1 } });
  });

  it.each<[string, Row]>([
    ['no number', ['1', 'A', 'six', '1']],
    ['a broken piece', ['1', 'A', '1.5', '1']],
    ['no price', ['1', 'A', '1', 'free']],
    ['no time', ['1', 'A', '1', '1', 'noon']],
    ['no invoice', ['', 'A', '1', '1']],
    ['no SKU', ['1', '', '1', '1']],
    ['no pieces', ['1', 'A', '0', '1']],
    ['a negative quantity at a price', ['1', 'A', '-1', '1']],
  ])('refuses a line with %s', (_, row) => {
    expect(read([row])).toMatchObject([{ ok: false, line: 2 }]);
  });
});

describe('gathering lines', () => {
  it('finds the lines of an invoice that another one interrupts', () => {
    const events = facts([
      ['1', 'A', '1', '1'],
      ['2', 'B', '1', '1'],
      ['1', 'C', '1', '1'],
    ]);
    expect(events.map(({ id }) => id).sort()).toEqual(['1', '2']);
    expect(events.find(({ id }) => id === '1')?.data).toMatchObject({
      lines: [{ sku: 'A' }, { sku: 'C' }],
      total: 200,
    });
  });

  it('sends an invoice on when the file’s time has passed it, and refuses its later lines', () => {
    const documents = new Documents(mapping);
    const rows = read([
      ['1', 'A', '1', '1', '2011-01-04 10:00:00'],
      ['2', 'A', '1', '1', '2011-01-04 10:30:00'],
      ['1', 'A', '1', '1', '2011-01-04 10:31:00'],
    ]);
    const add = (i: number) => {
      const result = rows[i];
      if (result?.ok !== true) throw new Error('not a line');
      return documents.add(result.line);
    };
    expect(add(0)).toEqual([]);
    expect(add(1)).toMatchObject([{ id: '1' }]);
    expect(() => add(2)).toThrow(LateLineError);
  });

  it('cuts an invoice that no order can hold', () => {
    const events = facts(Array.from({ length: 2500 }, (_, i): Row => ['1', `S${i}`, '1', '0.01']));
    expect(events.map(({ id }) => id)).toEqual(['1', '1/part/2', '1/part/3']);
    for (const { data } of events) expect(factData['order.placed'].safeParse(data).error).toBeUndefined();
  });

  it('loses no money, piece or line, whatever the file holds, and makes the same facts again', () => {
    const row = fc.tuple(
      fc.constantFrom('1', '2', '3', 'C4', 'C5', 'A6'),
      fc.constantFrom('A', 'a', 'B'),
      fc.integer({ min: 1, max: 99 }),
      fc.integer({ min: 0, max: 999_999 }),
    );
    fc.assert(
      fc.property(fc.array(row, { maxLength: 60 }), (drawn) => {
        const rows = drawn.map(([invoice, sku, qty, thousandths]): Row => {
          const sign = invoice.startsWith('C') ? -1 : 1;
          return [invoice, sku, String(sign * qty), (thousandths / 1000).toFixed(3)];
        });
        let pence = 0;
        for (const [invoice, , qty, thousandths] of drawn)
          pence += (invoice.startsWith('C') ? -1 : 1) * Math.floor((qty * thousandths + 5) / 10);
        const events = facts(rows);
        let net = 0;
        let lines = 0;
        for (const { type, data } of events) {
          const {
            total = 0,
            amount = 0,
            lines: own,
          } = data as { total?: number; amount?: number; lines: unknown[] };
          net += type === 'order.placed' ? total : -amount;
          lines += own.length;
          expect(factData[type as 'order.placed' | 'order.refunded'].safeParse(data).error).toBeUndefined();
        }
        expect(net).toBe(pence);
        expect(lines).toBe(rows.length);
        expect(facts(rows)).toEqual(events);
        expect(new Set(events.map(({ id }) => id)).size).toBe(events.length);
      }),
    );
  });
});

describe('a mapping of one’s own', () => {
  const own = checkMapping(
    {
      name: 'till roll',
      source: 'till-roll',
      currency: 'JPY',
      timeZone: 'Asia/Tokyo',
      values: {
        document: { column: 'InvoiceNo' },
        time: { column: 'InvoiceDate' },
        sku: { column: 'StockCode' },
        qty: { column: 'Quantity' },
        amount: { column: 'UnitPrice' },
        channel: { column: 'Country', map: { Web: 'mall' }, default: 'pos' },
        location: { column: 'CustomerID', remove: '^shop ' },
      },
      rules: [{ when: { sku: { matches: '^TEST' } }, as: 'skip' }, { as: 'sale' }],
    },
    'own.json',
  );

  it('takes amounts of whole lines in a currency without minor units, channels and places by column', () => {
    const [event] = facts([['7', 'A', '3', '1000', '2026-01-01T09:00:00+09:00', 'shop GINZA']], own);
    expect(event).toMatchObject({
      time: '2026-01-01T00:00:00.000Z',
      data: {
        channel: 'pos',
        location: 'GINZA',
        total: 1000,
        lines: [{ qty: 3, unitPrice: 334, discount: 2 }],
      },
    });
  });

  it.each([
    ['nothing', '0', '10'],
    ['less than nothing', '-1', '10'],
    ['at a negative price', '1', '-10'],
  ])('sells not %s, even where the rules say so', (_, qty, price) => {
    expect(read([['1', 'A', qty, price, '2026-01-01 09:00:00', 'shop X']], own)).toMatchObject([
      { ok: false, problem: 'a sale needs pieces and a price' },
    ]);
  });

  it('leaves lines out', () => {
    expect(read([['7', 'TEST1', '1', '1']], own)).toEqual([{ ok: 'skip', line: 2 }]);
  });

  it.each([
    ['an unknown field', { colour: 'red' }, /colour/],
    ['no prices', { values: { ...own.values, amount: undefined } }, /unitPrice or amount/],
    ['a channel that does not exist', { values: { ...own.values, channel: { value: 'fax' } } }, /fax/],
    ['a broken pattern', { rules: [{ when: { sku: { matches: '(' } }, as: 'sale' }] }, /regular expression/],
  ])('is refused with %s', (_, change, message) => {
    expect(() => checkMapping({ ...own, ...change }, 'own.json')).toThrow(message);
  });

  it('names a column that the file lacks', () => {
    expect(() => lineReader(own, ['a', 'b'])).toThrow(/no column InvoiceNo/);
  });
});
