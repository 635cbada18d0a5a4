import { BarController, BarElement, CategoryScale, Chart, LinearScale } from 'chart.js';
import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

Chart.register(BarController, BarElement, CategoryScale, LinearScale);

/** Minutes in order, what went out (drawn upwards) and what came back (drawn downwards). */
export type FlowModel = {
  out: number[];
  back: number[];
  /** Below each minute; empty: none. */
  labels: string[];
};

const [OUT, BACK] = [0, 1];

/** Room above the highest bar. */
const HEAD = 1.06;

/**
 * What flows out and comes back by the minute, on both sides of one line. Each side has a scale of its own: a million are sent in
 * seconds, and come back in weeks. Built once, moved by each new model, destroyed with its element. `restyle` is read so that a
 * change of size redraws.
 */
export function flowChart(
  model: () => FlowModel,
  { fontRem, restyle }: { fontRem: number; restyle: () => unknown },
): Attachment<HTMLCanvasElement> {
  return (canvas) => {
    // Chart.js keeps and patches the arrays it is given, so it never gets one that is state.
    const chart = untrack(() => new Chart<'bar', number[], string>(canvas, blank()));
    $effect(() => {
      restyle();
      style(chart, canvas, fontRem);
      chart.update();
    });
    $effect(() => {
      const { out, back, labels } = model();
      chart.data.labels = [...labels];
      chart.data.datasets[OUT]!.data = [...out];
      chart.data.datasets[BACK]!.data = back.map((value) => -value);
      for (const [axis, values] of [
        ['out', out],
        ['back', back],
      ] as const) {
        const most = Math.max(1, ...values) * HEAD;
        Object.assign(chart.options.scales![axis]!, { min: -most, max: most });
      }
      chart.update('none');
    });
    return () => chart.destroy();
  };
}

function blank(): ConstructorParameters<typeof Chart<'bar', number[], string>>[1] {
  const bars = { data: [], barPercentage: 0.78, categoryPercentage: 1, grouped: false };
  const side = { type: 'linear' as const, display: false };
  return {
    type: 'bar',
    data: {
      labels: [],
      datasets: [
        { ...bars, yAxisID: 'out' },
        { ...bars, yAxisID: 'back' },
      ],
    },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      events: [],
      scales: {
        x: {
          grid: { display: false },
          border: { display: false },
          ticks: {
            autoSkip: false,
            maxRotation: 0,
            callback(value) {
              return this.getLabelForValue(Number(value));
            },
          },
        },
        out: side,
        back: side,
      },
    },
  };
}

function style(chart: Chart<'bar', number[], string>, canvas: HTMLCanvasElement, fontRem: number): void {
  const computed = getComputedStyle(canvas);
  const token = (name: string) => computed.getPropertyValue(name).trim();
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  chart.data.datasets[OUT]!.backgroundColor = token('--accent');
  chart.data.datasets[BACK]!.backgroundColor = token('--good');
  Object.assign(chart.options.scales!['x']!.ticks!, {
    font: { family: computed.fontFamily, size: fontRem * rem },
    color: token('--muted'),
    padding: 0.4 * rem,
  });
}
