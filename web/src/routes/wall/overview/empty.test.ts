import { describe, expect, it } from 'vitest';
import { stockFlag, storeTile, sums } from '#lib/testing/board-data.ts';
import { TestScreen } from '#lib/testing/screen.ts';
import Channels from './Channels.svelte';
import Flags from './Flags.svelte';
import Hot from './Hot.svelte';
import Leaders from './Leaders.svelte';
import News from './News.svelte';
import StoreGrid from './StoreGrid.svelte';

const nobody = sums({ orders: 0, units: 0, placed: 0, paid: 0, refunded: 0, net: 0 });

describe('with nothing to show, a tile says so in words', () => {
  const on = () => {
    const screen = new TestScreen();
    const topics = {
      sales: screen.link.watch('sales', 'all').topic,
      stores: screen.link.watch('stores', 'all').topic,
      stock: screen.link.watch('stock', 'all').topic,
      feed: screen.link.watch('feed', 'all').topic,
    };
    screen.snapshot('sales', { today: { ...nobody, day: '', firstMinute: '2026-11-22T16:00:00Z' } });
    screen.snapshot('stores', {});
    screen.snapshot('stock', {
      summary: { balances: 0, soldOut: 0, oversold: 0, unknownSkus: 0, unknownLocations: 0 },
    });
    screen.snapshot('feed', {});
    return { screen, ...topics };
  };
  it('channels', () => {
    const { screen, sales } = on();
    expect(screen.draw(Channels, { sales }).container.textContent).toContain('今天还没有成交');
  });
  it('leaders', () => {
    const { screen, stores } = on();
    expect(screen.draw(Leaders, { stores }).container.textContent).toContain('还没有门店成交');
  });
  it('the store grid', () => {
    const { screen, stores, stock } = on();
    expect(screen.draw(StoreGrid, { stores, stock }).container.textContent).toContain('还没有门店成交');
  });
  it('best sellers', () => {
    const { screen, sales } = on();
    expect(screen.draw(Hot, { sales, count: 4 }).container.textContent).toContain('今天还没有热销商品');
  });
  it('stock flags', () => {
    const { screen, stock } = on();
    expect(screen.draw(Flags, { stock, count: 2 }).container.textContent).toContain('没有售罄，也没有超卖');
  });
  it('news', () => {
    const { screen, feed } = on();
    expect(screen.draw(News, { feed, count: 3 }).container.textContent).toContain('暂无大事');
  });
});

describe('with money withheld', () => {
  it('channels show orders and shares, leaders how far they are', () => {
    const screen = new TestScreen({ hideMoney: true });
    const { topic: sales } = screen.link.watch('sales', 'all');
    const { topic: stores } = screen.link.watch('stores', 'all');
    const hidden = { net: null, placed: null, paid: null, refunded: null };
    screen.snapshot('sales', { 'channel:pos': { ...sums(), ...hidden, orders: 10_257, share: 0.59 } });
    screen.snapshot('stores', { SH01: storeTile({ net: null, target: null, reached: 1.318 }) });
    const channels = screen.draw(Channels, { sales }).container.textContent;
    const leaders = screen.draw(Leaders, { stores }).container.textContent;
    expect(channels).toContain('59%');
    expect(channels).toContain('10,257');
    expect(leaders).toContain('131.8%');
    expect(`${channels}${leaders}`).not.toMatch(/[¥万]/);
  });
});

describe('the store grid', () => {
  const draw = () => {
    const screen = new TestScreen();
    const { topic: stores } = screen.link.watch('stores', 'all');
    const { topic: stock } = screen.link.watch('stock', 'all');
    screen.snapshot('stores', {
      SH01: storeTile({ code: 'SH01', reached: 0.9 }),
      SH02: storeTile({ code: 'SH02', reached: 0.5 }),
      SH03: storeTile({ code: 'SH03', reached: 0.7 }),
      BJ01: storeTile({ code: 'BJ01', city: '北京', reached: null }),
    });
    screen.snapshot('stock', {
      'flag:100001@SH02': stockFlag({
        location: 'SH02',
        kind: 'oversold',
        since: new Date(screen.now).toISOString(),
      }),
    });
    return screen.draw(StoreGrid, { stores, stock }).container;
  };
  it('tells each store in words too, for those who hear it', () => {
    const cell = (code: string) => draw().querySelector(`[data-store=${code}]`)?.textContent;
    expect(cell('SH01')).toContain('目标达成 90%');
    expect(cell('SH02')).toContain('50%, 超卖');
    expect(cell('BJ01')).toContain('—');
  });
  it('counts who is ahead and who is behind', () => {
    const tally = [...draw().querySelectorAll('.tally')].map((each) => each.textContent?.replace(/\D/g, ''));
    expect(tally).toEqual(['1', '1']);
  });
});
