import { describe, expect, it } from 'vitest';
import { PLAN_REACH_DAYS, planDay } from './day-plan.ts';
import { dayWindow } from './day-window.ts';
import { inOrder, type TimedFact } from './facts.ts';
import { DAY_MS } from './rhythm.ts';
import { makeWorld } from './world.ts';

const firstDay = Math.floor(Date.parse('2026-03-02') / DAY_MS);
const world = makeWorld({
  seed: 'test',
  firstDay,
  startOf: (day) => Date.parse(`${day}T00:00:00+08:00`),
  skus: 1000,
  ordersADay: 600,
});

const name = ({ fact }: TimedFact) => `${fact.source} ${fact.id}`;

describe('the windows of days', () => {
  it('hold every fact of every plan exactly once', () => {
    const days = 6;
    const planned = Array.from({ length: days }, (_, n) => planDay(world, firstDay + n)).flat();
    const last = days + PLAN_REACH_DAYS;
    const told = Array.from({ length: last }, (_, n) => [...dayWindow(world, firstDay + n)].flat());
    const own = new Set(planned.map(name));
    const counted = told.flat().filter((each) => own.has(name(each)));
    expect(counted.map(name).sort()).toEqual(planned.map(name).sort());
  });

  it('hold only what happens on their day, and the later steps of earlier orders', () => {
    const facts = inOrder([...dayWindow(world, firstDay + 5)].flat());
    const { start } = world.date(firstDay + 5);
    for (const { at } of facts) expect(at).toSatisfy((t: number) => t >= start && t < start + DAY_MS);
    const placed = new Set(
      facts.flatMap(({ fact }) => (fact.type === 'order.placed' ? [fact.data.orderId] : [])),
    );
    const earlier = facts.filter(
      ({ fact }) => fact.type === 'order.delivered' && !placed.has(fact.data.orderId),
    );
    expect(earlier.length).toBeGreaterThan(50);
  });
});
