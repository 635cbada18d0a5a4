import { describe, expect, it } from 'vitest';
import { catalogRows, checkRows } from './rows.ts';

const check = (rows: unknown[]) =>
  checkRows(catalogRows.skus, rows, (row) => ({ key: row.code, field: 'code' }));

describe('checking rows', () => {
  it('fills in what a row leaves out', () => {
    expect(check([{ code: ' A ', nameZh: '茶' }]).valid).toEqual([
      {
        code: 'A',
        nameZh: '茶',
        nameEn: '茶',
        category: null,
        brand: null,
        cost: null,
        listPrice: null,
        supplier: null,
        leadTimeDays: null,
        packSize: 1,
        minOrder: 1,
        exclusiveChannels: [],
        season: null,
      },
    ]);
  });

  it('remembers where the good ones stood', () => {
    const { valid, indexes } = check([{}, { code: 'A', nameZh: 'a' }, null, { code: 'B', nameZh: 'b' }]);
    expect(valid.map((row) => row.code)).toEqual(['A', 'B']);
    expect(indexes).toEqual([1, 3]);
  });

  it('takes the first of two rows with one code, blanks not counted', () => {
    const { valid, rejected } = check([
      { code: 'A', nameZh: 'one' },
      { code: 'A ', nameZh: 'two' },
      { code: 'a', nameZh: 'another' },
    ]);
    expect(valid.map((row) => row.nameZh)).toEqual(['one', 'another']);
    expect(rejected).toMatchObject([{ index: 1, key: 'A', code: 'conflict', field: 'code' }]);
  });

  it.for([
    [{ code: 'A\u0000', nameZh: 'x' }, 'code'],
    [{ code: 'x'.repeat(65), nameZh: 'x' }, 'code'],
    [{ code: 7, nameZh: 'x' }, 'code'],
    [{ code: 'A', nameZh: 'x', cost: -1 }, 'cost'],
    [{ code: 'A', nameZh: 'x', cost: '1' }, 'cost'],
    [{ code: 'A', nameZh: 'x', packSize: 0 }, 'packSize'],
    [{ code: 'A', nameZh: 'x', leadTimeDays: 1.5 }, 'leadTimeDays'],
    [{ code: 'A', nameZh: 'x', Cost: 1 }, 'Cost'],
    [[], 'row'],
  ] as const)('names the field of %j', ([row, field]) => {
    expect(check([row]).rejected).toMatchObject([{ index: 0, code: 'invalid_request', field }]);
  });

  it('knows where on earth a location can be', () => {
    const at = (latitude: number, longitude: number) =>
      catalogRows.locations.safeParse({ code: 'S', nameZh: 's', kind: 'store', latitude, longitude }).success;
    expect([at(31.2, 121.5), at(91, 0), at(0, 181)]).toEqual([true, false, false]);
  });
});
