/** A forecast as it is shown: for the whole company or some of its locations, and beside what happened. Pure. */
import { dayNo, dayText } from './day.ts';

/** A forecast with the shares of its locations, as it is stored. */
export type SharedForecast = {
  /** Business day of `mean[0]`. */
  firstDay: string;
  mean: readonly number[];
  low: readonly number[];
  high: readonly number[];
  /** Units per day over the horizon. */
  rate: number;
  locationNos: readonly number[];
  locationRate: readonly number[];
  locationSd: readonly number[];
};

export type DayAhead = { day: string; mean: number; low: number; high: number };
export type DayBehind = DayAhead & { units: number };

/** Half a band of four in five days, in standard deviations; and how they grow with the mean (see demand.ts). */
const BAND = 1.2816;
const GROWTH = 0.7;

/**
 * By day, for the locations named (null: the company). Some locations have their share of every day; their band is that of
 * their own spread, since a few locations vary more than the company.
 */
export function daysOf(forecast: SharedForecast, locationNos: readonly number[] | null): DayAhead[] {
  const first = dayNo(forecast.firstDay);
  const dayAt = (h: number) => dayText(first + h);
  if (locationNos === null)
    return forecast.mean.map((mean, h) => ({
      day: dayAt(h),
      mean,
      low: forecast.low[h]!,
      high: forecast.high[h]!,
    }));
  const { rate, sd } = partOf(forecast, locationNos);
  const share = forecast.rate > 0 ? rate / forecast.rate : 0;
  return forecast.mean.map((company, h) => {
    const mean = company * share;
    const half = rate > 0 ? BAND * sd * (mean / rate) ** GROWTH : 0;
    return { day: dayAt(h), mean, low: Math.max(0, mean - half), high: mean + half };
  });
}

/** Units per day of some locations together, and the standard deviation of one day. */
function partOf(forecast: SharedForecast, locationNos: readonly number[]): { rate: number; sd: number } {
  const wanted = new Set(locationNos);
  let [rate, variance] = [0, 0];
  for (const [i, no] of forecast.locationNos.entries()) {
    if (!wanted.has(no)) continue;
    rate += forecast.locationRate[i]!;
    variance += forecast.locationSd[i]! ** 2;
  }
  return { rate, sd: Math.sqrt(variance) };
}

/** How a forecast did. Shares are null where nothing was sold; all are of the days that are over. */
export type Comparison = {
  days: DayBehind[];
  units: number;
  expected: number;
  /** Sum of the days' absolute errors, of the units sold. */
  error: number | null;
  /** Units expected too many, of the units sold; negative: too few. */
  bias: number | null;
  /** Share of days within the band. */
  within: number | null;
};

/** Holds a forecast against the units that were sold by day, up to, not including, `today`. */
export function compare(
  ahead: readonly DayAhead[],
  units: ReadonlyMap<string, number>,
  today: string,
): Comparison {
  const days = ahead
    .filter(({ day }) => day < today)
    .map((row) => ({ ...row, units: units.get(row.day) ?? 0 }));
  const sum = (pick: (row: DayBehind) => number) => days.reduce((all, row) => all + pick(row), 0);
  const sold = sum((row) => row.units);
  const expected = sum((row) => row.mean);
  const hits = sum((row) => (row.units >= row.low && row.units <= row.high ? 1 : 0));
  return {
    days,
    units: sold,
    expected,
    error: sold > 0 ? sum((row) => Math.abs(row.units - row.mean)) / sold : null,
    bias: sold > 0 ? (expected - sold) / sold : null,
    within: days.length > 0 ? hits / days.length : null,
  };
}
