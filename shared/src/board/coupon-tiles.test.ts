import { describe, expect, it } from 'vitest';
import type { CouponCampaign } from '../contract/board.ts';
import type { CouponCampaignRow } from './board-coupon-store.ts';
import { couponTiles, fanOutOf, noCoupons } from './coupon-tiles.ts';
import { groupTiles, milestoneOf, noGroups } from './group-tiles.ts';
import { hideMoney } from './tiles.ts';

const row: CouponCampaignRow = {
  no: 1, id: 'c', name: '周年', state: 'running', pausedBecause: null, give: 'push', targeted: 1000, issued: 400, redeemed: 30,
  returned: 1, failed: 2, total: null, budget: 50_000, reserved: 20_000, spent: 5_000, launchedAt: new Date(0), endsAt: null,
  sending: true,
}; // prettier-ignore
const tiles = (more: Partial<CouponCampaignRow> = {}) =>
  couponTiles({
    ...noCoupons(),
    campaigns: [{ ...row, ...more }],
    minutes: [
      { campaign: null, minute: new Date(60_000), issued: 4, redeemed: 1, spent: 500 },
      { campaign: 'c', minute: new Date(60_000), issued: 3, redeemed: 1, spent: 500 },
    ],
    progress: new Map([['c', { seen: 402, perSecond: 100 }]]),
  });
const tile = (more: Partial<CouponCampaignRow> = {}) => tiles(more).get('campaign:c') as CouponCampaign;

describe('a campaign on the board', () => {
  it('says what it used of its budget, how far it is, and why it stands still', () => {
    expect(tile()).toMatchObject({
      state: 'running',
      pausedBy: null,
      spentShare: 0.1,
      reservedShare: 0.4,
      fanOut: { share: 0.402, perSecond: 100, secondsLeft: 6 },
    });
    expect(tile({ state: 'paused', pausedBecause: 'brake' }).pausedBy).toBe('brake');
    expect(tile({ state: 'paused', pausedBecause: '李' }).pausedBy).toBe('person');
    expect([tile({ state: 'finished' }).state, tile({ state: 'cancelled' }).state]).toEqual([
      'ended',
      'ended',
    ]);
    expect(tile({ budget: null })).toMatchObject({ spentShare: null, reservedShare: null });
  });

  it('knows when a fan-out is done only while it goes on', () => {
    expect(fanOutOf(100, { seen: 40, perSecond: null }).secondsLeft).toBeNull();
    expect(fanOutOf(100, { seen: 100, perSecond: null })).toEqual({
      share: 1,
      perSecond: null,
      secondsLeft: 0,
    });
    expect(fanOutOf(0, { seen: 0, perSecond: null }).share).toBe(1);
  });

  it('keeps its shares and counts where amounts are hidden', () => {
    const hidden = hideMoney('coupons', tiles());
    expect(hidden.get('campaign:c')).toMatchObject({
      issued: 400, budget: null, reserved: null, spent: null, spentShare: 0.1, reservedShare: 0.4,
    }); // prettier-ignore
    expect(hidden.get('minute:1')).toEqual({ issued: 4, redeemed: 1, spent: null });
    expect(hidden.get('minute:1@c')).toMatchObject({ issued: 3, spent: null });
    expect(hidden.get('summary')).toMatchObject({ issuedToday: 0, spentToday: null });
  });
});

it('a hundred formed groups are a milestone, and the next one is the next hundred', () => {
  expect([0, 99, 100, 199, 200, 1234].map(milestoneOf)).toEqual([0, 0, 100, 100, 200, 1200]);
  expect(groupTiles(noGroups()).has('milestone')).toBe(false);
  const told = groupTiles({ ...noGroups(), milestone: { count: 100, at: new Date(0) } });
  expect(told.get('milestone')).toEqual({ count: 100, at: '1970-01-01T00:00:00.000Z' });
});
