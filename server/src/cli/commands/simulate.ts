import { randomFrom } from '@zhanggui/shared/demo/random.ts';
import { scenarios, simulate, type Scenario } from '@zhanggui/shared/demo/simulation.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import { apiOf, withApi, withDatabase } from '../company.ts';
import { CliError, exitCodes } from '../errors.ts';
import { EventSender } from '../event-sender.ts';
import type { Io } from '../io.ts';
import { readMarket } from '../market.ts';
import { duration, oneOf, positive } from '../options.ts';
import { whole } from '../output.ts';
import type { AddCommand } from '../program.ts';
import { describeRehearsal, rehearse } from '../shoppers/rehearse.ts';

/** Shoppers decide by what they are answered: a play of its own, not a stream of facts. */
const REHEARSAL = 'promotions';
const plays = [...scenarios, REHEARSAL] as const;

type Options = {
  rate: number;
  rush: number;
  scenario: Scenario | typeof REHEARSAL;
  seed: string;
  duration: number;
  run?: string;
  key?: string;
  campaign?: string[];
  launch?: true;
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
    .description('send made-up facts at a steady rate, or rehearse promotions, as a client of the public API')
    .option('--rate <n>', 'events a second; with promotions shoppers a second', positive(), 50)
    .option('--rush <n>', 'so many times as many', positive(), 1)
    .option('--scenario <name>', `one of ${plays.join(', ')}`, oneOf(plays), 'ordinary')
    .option('--seed <text>', 'the same seed makes the same events in the same order', '1')
    .option('--duration <time>', 'how long, e.g. 90s, 5m', duration, 60_000)
    .option('--run <name>', 'makes ids unique; the same run sent again is recognised (default: the time)')
    .option('--campaign <id...>', 'promotions: these campaigns (default: all that run)')
    .option('--launch', 'promotions: launch those of them that are approved. For a copy of the company only')
    .option(
      '--key <key>',
      'a key with the scopes ingest and read, for promotions command too (default: one of its own, revoked at the end)',
    )
    .option('--json', 'end with the summary as JSON')
    .addHelpText(
      'after',
      `
With promotions, shoppers claim, redeem, open and join groups, help bargains and watch a show. They really do: members get coupons, orders
are placed. Rehearse on a copy of the company, see docs/operations.md.

Exit code 1: events were rejected, or requests failed.

Examples:
  npm run -s zg -- simulate --scenario flash-live --rate 500 --duration 2m
  npm run -s zg -- simulate --rate 100 --seed 7 --json
  npm run -s zg -- simulate --scenario promotions --rate 40 --rush 5 --duration 2m`,
    )
    .action(async (options: Options) => {
      const { key } = options;
      const scopes =
        options.scenario === REHEARSAL
          ? (['ingest', 'read', 'command'] as const)
          : (['ingest', 'read'] as const);
      const work = (api: Api) => play(io, api, options);
      const { text, code } =
        key === undefined
          ? await withApi(io, { purpose: 'simulate', scopes }, ({ api }) => work(api))
          : await withDatabase(io, (_sql, address) => work(apiOf(io, address, key)));
      io.out(text);
      finish(code);
    });
};

/** Plays what is asked for; answers what to print, and the exit code. */
async function play(io: Io, api: Api, options: Options): Promise<{ text: string; code: number }> {
  const { scenario, json, campaign = [], launch = false } = options;
  const run = options.run ?? `sim-${Date.now().toString(36)}`;
  const codeOf = (interrupted: boolean, wrong: number) =>
    interrupted ? exitCodes.interrupted : wrong > 0 ? exitCodes.found : exitCodes.ok;
  if (scenario === REHEARSAL) {
    const result = await rehearse(io, api, { ...options, run, campaign, launch });
    const failed = result.asks.reduce((sum, each) => sum + each.failed, result.facts.rejected);
    return {
      text: json ? JSON.stringify(result) : describeRehearsal(result),
      code: codeOf(result.interrupted, failed),
    };
  }
  if (campaign.length > 0 || launch)
    throw new CliError('--campaign and --launch go with --scenario promotions');
  const summary = await sendFacts(io, api, { ...options, scenario, run });
  return {
    text: json ? JSON.stringify(summary) : describe(summary),
    code: codeOf(summary.interrupted, summary.rejected),
  };
}

type FactOptions = Pick<Options, 'seed' | 'rate' | 'rush' | 'duration'> & { scenario: Scenario; run: string };

async function sendFacts(io: Io, api: Api, options: FactOptions): Promise<Summary> {
  const { scenario, seed, duration: length, run: name } = options;
  const rate = options.rate * options.rush;
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
