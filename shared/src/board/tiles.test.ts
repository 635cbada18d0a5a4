import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BoardValue } from '../contract/board.ts';
import {
  emptyScope,
  feedTiles,
  hideMoney,
  locationsOf,
  salesTiles,
  stockTiles,
  storeTiles,
  type BoardState,
  type ScopedState,
} from './tiles.ts';

/** Amounts of this state are odd numbers beyond a million, so that one that slips through is recognised. */
const amount = fc.integer({ min: 500_000, max: 5_000_000 }).map((n) => n * 2 + 1);
const small = fc.integer({ min: 0, max: 99 });
const AT = Date.UTC(2026, 9, 24, 8);
const place = (no: number, region: string) => ({
  no,
  code: `S${no}`,
  kind: 'store',
  nameZh: `店${no}`,
  nameEn: `Store ${no}`,
  region,
  city: null,
});

const states: fc.Arbitrary<BoardState> = fc
  .record({
    paid: fc.array(amount, { minLength: 6, maxLength: 6 }),
    past: amount,
    target: amount,
    orders: small,
    curve: fc.array(amount, { minLength: 1, maxLength: 5 }),
  })
  .map(({ paid, past, target, orders, curve }) => ({
    day: '2026-10-24',
    dayStart: AT - 8 * 3_600_000,
    places: new Map([1, 2, 3].map((no) => [no, place(no, no < 3 ? 'east' : 'west')])),
    days: new Map(
      paid.map((sum, i) => {
        const locationNo = 1 + (i % 3);
        const channel = i < 3 ? 'pos' : 'live';
        return [
          `${locationNo}|${channel}`,
          {
            locationNo,
            channel,
            orders,
            units: orders,
            placed: sum,
            paid: sum,
            refunded: 0,
            lastSaleAt: new Date(AT),
          },
        ];
      }),
    ),
    curves: {
      today: new Map(curve.map((net, i) => [i, new Map([[1, net]])])),
      yesterday: new Map([[0, new Map([[2, past]])]]),
      lastWeek: new Map(),
    },
    sameTime: { at: AT, yesterday: new Map([[1, { net: past, total: past + 2 }]]), lastWeek: new Map() },
    rate: { minute: AT, orders: new Map([[1, orders]]) },
    targets: new Map([
      [1, target],
      [3, target],
    ]),
    stock: new Map([
      [1, { balances: 5, soldOut: 1, oversold: 0 }],
      [3, { balances: 7, soldOut: 0, oversold: 2 }],
    ]),
    low: new Map([[1, 2]]),
    unknown: { unknownSkus: 0, unknownLocations: 0 },
    sources: [],
    ledger: { events: 1, lastReceivedAt: null, openRejections: 0 },
    ingest: { perSecond: 0, commitMsP50: 0, commitMsP99: 0, queued: 0 },
  }));
const scopedOf = (money: number): ScopedState => ({
  ...emptyScope,
  hot: [{ sku: 'A', nameZh: '茶', nameEn: 'Tea', units: 3, net: money }],
  flags: [],
  feed: [
    { id: 7, at: new Date(AT), kind: 'big_order', locationNo: 1, params: { amount: money, channel: 'pos' } },
  ],
});

/** Every number in a value, however deep. */
function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(numbersIn);
}
const object = (value: BoardValue | undefined) => value as Record<string, unknown>;

describe('tiles', () => {
  test('with money hidden no amount is left anywhere, and shares, ratios and counts stay', () => {
    fc.assert(
      fc.property(states, amount, (state, money) => {
        const scoped = scopedOf(money);
        const sales = salesTiles(state, null, scoped);
        const hidden = hideMoney('sales', sales);
        for (const values of [
          hidden,
          hideMoney('stores', storeTiles(state, null)),
          hideMoney('feed', feedTiles(scoped)),
        ])
          for (const [key, value] of values)
            expect(
              numbersIn(value).filter((number) => Math.abs(number) > 100_000),
              key,
            ).toEqual([]);
        expect([...hidden.keys()]).toEqual([...sales.keys()]);
        expect(object(hidden.get('target')).reached).toBe(object(sales.get('target')).reached);
        expect(object(hidden.get('compare')).vsYesterday).toBe(object(sales.get('compare')).vsYesterday);
        expect(object(hidden.get('today'))).toMatchObject({
          orders: object(sales.get('today')).orders,
          net: null,
        });
      }),
    );
  });

  test('hidden curves keep their shape in thousandths of the largest day', () => {
    const values = new Map<string, BoardValue>([
      ['curve:0', 300],
      ['curve:1', 100],
      ['yesterday:0', 1000],
    ]);
    expect([...hideMoney('sales', values).values()]).toEqual([300, 100, 1000]);
  });

  test('channels, stores and regions add up to the company', () => {
    fc.assert(
      fc.property(states, (state) => {
        const none = emptyScope;
        const net = (scope: string) =>
          object(salesTiles(state, locationsOf(scope, state.places.values()), none).get('today'))
            .net as number;
        const all = salesTiles(state, null, none);
        const channels = [...all]
          .filter(([key]) => key.startsWith('channel:'))
          .map(([, value]) => object(value));
        expect(channels.reduce((sum, channel) => sum + (channel.net as number), 0)).toBe(net('all'));
        expect(channels.reduce((sum, channel) => sum + (channel.share as number), 0)).toBeCloseTo(1, 3);
        expect(net('region:east') + net('region:west')).toBe(net('all'));
        expect(net('store:S1') + net('store:S2')).toBe(net('region:east'));
        const stores = [...storeTiles(state, null).values()].map(object);
        expect(stores.reduce((sum, store) => sum + (store.net as number), 0)).toBe(net('all'));
      }),
    );
  });

  test('a scope sees its own targets, comparison and stock only', () => {
    fc.assert(
      fc.property(states, (state) => {
        const east = locationsOf('region:east', state.places.values());
        const values = salesTiles(state, east, emptyScope);
        expect(object(values.get('target')).amount).toBe(state.targets.get(1));
        expect(object(values.get('compare')).yesterday).toBe(state.sameTime.yesterday.get(1)!.net);
        expect(stockTiles(state, east, emptyScope).get('summary')).toMatchObject({
          balances: 5,
          soldOut: 1,
          oversold: 0,
          low: 2,
        });
        expect([...storeTiles(state, east).keys()]).toEqual(['S1', 'S2']);
      }),
    );
  });

  test('where there is nothing to compare with, ratios are null, never infinite', () => {
    fc.assert(
      fc.property(states, (state) => {
        const empty = {
          ...state,
          days: new Map(),
          sameTime: { at: AT, yesterday: new Map(), lastWeek: new Map() },
          targets: new Map(),
        };
        const values = salesTiles(empty, null, emptyScope);
        expect(values.get('compare')).toMatchObject({ yesterday: null, vsYesterday: null, vsLastWeek: null });
        expect(values.get('target')).toEqual({ amount: null, reached: null });
        expect(object(values.get('channel:pos')).share).toBeNull();
        const nothingSold = {
          ...state,
          sameTime: { ...state.sameTime, yesterday: new Map([[1, { net: 0, total: 0 }]]) },
        };
        const compared = salesTiles(nothingSold, null, emptyScope).get('compare');
        expect(compared).toMatchObject({ yesterday: 0, vsYesterday: null });
      }),
    );
  });
});
