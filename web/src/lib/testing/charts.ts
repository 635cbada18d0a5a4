/** Stands in for chart.js, which draws on a canvas that jsdom has not; remembers what was made. See setup.ts. */
import { vi } from 'vitest';

export type MadeChart = {
  data: { datasets: { data: unknown }[] };
  options: unknown;
  update: ReturnType<typeof vi.fn>;
  destroy: ReturnType<typeof vi.fn>;
};

export const charts: MadeChart[] = [];

export class Chart {
  static register = vi.fn();
  data: unknown;
  options: unknown;
  update = vi.fn();
  resize = vi.fn();
  destroy = vi.fn();
  constructor(_canvas: unknown, config: { data: unknown; options: unknown }) {
    this.data = config.data;
    this.options = config.options;
    charts.push(this as unknown as MadeChart);
  }
}

export const [
  BarController,
  BarElement,
  CategoryScale,
  Filler,
  LinearScale,
  LineController,
  LineElement,
  PointElement,
  Tooltip,
] = Array.from({ length: 9 }, () => ({}));
