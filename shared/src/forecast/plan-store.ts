/**
 * Forecasts SKUs from the database into the database. A job does it once a night:
 *
 *     const plan = await prepareForecasts(sql, { today, timeZone });
 *     for (let after = 0, nos; (nos = await listSkuNos(sql, after, 400)).length > 0; after = nos.at(-1)!)
 *       for (const made of await planForecasts(sql, plan, nos, Date.now())) …policies of made.locationNos…
 *
 * Chunks of some hundred neighbours by number: memory is that of one chunk (400 SKUs × 400 days: 4 MB), and each reads its
 * rows once. A chunk is one statement's write and may be done again at any time: a run that died begins anew, or at the
 * chunk where it was.
 */
import type { Sql } from '../platform/database.ts';
import { makeCalendar, withPromotions, type Calendar } from './calendar.ts';
import { dayNo, dayText } from './day.ts';
import { DemandLearner, forecastDemand, type DemandForecast, type DemandPanel } from './demand.ts';
import {
  firstDaySold,
  readCategories,
  readLocationWeights,
  readPromotions,
  readSkuSales,
  sampleSkuNos,
  writeForecasts,
  type PromotionRow,
} from './forecast-store.ts';
import { historyOf, type SkuHistory, type Window } from './history.ts';
import { shareOut } from './share-out.ts';

/** Days looked back: a year and what leads up to a festival that moves with the moon. */
const HISTORY_DAYS = 400;
/** Days that tell what part of a SKU's sales a location has. */
const RECENT_DAYS = 56;
export const HORIZON_DAYS = 28;
/** SKUs that the panel is learnt from. */
const PANEL_SKUS = 400;

/** What all SKUs of a run share. */
export type ForecastPlan = {
  /** First day that is forecast. */
  today: string;
  timeZone: string;
  from: string;
  recentFrom: string;
  window: Window;
  calendar: Calendar;
  promotions: PromotionRow[];
  panel: DemandPanel | undefined;
};

/** The forecast of one SKU, and of its locations in the order of `locationNos`. */
export type SkuForecast = {
  skuNo: number;
  forecast: DemandForecast;
  locationNos: number[];
  /** Expected units per day over the horizon, and standard deviation of one day's demand, by location. */
  rate: Float64Array;
  sd: Float64Array;
};

/** Reads what all SKUs share, and learns from some of them what they have in common. `today` is the business day now. */
export async function prepareForecasts(
  sql: Sql,
  { today, timeZone }: { today: string; timeZone: string },
): Promise<ForecastPlan> {
  const end = dayNo(today);
  const earliest = dayText(end - HISTORY_DAYS);
  const from = (await firstDaySold(sql, earliest)) ?? earliest;
  const size = Math.max(0, end - dayNo(from));
  const recentDays = Math.min(size, RECENT_DAYS);
  const recentFrom = dayText(end - recentDays);
  const to = dayText(end + HORIZON_DAYS);
  const [weights, promotions, sample] = await Promise.all([
    readLocationWeights(sql, { from: recentFrom, today }),
    readPromotions(sql, { from, to }),
    sampleSkuNos(sql, { from: recentFrom, today, most: PANEL_SKUS }),
  ]);
  const general = promotions.filter(({ skuNos, category }) => skuNos === null && category === null);
  const plan: ForecastPlan = {
    today,
    timeZone,
    from,
    recentFrom,
    window: { firstDay: dayNo(from), size, recentDays, weights },
    calendar: makeCalendar(from, to, general),
    promotions: promotions.filter((promotion) => !general.includes(promotion)),
    panel: undefined,
  };
  const learner = new DemandLearner(plan.calendar, HORIZON_DAYS);
  const calendars = await calendarsOf(sql, plan, sample);
  for (const { skuNo, history } of await readHistories(sql, plan, sample))
    learner.add(history, calendars(skuNo));
  return { ...plan, panel: sample.length > 0 ? learner.panel() : undefined };
}

async function readHistories(sql: Sql, plan: ForecastPlan, skuNos: readonly number[]): Promise<SkuHistory[]> {
  if (skuNos.length === 0) return [];
  return (await readSkuSales(sql, skuNos, plan)).map((sales) => historyOf(sales, plan.window));
}

/** The calendar of each SKU: the company's, with the promotions that only some SKUs have. */
async function calendarsOf(
  sql: Sql,
  { calendar, promotions }: ForecastPlan,
  skuNos: readonly number[],
): Promise<(skuNo: number) => Calendar> {
  if (promotions.length === 0) return () => calendar;
  const categories = await readCategories(sql, skuNos);
  return (skuNo) =>
    withPromotions(
      calendar,
      promotions.filter((promotion) =>
        promotion.skuNos === null
          ? promotion.category === categories.get(skuNo)
          : promotion.skuNos.includes(skuNo),
      ),
    );
}

/** Forecasts some SKUs without writing anything; SKUs that do not exist are left out. */
export async function forecastSkus(
  sql: Sql,
  plan: ForecastPlan,
  skuNos: readonly number[],
): Promise<SkuForecast[]> {
  const [calendars, histories] = await Promise.all([
    calendarsOf(sql, plan, skuNos),
    readHistories(sql, plan, skuNos),
  ]);
  return histories.map(({ skuNo, history, locationNos, recent, unitsPerSale }) => {
    const calendar = calendars(skuNo);
    const forecast = forecastDemand(history, { horizon: HORIZON_DAYS, calendar, panel: plan.panel });
    return { skuNo, forecast, locationNos, ...shareOut(forecast, recent, unitsPerSale) };
  });
}

/** Forecasts some SKUs and writes the forecasts; see the top of this file. `now` in epoch ms. */
export async function planForecasts(
  sql: Sql,
  plan: ForecastPlan,
  skuNos: readonly number[],
  now: number,
): Promise<SkuForecast[]> {
  const made = await forecastSkus(sql, plan, skuNos);
  const rows = made.map(({ skuNo, forecast, locationNos, rate, sd }) => ({
    ...forecast,
    skuNo,
    locationNos,
    locationRate: rate,
    locationSd: sd,
  }));
  await writeForecasts(sql, rows, { firstDay: plan.today, madeAt: now });
  return made;
}
