/**
 * Latency: from the POST of one sale, durable before it is answered, to the changed number on the wall in Chromium; idle and
 * with other sales in the background. The raw limit is the POST alone: commit and answer, before anything is shown.
 * `npm run bench -- latency [--probes 100]`.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { orderEvent } from './support/orders.ts';
import { runLoad } from './support/load.ts';
import { openProbeWall } from './support/probe-wall.ts';
import { foundCompany, openPostgres, startServer } from './support/rig.ts';
import { median, option, printTable, quantile, say } from './support/table.ts';

const probes = option('probes', 100);
const WARM_MS = 5000;
const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_latency');
const databaseUrl = postgres.url('bench_latency');
const server = await startServer(databaseUrl);
const wall = await openProbeWall(server.url, databaseUrl, key);

let posted = 0;
/** Milliseconds of a POST until it is answered. */
async function post(): Promise<number> {
  const started = performance.now();
  const answer = await fetch(`${server.url}/api/v1/events`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/cloudevents+json', Authorization: `Bearer ${key}` },
    body: JSON.stringify(orderEvent('post', (posted += 1), Date.now())),
  });
  await answer.arrayBuffer();
  return performance.now() - started;
}

for (let i = 0; i < 10; i++) await wall.probe();
const rows: (string | number)[][] = [];
for (const [rate, wanted] of [
  [0, 'p50 ≤ 20, p99 ≤ 60'],
  [1000, 'p99 ≤ 150'],
  [4000, 'p99 ≤ 300'],
] as const) {
  const seconds = Math.ceil(probes * 0.3 + WARM_MS / 1000) + 4;
  let begun: () => void = () => undefined;
  const sending = new Promise<void>((resolve) => (begun = resolve));
  const load =
    rate === 0
      ? null
      : runLoad(
          {
            url: server.url,
            key,
            run: `bg${rate}`,
            first: 0,
            batch: rate >= 4000 ? 50 : 20,
            connections: 0,
            seconds,
            rate,
            most: 0,
          },
          begun,
        );
  if (load) await sending;
  // The first seconds of a load meet cold code, and pages that are written to the log whole after a checkpoint.
  await sleep(WARM_MS);
  const [shown, answered]: [number[], number[]] = [[], []];
  const [cpu, began] = [wall.cpu(), performance.now()];
  for (let i = 0; i < probes; i++) {
    shown.push(await wall.probe());
    answered.push(await post());
    // At no fixed distance, or every probe would meet the board's tick at the same moment. Each is two sales, and more than the
    // board's pace of twelve a second would not be idle.
    await sleep(150 + Math.random() * 150);
  }
  const busy = (wall.cpu() - cpu) / ((performance.now() - began) / 1000);
  const { rss } = server.usage();
  const failures = (await load)?.failures ?? {};
  if (Object.keys(failures).length > 0) say(`background at ${rate}: ${JSON.stringify(failures)}`);
  rows.push([
    `${rate} orders/s behind it`,
    median(shown),
    quantile(shown, 0.99),
    wanted,
    median(answered),
    quantile(answered, 0.99),
    median(shown) / median(answered),
    busy * 100,
    rss,
  ]);
}
await wall.close();
await server.stop();
await postgres.drop('bench_latency');
await postgres.stop();
printTable(
  [
    'sale → number on the wall, ms',
    'p50',
    'p99',
    'wanted',
    'POST alone p50',
    'POST alone p99',
    'ratio of p50',
    'browser % of a core',
    'server MB',
  ],
  rows,
);
