import { flushSync, untrack } from 'svelte';
import { beforeEach, expect, it } from 'vitest';
import { charts as made } from '#lib/testing/charts.ts';
import { curveChart, type CurveModel } from './curve-chart.svelte.ts';

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
