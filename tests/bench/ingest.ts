/**
 * Ingest: orders of two lines over HTTP, a hundred a request, answered after commit; beside it the same writes as bare SQL
 * in the same Postgres. `npm run bench -- ingest [--seconds 8] [--rounds 3] [--connections 24] [--members 0]`
 */
import { runLoad } from './support/load.ts';
import { playGroups, recordGroups } from './support/raw-ingest.ts';
import { foundCompany, openPostgres, startServer } from './support/rig.ts';
import { median, option, printTable, quantile, say } from './support/table.ts';

const seconds = option('seconds', 8);
const rounds = option('rounds', 3);
const connections = option('connections', 24);
/** 0: orders of nobody. */
const members = option('members', 0);
const BATCH = 100;
/** The committer's largest transaction. */
const GROUP = 2000;
/** Transactions of the raw limit that are played but not timed. */
const WARM = 10;

const postgres = await openPostgres();
const { key } = await foundCompany(postgres, 'bench_base');
say('the company is founded');

await postgres.clone('bench_base', 'bench_record');
const groups = await recordGroups(postgres.url('bench_record'), WARM + 25, GROUP);
await postgres.drop('bench_record');

const http: number[] = [];
const cpu: number[] = [];
const resident: number[] = [];
const raw = new Map<number, number[]>([
  [1, []],
  [2, []],
]);
const half: number[] = [];
for (let round = 0; round < rounds; round++) {
  for (const [lanes, rates] of raw) {
    await postgres.clone('bench_base', 'bench_raw');
    const took = await playGroups(postgres.url('bench_raw'), groups, { connections: lanes, warm: WARM });
    rates.push(((groups.length - WARM) * GROUP) / took);
    say(`round ${round + 1}: bare SQL, ${lanes} connection(s): ${Math.round(rates.at(-1)!)} orders/s`);
  }
  await postgres.clone('bench_base', 'bench_http');
  const server = await startServer(postgres.url('bench_http'));
  const plan = { url: server.url, key, batch: BATCH, connections, most: 20_000 * seconds, members };
  await runLoad({ ...plan, run: 'warm', first: 0, seconds: 3, rate: 0 });
  let before = server.usage();
  const full = await runLoad(
    { ...plan, run: 'full', first: 0, seconds, rate: 0 },
    () => (before = server.usage()),
  );
  const used = server.usage().cpu - before.cpu;
  http.push(full.orders / full.seconds);
  cpu.push((used / full.orders) * 1e6);
  say(`round ${round + 1}: HTTP ${Math.round(http.at(-1)!)} orders/s ${JSON.stringify(full.failures)}`);
  const calm = await runLoad({ ...plan, run: 'half', first: 0, seconds, rate: http.at(-1)! / 2 });
  half.push(...calm.latencies);
  resident.push(server.usage().rss);
  await server.stop();
}
await postgres.stop();

const best = Math.max(...[...raw.values()].map(median));
printTable(
  ['ingest', 'measured', 'raw limit', 'ratio', 'wanted'],
  [
    ['orders/s over HTTP, after commit', median(http), best, median(http) / best, '≥ 0.4 and ≥ 6,000'],
    ['bare SQL, 1 connection', median(raw.get(1)!), '', '', ''],
    ['bare SQL, 2 connections', median(raw.get(2)!), '', '', ''],
    ['100-order request at half rate, p50 ms', median(half), '', '', ''],
    ['100-order request at half rate, p99 ms', quantile(half, 0.99), '', '', '≤ 150'],
    ['server processor, µs an order', median(cpu), '', '', ''],
    ['server resident after, MB', median(resident), '', '', ''],
  ],
);
