import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { factData } from '../contract/events.ts';
import { toldGroup, type ToldFact } from '../groups/told.ts';
import { randomFrom } from './random.ts';
import { scenarios, simulate, type Scenario, type SimulatedEvent } from './simulation.ts';
import type { Market } from './stories.ts';

const market: Market = {
  offers: Array.from({ length: 300 }, (_, i) => ({ code: `SKU${i}`, listPrice: 500 + i * 37 })),
  stores: ['S1', 'S2', 'S3', 'S4', 'S5'],
  warehouses: ['W1'],
  run: 'test',
};

function take(
  scenario: Scenario,
  count: number,
  { seed = 'a', rate = 100, of = market } = {},
): SimulatedEvent[] {
  const events: SimulatedEvent[] = [];
  for (const event of simulate(scenario, of, randomFrom(seed), rate)) {
    if (events.length === count) break;
    events.push(event);
  }
  return events;
}

const ofType = (events: SimulatedEvent[], ...types: string[]) =>
  events.filter((event) => types.includes(event.type));

describe.each(scenarios)('scenario %s', (scenario) => {
  it('is the same for the same seed, another for another', () => {
    expect(take(scenario, 500)).toEqual(take(scenario, 500));
    expect(take(scenario, 500)).not.toEqual(take(scenario, 500, { seed: 'b' }));
  });

  it('fits the contract and keeps its rate, for any market', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 1, max: 6 }),
        fc.integer({ min: 0, max: 2 }),
        fc.integer({ min: 1, max: 5000 }),
        (skus, stores, warehouses, rate) => {
          const of: Market = {
            offers: market.offers.slice(0, skus),
            stores: Array.from({ length: stores }, (_, i) => `S${i}`),
            warehouses: Array.from({ length: warehouses }, (_, i) => `W${i}`),
            run: 'r',
          };
          for (const [i, event] of take(scenario, 300, { of, rate }).entries()) {
            expect(factData[event.type].safeParse(event.data).error).toBeUndefined();
            expect(event).toMatchObject({ index: i, offset: Math.floor((i * 1000) / rate) });
          }
        },
      ),
      { numRuns: 25 },
    );
  });

  it('never tells a later step of an order before the order', () => {
    const placed = new Set<string>();
    for (const { type, data } of take(scenario, 4000))
      if (type === 'order.placed' && 'orderId' in data && data.orderId) placed.add(data.orderId);
      else if (type.startsWith('order.') && 'orderId' in data) expect(placed).toContain(data.orderId);
  });
});

describe('the later steps of a story', () => {
  it('come when their time has come, not before', () => {
    const placedAt = new Map<string, number>();
    let shipped = 0;
    for (const { type, data, offset } of take('ordinary', 6000)) {
      if (!('orderId' in data) || data.orderId === undefined) continue;
      if (type === 'order.placed') placedAt.set(data.orderId, offset);
      if (type !== 'order.shipped') continue;
      shipped += 1;
      // Paid after half a second at the earliest, sent five seconds later.
      expect(offset - (placedAt.get(data.orderId) ?? Infinity)).toBeGreaterThanOrEqual(5_500);
    }
    expect(shipped).toBeGreaterThan(100);
  });
});

describe('the scenarios', () => {
  it('cover every fact type on an ordinary day', () => {
    const seen = new Set(take('ordinary', 20_000).map(({ type }) => type));
    expect([...seen].sort()).toEqual(Object.keys(factData).sort());
  });

  it('sell in the show in a flash livestream', () => {
    const orders = ofType(take('flash-live', 3000), 'order.placed');
    const inShow = orders.filter(({ data }) => 'sessionId' in data && data.sessionId === 'test-flash');
    expect(inShow.length / orders.length).toBeGreaterThan(0.7);
    expect(ofType(take('flash-live', 3000), 'live.pulse').length).toBeGreaterThan(25);
  });

  it('empty shelves of exactly three stores in a stockout', () => {
    const events = take('stockout', 6000);
    const left = new Map<string, number>();
    for (const { type, data } of events)
      if (type === 'stock.counted' && 'lines' in data && 'location' in data)
        for (const line of data.lines ?? [])
          if ('onHand' in line) left.set(`${line.sku}@${data.location}`, line.onHand);
    const counted = ofType(events.slice(0, 3), 'stock.counted');
    expect(counted).toHaveLength(3);
    for (const { data } of ofType(events, 'order.placed'))
      if ('fulfilment' in data && 'lines' in data)
        for (const line of data.lines)
          if ('qty' in line) {
            const key = `${line.sku}@${data.fulfilment.location}`;
            const before = left.get(key);
            if (before !== undefined) left.set(key, before - line.qty);
          }
    const empty = [...left].filter(([, pieces]) => pieces <= 0).map(([key]) => key.split('@')[1]);
    expect(new Set(empty).size).toBe(3);
  });

  it('fill groups in a group-buy rush', () => {
    const events = take('group-rush', 4000);
    expect(ofType(events, 'group.opened').length).toBeGreaterThan(100);
    expect(ofType(events, 'group.joined').length).toBeGreaterThan(ofType(events, 'group.opened').length);
    const groups = new Map<string, ToldFact[]>();
    for (const { type, data } of ofType(events, 'group.opened', 'group.joined', 'group.left')) {
      const { groupId, memberId, size } = data as { groupId: string; memberId: string; size?: number };
      const facts = groups.get(groupId) ?? [];
      const [at, step] = [facts.length, type.slice('group.'.length) as ToldFact['step']];
      facts.push({ key: `${at}`, at, step, member: memberId, orderId: null, cut: null, size: size ?? null });
      groups.set(groupId, facts);
    }
    const told = [...groups.values()].map((facts) => toldGroup(facts, { size: null, lifeMs: null }, 0));
    // Those that are still open when the run ends are the last ones.
    expect(told.slice(0, 100).map(({ state, flags }) => [state, ...flags].join())).toEqual(
      Array.from({ length: 100 }, () => 'formed'),
    );
  });
});
