import { describe, expect, it } from 'vitest';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { goodsOf, groupCampaignOf, groupFormOf, type GroupForm } from './group-form.ts';
import type { Wish } from './wish.ts';

const how = {
  unit: 100,
  time: new BusinessTime('Asia/Shanghai'),
  now: Date.parse('2026-11-23T12:00:00Z'),
};
const base = {
  name: '周末',
  limits: { perMember: 2, total: 50, budget: 100_000, brakePerMinute: null },
  startsAt: '2026-12-01T02:00:00.000Z',
  endsAt: '2026-12-12T15:59:00.000Z',
};
const goods = [
  { sku: 'TEA', qty: 2 },
  { sku: 'CUP', qty: 1 },
];
const group = {
  ...base,
  kind: 'group',
  audience: { kind: 'segment', segmentId: '0198', holdoutPercent: 0 },
  template: {
    title: '两人团',
    goods,
    price: 4_990,
    size: 3,
    hours: 24,
    leaderBonus: 500,
    newcomersOnly: true,
    virtualFrom: 2,
    location: 'W01',
  },
} as unknown as Wish;
const bargain = {
  ...base,
  kind: 'bargain',
  audience: { kind: 'all', holdoutPercent: 0 },
  template: {
    title: '砍到底',
    goods,
    startPrice: 9_900,
    floorPrice: 0,
    helpers: 12,
    hours: 1 / 3,
    buyAnytime: false,
    location: null,
  },
} as unknown as Wish;

const again = (wish: Wish, change: Partial<GroupForm> = {}, as: 'change' | 'copy' = 'change') => {
  const form = groupFormOf(wish, how);
  return groupCampaignOf({ ...form, ...change }, how, { wish, form, as });
};

describe('a group-buy or a bargain in the form', () => {
  it('is what would have been typed', () => {
    for (const wish of [group, bargain]) {
      const { brakePerMinute: _, ...limits } = wish.limits;
      expect(groupCampaignOf(groupFormOf(wish, how), how)).toEqual({ body: { ...wish, limits } });
    }
  });

  it('is sent as it was, with what the form cannot say, and changes where something was typed', () => {
    const byApi = {
      ...group,
      audience: { kind: 'rule', rule: { field: 'tags', anyOf: ['invited'] }, holdoutPercent: 5 },
      limits: { ...group.limits, brakePerMinute: 100 },
      template: { ...group.template, goods: [{ sku: 'A B', qty: 1 }] },
    } as Wish;
    for (const wish of [group, bargain, byApi]) expect(again(wish)).toEqual({ body: wish });
    expect(again(byApi, { price: '45', ends: '' })).toEqual({
      body: { ...byApi, template: { ...byApi.template, price: 4_500 }, endsAt: null },
    });
    expect(again(byApi, { segmentId: '', holdoutPercent: '20' })).toEqual({
      body: { ...byApi, audience: { kind: 'all', holdoutPercent: 20 } },
    });
    expect(again(byApi, { holdoutPercent: '51' })).toEqual({ errors: { holdoutPercent: 'range' } });
    const listed: Wish = { ...group, audience: { kind: 'members', count: 12, holdoutPercent: 0 } };
    expect(again(listed)).toEqual({
      body: { ...group, audience: { kind: 'members', holdoutPercent: 0 } },
    });
    expect(again(listed, {}, 'copy')).toEqual({ errors: { segmentId: 'list' } });
  });

  it('says which time is wrong', () => {
    expect(again(group, { ends: '2026-12-01T10:00' })).toEqual({ errors: { ends: 'endsFirst' } });
    expect(again(group, { starts: '', ends: '2026-11-01T10:00' })).toEqual({ errors: { ends: 'past' } });
  });

  it('names goods with their pieces', () => {
    expect(goodsOf('TEA, CUP×2，POT*3')).toEqual([
      { sku: 'TEA', qty: 1 },
      { sku: 'CUP', qty: 2 },
      { sku: 'POT', qty: 3 },
    ]);
    expect(goodsOf('TEA×0')).toBeNull();
    expect(goodsOf('TEA××')).toBeNull();
  });
});
