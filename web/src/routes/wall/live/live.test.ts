import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { BoardValue, LiveFeatured, LiveTile } from '@zhanggui/shared/contract/board.ts';
import { countdown, curveOf, runwayOf, showsOf } from '#lib/board/live-shows.ts';
import { liveTile } from '#lib/testing/board-data.ts';
import { NOW, TestScreen } from '#lib/testing/screen.ts';
import NoShow from './NoShow.svelte';
import Room from './Room.svelte';

const MINUTE = 60_000;
const at = (minutes: number) => new Date(NOW + minutes * MINUTE).toISOString();
const on = (hello: { hideMoney?: boolean } = {}) => {
  const screen = new TestScreen(hello);
  return { screen, live: screen.link.watch('live', 'all').topic };
};
const summary = { running: 1, viewers: 0, orders: 0, placed: 0 };
const featured: LiveFeatured = {
  sku: 'A', nameZh: '面膜', nameEn: 'Mask', price: 9900, since: at(-5), units: 40, clicks: 300, available: 120,
  location: 'WEB', locationNameZh: '网仓', locationNameEn: 'Web', elsewhere: null, inbound: 0, perHour: 1800, soldOutAt: at(4), paused: false,
}; // prettier-ignore
/** One show on the screen, as its tile shows it. */
function drawRoom(show: LiveTile, more: Record<string, BoardValue> = {}, hello = {}) {
  const { screen, live } = on(hello);
  screen.snapshot('live', { summary, [`session:${show.id}`]: show, ...more });
  const { container } = screen.draw(Room, { live, show, form: 'lane' });
  return { screen, container, text: () => container.textContent.replace(/\s+/g, ' ') };
}

it('a runway is gone, urgent, soon or long, and a standing product is none of them', () => {
  const of = (more: Partial<LiveFeatured>) => runwayOf({ ...featured, ...more }, NOW).state;
  expect(of({ available: 0 })).toBe('gone');
  expect(of({ available: -3 })).toBe('gone');
  expect(of({ soldOutAt: at(4.9) })).toBe('urgent');
  expect(of({ soldOutAt: at(5.1) })).toBe('soon');
  expect(of({ soldOutAt: at(21) })).toBe('lasts');
  expect(of({ soldOutAt: null, perHour: 0 })).toBe('still');
  expect([0, 61_000, 3_661_000].map(countdown)).toEqual(['0:00', '1:01', '1:01:01']);
});

it('shows come by their audience, and a curve has every minute, also the quiet ones', () => {
  const { screen, live } = on();
  screen.snapshot('live', {
    summary,
    'session:a': liveTile({ id: 'a', viewers: 10, startedAt: at(-9) }),
    'session:b': liveTile({ id: 'b', viewers: 90, startedAt: at(-5) }),
    'session:c': liveTile({ id: 'c', viewers: 10, startedAt: at(-10) }),
    [`minute:${Math.floor(NOW / MINUTE)}@a`]: {
      viewers: 7,
      entered: 0,
      clicks: 0,
      orders: 2,
      units: 2,
      placed: 500,
    },
  });
  expect(showsOf(live).map(({ id }) => id)).toEqual(['b', 'c', 'a']);
  expect(curveOf(live, 'a', NOW - 2 * MINUTE, NOW).map(({ viewers, orders }) => [viewers, orders])).toEqual([
    [null, 0], [null, 0], [7, 2],
  ]); // prettier-ignore
});

describe('a room', () => {
  it('has no line for minutes of which nothing was heard', () => {
    const minute = Math.floor(NOW / MINUTE);
    const heard = { viewers: 7, entered: 0, clicks: 0, orders: 0, units: 0, placed: 0 };
    const { container } = drawRoom(liveTile({ id: 'a', startedAt: at(-3) }), {
      [`minute:${minute - 3}@a`]: heard,
      [`minute:${minute - 2}@a`]: heard,
      [`minute:${minute}@a`]: heard,
    });
    const line = container.querySelector('path.line')!.getAttribute('d')!;
    expect(line.match(/[ML]/g)).toEqual(['M', 'L', 'M']);
  });

  it('counts down what the host holds up, by the server’s clock', () => {
    const { screen, text } = drawRoom(
      liveTile({ featured, placed: 1_234_500, vsPlan: -0.12, planAmount: 5 }),
    );
    expect(text()).toContain('面膜');
    expect(text()).toContain('4:00');
    expect(text()).toContain('剩余 120');
    expect(text()).toContain('−12');
    screen.live(10);
    expect(text()).toContain('3:50');
  });

  it('says that it is sold out, in words and with a mark', () => {
    const { container, text } = drawRoom(
      liveTile({ featured: { ...featured, available: 0, soldOutAt: null } }),
    );
    expect(text()).toContain('已售罄');
    expect(container.querySelector('.gone .mark.sold_out')).not.toBeNull();
  });

  it('that is silent says since when, instead of how long it has been on air', () => {
    const { text } = drawRoom(liveTile({ state: 'silent', heardAt: at(-3) }));
    expect(text()).toContain('20:38 起没有信号');
    expect(text()).not.toContain('已播');
  });

  it('without the right to money shows orders and ratios, and no amount', () => {
    const { text } = drawRoom(
      liveTile({ orders: 321, placed: null, vsPlan: 0.2, planAmount: null }),
      {},
      { hideMoney: true },
    );
    expect(text()).toContain('321');
    expect(text()).toContain('20');
    expect(text()).not.toContain('¥');
  });

  it('fades and says since when, once the link is gone', () => {
    const { screen, container } = drawRoom(liveTile({ viewers: 4321 }));
    screen.silence(8);
    flushSync();
    expect(container.querySelector('[data-state]')?.getAttribute('data-state')).toBe('stale');
    expect(container.textContent).toContain('4,321');
  });
});

it('without a show, what is next and what the last ones brought', () => {
  const { screen, live } = on();
  screen.snapshot('live', {
    summary: { ...summary, running: 0 },
    'next:1': { id: 'n', room: 'r', title: '今晚专场', startsAt: at(20) },
    'past:1': {
      id: 'p', room: 'r', host: null, title: '午间场', startedAt: at(-300), endedAt: at(-200), peak: 900, orders: 3,
      placed: 8_880_000,
    },
  }); // prettier-ignore
  const text = screen.draw(NoShow, { live }).container.textContent;
  expect(text).toContain('现在没有直播');
  expect(text).toContain('下一场 21:01 今晚专场');
  expect(text).toContain('午间场');
  expect(text).toContain('8.9万');
});
