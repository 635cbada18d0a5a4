import { screen as page } from '@testing-library/svelte';
import { describe, expect, it } from 'vitest';
import { sums } from '#lib/testing/board-data.ts';
import { TestScreen } from '#lib/testing/screen.ts';
import Hero from './Hero.svelte';
import { heroNumber } from './hero.ts';

const today = { ...sums(), day: '2026-11-23', firstMinute: '2026-11-22T16:00:00Z' };
const compare = {
  at: '',
  yesterday: 1_000,
  lastWeek: 900,
  vsYesterday: 0.124,
  vsLastWeek: -0.031,
  yesterdayTotal: 5_000,
};
const withheld = { net: null, placed: null, paid: null, refunded: null };

function draw(data: Record<string, Record<string, unknown>>, { hideMoney = false } = {}) {
  const on = new TestScreen({ hideMoney });
  const { topic: sales } = on.link.watch('sales', 'all');
  on.snapshot('sales', data);
  const drawn = on.draw(Hero, { sales, dayShare: 0.8 });
  return {
    on,
    text: () => drawn.container.textContent ?? '',
    hero: () => drawn.container.querySelector('[data-hero]'),
  };
}

describe('the hero number', () => {
  it('is today’s net sales, every yuan of them', () => {
    const { hero } = draw({
      today: { ...today, net: 411_360_200 },
      compare,
      target: { amount: 500_000_000, reached: 0.823 },
    });
    expect(hero()?.textContent).toBe('¥4,113,602');
    expect(hero()?.getAttribute('data-value')).toBe('411360200');
  });
  it('says against what: target, yesterday and last week, with a sign for those who see no colour', () => {
    const { text } = draw({ today, compare, target: { amount: 500_000_000, reached: 0.823 } });
    expect(text()).toContain('82.3%');
    expect(text()).toContain('¥500万');
    expect(text()).toContain('+12.4%');
    expect(text()).toContain('\u22123.1%');
  });
  it('without money is the share of the target, and no amount is anywhere', () => {
    const { hero, text } = draw(
      { today: { ...today, ...withheld }, compare, target: { amount: null, reached: 0.823 } },
      { hideMoney: true },
    );
    expect(hero()?.textContent).toBe('82.3%');
    expect(text()).not.toContain('¥');
  });
  it('without money or target is an index against yesterday', () => {
    const { hero } = draw(
      { today: { ...today, ...withheld }, compare, target: { amount: null, reached: null } },
      { hideMoney: true },
    );
    expect(hero()?.textContent).toBe('112');
  });
  it('of a day without sales is a zero that is known, and says so', () => {
    const { hero, text } = draw({
      today: { ...today, orders: 0, net: 0 },
      compare: { ...compare, vsYesterday: null, vsLastWeek: null },
      target: { amount: null, reached: null },
    });
    expect(hero()?.textContent).toBe('¥0');
    expect(text()).toContain('今天还没有成交');
    expect(text()).toContain('—');
  });
});

it('is a dash, never a zero, where money is withheld and nothing else is known', () => {
  expect(heroNumber({ hideMoney: true, net: null, reached: null, vsYesterday: null })).toEqual({
    kind: 'index',
    value: null,
  });
  const { hero } = draw(
    {
      today: { ...today, ...withheld },
      compare: { ...compare, vsYesterday: null },
      target: { amount: null, reached: null },
    },
    { hideMoney: true },
  );
  expect(hero()?.textContent).toBe('—');
});

describe('before the first snapshot', () => {
  it('nothing is shown as a number', () => {
    const on = new TestScreen();
    const { topic: sales } = on.link.watch('sales', 'all');
    const { container } = on.draw(Hero, { sales, dayShare: null });
    expect(page.getByText('等待数据')).toBeTruthy();
    expect(container.querySelector('[data-hero]')).toBeNull();
  });
});
