import { describe, expect, it } from 'vitest';
import { factData, envelope } from '../contract/events.ts';
import { channels } from '../contract/words.ts';
import { lineAmount } from './basket.ts';
import { PLAN_REACH_DAYS, planDay, targetsOf } from './day-plan.ts';
import { DAY_MS, HOUR_MS } from './rhythm.ts';
import { makeWorld } from './world.ts';

const startOf = (day: string) => Date.parse(`${day}T00:00:00+08:00`);
const firstDay = Math.floor(Date.parse('2026-03-02') / DAY_MS);
const small = (seed = 'test') => makeWorld({ seed, firstDay, startOf, skus: 2000, ordersADay: 2500 });

describe('a day of company R', () => {
  const world = small();
  const days = [3, 4, 5].map((n) => planDay(world, firstDay + n));
  const facts = days.flat();

  it('is the same when it is planned again, in another process and order', () => {
    const again = small();
    planDay(again, firstDay + 9);
    expect(planDay(again, firstDay + 4)).toEqual(days[1]);
    expect(planDay(small('other'), firstDay + 4)).not.toEqual(days[1]);
  });

  it('fits the contract', () => {
    for (const { fact, at } of facts) {
      expect(factData[fact.type].safeParse(fact.data).error).toBeUndefined();
      expect(envelope.safeParse({ specversion: '1.0', ...fact }).error).toBeUndefined();
      expect(Date.parse(fact.time)).toBe(at);
    }
  });

  it('covers every fact type and channel', () => {
    expect([...new Set(facts.map(({ fact }) => fact.type))].sort()).toEqual(Object.keys(factData).sort());
    const sold = facts.flatMap(({ fact }) => (fact.type === 'order.placed' ? [fact.data.channel] : []));
    expect([...new Set(sold)].sort()).toEqual([...channels].sort());
  });

  it('names every fact once', () => {
    expect(new Set(facts.map(({ fact }) => `${fact.source} ${fact.id}`)).size).toBe(facts.length);
  });

  it('is in order of time and ends within its reach', () => {
    for (const [n, plan] of days.entries()) {
      const { start } = world.date(firstDay + 3 + n);
      const times = plan.map(({ at }) => at);
      expect(times).toEqual([...times].sort((a, b) => a - b));
      expect(times[0]).toBeGreaterThanOrEqual(start);
      expect(times.at(-1)).toBeLessThan(start + PLAN_REACH_DAYS * DAY_MS);
    }
  });

  it('sells in open stores only, and online in every hour', () => {
    const hourOf = (at: number) => Math.floor(((at - world.date(firstDay).start) % DAY_MS) / HOUR_MS);
    const online = new Set<number>();
    for (const { fact, at } of facts) {
      if (fact.type !== 'order.placed') continue;
      if (fact.data.channel !== 'pos') online.add(hourOf(at));
      else expect(hourOf(at)).toSatisfy((hour: number) => hour >= 10 && hour < 22);
    }
    expect(online.size).toBe(24);
  });

  it('never asks more for an order than its lines cost, nor refunds more than was owed', () => {
    const totals = new Map<string, number>();
    for (const { fact } of facts) {
      if (fact.type === 'order.placed') {
        const { orderId, lines, total } = fact.data;
        totals.set(orderId, total);
        expect(total).toBeLessThanOrEqual(lines.reduce((sum, line) => sum + lineAmount(line), 0));
        expect(new Set(lines.map((line) => line.sku)).size).toBe(lines.length);
      }
    }
    for (const { fact } of facts)
      if (fact.type === 'order.refunded')
        expect(fact.data.amount).toBeLessThanOrEqual(totals.get(fact.data.orderId) ?? -1);
  });

  it('comes near the targets over a week', () => {
    let placed = 0;
    let wanted = 0;
    for (let n = 7; n < 14; n++) {
      for (const { fact } of planDay(world, firstDay + n))
        if (fact.type === 'order.placed') placed += fact.data.total;
      wanted += targetsOf(world, firstDay + n).reduce((sum, { amount }) => sum + amount, 0);
    }
    expect(placed / wanted).toBeGreaterThan(0.85);
    expect(placed / wanted).toBeLessThan(1.15);
  });

  it('has nothing before the books opened', () => {
    expect(planDay(world, firstDay - 1)).toEqual([]);
  });
});
