import { describe, expect, it } from 'vitest';
import { planDay } from './day-plan.ts';
import type { TimedFact } from './facts.ts';
import { demoLocations } from './places.ts';
import { DAY_MS } from './rhythm.ts';
import { openingFacts } from './supply.ts';
import { makeWorld } from './world.ts';

const firstDay = Math.floor(Date.parse('2026-03-02') / DAY_MS);
const world = makeWorld({
  seed: 'test',
  firstDay,
  startOf: (day) => Date.parse(`${day}T00:00:00+08:00`),
  skus: 1500,
  ordersADay: 1200,
});

/** Pieces on hand by "sku@location" after all facts up to a moment: a fold of its own, as plain as can be. */
function onHandAt(facts: TimedFact[], until: number): Map<string, number> {
  const hand = new Map<string, number>();
  const placed = new Map<string, { location: string; lines: { sku: string; qty: number }[] }>();
  const add = (location: string, lines: { sku: string; qty: number }[], sign: number) => {
    for (const { sku, qty } of lines)
      hand.set(`${sku}@${location}`, (hand.get(`${sku}@${location}`) ?? 0) + sign * qty);
  };
  for (const { fact, at } of facts.sort((a, b) => a.at - b.at)) {
    if (at > until) break;
    switch (fact.type) {
      case 'order.placed':
        if (fact.data.fulfilment.method === 'carry') add(fact.data.fulfilment.location, fact.data.lines, -1);
        placed.set(fact.data.orderId, { location: fact.data.fulfilment.location, lines: fact.data.lines });
        break;
      case 'order.picked_up':
      case 'order.shipped': {
        const order = placed.get(fact.data.orderId);
        if (order !== undefined) add(order.location, order.lines, -1);
        break;
      }
      case 'order.refunded':
        if (fact.data.returnTo !== undefined) add(fact.data.returnTo, fact.data.lines, 1);
        break;
      case 'stock.received':
        add(fact.data.location, fact.data.lines, 1);
        break;
      case 'stock.transferred':
        add(fact.data.from, fact.data.lines, -1);
        add(fact.data.to, fact.data.lines, 1);
        break;
      case 'stock.counted':
        for (const { sku, onHand } of fact.data.lines) hand.set(`${sku}@${fact.data.location}`, onHand);
        break;
      default:
    }
  }
  return hand;
}

describe('the stock of company R', () => {
  const opening = demoLocations.flatMap((location) => openingFacts(world, location));

  it('fills every shelf once, and counts the empty ones', () => {
    const hand = onHandAt([...opening], Infinity);
    const slots = demoLocations.reduce((sum, location) => sum + world.slots(location).length, 0);
    expect(hand.size).toBe(slots);
    const empty = [...hand.values()].filter((pieces) => pieces === 0).length;
    expect(empty / slots).toBeGreaterThan(0.005);
    expect(empty / slots).toBeLessThan(0.02);
  });

  it('stays believable for four weeks: a few shelves empty, almost none oversold, no piling up', () => {
    const days = Array.from({ length: 28 }, (_, n) => planDay(world, firstDay + n));
    const facts = [...opening, ...days.flat()];
    const before = onHandAt(facts, world.date(firstDay).start);
    const after = onHandAt(facts, world.date(firstDay + 28).start);
    const pieces = [...after.values()];
    const short = pieces.filter((n) => n <= 0).length / pieces.length;
    const oversold = pieces.filter((n) => n < 0).length / pieces.length;
    const total = (hand: Map<string, number>) => [...hand.values()].reduce((sum, n) => sum + n, 0);
    expect(short).toBeLessThan(0.03);
    expect(oversold).toBeLessThan(0.002);
    expect(total(after) / total(before)).toBeGreaterThan(0.9);
    expect(total(after) / total(before)).toBeLessThan(1.1);
  });
});
