import { describe, expect, it } from 'vitest';
import type { RunningOut } from '@zhanggui/shared/contract/board.ts';
import { outOfStock, shelfAlerts, shelfHeat } from '#lib/board/shelf-heat.ts';
import { latestAlerts } from '#lib/board/wall-alerts.ts';
import { spanText } from '#lib/board/wall-span.ts';
import { wallStockEn } from '#lib/i18n/wall-stock.en.ts';
import { wallStockZh } from '#lib/i18n/wall-stock.zh-CN.ts';
import { alertTile, storeTile } from '#lib/testing/board-data.ts';
import { TestScreen } from '#lib/testing/screen.ts';
import Hands from './Hands.svelte';
import LatestAlerts from './LatestAlerts.svelte';
import Restocks from './Restocks.svelte';
import RunsOut from './RunsOut.svelte';
import Shelves from './Shelves.svelte';

const MINUTE = 60_000;
const on = () => {
  const screen = new TestScreen();
  const watch = {
    stores: screen.link.watch('stores', 'all').topic,
    stock: screen.link.watch('stock', 'all').topic,
    alerts: screen.link.watch('alerts', 'all').topic,
  };
  const at = (minutes: number) => new Date(screen.now + minutes * MINUTE).toISOString();
  return { screen, ...watch, at };
};
const sums = { open: 0, acknowledged: 0, critical: 0, acknowledgeMinutes: null, resolveMinutes: null };
const counts = { balances: 0, soldOut: 0, oversold: 0, low: 0 };
const restock = { openProposals: 0, underWay: 0, underWayUnits: 0, late: 0, cycleHours: null };

describe('the heat of a store', () => {
  it.each([
    [0, 'full'],
    [0.019, 'full'],
    [0.02, 'thin'],
    [0.05, 'gappy'],
    [0.1, 'bare'],
    [null, 'unknown'],
  ])('of %s out of stock is %s', (share, heat) => expect(shelfHeat(share)).toBe(heat));
  it('counts what is gone and what is promised twice, and is unknown before anything has moved', () => {
    expect(outOfStock({ balances: 200, soldOut: 5, oversold: 1 })).toBe(0.03);
    expect(outOfStock({ balances: 0, soldOut: 0, oversold: 0 })).toBeNull();
  });
  it('is marked by critical alerts, first by those that nobody is on', () => {
    const marks = shelfAlerts([
      alertTile({ location: 'A', status: 'open' }),
      alertTile({ location: 'A', status: 'acknowledged' }),
      alertTile({ location: 'B', status: 'acknowledged' }),
      alertTile({ location: 'C', severity: 'warning' }),
      alertTile({ location: null, kind: 'widespread' }),
    ]);
    expect([...marks]).toEqual([
      ['A', 'waiting'],
      ['B', 'taken'],
    ]);
  });
});

it('a length of time is said for a glance, and never as zero', () => {
  const minutes = [0.5, 1, 59.9, 60, 72, 361, 47 * 60, 60 * 60];
  expect(minutes.map((each) => spanText(each * MINUTE, wallStockZh))).toEqual([
    '不到 1 分', '1 分', '59 分', '1:00 小时', '1:12 小时', '6 小时', '47 小时', '2.5 天',
  ]); // prettier-ignore
  expect(spanText(72 * MINUTE, wallStockEn)).toBe('1:12 h');
});

it('the newest alerts come first, and equals keep their places', () => {
  const rows = ['1', '3', '2'].map((id) => alertTile({ id, openedAt: '2026-11-23T12:00:00Z' }));
  const newer = alertTile({ id: '0', openedAt: '2026-11-23T12:01:00Z' });
  expect(latestAlerts([...rows, newer], 3).map(({ id }) => id)).toEqual(['0', '3', '2']);
});

describe('with nothing to show, a tile says so in words', () => {
  it('hands', () => {
    const { screen, alerts } = on();
    screen.snapshot('alerts', { summary: sums });
    const text = screen.draw(Hands, { alerts }).container.textContent;
    expect(text).toContain('货架充足，没有预警');
    // Not measured is not zero.
    expect(text).toContain('—');
  });
  it('shelves', () => {
    const { screen, stores, stock, alerts } = on();
    screen.snapshot('stores', {});
    screen.snapshot('stock', { summary: { ...counts, unknownSkus: 0, unknownLocations: 0 } });
    const { container } = screen.draw(Shelves, { stores, stock, alerts });
    expect(container.textContent).toContain('还没有门店');
    screen.snapshot('stores', { SH01: storeTile() });
    expect(container.textContent).toContain('还没有库存记录');
  });
  it('what runs out, alerts and restocks', () => {
    const { screen, stock, alerts } = on();
    screen.snapshot('stock', { restock });
    screen.snapshot('alerts', { summary: sums });
    expect(screen.draw(RunsOut, { stock, count: 4 }).container.textContent).toContain('不会有商品售罄');
    expect(screen.draw(LatestAlerts, { alerts, count: 4 }).container.textContent).toContain('没有预警');
    const text = screen.draw(Restocks, { stock }).container.textContent;
    expect(text).toContain('没有补货在途');
    expect(text).toContain('近 30 天还没有到货');
  });
});

describe('the scene', () => {
  it('says how many critical alerts nobody is on, since when, and how fast hands come', () => {
    const { screen, alerts, at } = on();
    screen.snapshot('alerts', {
      summary: { open: 3, acknowledged: 1, critical: 2, acknowledgeMinutes: 12.5, resolveMinutes: 151 },
      'alert:1': alertTile({ id: '1', openedAt: at(-4), location: 'A' }),
      'alert:2': alertTile({ id: '2', openedAt: at(-17), location: 'B' }),
      'alert:3': alertTile({ id: '3', openedAt: at(-90), status: 'acknowledged' }),
    });
    const { container } = screen.draw(Hands, { alerts });
    expect(container.querySelector('[data-hero]')?.textContent?.trim()).toBe('2');
    expect(container.textContent).toContain('2 处，最久已等 17 分');
    expect(container.textContent).toContain('1 条已有人处理');
    expect(container.querySelector('.over')?.textContent).toContain('12分');
    screen.live(60);
    expect(container.textContent).toContain('最久已等 18 分');
  });

  it('counts down by the server’s clock, whatever the board says or does not say meanwhile', () => {
    const { screen, stock, at } = on();
    const row: RunningOut = {
      sku: '1', nameZh: '可乐', nameEn: 'Cola', location: 'SH01', locationNameZh: '上海一店', locationNameEn: 'One',
      available: 12, perHour: 24, soldOutAt: at(30.5),
    }; // prettier-ignore
    screen.snapshot('stock', { 'next:1': row });
    const { container } = screen.draw(RunsOut, { stock, count: 4 });
    const left = () => container.querySelector('.left')?.textContent;
    expect(left()).toBe('30分');
    expect(container.querySelector('.urgent')).toBeNull();
    screen.live(60);
    expect(left()).toBe('29分');
    expect(container.querySelector('.urgent')?.textContent).toContain('剩 12 件');
  });

  it('names who is on an alert and for how long, or who is asked', () => {
    const { screen, alerts, at } = on();
    screen.snapshot('alerts', {
      'alert:1': alertTile({ id: '1', openedAt: at(-12), status: 'acknowledged', owner: '张敏' }),
      'alert:2': alertTile({ id: '2', openedAt: at(-25), level: 'region' }),
      'alert:3': alertTile({ id: '3', kind: 'widespread', location: null, locationNameZh: null, locationNameEn: null, openedAt: at(-30), params: { stores: 9 } }),
    }); // prettier-ignore
    const rows = [...screen.draw(LatestAlerts, { alerts, count: 4 }).container.querySelectorAll('li')];
    expect(rows.map((row) => row.textContent?.replace(/\s+/g, ' '))).toEqual([
      expect.stringMatching(/售罄 花生油 5L.*张敏 · 处理中 12 分/),
      expect.stringContaining('待区域响应 25 分'),
      expect.stringContaining('9 家门店'),
    ]);
  });

  it('tells each store in words too', () => {
    const { screen, stores, stock, alerts } = on();
    screen.snapshot('stores', { SH01: storeTile({ code: 'SH01', nameZh: '上海一店' }) });
    screen.snapshot('stock', {
      summary: { balances: 200, soldOut: 11, oversold: 1, low: 30, unknownSkus: 0, unknownLocations: 0 },
      'location:SH01': {
        balances: 200,
        soldOut: 11,
        oversold: 1,
        low: 30,
        code: 'SH01',
        nameZh: '',
        nameEn: '',
      },
    });
    screen.snapshot('alerts', { 'alert:1': alertTile({ location: 'SH01' }) });
    const cell = screen.draw(Shelves, { stores, stock, alerts }).container.querySelector('[data-store=SH01]');
    expect(cell?.className).toContain('gappy');
    expect(cell?.textContent).toContain('上海一店，缺货率 6%，售罄 12，库存低 30, 有紧急预警，无人处理');
  });

  it('holds a restock’s cycle against the goal, and marks what is late', () => {
    const { screen, stock } = on();
    screen.snapshot('stock', {
      restock: { openProposals: 3, underWay: 5, underWayUnits: 1200, late: 2, cycleHours: 60 },
    });
    const { container } = screen.draw(Restocks, { stock });
    expect(container.querySelector('b.over')?.textContent?.trim()).toBe('2.5天');
    expect(container.querySelector('.some')?.textContent?.trim()).toBe('2');
    expect(container.textContent).toContain('目标 2.0 天');
  });
});
