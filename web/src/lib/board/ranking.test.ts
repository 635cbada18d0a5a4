import { describe, expect, it } from 'vitest';
import { storeTile } from '#lib/testing/board-data.ts';
import { rankStores } from './ranking.ts';

const tiles = (nets: Record<string, number>) =>
  Object.entries(nets).map(([code, net]) => storeTile({ code, net }));

describe('the leading stores', () => {
  it('are sorted by what they sold, ties by code', () =>
    expect(rankStores(tiles({ b: 5, a: 5, c: 9 }), 'net', [], 0).map((row) => row.code)).toEqual([
      'c',
      'a',
      'b',
    ]));
  it('leave out who has not sold yet', () =>
    expect(rankStores([storeTile({ code: 'a', orders: 0, net: 0 })], 'net', [], 0)).toEqual([]));
  it('have not moved at first sight', () =>
    expect(rankStores(tiles({ a: 1, b: 2 }), 'net', [], 0).every((row) => row.climbed === null)).toBe(true));

  it('show who climbed, for half a minute', () => {
    const first = rankStores(tiles({ a: 3, b: 2, c: 1 }), 'net', [], 0);
    const second = rankStores(tiles({ a: 3, b: 2, c: 4 }), 'net', first, 1000);
    expect(second[0]).toEqual({ code: 'c', rank: 1, climbed: { by: 2, at: 1000 } });
    expect(second[1]!.climbed).toBeNull();
    const later = rankStores(tiles({ a: 3, b: 2, c: 4 }), 'net', second, 20_000);
    expect(later[0]!.climbed).toEqual({ by: 2, at: 1000 });
    expect(rankStores(tiles({ a: 3, b: 2, c: 4 }), 'net', later, 32_000)[0]!.climbed).toBeNull();
  });
  it('are the same list while nothing moves', () => {
    const first = rankStores(tiles({ a: 3, b: 2 }), 'net', [], 0);
    expect(rankStores(tiles({ a: 5, b: 4 }), 'net', first, 1000)).toBe(first);
    expect(rankStores(tiles({ a: 5 }), 'net', first, 2000)).not.toBe(first);
  });
  it('forget a climb when the store falls back', () => {
    const first = rankStores(tiles({ a: 3, b: 2 }), 'net', [], 0);
    const up = rankStores(tiles({ a: 3, b: 4 }), 'net', first, 1000);
    expect(rankStores(tiles({ a: 5, b: 4 }), 'net', up, 2000)[1]).toEqual({
      code: 'b',
      rank: 2,
      climbed: null,
    });
  });
  it('count from below the list for a newcomer', () => {
    const first = rankStores(tiles({ a: 3, b: 2 }), 'net', [], 0, 2);
    expect(rankStores(tiles({ a: 3, b: 2, c: 9 }), 'net', first, 1, 2)[0]!.climbed).toEqual({ by: 2, at: 1 });
  });
});
