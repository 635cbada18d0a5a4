import { describe, expect, it } from 'vitest';
import { couponTemplate, type Offer } from '../coupons/template.ts';
import { groupTemplate } from '../groups/template.ts';
import type { SourcingRow, Stocked } from '../restock/sourcing.ts';
import { expectationOf, learn, type Past, type Plan } from './expect.ts';
import {
  belowCost,
  extraPieces,
  lowestPrice,
  placesOf,
  sharesGoods,
  type ScopedSku,
  type Templated,
} from './goods.ts';
import { planMoves } from './moves.ts';
import { checksOf, sayings, stopsOf, type Facts } from './preflight.ts';
import { upliftOf, type Measured } from './report.ts';

const plan: Plan = {
  kind: 'coupon',
  give: 'push',
  offer: 'amount',
  broad: false,
  audience: 10_000,
  most: null,
  each: 500,
  exposure: 5_000_000,
  pieces: 1,
};
const past = (more: Partial<Past>): Past => ({
  kind: 'coupon',
  give: 'push',
  offer: 'amount',
  broad: false,
  audience: 1_000,
  issued: 1_000,
  redeemed: 20,
  spent: 10_000,
  worst: 10_000,
  extraOrders: null,
  ...more,
});

describe('what is expected', () => {
  it('is a default that says so, until there is something to learn from', () => {
    const { use, used, cost, extra, extraShare } = expectationOf(plan, []);
    expect(use).toEqual({ low: 0.01, expected: 0.03, high: 0.08, campaigns: 0 });
    expect(used).toEqual({ low: 100, expected: 300, high: 800 });
    expect(cost).toEqual({ low: 50_000, expected: 150_000, high: 400_000 });
    expect([extra.expected, extraShare.campaigns]).toEqual([150, 0]);
  });

  it('is learnt from campaigns of the same manner: half to double of one, the middle of many', () => {
    expect(learn([0.02], { low: 0, expected: 0, high: 0 })).toMatchObject({
      low: 0.01,
      expected: 0.02,
      high: 0.04,
      campaigns: 1,
    });
    const many = [past({ redeemed: 20 }), past({ redeemed: 60 }), past({ redeemed: 30 })];
    const { use, depth } = expectationOf(plan, [
      ...many,
      // Claimed, to everybody, or too small: another matter.
      past({ give: 'claim', redeemed: 900 }),
      past({ broad: true, redeemed: 900 }),
      past({ issued: 50, redeemed: 50 }),
    ]);
    expect(use).toEqual({ low: 0.02, expected: 0.03, high: 0.06, campaigns: 3 });
    expect(depth.expected).toBe(1);
    expect(expectationOf(plan, [past({ extraOrders: 5 })]).extraShare).toMatchObject({
      expected: 0.25,
      campaigns: 1,
    });
  });

  it('never passes number and money', () => {
    const { taken, cost } = expectationOf({ ...plan, most: 40, exposure: 300 }, []);
    expect(taken.high).toBe(40);
    expect(cost.high).toBe(300);
  });

  it('of what is claimed depends on how many came to claim', () => {
    const { take, taken } = expectationOf({ ...plan, give: 'claim' }, [
      past({ give: 'claim', audience: 5_000, issued: 500 }),
    ]);
    expect(take.expected).toBe(0.1);
    expect(taken).toEqual({ low: 500, expected: 1_000, high: 2_000 });
  });
});

const sku = (code: string, more: Partial<ScopedSku> = {}): ScopedSku => ({
  no: 1,
  code,
  nameZh: code,
  nameEn: code,
  category: null,
  cost: 600,
  listPrice: 1_000,
  rate: 1,
  ...more,
});
const coupon = (offer: Offer, scope: object = {}): Templated => ({
  kind: 'coupon',
  template: couponTemplate.parse({ title: 't', offer, scope, validity: { kind: 'days', days: 7 } }),
});

describe('the lowest price of a piece', () => {
  it.each<[Offer, number]>([
    [{ kind: 'amount', off: 300, from: 0 }, 700],
    // Three pieces reach 2,500, and share what comes off.
    [{ kind: 'amount', off: 300, from: 2_500 }, 900],
    [{ kind: 'percent', percent: 20, maxOff: 10_000, from: 0 }, 800],
    [{ kind: 'percent', percent: 50, maxOff: 100, from: 0 }, 900],
    // The second step takes 40 % off two pieces, the first 10 % off one.
    [
      {
        kind: 'threshold',
        steps: [
          { from: 1_000, off: 100 },
          { from: 2_000, off: 800 },
        ],
      },
      600,
    ],
    [{ kind: 'goods', price: 250, maxQty: 1, maxOff: 5_000 }, 250],
  ])('after %o', (offer, lowest) => expect(lowestPrice(offer, 1_000)).toBe(lowest));

  it('is named where it is below cost, the worst first, and not where nobody knows the cost', () => {
    const below = belowCost(coupon({ kind: 'amount', off: 500, from: 0 }), [
      sku('A'),
      sku('B', { cost: 900 }),
      sku('C', { cost: null }),
      sku('D', { cost: 400 }),
    ]);
    expect(below.map(({ code, lowest }) => [code, lowest])).toEqual([
      ['B', 500],
      ['A', 500],
    ]);
  });

  it('of a group is that of all its goods', () => {
    const template = groupTemplate.parse({
      title: 't',
      goods: [{ sku: 'A', qty: 2 }, { sku: 'B' }],
      price: 1_700,
      size: 2,
      hours: 24,
      leaderBonus: 200,
    });
    const group: Templated = { kind: 'group', template };
    expect(belowCost(group, [sku('A'), sku('B')])).toMatchObject([{ cost: 1_800, lowest: 1_600 }]);
    expect(extraPieces(group, [sku('A'), sku('B')], 10)).toEqual([20, 10]);
  });
});

describe('goods', () => {
  it('of a coupon leave the shelves as they sell today, from where its channels sell', () => {
    const amount: Offer = { kind: 'amount', off: 100, from: 0 };
    expect(extraPieces(coupon(amount), [sku('A', { rate: 3 }), sku('B', { rate: 1 })], 40)).toEqual([30, 10]);
    expect(extraPieces(coupon(amount), [sku('A', { rate: 0 }), sku('B', { rate: 0 })], 40)).toEqual([20, 20]);
    expect(placesOf(coupon(amount, { channels: ['pos'] })).kinds).toEqual(['store']);
    expect(placesOf(coupon(amount, { channels: ['mall', 'live'] })).kinds).not.toContain('store');
    expect(placesOf(coupon(amount, { channels: ['pos', 'mall'] })).kinds).toBeNull();
  });

  it('are shared by campaigns by SKU, by category, and by whatever is about everything', () => {
    const mine = { skus: ['A'] };
    const scope = [sku('A', { category: 'C1' })];
    expect(sharesGoods(scope, mine, { skus: ['B'] })).toBe(false);
    expect(sharesGoods(scope, mine, { skus: ['A', 'B'] })).toBe(true);
    expect(sharesGoods(scope, mine, { categories: ['C1'] })).toBe(true);
    expect(sharesGoods(scope, mine, { categories: ['C2'] })).toBe(false);
    expect(sharesGoods(scope, mine, {})).toBe(true);
    // Categories of which no SKU is known yet.
    expect(sharesGoods([], { categories: ['C9'] }, { categories: ['C9'] })).toBe(true);
  });
});

describe('moves', () => {
  const source = (locationNo: number, more: Partial<Stocked>): Stocked => ({
    locationNo,
    code: `L${locationNo}`,
    kind: 'store',
    available: 0,
    inbound: 0,
    reorderPoint: 5,
    orderUpTo: 20,
    rate: 0,
    promised: 0,
    km: 10,
    ...more,
  });
  const row = (locationNo: number, sources: Stocked[], more: Partial<SourcingRow> = {}): SourcingRow => ({
    skuNo: 1,
    locationNo,
    kind: 'store',
    available: 0,
    inbound: 0,
    policy: null,
    packSize: 1,
    minOrder: 1,
    unitCost: 100,
    listPrice: 200,
    supplier: null,
    sources,
    warehouse: null,
    ...more,
  });
  const need = (locationNo: number, need: number, short: number) => ({ skuNo: 1, locationNo, need, short });
  const now = new Date('2026-11-23T00:00:00Z');
  const shown = (moves: ReturnType<typeof planMoves>) => moves.map(({ from, to, qty }) => [from, to, qty]);

  it('take only what a source does not need for the campaign itself', () => {
    const sources = [source(2, { available: 100 })];
    expect(shown(planMoves([row(1, sources)], [need(1, 70, 70), need(2, 60, 0)], now))).toEqual([[2, 1, 40]]);
  });

  it('do not promise the same pieces twice, and fill from several', () => {
    const sources = [source(2, { available: 70 }), source(3, { available: 50, km: 200 })];
    const moves = planMoves(
      [row(1, sources), row(4, sources)],
      [need(1, 40, 40), need(4, 60, 60), need(2, 10, 0), need(3, 10, 0)],
      now,
    );
    // 50 can be spared at 2 and 30 at 3; the larger lack goes first.
    expect(shown(moves)).toEqual([
      [2, 4, 50],
      [3, 4, 10],
      [3, 1, 20],
    ]);
  });

  it('buy what nobody has, where the supplier comes there', () => {
    const supplier = { code: 'V1', leadTimeDays: 3, direct: true };
    const [move] = planMoves([row(1, [], { supplier })], [need(1, 40, 40)], now);
    expect(move).toMatchObject({
      from: null,
      supplier: 'V1',
      qty: 40,
      expectedAt: '2026-11-26T00:00:00.000Z',
    });
  });
});

describe('checks', () => {
  const facts: Facts = {
    kind: 'coupon',
    give: 'push',
    expectation: expectationOf(plan, []),
    held: 0,
    limits: { budget: 5_000_000, exposure: 5_000_000, each: 500 },
    most: 10_000,
    stock: {
      skus: 2,
      unknown: 0,
      withoutForecast: 0,
      need: 400,
      have: 900,
      short: 0,
      locations: 0,
      seat: null,
    },
    price: { skus: 2, unknown: 0, belowCost: 0, worst: 0 },
    overlap: { campaigns: 0, members: 0 },
    hours: 720,
    media: [{ medium: 'sms', members: 8_000 }],
    gateways: 1,
  };
  const of = (more: Partial<Facts>) => checksOf({ ...facts, ...more });
  const said = (more: Partial<Facts>, level: string) =>
    of(more)
      .filter((each) => each.level === level)
      .map(({ says }) => says);

  it('are quiet where all is well, and each says all the numbers of its sentence', () => {
    expect(said({}, 'ok')).toHaveLength(7);
    for (const { says, numbers } of of({ held: 50, overlap: { campaigns: 1, members: 7 }, most: 9_000 }))
      expect(Object.keys(numbers), says).toEqual([...sayings[says]]);
  });

  it('stop only what nothing could come of, and the launch goes by the same', () => {
    const nobody = { ...facts.expectation, audience: 0 };
    const cases: [Partial<Facts>, string[]][] = [
      [{}, []],
      [{ expectation: nobody }, ['audience_empty']],
      [{ expectation: nobody, give: 'claim' }, []],
      [{ most: 0 }, ['budget_nothing']],
      [{ hours: 0 }, ['validity_over']],
      [{ stock: { ...facts.stock, seat: { need: 2, have: 1 } } }, ['stock_seat']],
      [{ stock: { ...facts.stock, short: 90, locations: 3 } }, []],
    ];
    for (const [more, stops] of cases) {
      expect(said(more, 'stop')).toEqual(stops);
      expect(stopsOf({ ...facts, ...more })).toEqual(stops);
    }
  });

  it('warn of what a person should know', () => {
    expect(
      said(
        {
          held: 40,
          most: 9_000,
          hours: 24,
          stock: { ...facts.stock, short: 90, locations: 3 },
          price: { skus: 2, unknown: 0, belowCost: 1, worst: 200 },
          overlap: { campaigns: 2, members: 500 },
          media: [{ medium: 'sms', members: 900 }],
        },
        'warn',
      ),
    ).toEqual([
      'audience_small_holdout',
      'stock_short',
      'budget_small',
      'price_below_cost',
      'overlap',
      'validity_short',
      'consent_few',
    ]);
    expect(said({ limits: { budget: null, exposure: null, each: 500 }, gateways: 0 }, 'warn')).toEqual([
      'budget_unbounded',
      'no_gateway',
    ]);
    // A receiver that needs no consent hears of all of them.
    expect(said({ media: [{ medium: 'sms', members: 0 }], gateways: 2 }, 'warn')).toEqual([]);
  });
});

describe('uplift', () => {
  const part = (members: number, buyers: number, net: number): Measured => ({
    members,
    buyers,
    orders: buyers,
    net: buyers * net,
    ordersSquared: buyers,
    netSquared: buyers * net * net,
  });

  it('is what those who were given one bought more than those held out, for all of them', () => {
    const { orders, extraOrders, buyers, net } = upliftOf(part(9_000, 900, 10_000), part(1_000, 60, 10_000));
    expect(orders.difference).toBeCloseTo(0.04, 9);
    expect(extraOrders.expected).toBe(360);
    expect(extraOrders.low).toBeGreaterThan(0);
    expect(buyers.enough && net.enough).toBe(true);
    expect(net.difference).toBeCloseTo(400, 6);
  });

  it('says so where there is not enough to say', () => {
    expect(upliftOf(part(9_000, 900, 10_000), part(50, 3, 10_000)).orders.enough).toBe(false);
  });
});
