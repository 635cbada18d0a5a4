import { randomFrom } from '@zhanggui/shared/demo/random.ts';
import { scenarios, simulate, type Scenario } from '@zhanggui/shared/demo/simulation.ts';
import type { Market } from '@zhanggui/shared/demo/stories.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import { apiOf, withApi, withDatabase } from '../company.ts';
import { CliError, exitCodes } from '../errors.ts';
import { EventSender } from '../event-sender.ts';
import type { Io } from '../io.ts';
import { duration, oneOf, positive } from '../options.ts';
import { whole } from '../output.ts';
import type { AddCommand } from '../program.ts';

type Options = {
  rate: number;
  scenario: Scenario;
  seed: string;
  duration: number;
  run?: string;
  key?: string;
  json?: true;
};

/** How a simulation went. Latencies in ms, of requests. */
type Summary = {
  scenario: Scenario;
  seed: string;
  run: string;
  seconds: number;
  /** Events a second, wanted and reached. */
  wanted: number;
  reached: number;
  sent: number;
  accepted: number;
  duplicates: number;
  rejected: number;
  p50: number | null;
  p99: number | null;
  interrupted: boolean;
};

/** Due events are sent this often: a till sends each sale at once, but at 10,000 a second there are many tills. */
const TICK_MS = 20;
const REPORT_MS = 1_000;
/** Behind its rate by this much at the end, it stops all the same. */
const LATE_MS = 500;

/** `zg simulate`: made-up business on a company's own catalog. */
export const simulateCommand: AddCommand = (program, io, finish) => {
  program
    .command('simulate')
    .description('send made-up facts at a steady rate, as a client of the public API')
    .option('--rate <n>', 'events a second', positive(), 50)
    .option('--scenario <name>', `one of ${scenarios.join(', ')}`, oneOf(scenarios), 'ordinary')
    .option('--seed <text>', 'the same seed makes the same events in the same order', '1')
    .option('--duration <time>', 'how long, e.g. 90s, 5m', duration, 60_000)
    .option('--run <name>', 'makes ids unique; the same run sent again is recognised (default: the time)')
    .option(
      '--key <key>',
      'a key with the scopes ingest and read (default: one of its own, revoked at the end)',
    )
    .option('--json', 'end with the summary as JSON')
    .addHelpText(
      'after',
      `
Exit code 1: events were rejected.

Examples:
  npm run -s zg -- simulate --scenario flash-live --rate 500 --duration 2m
  npm run -s zg -- simulate --rate 100 --seed 7 --json`,
    )
    .action(async (options: Options) => {
      const work = (api: Api) => run(io, api, options);
      const { key } = options;
      const summary =
        key === undefined
          ? await withApi(io, { purpose: 'simulate', scopes: ['ingest', 'read'] }, ({ api }) => work(api))
          : await withDatabase(io, (_sql, address) => work(apiOf(io, address, key)));
      io.out(options.json ? JSON.stringify(summary) : describe(summary));
      if (summary.interrupted) finish(exitCodes.interrupted);
      else if (summary.rejected > 0) finish(exitCodes.found);
    });
};

async function run(io: Io, api: Api, options: Options): Promise<Summary> {
  const { rate, scenario, seed, duration: length, run: name = `sim-${Date.now().toString(36)}` } = options;
  const market = await readMarket(api, name);
  // Bounded: at most so many requests wait for an answer; beyond that the simulation falls behind its rate and says so.
  const sender = new EventSender({ api, concurrency: 16, batchEvents: Math.max(1, Math.ceil(rate / 10)) });
  const began = Date.now();
  const clock = performance.now();
  let reported = 0;
  for (const event of simulate(scenario, market, randomFrom(`${seed}/${scenario}`), rate)) {
    const passed = performance.now() - clock;
    // By the clock too: where the server takes less than the rate, it ends on time with fewer events.
    if (event.offset >= length || passed >= length + LATE_MS || io.signal.aborted) break;
    if (event.offset > passed) {
      await sender.push();
      await sleep(Math.max(TICK_MS, event.offset - passed), undefined, { signal: io.signal }).catch(
        () => undefined,
      );
    }
    if (passed - reported >= REPORT_MS) {
      reported = passed;
      io.progress(describeRate(sender, passed, rate));
    }
    // Stamped with the moment it was due, so that a slow server does not change what happened when.
    const time = new Date(began + event.offset).toISOString();
    await sender.add({
      id: `${name}/${event.index}`,
      source: event.source,
      type: event.type,
      time,
      data: event.data,
    });
  }
  await sender.flush();
  const seconds = (performance.now() - clock) / 1000;
  return {
    scenario,
    seed,
    run: name,
    seconds: Math.round(seconds * 10) / 10,
    wanted: rate,
    reached: Math.round((sender.counts.sent / seconds) * 10) / 10,
    ...sender.counts,
    p50: sender.latencies.percentile(0.5),
    p99: sender.latencies.percentile(0.99),
    interrupted: io.signal.aborted,
  };
}

type Page<T> = { rows: T[]; nextCursor: string | null };
type Sku = { code: string; listPrice: number | null; exclusiveChannels: string[] };
type Place = { code: string; kind: string };

/** A simulation needs no more SKUs than this; reading all of a large catalog would only delay it. */
const SKUS = 5_000;
/** For SKUs without a list price, minor units. */
const USUAL_PRICE = 4_990;

/** The company's own SKUs and places. Throws CliError for a company without any. */
async function readMarket(api: Api, run: string): Promise<Market> {
  const skus = await readPages<Sku>(api, '/api/v1/catalog/skus', SKUS);
  const places = await readPages<Place>(api, '/api/v1/catalog/locations', 1_000);
  const offers = skus
    .filter(({ exclusiveChannels }) => exclusiveChannels.length === 0)
    .map(({ code, listPrice }) => ({ code, listPrice: listPrice ?? USUAL_PRICE }));
  const stores = places.filter(({ kind }) => kind === 'store' || kind === 'unknown').map(({ code }) => code);
  const warehouses = places.filter(({ kind }) => kind === 'online_warehouse').map(({ code }) => code);
  if (offers.length === 0 || stores.length + warehouses.length === 0)
    throw new CliError(
      'This company has no SKUs or no locations yet: import a catalog first (zg import --help).',
    );
  return { offers, stores: stores.length > 0 ? stores : warehouses, warehouses, run };
}

async function readPages<T>(api: Api, path: string, most: number): Promise<T[]> {
  const rows: T[] = [];
  let cursor: string | undefined;
  do {
    const page: Page<T> = await api.get<Page<T>>(path, { limit: 500, cursor });
    rows.push(...page.rows);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined && rows.length < most);
  return rows;
}

function describeRate({ counts, latencies }: EventSender, passedMs: number, rate: number): string {
  const reached = (counts.accepted + counts.duplicates) / (passedMs / 1000);
  return (
    `${Math.round(passedMs / 1000)} s  ${whole(reached)} of ${whole(rate)} events/s  ` +
    `${whole(counts.rejected)} rejected  p50 ${latencies.percentile(0.5) ?? '–'} ms  p99 ${latencies.percentile(0.99) ?? '–'} ms`
  );
}

function describe(summary: Summary): string {
  const {
    scenario,
    seed,
    run: name,
    seconds,
    reached,
    wanted,
    sent,
    accepted,
    duplicates,
    rejected,
    p50,
    p99,
  } = summary;
  return [
    `${scenario}, seed ${seed}, run ${name}: ${whole(sent)} events in ${seconds} s (${reached} a second of ${wanted} wanted)`,
    `${whole(accepted)} accepted, ${whole(duplicates)} duplicates, ${whole(rejected)} rejected`,
    `requests answered within ${p50 ?? '–'} ms (half) and ${p99 ?? '–'} ms (99 of 100)`,
  ].join('\n');
}
