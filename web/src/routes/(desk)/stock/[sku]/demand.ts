import type { DemandModel } from '#lib/charts/demand-chart.svelte.ts';

type Ahead = { day: string; mean: number; low: number; high: number };

/** What `/api/v1/forecasts/{sku}` answers. Units a day; shares are of what was sold. */
export type Forecast = {
  history: { day: string; units: number }[];
  forecast: { madeAt: string; method: string; rate: number; days: Ahead[] } | null;
  last: {
    madeAt: string;
    method: string;
    days: (Ahead & { units: number })[];
    units: number;
    expected: number;
    error: number | null;
    bias: number | null;
    within: number | null;
  } | null;
};

/** One row a day, the past and what is expected, as chart and table show it. Today is the forecast's first day. */
export function demandOf({ history, forecast, last }: Forecast): Omit<DemandModel, 'names'> {
  const sold = new Map([
    ...(last?.days.map(({ day, units }) => [day, units] as const) ?? []),
    ...history.map(({ day, units }) => [day, units] as const),
  ]);
  const ahead = new Map(forecast?.days.map((each) => [each.day, each]));
  const before = new Map(last?.days.map(({ day, mean }) => [day, mean]));
  const first = history[0]?.day ?? '';
  const days = [...new Set([...sold.keys(), ...ahead.keys()])].filter((day) => day >= first).sort();
  return {
    days,
    sold: days.map((day) => sold.get(day) ?? null),
    mean: days.map((day) => ahead.get(day)?.mean ?? null),
    low: days.map((day) => ahead.get(day)?.low ?? null),
    high: days.map((day) => ahead.get(day)?.high ?? null),
    before: days.map((day) => before.get(day) ?? null),
  };
}
