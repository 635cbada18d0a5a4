/**
 * Daily demand of a SKU: weekday × calendar × level and trend, with the band that its own past errors draw. Days without
 * stock say nothing about demand. Pure; made for tens of thousands of SKUs a minute, so nothing is allocated per day.
 */
import { dayKinds, kindOf, type Calendar } from './calendar.ts';
import { dayNo, weekdayOf } from './day.ts';
import { ahead, findLevel, LevelLearner, type Level, type LevelPanel } from './level.ts';
import { quantileOf } from './values.ts';

export type DemandHistory = {
  /** Business day of `units[0]`, `YYYY-MM-DD`. */
  firstDay: string;
  /** Units sold by day, oldest first, up to yesterday; less than 0 counts as 0. */
  units: Float64Array | number[];
  /** 0 where it could not be sold for most of the day; absent: it always could. */
  inStock?: Uint8Array | undefined;
  /**
   * Share of the usual demand that met stock, by day, 0 to 1: a company whose locations were partly sold out would have sold
   * more. Absent: all of it.
   */
  reach?: Float64Array | undefined;
};

/** What the SKUs of a company or category have in common; learnt by `DemandLearner`. */
export type DemandPanel = {
  level: LevelPanel | undefined;
  /** Factor by weekday, Monday first, and by kind of day (`dayKinds`). */
  weekdays: Float64Array;
  uplifts: Float64Array;
};

export type DemandOptions = {
  /** Days ahead. */
  horizon: number;
  /** Must reach from the first day of the history to the end of the horizon; what is outside counts as ordinary. */
  calendar: Calendar;
  panel?: DemandPanel | undefined;
};

export type DemandForecast = {
  /** The method that counts most; `none` where nothing was ever sold. */
  method: string;
  /** Expected units per day, by day ahead. */
  mean: Float64Array;
  /** Four of five days are expected between them; never negative. */
  low: Float64Array;
  high: Float64Array;
  /** Expected units per day over the horizon. */
  rate: number;
  /** Standard deviation of one day's demand around the forecast, units. */
  sd: number;
};

/** Units that it takes to move a weekday's, or a kind of day's, factor half-way from the panel's. */
const WEEKDAY_DOUBT = 20;
const UPLIFT_DOUBT = 10;
/** Days on each side of a day that tell its ordinary level. */
const AROUND = 14;
/** Below this reach a day says nothing. */
const LEAST_REACH = 0.3;
/** Variance grows with this power of the mean (Taylor's law; 1 would be Poisson's, 2 that of a constant share). */
const TAYLOR = 1.4;
/** Share of days below the band, and above it. */
const TAIL = 0.1;
const WEEK = 7;
/** Errors of a week ahead that it takes for a band of its own. */
const ENOUGH = 30;

/** A history taken apart: what is left in `values` has neither weekdays nor events. */
type Parts = {
  day: number;
  demand: Float64Array;
  usable: Uint8Array;
  values: Float64Array;
  weekdays: Float64Array;
  uplifts: Float64Array;
  /** What was seen by weekday and by kind of day, beside the ordinary level of those days. */
  seen: { weekdays: Float64Array; uplifts: Float64Array };
  usual: { weekdays: Float64Array; uplifts: Float64Array };
};

function takeApart(history: DemandHistory, calendar: Calendar, panel: DemandPanel | undefined): Parts {
  const { units, inStock, reach } = history;
  const size = units.length;
  const day = dayNo(history.firstDay);
  const demand = new Float64Array(size);
  const usable = new Uint8Array(size);
  const ordinary = new Float64Array(size + 1);
  const ordinaryDays = new Float64Array(size + 1);
  for (let t = 0; t < size; t++) {
    const share = reach ? reach[t]! : 1;
    usable[t] = (inStock === undefined || inStock[t] !== 0) && share >= LEAST_REACH ? 1 : 0;
    demand[t] = usable[t] ? Math.max(0, units[t]!) / share : 0;
    const counts = usable[t] && kindOf(calendar, day + t) === 0 ? 1 : 0;
    ordinary[t + 1] = ordinary[t]! + counts * demand[t]!;
    ordinaryDays[t + 1] = ordinaryDays[t]! + counts;
  }
  const overall = ordinaryDays[size]! > 0 ? ordinary[size]! / ordinaryDays[size]! : 0;
  const usualOf = (t: number): number => {
    const from = Math.max(0, t - AROUND);
    const to = Math.min(size, t + AROUND + 1);
    const days = ordinaryDays[to]! - ordinaryDays[from]!;
    return days >= WEEK ? (ordinary[to]! - ordinary[from]!) / days : overall;
  };

  const seen = { weekdays: new Float64Array(WEEK), uplifts: new Float64Array(dayKinds.length) };
  const usual = { weekdays: new Float64Array(WEEK), uplifts: new Float64Array(dayKinds.length) };
  for (let t = 0; t < size; t++) {
    if (usable[t] === 0 || kindOf(calendar, day + t) !== 0) continue;
    seen.weekdays[weekdayOf(day + t)]! += demand[t]!;
    usual.weekdays[weekdayOf(day + t)]! += usualOf(t);
  }
  const weekdays = blend(seen.weekdays, usual.weekdays, panel?.weekdays, WEEKDAY_DOUBT);
  const mean = weekdays.reduce((sum, factor) => sum + factor / WEEK, 0);
  for (let d = 0; d < WEEK; d++) weekdays[d]! /= mean;
  for (let t = 0; t < size; t++) {
    const kind = kindOf(calendar, day + t);
    if (usable[t] === 0 || kind === 0) continue;
    seen.uplifts[kind]! += demand[t]!;
    usual.uplifts[kind]! += usualOf(t) * weekdays[weekdayOf(day + t)]!;
  }
  const uplifts = blend(seen.uplifts, usual.uplifts, panel?.uplifts, UPLIFT_DOUBT);
  uplifts[0] = 1;
  const values = new Float64Array(size);
  for (let t = 0; t < size; t++)
    values[t] = demand[t]! / (weekdays[weekdayOf(day + t)]! * uplifts[kindOf(calendar, day + t)]!);
  return { day, demand, usable, values, weekdays, uplifts, seen, usual };
}

/** Seen per usual, drawn towards the panel's factor (1 without a panel) where little was seen. */
function blend(
  seen: Float64Array,
  usual: Float64Array,
  common: Float64Array | undefined,
  doubt: number,
): Float64Array {
  return seen.map((units, i) => {
    const prior = common?.[i] ?? 1;
    return Math.min(20, Math.max(0.05, (units + doubt * prior) / (usual[i]! + doubt)));
  });
}

const factorOf = ({ weekdays, uplifts }: Parts, calendar: Calendar, day: number): number =>
  weekdays[weekdayOf(day)]! * uplifts[kindOf(calendar, day)]!;

const levelOptions = (horizon: number, panel: DemandPanel | undefined) => ({
  horizon: Math.max(1, Math.min(horizon, 4 * WEEK)),
  bucket: WEEK,
  panel: panel?.level,
});

/**
 * The demand of the `horizon` days after the history.
 *
 * A year of history or more knows the calendar; with less, what the panel knows is used, and without that an event counts as
 * an ordinary day.
 */
export function forecastDemand(history: DemandHistory, options: DemandOptions): DemandForecast {
  const { horizon, calendar, panel } = options;
  const size = history.units.length;
  const mean = new Float64Array(horizon);
  const low = new Float64Array(horizon);
  const high = new Float64Array(horizon);
  const parts = takeApart(history, calendar, panel);
  if (parts.demand.every((units) => units === 0)) return { method: 'none', mean, low, high, rate: 0, sd: 0 };

  const level = findLevel(parts.values, parts.usable, levelOptions(horizon, panel));
  let [rate, spread] = [0, 0];
  for (let h = 0; h < horizon; h++) {
    const expected =
      ahead(level.level, level.trend, h, WEEK) * factorOf(parts, calendar, parts.day + size + h);
    mean[h] = expected;
    rate += expected / horizon;
    spread += expected ** TAYLOR / horizon;
  }
  const { under, over, dispersion } = errorsOf(parts, level, calendar, horizon);
  for (let h = 0; h < horizon; h++) {
    const week = Math.min(under.length - 1, Math.floor(h / WEEK));
    const scale = mean[h]! ** (TAYLOR / 2);
    low[h] = Math.max(0, mean[h]! + under[week]! * scale);
    high[h] = mean[h]! + over[week]! * scale;
  }
  return { method: level.method, mean, low, high, rate, sd: Math.sqrt(dispersion * spread) };
}

/**
 * How wrong forecasts of the past were, in the spread that their mean lets expect: the tenth and ninetieth percent by week
 * ahead, never narrower further ahead, and the mean square of all.
 */
function errorsOf(parts: Parts, { origins, ...now }: Level, calendar: Calendar, horizon: number) {
  const { day, demand, usable } = parts;
  const weeks = Math.max(1, Math.ceil(Math.min(horizon, 4 * WEEK) / WEEK));
  const errors = Array.from({ length: weeks }, () => [] as number[]);
  // Before anything is seen: one unit of Poisson's spread.
  let [squares, spread] = [1, 1];
  for (let o = 0; o < origins.at.length; o++) {
    const at = origins.at[o]!;
    for (let t = at; t < Math.min(demand.length, at + weeks * WEEK); t++) {
      if (usable[t] === 0) continue;
      const expected =
        ahead(origins.level[o]!, origins.trend[o]!, t - at, WEEK) * factorOf(parts, calendar, day + t);
      const scale = expected ** TAYLOR;
      const error = demand[t]! - expected;
      squares += error * error;
      spread += scale;
      if (scale > 0) errors[Math.floor((t - at) / WEEK)]!.push(error / Math.sqrt(scale));
    }
  }
  const all = Float64Array.from(errors.flat()).sort();
  const dispersion = squares / spread;
  const normal = 1.2816 * Math.sqrt(dispersion);
  const under = new Float64Array(weeks);
  const over = new Float64Array(weeks);
  for (let week = 0; week < weeks; week++) {
    const own = errors[week]!.length >= ENOUGH ? Float64Array.from(errors[week]!).sort() : all;
    const known = own.length >= ENOUGH && now.level > 0;
    const before = week > 0 ? week - 1 : 0;
    under[week] = Math.min(0, under[before]!, known ? quantileOf(own, TAIL) : -normal);
    over[week] = Math.max(0, over[before]!, known ? quantileOf(own, 1 - TAIL) : normal);
  }
  return { under, over, dispersion };
}

/** Learns what SKUs have in common. A few hundred are enough; add them one by one, then ask for the panel. */
export class DemandLearner {
  #calendar: Calendar;
  #horizon: number;
  #level = new LevelLearner();
  #seen = { weekdays: new Float64Array(WEEK), uplifts: new Float64Array(dayKinds.length) };
  #usual = { weekdays: new Float64Array(WEEK), uplifts: new Float64Array(dayKinds.length) };

  constructor(calendar: Calendar, horizon: number) {
    this.#calendar = calendar;
    this.#horizon = horizon;
  }

  /** `calendar`: the SKU's own, where it has promotions that others have not. */
  add(history: DemandHistory, calendar = this.#calendar): void {
    const parts = takeApart(history, calendar, undefined);
    const units = parts.demand.reduce((sum, value) => sum + value, 0);
    if (units === 0) return;
    this.#level.add(findLevel(parts.values, parts.usable, levelOptions(this.#horizon, undefined)));
    // A SKU that sells a thousand times more is not a thousand times more evidence of how people shop.
    const weight = 1 / Math.max(1, units / parts.demand.length);
    for (const part of ['weekdays', 'uplifts'] as const)
      for (let i = 0; i < this.#seen[part].length; i++) {
        this.#seen[part][i]! += weight * parts.seen[part][i]!;
        this.#usual[part][i]! += weight * parts.usual[part][i]!;
      }
  }

  panel(): DemandPanel {
    return {
      level: this.#level.panel(),
      weekdays: blend(this.#seen.weekdays, this.#usual.weekdays, undefined, WEEKDAY_DOUBT),
      uplifts: blend(this.#seen.uplifts, this.#usual.uplifts, undefined, UPLIFT_DOUBT),
    };
  }
}
