import { describe, expect, it } from 'vitest';
import { stockFlag, storeTile } from '#lib/testing/board-data.ts';
import { groupByCity, heatOf, leadsOf, marksOf, nameInCity } from './store-grid.ts';

it.each([
  [null, 'unknown'],
  [-0.5, 'far-behind'],
  [-0.1, 'behind'],
  [0.05, 'usual'],
  [0.1, 'ahead'],
  [0.2, 'far-ahead'],
])('a lead of %s is %s', (ratio, heat) => expect(heatOf(ratio)).toBe(heat));

describe('who stands out', () => {
  const stores = (reached: (number | null)[], vsYesterday = -0.3) =>
    reached.map((share, i) => storeTile({ code: `s${i}`, reached: share, vsYesterday }));
  it('is told against the median store, not against a better weekday', () => {
    const { basis, leads } = leadsOf(stores([0.5, 0.8, 0.8, 0.84, 1.2]));
    expect(basis).toBe('target');
    expect([...leads.values()].map(heatOf)).toEqual(['far-behind', 'usual', 'usual', 'usual', 'far-ahead']);
  });
  it('is told against yesterday where targets are rare', () => {
    const { basis, leads } = leadsOf(stores([0.5, null, null]));
    expect([basis, leads.get('s1')]).toEqual(['yesterday', -0.3]);
  });
  it('is nobody yet when the day is young', () =>
    expect([...leadsOf(stores([0.001, 0.01, 0.02])).leads.values()]).toEqual([0, 0, 0]));
  it('leaves out a store without a target', () =>
    expect(leadsOf(stores([0.5, 0.5, null])).leads.get('s2')).toBeNull());
  it('is nobody where there are no stores', () => expect(leadsOf([]).leads.size).toBe(0));
});

describe('stores by city', () => {
  it('keep their places: largest city first, then by code', () => {
    const groups = groupByCity([
      storeTile({ code: 'BJ01', city: '北京', nameEn: 'Beijing Xidan' }),
      storeTile({ code: 'SH02', city: '上海', nameEn: 'Shanghai Qibao' }),
      storeTile({ code: 'SH01', city: '上海', nameEn: 'Shanghai Daning' }),
    ]);
    expect(groups).toEqual([
      { key: '上海', labelZh: '上海', labelEn: 'Shanghai', codes: ['SH01', 'SH02'] },
      { key: '北京', labelZh: '北京', labelEn: '北京', codes: ['BJ01'] },
    ]);
  });
  it('hold those of no known city too', () =>
    expect(groupByCity([storeTile({ city: null })])).toHaveLength(1));
});

it('marks stores flagged in the last half hour, oversold before sold out', () => {
  const now = Date.parse('2026-03-01T12:00:00Z');
  const marks = marksOf(
    [
      stockFlag({ location: 'a', kind: 'oversold', since: '2026-03-01T11:50:00Z' }),
      stockFlag({ location: 'a', kind: 'sold_out', since: '2026-03-01T11:55:00Z' }),
      stockFlag({ location: 'b', kind: 'sold_out', since: '2026-03-01T11:40:00Z' }),
      stockFlag({ location: 'c', kind: 'sold_out', since: '2026-03-01T09:00:00Z' }),
    ],
    now,
  );
  expect([...marks]).toEqual([
    ['a', 'oversold'],
    ['b', 'sold_out'],
  ]);
});

describe('a store on a line of its own', () => {
  const tiles = [
    storeTile({ code: 'SH01', nameZh: '上海大宁店', nameEn: 'Shanghai Daning' }),
    storeTile({ code: 'SH02', nameZh: '上海七宝店', nameEn: 'Shanghai Qibao' }),
  ];
  const names = (locale: 'zh-CN' | 'en') =>
    nameInCity(groupByCity(tiles), tiles, {
      locale,
      name: (of) => (locale === 'en' ? of.nameEn : of.nameZh),
    });
  it('loses its city in English', () => expect([...names('en').values()]).toEqual(['Daning', 'Qibao']));
  it('keeps it in Chinese', () => expect(names('zh-CN').get('SH01')).toBe('上海大宁店'));
});
