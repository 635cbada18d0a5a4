import { describe, expect, it } from 'vitest';
import { factData, envelope } from '../contract/events.ts';
import { channels } from '../contract/words.ts';
import { toldGroup, type ToldFact } from '../groups/told.ts';
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

  it('has nobody watching a livestream who did not come in', () => {
    const entered = new Map<string, number>();
    for (const { fact } of facts) {
      if (fact.type !== 'live.pulse') continue;
      const { sessionId, viewers, entered: came } = fact.data;
      const all = (entered.get(sessionId) ?? 0) + came;
      entered.set(sessionId, all);
      expect(viewers, sessionId).toBeLessThanOrEqual(all);
    }
    expect(entered.size).toBeGreaterThan(4);
  });

  it('has groups that form, a few that do not, and none that our engine would not have had', () => {
    const groups = new Map<string, ToldFact[]>();
    for (const { fact, at } of facts) {
      if (fact.type !== 'group.opened' && fact.type !== 'group.joined' && fact.type !== 'group.left')
        continue;
      const { groupId, memberId, orderId = null } = fact.data;
      const size = fact.type === 'group.opened' ? (fact.data.size ?? null) : null;
      const step = fact.type.slice('group.'.length) as ToldFact['step'];
      const told = { key: `${at} ${fact.id}`, at, step, member: memberId, orderId, cut: null, size };
      groups.set(groupId, [...(groups.get(groupId) ?? []), told]);
    }
    const seen: Record<string, number> = {};
    for (const told of groups.values()) {
      const { state, flags } = toldGroup(told, { size: null, lifeMs: null }, startOf('2027-01-01'));
      const name = [state, ...flags].join();
      seen[name] = (seen[name] ?? 0) + 1;
    }
    expect(Object.keys(seen).sort()).toEqual(['expired', 'formed']);
    expect(seen['formed']).toBeGreaterThan(3 * seen['expired']!);
  });

  it('has nothing before the books opened', () => {
    expect(planDay(world, firstDay - 1)).toEqual([]);
  });
});
