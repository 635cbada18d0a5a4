import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { BoardValue, CouponCampaign, GroupSums, GroupTile } from '@zhanggui/shared/contract/board.ts';
import { flowOf, ringOf } from '#lib/board/wall-promotions.ts';
import { NOW, TestScreen } from '#lib/testing/screen.ts';
import Promotions from './Promotions.svelte';

const MINUTE = 60_000;
const at = (minutes: number) => new Date(NOW + minutes * MINUTE).toISOString();
const sums: GroupSums = {
  open: 128, members: 300, lacking: 84, ending: 6, formedToday: 90, expiredToday: 10, membersToday: 270, virtualToday: 0,
  refunds: 12, refundsLate: 2, refundAmount: 99_000, flagged: 0, bargains: 3, helpsToday: 0, boughtToday: 0,
}; // prettier-ignore
const group = (id: string, left: number, more: Partial<GroupTile> = {}): GroupTile => ({
  id, name: `团 ${id}`, source: 'ours', size: 5, members: 3, openedAt: at(-30), expiresAt: at(left), ...more,
}); // prettier-ignore
const campaign = (more: Partial<CouponCampaign> = {}): CouponCampaign => ({
  name: '周年满减', state: 'running', pausedBy: null, give: 'push', targeted: 100_000, issued: 63_000, redeemed: 1234,
  returned: 0, failed: 0, total: null, budget: 50_000_000, reserved: 12_000_000, spent: 3_000_000, reservedShare: 0.24,
  spentShare: 0.06, fanOut: null, launchedAt: at(-20), endsAt: null, ...more,
}); // prettier-ignore
const couponSums = { running: 1, paused: 0, issuedToday: 63_000, redeemedToday: 1234, spentToday: 3_000_000 };

type Data = Record<string, BoardValue>;
function draw({ groups, coupons }: { groups?: Data; coupons?: Data }, hello: { hideMoney?: boolean } = {}) {
  const screen = new TestScreen(hello);
  const { container } = screen.draw(Promotions, { scope: 'all' });
  if (groups) screen.snapshot('groups', groups);
  if (coupons) screen.snapshot('coupons', coupons);
  flushSync();
  const tile = (area: string) => container.querySelector(`[data-tile=${area}]`)!;
  return {
    screen,
    tile,
    text: (area: string) => tile(area).textContent.replace(/\s+/g, ' '),
    states: () =>
      [...container.querySelectorAll('[data-tile]')].map((each) => each.getAttribute('data-state')),
  };
}

describe('the scene of promotions', () => {
  it('shows groups that run out of time by the second, and those that are nearly full, each once', () => {
    const { screen, tile, text } = draw({
      groups: {
        summary: sums,
        'ending:1': group('a', 4),
        'ending:2': group('b', 50, { name: null, source: 'theirs' }),
        'ending:3': group('far', 90),
        'filling:1': group('a', 4, { members: 4 }),
        'filling:2': group('far', 90, { members: 4 }),
        'formed:1': {
          id: 'f', name: '三人团', source: 'ours', size: 3, members: 3, virtual: 0, because: 'full', formedAt: at(-1),
          minutes: 12,
        },
      },
      coupons: { summary: couponSums },
    }); // prettier-ignore
    expect(text('open')).toContain('128');
    expect(text('open')).toContain('还差 84 人');
    expect(text('open')).toContain('90%');
    expect(text('ending')).toContain('4:00');
    expect(text('ending')).toContain('商城自办');
    expect(tile('ending').querySelectorAll('.urgent')).toHaveLength(1);
    expect(
      [...tile('filling').querySelectorAll('[data-group]')].map((each) => each.getAttribute('data-group')),
    ).toEqual(['far']);
    expect(text('formed')).toContain('三人团');
    expect(text('formed')).toContain('用时 12 分');
    screen.live(10);
    expect(text('ending')).toContain('3:50');
    // For those who hear it.
    expect(tile('ending').querySelector('[data-group=a]')?.getAttribute('aria-label')).toBe(
      '团 a，3 / 5 人，剩余 3:50',
    );
  });

  it('shows how far campaigns are, what is spent and kept, and first the one that its brake stopped', () => {
    const { tile, text } = draw({
      groups: { summary: sums },
      coupons: {
        summary: { ...couponSums, paused: 1 },
        'campaign:a': campaign({ fanOut: { share: 0.63, perSecond: 9800, secondsLeft: 14 } }),
        'campaign:b': campaign({ name: '新人券', state: 'paused', pausedBy: 'brake', launchedAt: at(-90) }),
        'campaign:c': campaign({
          name: '领券',
          give: 'claim',
          spentShare: null,
          budget: null,
          total: 200_000,
          issued: 50_000,
        }),
        [`minute:${Math.floor(NOW / MINUTE) - 3}`]: { issued: 700, redeemed: 12, spent: 100 },
      },
    });
    const ids = [...tile('campaigns').querySelectorAll('[data-campaign]')].map((each) =>
      each.getAttribute('data-campaign'),
    );
    expect(ids).toEqual(['b', 'a', 'c']);
    expect(text('campaigns')).toContain('花得太快，已刹车');
    expect(text('campaigns')).toContain('发送中 63%');
    expect(text('campaigns')).toContain('每秒 9,800');
    expect(text('campaigns')).toContain('还要 0:14');
    expect(text('campaigns')).toContain('¥15万 / ¥50万');
    expect(text('campaigns')).toContain('5万 / 20万');
    expect(tile('campaigns').querySelector('[data-campaign=a] .track')?.getAttribute('aria-label')).toBe(
      '已花 6%，预留 24%',
    );
    expect(text('flow')).toContain('每分钟最多 700');
    expect(text('flow')).toContain('今日让利');
  });

  it('without the right to money shows shares and counts, and no amount', () => {
    const hidden = { budget: null, reserved: null, spent: null };
    const { text } = draw(
      {
        groups: { summary: { ...sums, refundAmount: null } },
        coupons: { summary: { ...couponSums, spentToday: null }, 'campaign:a': campaign(hidden) },
      },
      { hideMoney: true },
    );
    expect(text('campaigns')).toContain('预算用 30%');
    expect(`${text('open')}${text('campaigns')}${text('flow')}`).not.toContain('¥');
    expect(text('flow')).not.toContain('今日让利');
  });

  it('with nothing to show says so in words, in each tile', () => {
    const none = {
      ...sums,
      open: 0,
      formedToday: 0,
      expiredToday: 0,
      lacking: 0,
      ending: 0,
      refunds: 0,
      bargains: 0,
    };
    const { text } = draw({
      groups: { summary: none },
      coupons: { summary: { running: 0, paused: 0, issuedToday: 0, redeemedToday: 0, spentToday: 0 } },
    });
    expect(text('open')).toContain('现在没有拼团');
    expect(text('ending')).toContain('没有快到时间的团');
    expect(text('filling')).toContain('没有差一两人的团');
    expect(text('formed')).toContain('今天还没有成团');
    expect(text('flow')).toContain('近一小时没有发券，也没有核销');
    expect(text('campaigns')).toContain('现在没有优惠券活动');
  });

  it('waits for data without zeros, and fades with its last values once the link is gone', () => {
    const waiting = draw({});
    expect(new Set(waiting.states())).toEqual(new Set(['waiting']));
    expect(waiting.text('open')).not.toContain('0');
    const { screen, states, text } = draw({ groups: { summary: sums }, coupons: { summary: couponSums } });
    expect(new Set(states())).toEqual(new Set(['live']));
    screen.silence(8);
    expect(new Set(states())).toEqual(new Set(['stale']));
    expect(text('open')).toContain('128');
  });
});

it('a ring has a piece for each seat, or one line where they are too many to tell apart', () => {
  expect(ringOf(2, 3)).toEqual({ length: 3, seats: '0.88 0.12', taken: '0.88 0.12 0.88 0.12 0 3' });
  expect(ringOf(0, 3).taken).toBe('0 3');
  expect(ringOf(30, 100)).toEqual({ length: 100, seats: '100 0', taken: '30 100' });
  // Facts of others may name more members than there are seats.
  expect(ringOf(9, 3).taken).toBe(ringOf(3, 3).taken);
});

it('a flow has every minute of the hour, also the quiet ones', () => {
  const screen = new TestScreen();
  const { topic } = screen.link.watch('coupons', 'all');
  const minute = Math.floor(NOW / MINUTE);
  screen.snapshot('coupons', {
    [`minute:${minute}`]: { issued: 5, redeemed: 1, spent: 0 },
    [`minute:${minute}@a`]: { issued: 2, redeemed: 1, spent: 0 },
    [`minute:${minute - 60}`]: { issued: 9, redeemed: 9, spent: 0 },
  });
  const flow = flowOf(topic, NOW);
  expect(flow).toHaveLength(60);
  expect(flow.at(-1)).toEqual({ at: minute * MINUTE, issued: 5, redeemed: 1 });
  expect(flow.reduce((sum, { issued }) => sum + issued, 0)).toBe(5);
  expect(flowOf(topic, NOW, 'a').at(-1)).toMatchObject({ issued: 2 });
});
