import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import type { AlertTile, Anomaly } from '@zhanggui/shared/contract/board.ts';
import { alertTile } from '#lib/testing/board-data.ts';
import { NOW, TestScreen } from '#lib/testing/screen.ts';
import { HandTimers } from '#lib/testing/timers.ts';
import Takeover from './Takeover.svelte';
import { Takeovers } from './takeovers.svelte.ts';

const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const fresh = (id: string, more: Partial<AlertTile> = {}) => alertTile({ id, openedAt: ago(0), ...more });

const anomaly = (id: string, more: Partial<Anomaly> = {}): Anomaly => ({
  id, kind: 'brake', name: '周年满减', sku: null, nameZh: null, nameEn: null, amount: 1_250_000, usualAmount: 500_000,
  times: 2.5, units: null, ...more,
}); // prettier-ignore

describe('what takes the screen', () => {
  const begin = (known: AlertTile[] = []) => {
    const time = new HandTimers();
    const takeovers = new Takeovers(time);
    takeovers.heed(known, NOW);
    takeovers.heedAnomalies([anomaly('before')]);
    const began = time.now();
    const now = () => NOW + time.now() - began;
    const heed = (...alerts: AlertTile[]) => takeovers.heed(alerts, now());
    const lose = (...ids: string[]) => takeovers.heedAnomalies(ids.map((id) => anomaly(id)));
    const shown = () => {
      const { shown: taken } = takeovers;
      if (taken === null) return null;
      return taken.kind === 'alerts' ? taken.alerts.map(({ id }) => id) : taken.anomaly.id;
    };
    return { time, now, heed, lose, shown };
  };

  it('is a new critical alert, for eight seconds; not what was there before, nor what is milder', () => {
    const { time, heed, shown } = begin([fresh('old')]);
    heed(fresh('old'), fresh('mild', { severity: 'warning' }));
    time.pass(1000);
    expect(shown()).toBeNull();
    heed(fresh('old'), fresh('new'));
    time.pass(500);
    expect(shown()).toEqual(['new']);
    time.pass(7500);
    expect(shown()).toEqual(['new']);
    time.pass(500);
    expect(shown()).toBeNull();
  });

  it('is one that got worse, but not one whose answer expired or that the board has room for only now', () => {
    const { time, heed, shown } = begin([
      fresh('low', { severity: 'warning', kind: 'low_stock', openedAt: ago(60) }),
      fresh('held', { status: 'acknowledged', openedAt: ago(60) }),
    ]);
    heed(
      fresh('low', { openedAt: ago(60) }),
      fresh('held', { openedAt: ago(60) }),
      fresh('late', { openedAt: ago(60) }),
    );
    time.pass(500);
    expect(shown()).toEqual(['low']);
  });

  it('sums up a burst, leaves the wall alone for a while, and drops what somebody took on meanwhile', () => {
    const { time, heed, shown } = begin();
    heed(fresh('a'));
    time.pass(100);
    heed(fresh('a'), fresh('b'));
    time.pass(400);
    expect(shown()).toEqual(['a', 'b']);
    heed(fresh('a'), fresh('b'), fresh('c'), fresh('d'));
    time.pass(8000);
    heed(fresh('a'), fresh('b'), fresh('c', { status: 'acknowledged' }), fresh('d'));
    time.pass(19_000);
    expect(shown()).toBeNull();
    time.pass(1000);
    expect(shown()).toEqual(['d']);
  });

  it('leaves the wall alone for twice as long each time, while alerts keep coming; after quiet it begins anew', () => {
    const { time, now, heed, shown } = begin();
    let n = 0;
    /** One comes at once; answers how many seconds pass until it is shown. */
    const waits = () => {
      heed(fresh(`n${(n += 1)}`, { openedAt: new Date(now()).toISOString() }));
      let seconds = 0;
      while (shown() === null && seconds < 1000) {
        time.pass(1000);
        seconds += 1;
      }
      time.pass(8000);
      expect(shown()).toBeNull();
      return seconds;
    };
    const all = Array.from({ length: 7 }, waits);
    expect(all.map((seconds) => Math.round(seconds / 10) * 10)).toEqual([0, 20, 40, 80, 160, 300, 300]);
    time.pass(6 * 60_000);
    expect([waits(), Math.round(waits() / 10) * 10]).toEqual([1, 20]);
  });

  it('is what loses money at once, alone and once, also while the wall is left alone', () => {
    const { time, heed, lose, shown } = begin();
    heed(fresh('a'));
    time.pass(8500);
    expect(shown()).toBeNull();
    lose('before', 'brake', 'storm');
    time.pass(500);
    expect(shown()).toBe('brake');
    heed(fresh('a'), fresh('b'));
    time.pass(8000);
    expect(shown()).toBe('storm');
    time.pass(8000);
    expect(shown()).toBeNull();
    // It went and came back: it was told of.
    lose('before');
    lose('before', 'brake');
    time.pass(500);
    expect(shown()).toBeNull();
    time.pass(60_000);
    expect(shown()).toBeNull();
  });

  it('is no anomaly that ended before its turn', () => {
    const { time, lose, shown } = begin();
    lose('before', 'short');
    lose('before');
    time.pass(500);
    expect(shown()).toBeNull();
  });
});

describe('the taken screen', () => {
  const draw = (sound = false) => {
    const screen = new TestScreen();
    const play = vi.fn();
    screen.snapshot('alerts', {});
    const { container } = screen.draw(Takeover, { scope: 'all', sound, timers: screen.time, play });
    screen.snapshot('alerts', { summary: {} });
    const tell = (...alerts: AlertTile[]) => {
      screen.snapshot('alerts', Object.fromEntries(alerts.map((alert) => [`alert:${alert.id}`, alert])));
      screen.time.pass(500);
      flushSync();
    };
    return { screen, tell, play, text: () => container.querySelector('[data-takeover]')?.textContent ?? '' };
  };

  it('says what, where and who is asked, and soon who is on it', () => {
    const { tell, text } = draw();
    expect(text()).toBe('');
    tell(fresh('a', { proposal: { id: 'p', qty: 24, sourceKind: 'warehouse', expectedAt: ago(-600) } }));
    for (const part of ['售罄', '花生油 5L', '上海南京西路店', '已通知门店', '建议补货 24 件，仓库发货'])
      expect(text()).toContain(part);
    tell(fresh('a', { status: 'acknowledged', owner: '张敏' }));
    expect(text()).toContain('张敏 在处理');
  });

  it.each([
    ['one product in many stores', (i: number) => ({ location: `SH0${i}` }), ['7 家门店售罄', '花生油 5L']],
    [
      'many products in one store',
      (i: number) => ({ sku: `10000${i}`, nameZh: `商品${i}` }),
      ['7 条售罄', '上海南京西路店', '7 种商品', '商品2', '还有 4 条'],
    ],
    [
      'anything anywhere',
      (i: number) => ({
        sku: `10000${i}`,
        location: `SH0${i}`,
        kind: i % 2 ? ('oversold' as const) : ('sold_out' as const),
      }),
      ['7 条紧急预警', '7 处', '超卖', '还有 4 条'],
    ],
  ])('sums up %s', (_, more, parts) => {
    const { tell, text } = draw();
    tell(...Array.from({ length: 7 }, (__, i) => fresh(`a${i}`, more(i))));
    for (const part of parts) expect(text()).toContain(part);
  });

  it.each([
    ['a pulled brake', {}, ['花得太快，活动已自动暂停', '周年满减', '1.3万', '5,000', '2.5 倍']],
    [
      'a price below cost',
      {
        kind: 'below_cost' as const,
        name: null,
        sku: '1',
        nameZh: '花生油 5L',
        usualAmount: null,
        times: null,
        units: 340,
      },
      ['卖价低于成本', '花生油 5L', '340', '今日已亏'],
    ],
    [
      'a storm of refunds',
      { kind: 'refund_storm' as const, name: null, times: 12 },
      ['退款激增', '15 分钟退款', '12 倍', '平常 15 分钟'],
    ],
  ])('says what is lost by %s; where amounts are hidden, how many times too much', (_, more, parts) => {
    for (const hideMoney of [false, true]) {
      const screen = new TestScreen({ hideMoney });
      screen.snapshot('alerts', {});
      const { container } = screen.draw(Takeover, { scope: 'all', sound: false, timers: screen.time });
      screen.snapshot('alerts', { summary: {} });
      const told = anomaly('x', more);
      const hidden = { ...told, amount: null, usualAmount: null };
      screen.snapshot('alerts', { 'anomaly:x': hideMoney ? hidden : told });
      screen.time.pass(500);
      flushSync();
      const text = container.querySelector('[data-takeover=anomaly]')?.textContent ?? '';
      if (hideMoney) expect(text).not.toContain('¥');
      else for (const part of parts) expect(text).toContain(part);
      expect(text).toContain(parts[0]);
    }
  });

  it('sounds once a time, and only where it is to', () => {
    const loud = draw(true);
    loud.tell(fresh('a'));
    loud.tell(fresh('a', { status: 'acknowledged', owner: '张敏' }));
    expect(loud.play).toHaveBeenCalledOnce();
    const quiet = draw();
    quiet.tell(fresh('a'));
    expect(quiet.play).not.toHaveBeenCalled();
  });
});
