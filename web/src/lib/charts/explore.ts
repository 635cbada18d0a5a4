import { Chart, Tooltip, type ChartOptions, type TooltipItem } from 'chart.js';
import type { CurveModel } from './curve-chart.svelte.ts';

// Only the desk explores; the wall does not load this.
Chart.register(Tooltip);

const TARGET = 0;
const HERE = 3;

/** The values under the pointer, with their names. `names` are those of today's and yesterday's line. */
export function exploring(names: () => { today: string; yesterday: string }, time: (x: number) => string) {
  return (model: () => CurveModel): ChartOptions<'line'> => ({
    events: ['mousemove', 'mouseout', 'touchstart', 'touchmove'],
    interaction: { mode: 'nearest', axis: 'x', intersect: false },
    plugins: {
      tooltip: {
        animation: false,
        displayColors: false,
        padding: 10,
        filter: ({ datasetIndex }) => datasetIndex !== TARGET && datasetIndex !== HERE,
        callbacks: {
          title: ([first]: TooltipItem<'line'>[]) => (first ? time(first.parsed.x ?? 0) : ''),
          label: ({ datasetIndex, parsed }: TooltipItem<'line'>) =>
            `${datasetIndex === 1 ? names().yesterday : names().today}  ${model().amount(parsed.y ?? 0)}`,
        },
      },
    },
  });
}
