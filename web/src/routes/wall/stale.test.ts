import { describe, expect, it } from 'vitest';
import { sums } from '#lib/testing/board-data.ts';
import { TestScreen } from '#lib/testing/screen.ts';
import Header from './Header.svelte';
import Channels from './overview/Channels.svelte';

const data = {
  today: { ...sums(), day: '2026-11-23', firstMinute: '2026-11-22T16:00:00Z' },
  'channel:pos': { ...sums({ net: 2_103_000_00 }), share: 0.59 },
};

function tile() {
  const on = new TestScreen();
  const { topic: sales } = on.link.watch('sales', 'all');
  on.snapshot('sales', data);
  const { container } = on.draw(Channels, { sales });
  const section = () => container.querySelector('[data-tile]')!;
  return { on, state: () => section().getAttribute('data-state'), text: () => section().textContent ?? '' };
}

describe('a tile', () => {
  it('is live while the server looks at the ledger, also when nothing changes', () => {
    const { on, state } = tile();
    on.live(60);
    expect(state()).toBe('live');
  });
  it('fades and says since when, once the server can no longer look', () => {
    const { on, state, text } = tile();
    on.live(3);
    const looked = on.now;
    for (let i = 0; i < 8; i++) {
      on.time.pass(1000);
      on.pulse(looked);
    }
    expect(state()).toBe('stale');
    expect(text()).toContain(`截至 ${on.format.clock(looked)}`);
    expect(text()).toContain('210.3万');
  });
  it('keeps its last values when the link is lost, and knows their age', () => {
    const { on, state, text } = tile();
    on.live(3);
    const heard = on.now;
    on.silence(9);
    expect(state()).toBe('stale');
    expect(text()).toContain(`截至 ${on.format.clock(heard)}`);
    expect(text()).toContain('210.3万');
  });
  it('that alone missed something is stale although the link lives', () => {
    const { on, state } = tile();
    on.live(2);
    on.server.last.delta({ topic: 'sales', from: 5, to: 6, put: {} });
    on.live(7);
    expect(state()).toBe('stale');
  });
  it('is live again with the next snapshot', () => {
    const { on, state, text } = tile();
    on.live(2);
    on.server.last.delta({ topic: 'sales', from: 5, to: 6, put: {} });
    on.live(7);
    on.snapshot('sales', { ...data, 'channel:pos': { ...sums({ net: 2_200_000_00 }), share: 0.6 } });
    on.live(1);
    expect(state()).toBe('live');
    expect(text()).toContain('220.0万');
  });
});

describe('the header', () => {
  const header = () => {
    const on = new TestScreen();
    const { container } = on.draw(Header, { title: '今日经营', name: '总部一楼', history: null });
    return {
      on,
      band: () => container.querySelector('[role=alert]'),
      text: () => container.textContent ?? '',
    };
  };
  it('shows business time, whatever the screen’s clock and zone say', () => {
    const { text } = header();
    expect(text()).toContain('20:41:07');
    expect(text()).toContain('11月23日 星期一');
    expect(text()).toContain('实时');
  });
  it('says within four seconds that the server is gone, and of when the numbers are', () => {
    const { on, band, text } = header();
    on.live(2);
    const heard = on.now;
    expect(band()).toBeNull();
    on.silence(4);
    expect(band()?.textContent).toContain('与服务器失去联系');
    expect(band()?.textContent).toContain(on.format.clock(heard));
    expect(text()).not.toContain('实时');
  });
  it('takes the band away when the server is back', () => {
    const { on, band } = header();
    on.live(2);
    on.silence(6);
    on.server.door = 'open';
    on.live(8);
    expect(band()).toBeNull();
  });
  it('of a wall that has not reached the server yet says that it connects, not that it lost it', () => {
    const on = new TestScreen({}, 'silent');
    on.time.pass(20_000);
    const { container } = on.draw(Header, { title: '今日经营', name: '', history: null });
    expect(container.textContent).toContain('正在连接');
    expect(container.querySelector('[role=alert]')).toBeNull();
  });
});
