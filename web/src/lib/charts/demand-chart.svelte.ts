import {
  CategoryScale,
  Chart,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
  type ChartOptions,
} from 'chart.js';
import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';

Chart.register(CategoryScale, Filler, LinearScale, LineController, LineElement, PointElement, Tooltip);

/** Days in order, and for each what was sold, what is expected and what had been expected; null: not of that day. */
export type DemandModel = {
  days: string[];
  sold: (number | null)[];
  mean: (number | null)[];
  low: (number | null)[];
  high: (number | null)[];
  before: (number | null)[];
  names: { sold: string; mean: string; before: string };
};

const [HIGH, LOW, BEFORE, MEAN, SOLD] = [0, 1, 2, 3, 4];

/** Demand by day with the forecast's band. Built once, moved by each new model, destroyed with its element. */
export function demandChart(model: () => DemandModel, restyle: () => unknown): Attachment<HTMLCanvasElement> {
  return (canvas) => {
    // Chart.js keeps and patches the arrays it is given, so it never gets one that is state.
    const chart = untrack(() => new Chart<'line', (number | null)[], string>(canvas, blank(model)));
    $effect(() => {
      restyle();
      style(chart, canvas);
      chart.update();
    });
    $effect(() => {
      const { days, sold, mean, low, high, before } = model();
      chart.data.labels = [...days];
      for (const [at, values] of [high, low, before, mean, sold].entries())
        chart.data.datasets[at]!.data = [...values];
      chart.update('none');
    });
    return () => chart.destroy();
  };
}

function blank(
  model: () => DemandModel,
): ConstructorParameters<typeof Chart<'line', (number | null)[], string>>[1] {
  const line = { data: [], pointRadius: 0, borderJoinStyle: 'round' as const, spanGaps: false };
  const options: ChartOptions<'line'> = {
    responsive: true,
    maintainAspectRatio: false,
    animation: false,
    events: ['mousemove', 'mouseout', 'touchstart', 'touchmove'],
    interaction: { mode: 'index', intersect: false },
    plugins: {
      tooltip: {
        animation: false,
        displayColors: false,
        padding: 10,
        filter: ({ datasetIndex, parsed }) => datasetIndex >= BEFORE! && parsed.y !== null,
        callbacks: {
          label: ({ datasetIndex, parsed }) => {
            const { names } = model();
            const name =
              datasetIndex === SOLD ? names.sold : datasetIndex === MEAN ? names.mean : names.before;
            return `${name}  ${Math.round((parsed.y ?? 0) * 10) / 10}`;
          },
        },
      },
    },
    scales: {
      x: { grid: { display: false }, ticks: { maxRotation: 0, autoSkipPadding: 24 } },
      y: { min: 0, position: 'right', border: { display: false }, ticks: { maxTicksLimit: 5, precision: 0 } },
    },
  };
  return {
    type: 'line',
    data: {
      labels: [],
      datasets: [{ ...line, fill: '+1' }, { ...line }, { ...line }, { ...line }, { ...line }],
    },
    options,
  };
}

function style(chart: Chart<'line', (number | null)[], string>, canvas: HTMLCanvasElement): void {
  const computed = getComputedStyle(canvas);
  const token = (name: string) => computed.getPropertyValue(name).trim();
  const accent = token('--accent');
  const sets = chart.data.datasets;
  Object.assign(sets[HIGH!]!, { borderWidth: 0, backgroundColor: `${accent}2e` });
  Object.assign(sets[LOW!]!, { borderWidth: 0 });
  Object.assign(sets[BEFORE!]!, { borderColor: token('--muted'), borderWidth: 1.5, borderDash: [4, 4] });
  Object.assign(sets[MEAN!]!, { borderColor: accent, borderWidth: 2.5 });
  Object.assign(sets[SOLD!]!, { borderColor: token('--text'), borderWidth: 2.5 });
  const font = { family: computed.fontFamily, size: 12 };
  const { x, y } = chart.options.scales!;
  Object.assign(x!.ticks!, { font, color: token('--muted') });
  Object.assign(y!.ticks!, { font, color: token('--muted') });
  x!.border = { color: token('--line') };
  y!.grid = { color: token('--line'), drawTicks: false };
}
