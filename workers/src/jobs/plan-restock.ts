/**
 * Plans the company's stock: forecasts every SKU, and makes of it when each location is to restock and up to what. Once a
 * business day early in the morning, and when somebody asks. Some hundred SKUs at a time, each chunk written whole, so a run
 * that died goes on where it was; what it changes leaves signals, which make the proposals.
 */
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { prunePastForecasts, listSkuNos } from '@zhanggui/shared/forecast/forecast-store.ts';
import { planForecasts, prepareForecasts, type SkuForecast } from '@zhanggui/shared/forecast/plan-store.ts';
import { pruneStockOuts } from '@zhanggui/shared/forecast/stock-out-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { giveWay } from '@zhanggui/shared/platform/give-way.ts';
import { orderCostOf } from '@zhanggui/shared/restock/explain.ts';
import { leadTimeOf } from '@zhanggui/shared/restock/lead-time.ts';
import { classify, policyOf, type Abc } from '@zhanggui/shared/restock/policy.ts';
import { writePolicies, type PlannedPolicy } from '@zhanggui/shared/restock/policy-store.ts';
import {
  finishPlan,
  notePlan,
  readLeadSpread,
  readLocationKinds,
  readRevenue,
  readTerms,
  releasePlan,
  requestDailyPlan,
  takePlan,
  type PlanRun,
} from '@zhanggui/shared/restock/plan-store.ts';
import { assumptions } from '@zhanggui/shared/restock/sourcing.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { ASSESSED_AT_ONCE, assessOnce } from '../assess.ts';
import { handle } from '../job.ts';

/** SKUs a chunk: a second of work, and some megabytes. */
const CHUNK = 300;
/** Early in the morning, company time: yesterday is complete, and proposals are there when people come. */
const FROM_HOUR = 3;
const REVENUE_DAYS = 90;
/** Stores look every day. */
const REVIEW_DAYS = 1;
/** Forecasts are compared with what happened for half a year; times without stock are read as far back as demand is. */
const KEEP_FORECAST_DAYS = 182;
const KEEP_OUT_DAYS = 420;

export default handle('plan-restock', async ({ sql, hints, settings, log, now }) => {
  const time = new BusinessTime(settings.timeZone);
  const today = time.day(now.getTime());
  if (now.getTime() >= time.start(today) + FROM_HOUR * 3_600_000) await requestDailyPlan(sql, today);
  const run = await takePlan(sql);
  if (run === null) return;
  const began = performance.now();
  try {
    const done = await plan(sql, run, { today, time });
    await prunePastForecasts(sql, time.shift(today, -KEEP_FORECAST_DAYS));
    await pruneStockOuts(sql, time.shift(today, -KEEP_OUT_DAYS));
    await finishPlan(sql, run.id);
    // Which balances are low is another thing now, also where none of them moved.
    await noteChange(sql, { topics: ['stock'], minutes: [], locationNos: [] });
    hints.publish('alerts', 'stock');
    log.info({ ...done, seconds: Math.round((performance.now() - began) / 1000) }, 'restock planned');
  } catch (error) {
    await releasePlan(sql, run.id).catch(() => undefined);
    throw error;
  }
});

/** Plans the SKUs that a run has not reached yet. Answers how many SKUs and policies those were. */
export async function plan(
  sql: SqlPool,
  run: Pick<PlanRun, 'id' | 'afterSku'>,
  { today, time }: { today: string; time: BusinessTime },
): Promise<{ skus: number; policies: number }> {
  const [forecasts, revenue, kinds, leadSpread] = await Promise.all([
    prepareForecasts(sql, { today, timeZone: time.timeZone }),
    readRevenue(sql, { from: time.shift(today, -REVENUE_DAYS), today }),
    readLocationKinds(sql),
    readLeadSpread(sql),
  ]);
  const abc = classesOf(revenue);
  const total = { skus: 0, policies: 0 };
  let after = run.afterSku;
  // One chunk is forecast while the one before is written and the alerts and proposals of the one before that are made:
  // Postgres and this process would take turns otherwise.
  let write = async (): Promise<void> => undefined;
  for (let more = true; more;) {
    const began = performance.now();
    const skuNos = await listSkuNos(sql, after, CHUNK);
    const [policies] = await Promise.all([policiesFor(skuNos), write(), assessAll(sql)]);
    write = async () => {
      await writePolicies(sql, policies);
      await notePlan(sql, run.id, step);
    };
    after = skuNos.at(-1) ?? after;
    const step = { afterSku: after, skus: skuNos.length, policies: policies.length };
    total.skus += skuNos.length;
    total.policies += policies.length;
    more = skuNos.length > 0;
    await giveWay(sql, performance.now() - began);
  }
  await assessAll(sql);
  return total;

  async function policiesFor(skuNos: number[]): Promise<PlannedPolicy[]> {
    if (skuNos.length === 0) return [];
    const [made, terms] = await Promise.all([
      planForecasts(sql, forecasts, skuNos, Date.now()),
      readTerms(sql, skuNos),
    ]);
    return made.flatMap((sku) =>
      policiesOf(sku, abc.get(sku.skuNo) ?? 'C', { kinds, terms: terms.get(sku.skuNo), leadSpread }),
    );
  }
}

/** Makes the alerts and proposals of what a chunk changed: one transaction after the other, since nobody waits for them. */
async function assessAll(sql: SqlPool): Promise<void> {
  while ((await assessOnce(sql, new Date(), 'planned')).taken === ASSESSED_AT_ONCE);
}

/** Class by revenue of each SKU that has any; the others are C. */
function classesOf(revenue: ReadonlyMap<number, number>): Map<number, Abc> {
  const skus = [...revenue].sort(([a], [b]) => a - b);
  const classes = classify(skus.map(([, amount]) => ({ revenue: amount, rate: 0, sd: 0 })));
  return new Map(skus.map(([no], at) => [no, classes[at]!.abc]));
}

/** The policies of one SKU at all its locations. */
function policiesOf(
  { skuNo, forecast, locationNos, rate, sd }: SkuForecast,
  abc: Abc,
  {
    kinds,
    terms,
    leadSpread,
  }: {
    kinds: Awaited<ReturnType<typeof readLocationKinds>>;
    terms: Awaited<ReturnType<typeof readTerms>> extends Map<number, infer T> ? T | undefined : never;
    leadSpread: Awaited<ReturnType<typeof readLeadSpread>>;
  },
): PlannedPolicy[] {
  const { xyz } = classify([{ revenue: 0, rate: forecast.rate, sd: forecast.sd }])[0]!;
  const { supplier = null, unitCost = null, packSize = 1, minOrder = 1 } = terms ?? {};
  const measured = supplier === null ? undefined : leadSpread.get(supplier);
  const supply = { supplierDays: terms?.supplierDays ?? null, direct: terms?.direct ?? false };
  const head = locationNos.findIndex((no) => kinds.get(no) === 'hq_warehouse');
  if (head >= 0 && !supply.direct) {
    // What its stores sell is what it is asked for.
    const all = sd.reduce((sum, each) => sum + each ** 2, 0);
    [rate[head], sd[head]] = [forecast.rate, Math.sqrt(all)];
  }
  return locationNos.map((locationNo, at) => {
    const kind = kinds.get(locationNo) ?? 'unknown';
    const lead = leadTimeOf(kind, supply, measured);
    const input = {
      rate: rate[at]!,
      sd: sd[at]!,
      ...lead,
      reviewDays: REVIEW_DAYS,
      packSize,
      minOrder: kind === 'hq_warehouse' || supply.direct ? minOrder : 1,
      unitCost,
      orderCost: orderCostOf(kind, supply.direct),
      holdingPerYear: assumptions.holdingShare,
      abc,
      xyz,
    };
    return { skuNo, locationNo, input, policy: policyOf(input) };
  });
}
