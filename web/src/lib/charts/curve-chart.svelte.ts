import { Chart, LinearScale, LineController, LineElement, PointElement, type ChartOptions } from 'chart.js';
import { untrack } from 'svelte';
import type { Attachment } from 'svelte/attachments';
import type { CurvePoint } from '#lib/board/day-curve.ts';

Chart.register(LineController, LineElement, PointElement, LinearScale);

export type CurveModel = {
  today: CurvePoint[];
  yesterday: CurvePoint[];
  /** Where the day should end, in the unit of the points; drawn as a line across. */
  target: number | null;
  /** Top of the axis. */
  ceiling: number;
  /** First and last hour of the x axis. */
  from: number;
  hours: number;
  /** Writes a value of the y axis. */
  amount: (value: number) => string;
};

export type CurveLook = {
  text: string;
  muted: string;
  line: string;
  today: string;
  yesterday: string;
  target: string;
  font: string;
  fontPx: number;
};

/** Colours and sizes as the page has them now. One line's thickness follows the type, so it scales with the wall. */
export function lookOf(element: Element, fontRem: number): CurveLook {
  const style = getComputedStyle(element);
  const token = (name: string) => style.getPropertyValue(name).trim();
  const rem = parseFloat(getComputedStyle(document.documentElement).fontSize) || 16;
  return {
    text: token('--text'),
    muted: token('--muted'),
    line: token('--line'),
    today: token('--text'),
    yesterday: token('--faint'),
    target: token('--line-strong'),
    font: style.fontFamily,
    fontPx: fontRem * rem,
  };
}

/**
 * The day's curve on a canvas. Built once; each new model moves the points of the chart that is there, without animation;
 * destroyed with its element. `restyle` is read so that a change of theme or size redraws with new colours.
 */
export function curveChart(
  model: () => CurveModel,
  options: {
    /** Size of the axes' type. */
    fontRem: number;
    restyle: () => unknown;
    /** More options, for charts that a pointer explores. */
    more?: (model: () => CurveModel) => ChartOptions<'line'>;
  },
): Attachment<HTMLCanvasElement> {
  return (canvas) => {
    // Chart.js keeps and patches the arrays it is given, so it never gets one that is state.
    const chart = untrack(() => new Chart<'line', CurvePoint[]>(canvas, blank(options.more?.(model))));

    $effect(() => {
      options.restyle();
      style(chart, lookOf(canvas, options.fontRem));
      // Not 'none': in that mode points keep the options they were first drawn with.
      chart.update();
    });

    $effect(() => {
      const { today, yesterday, target, ceiling, from, hours, amount } = model();
      const inSight = (points: CurvePoint[]) => points.filter((point) => point.x >= from);
      const [targetLine, yesterdayLine, todayLine, here] = chart.data.datasets;
      targetLine!.data =
        target === null
          ? []
          : [
              { x: from, y: target },
              { x: hours, y: target },
            ];
      yesterdayLine!.data = inSight(yesterday);
      todayLine!.data = inSight(today);
      here!.data = today.slice(-1);
      const { x, y } = chart.options.scales!;
      x!.min = from;
      x!.max = hours;
      y!.max = ceiling;
      y!.ticks!.callback = (value) => (Number(value) === 0 ? '' : amount(Number(value)));
      chart.update('none');
    });

    return () => chart.destroy();
  };
}

function blank(
  more: ChartOptions<'line'> = {},
): ConstructorParameters<typeof Chart<'line', CurvePoint[]>>[1] {
  const line = {
    data: [],
    parsing: false as const,
    normalized: true,
    pointRadius: 0,
    borderJoinStyle: 'round' as const,
  };
  return {
    type: 'line',
    data: { datasets: [{ ...line }, { ...line }, { ...line }, { ...line }] },
    options: {
      responsive: true,
      maintainAspectRatio: false,
      animation: false,
      events: [],
      clip: false,
      ...more,
      scales: {
        x: {
          type: 'linear',
          min: 0,
          max: 24,
          grid: { display: false },
          ticks: { stepSize: 3, align: 'inner', maxRotation: 0, callback: (value) => `${value}:00` },
        },
        y: {
          type: 'linear',
          min: 0,
          position: 'right',
          border: { display: false },
          ticks: { maxTicksLimit: 5, includeBounds: false },
        },
      },
    },
  };
}

function style(chart: Chart<'line', CurvePoint[]>, look: CurveLook): void {
  const unit = look.fontPx / 22;
  const [target, yesterday, today, here] = chart.data.datasets;
  Object.assign(target!, {
    borderColor: look.target,
    borderWidth: 2 * unit,
    borderDash: [8 * unit, 8 * unit],
  });
  Object.assign(yesterday!, { borderColor: look.yesterday, borderWidth: 3 * unit });
  Object.assign(today!, { borderColor: look.today, borderWidth: 5 * unit });
  Object.assign(here!, { borderColor: look.today, backgroundColor: look.today, pointRadius: 8 * unit });
  const font = { family: look.font, size: look.fontPx };
  const { x, y } = chart.options.scales!;
  Object.assign(x!.ticks!, { font, color: look.muted, padding: 6 * unit });
  Object.assign(y!.ticks!, { font, color: look.muted, padding: 10 * unit });
  x!.border = { color: look.line, width: 2 * unit };
  y!.grid = { color: look.line, lineWidth: unit, drawTicks: false };
  chart.options.layout = { padding: { top: 10 * unit, right: 0 } };
}
