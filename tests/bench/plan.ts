/**
 * Plan: forecasts, policies and proposals of 30,000 SKUs at 53 places, of which a tenth sell on a day, while orders come in.
 * The raw limit beside it: the same rows of policies written by COPY, and what ingest takes in while nothing is planned.
 * `npm run bench -- plan [--days 60] [--seconds 20] [--rounds 2]`
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { runLoad } from './support/load.ts';
import { PLACES, SKUS } from './support/orders.ts';
import {
  foundCompany,
  openPostgres,
  processUsage,
  settle,
  startServer,
  startWorkers,
} from './support/rig.ts';
import { median, option, printTable, say } from './support/table.ts';

const days = option('days', 60);
const ingestSeconds = option('seconds', 20);
const rounds = option('rounds', 2);
/** Share of the SKUs that sell on a day. */
const SOLD_SHARE = 0.1;
/**
 * Where orders are taken meanwhile: their shelves are full, or thousands of orders a second would empty all of them in no time, and
 * what was measured were the alerts about that.
 */
const BUSY_STORES = 40;
const MOST_SECONDS = 900;

const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_plan');
const databaseUrl = postgres.url('bench_plan');
const sql = connect(databaseUrl, { max: 2, application: 'bench' });
const time = new BusinessTime('Asia/Shanghai');
const today = time.day(Date.now());
await writeSales(sql);
await settle(sql);

const server = await startServer(databaseUrl);
const ingest = async (run: string, seconds: number): Promise<number> => {
  const result = await runLoad({
    url: server.url,
    key,
    run,
    first: 0,
    batch: 100,
    connections: 24,
    most: 15_000 * seconds,
    rate: 0,
    seconds,
    stores: BUSY_STORES,
  });
  return result.orders / result.seconds;
};
// First with nothing beside it.
const first = startWorkers(databaseUrl);
const quiet = await planOnce(first);
await first.stop();
say(`plan ${quiet.seconds.toFixed(0)} s`);
// What this plan left for autovacuum would be paid for by what is measured now.
await settle(sql);
// Then with orders coming in as fast as they are taken, each time before it and after it too: at a company that is planned, and
// beside workers with everything that they do anyway.
const workers = startWorkers(databaseUrl);
await ingest('warm', 4);
const alone = [await ingest('alone 0', ingestSeconds)];
const beside: number[] = [];
const loaded: number[] = [];
let most = quiet.rss;
for (let round = 1; round <= rounds; round++) {
  const busy = planOnce(workers);
  beside.push(await ingest(`beside ${round}`, ingestSeconds));
  const { seconds, rss } = await busy;
  loaded.push(seconds);
  most = Math.max(most, rss);
  await settle(sql);
  alone.push(await ingest(`alone ${round}`, ingestSeconds));
  say(
    `orders/s beside a plan ${Math.round(beside.at(-1)!)}, alone ${alone.slice(-2).map(Math.round).join(' and ')}`,
  );
}
await workers.stop();
const raw = await copyPolicies(sql);
await server.stop();
await sql.end();
await postgres.drop('bench_plan');
await postgres.stop();
printTable(
  ['plan of 30,000 SKUs × 53 places', 'reached', 'raw limit', 'ratio', 'wanted'],
  [
    ['forecasts, policies and proposals, s', quiet.seconds, raw, quiet.seconds / raw, '≤ 180'],
    ['the same while orders come in, s', median(loaded), raw, median(loaded) / raw, ''],
    ['processor s of it: workers, Postgres', quiet.cpu.map(Math.round).join(', '), '', '', ''],
    ['workers, MB at most', most, '', '', '≤ 1,000'],
    ['policies', quiet.policies, '', '', ''],
    ['signals judged, proposals made', `${quiet.signals}, ${quiet.proposals}`, '', '', ''],
    ['orders/s meanwhile', median(beside), median(alone), median(beside) / median(alone), '≥ 0.8'],
  ],
);

/** Has these workers run a plan, until its signals are judged. */
async function planOnce(by: { pid: number }): Promise<{
  seconds: number;
  rss: number;
  /** Processor seconds of the workers and of Postgres. */
  cpu: [number, number];
  policies: number;
  proposals: number;
  signals: number;
}> {
  await sql`update plan_run set finished_at = now() where finished_at is null`;
  const before = await count('proposal');
  const cpuBegan = processUsage(by.pid).cpu;
  const began = performance.now();
  const answer = await fetch(`${server.url}/api/v1/plans`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}` },
  });
  if (!answer.ok) throw new Error(await answer.text());
  const run = (await answer.json()) as { id: string };
  const postgresBegan = postgres.cpu();
  let [rss, signals] = [0, 0];
  for (;;) {
    await sleep(250);
    rss = Math.max(rss, processUsage(by.pid).rss);
    const [state] = await sql<{ finished: boolean; signals: number; policies: number }[]>`
      select finished_at is not null as finished, policies, (select count(*)::int from signal) as signals
      from plan_run where id = ${run.id}`;
    signals = Math.max(signals, state!.signals);
    const seconds = (performance.now() - began) / 1000;
    if (seconds > MOST_SECONDS) throw new Error('the plan does not end');
    if (!state!.finished || state!.signals > 0) continue;
    const cpu: [number, number] = [processUsage(by.pid).cpu - cpuBegan, postgres.cpu() - postgresBegan];
    return {
      seconds,
      rss,
      cpu,
      signals,
      policies: state!.policies,
      proposals: (await count('proposal')) - before,
    };
  }
}

async function count(table: string): Promise<number> {
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from ${sql(table)}`;
  return row!.n;
}

/** Sales of the days before today: a tenth of the SKUs a day, the first ones most often, at places that are small and large. */
async function writeSales(on: SqlPool): Promise<void> {
  await on`update sku set cost = 500 + no % 5000, list_price = 1000 + no % 9000, pack_size = 1 + no % 6,
    first_seen_at = now() - interval '1 year'`;
  await on`update location set kind = case no when ${PLACES} then 'hq_warehouse' when ${PLACES - 1} then 'online_warehouse'
    else 'store' end`;
  await on`
    update stock set on_hand = case when location_no <= ${BUSY_STORES} then 100000 else (sku_no * 7919 + location_no * 104729) % 6 end,
      last_moved_at = now()
    where location_no <> ${PLACES}`;
  for (let back = days; back > 0; back--)
    await on`
      insert into sales_sku_day (day, sku_no, location_no, channel, orders, units, placed, paid)
      select ${today}::date - ${back}::int, sku, place, 'pos', 1, 1 + n % 3, 2000, 2000 from (
        select n, 1 + floor(power(random(), 3) * ${SKUS})::int as sku, 1 + floor(power(random(), 1.5) * ${PLACES - 1})::int as place
        from generate_series(1, ${SKUS * SOLD_SHARE * 4}::int) n) sold
      on conflict do nothing`;
  await on`
    insert into sales_day (day, location_no, channel, orders, units, placed, paid)
    select day, location_no, channel, sum(orders), sum(units), sum(placed), sum(paid)
    from sales_sku_day where day < ${today} group by 1, 2, 3`;
}

/** Seconds to write the policies' rows again with COPY, to a table without anything else. */
async function copyPolicies(on: SqlPool): Promise<number> {
  const rows = await on<{ line: string }[]>`
    select concat_ws(e'\t', sku_no, location_no, abc, xyz, service_level, rate, sd, lead_days, lead_sd, review_days, pack_size,
      min_order, safety_stock, reorder_point, order_up_to) as line from policy`;
  const text = rows.map(({ line }) => `${line}\n`);
  await on`create table policy_copy (like policy including all)`;
  const began = performance.now();
  const into =
    await on`copy policy_copy (sku_no, location_no, abc, xyz, service_level, rate, sd, lead_days, lead_sd,
    review_days, pack_size, min_order, safety_stock, reorder_point, order_up_to) from stdin`.writable();
  for (let from = 0; from < text.length; from += 5_000) into.write(text.slice(from, from + 5_000).join(''));
  await new Promise<void>((resolve, reject) =>
    into.end((error?: Error | null) => (error ? reject(error) : resolve())),
  );
  return (performance.now() - began) / 1000;
}
