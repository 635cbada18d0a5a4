import { flushSync, untrack } from 'svelte';
import { beforeEach, expect, it, vi } from 'vitest';
import { curveChart, type CurveModel } from './curve-chart.svelte.ts';

const made = vi.hoisted(
  () =>
    [] as {
      data: { datasets: { data: unknown }[] };
      update: ReturnType<typeof vi.fn>;
      destroy: ReturnType<typeof vi.fn>;
    }[],
);

vi.mock('chart.js', () => {
  class Chart {
    static register = vi.fn();
    data: unknown;
    options: unknown;
    update = vi.fn();
    destroy = vi.fn();
    constructor(_canvas: unknown, config: { data: unknown; options: unknown }) {
      Object.assign(this, { data: config.data, options: config.options });
      made.push(this as never);
    }
  }
  return { Chart, LineController: {}, LineElement: {}, LinearScale: {}, PointElement: {} };
});

const model = (today: number): CurveModel => ({
  today: [
    { x: 0, y: 0 },
    { x: 10, y: today },
  ],
  yesterday: [],
  target: null,
  ceiling: 100,
  from: 0,
  hours: 24,
  amount: String,
});

beforeEach(() => {
  made.length = 0;
});

it('is made once, follows its model, and is destroyed with its element', () => {
  let current = $state.raw(model(1));
  let theme = $state('dark');
  const canvas = document.createElement('canvas');
  const end = $effect.root(() => {
    $effect(() => curveChart(() => current, { fontRem: 2, restyle: () => theme })(canvas) as () => void);
  });
  flushSync();
  const [chart] = made;
  const today = () => chart!.data.datasets[2]!.data;
  expect(today()).toEqual(model(1).today);

  current = model(2);
  flushSync();
  theme = 'light';
  flushSync();
  expect(made).toHaveLength(1);
  expect(today()).toEqual(model(2).today);
  // A proxy of Svelte's in there throws as soon as the chart is drawn.
  expect(today()).not.toBe(untrack(() => current).today);
  expect(chart!.update.mock.calls.filter(([mode]) => mode === 'none').length).toBeGreaterThanOrEqual(2);
  expect(chart!.destroy).not.toHaveBeenCalled();

  end();
  expect(chart!.destroy).toHaveBeenCalledOnce();
});
