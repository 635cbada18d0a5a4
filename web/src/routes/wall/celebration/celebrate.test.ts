import { flushSync } from 'svelte';
import { describe, expect, it } from 'vitest';
import type { Topic } from '@zhanggui/shared/contract/board.ts';
import { celebrationsOf } from '#lib/board/celebrations.ts';
import { NOW, TestScreen } from '#lib/testing/screen.ts';
import Celebrate from './Celebrate.svelte';

const at = (seconds: number) => new Date(NOW + seconds * 1000).toISOString();
const milestone = { count: 300, at: at(-2) };
const record = { minute: at(-65), orders: 312, placed: 4_560_000 };

/** What the browser keeps, for as long as the test wants. */
function memory() {
  let kept: string[] = [];
  return { read: () => kept, write: (ids: readonly string[]) => void (kept = [...ids]) };
}
function draw(kept = memory(), { hideMoney = false, topics = ['sales', 'groups'] as Topic[] } = {}) {
  const screen = new TestScreen({ hideMoney });
  const { container } = screen.draw(Celebrate, { topics, timers: screen.time, memory: kept });
  const tell = (what: { milestone?: typeof milestone; record?: object }) => {
    if (what.milestone) screen.snapshot('groups', { milestone: what.milestone });
    if (what.record) screen.snapshot('sales', { record: { ...what.record } });
    flushSync();
  };
  const pass = (ms: number) => {
    screen.time.pass(ms);
    flushSync();
  };
  return { tell, pass, text: () => container.querySelector('[data-celebrates]')?.textContent ?? '' };
}

describe('a celebration', () => {
  it('is shown once, for a moment, and not again when the page is loaded anew', () => {
    const kept = memory();
    const first = draw(kept);
    first.tell({ milestone });
    expect(first.text()).toContain('今天第 300 个团成了');
    first.pass(5500);
    expect(first.text()).toBe('');
    first.tell({ milestone });
    expect(first.text()).toBe('');
    const again = draw(kept);
    again.tell({ milestone });
    expect(again.text()).toBe('');
    again.tell({ milestone: { count: 400, at: at(-1) } });
    expect(again.text()).toContain('400');
  });

  it('waits for the one before it', () => {
    const { tell, pass, text } = draw();
    tell({ milestone });
    tell({ record });
    expect(text()).toContain('300');
    pass(5000);
    expect(text()).toContain('一周来卖得最多的一分钟');
    expect(text()).toContain('4.6万');
    expect(text()).toContain('20:40 · 312 单');
  });

  it('says no amount where amounts are hidden', () => {
    const { tell, text } = draw(memory(), { hideMoney: true });
    tell({ record: { ...record, placed: null } });
    expect(text()).toContain('312');
    expect(text()).not.toContain('¥');
  });

  it('is of what the screen may see', () => {
    const { tell, text } = draw(memory(), { topics: ['stock'] });
    tell({ milestone });
    expect(text()).toBe('');
  });

  it('is no news after a minute', () => {
    const ids = (now: number) => celebrationsOf({ milestone, record }, now).map(({ kind }) => kind);
    expect(ids(NOW)).toEqual(['groups', 'record']);
    expect(ids(NOW + 56_000)).toEqual(['groups']);
    expect(ids(NOW + 58_000)).toEqual([]);
    // The clock that the screen goes by steps once a second: what has just happened lies before it.
    expect(ids(NOW - 2_900)).toEqual(['groups', 'record']);
  });
});
