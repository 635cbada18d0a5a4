import { flushSync } from 'svelte';
import { describe, expect, it, vi } from 'vitest';
import type { AlertTile } from '@zhanggui/shared/contract/board.ts';
import { alertTile } from '#lib/testing/board-data.ts';
import { NOW, TestScreen } from '#lib/testing/screen.ts';
import { HandTimers } from '#lib/testing/timers.ts';
import Takeover from './Takeover.svelte';
import { Takeovers } from './takeovers.svelte.ts';

const ago = (minutes: number) => new Date(NOW - minutes * 60_000).toISOString();
const fresh = (id: string, more: Partial<AlertTile> = {}) => alertTile({ id, openedAt: ago(0), ...more });

describe('what takes the screen', () => {
  const begin = (known: AlertTile[] = []) => {
    const time = new HandTimers();
    const takeovers = new Takeovers(time);
    takeovers.heed(known, NOW);
    const heed = (...alerts: AlertTile[]) => takeovers.heed(alerts, NOW);
    const shown = () => takeovers.shown?.map(({ id }) => id) ?? null;
    return { time, heed, shown };
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
