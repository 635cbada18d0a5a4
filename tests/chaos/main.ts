/**
 * Chaos: a company under load whose servers, workers, Postgres and Redis are killed at random moments; then it is quiet, and
 * every promise is checked. `npm run chaos -- [--rounds 20] [--mode embedded|scaled] [--seconds 8] [--seed 1]`; without a
 * mode both, scaled only where there is a redis-server. Exit code 1: there was a difference; the logs are kept then.
 */
import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { option, printTable, say } from '../bench/support/table.ts';
import { random } from '../bench/support/orders.ts';
import { actors } from './actors.ts';
import { findDifferences } from './checks.ts';
import { Client } from './client.ts';
import { Company, modes, type Mode } from './company.ts';
import { PLACES, placeCode, SKUS, skuCode, eventOf, tell } from './facts.ts';
import { HELD_SKU, PRICE } from './groups.ts';
import { blows, breakThings } from './havoc.ts';
import { Receiver } from './receiver.ts';
import { phases, Records, type Phase } from './records.ts';

/** After the load: how long clients go on asking for what was not answered. */
const ANSWERED_WITHIN_MS = 30_000;

const rounds = option('rounds', 20);
const seconds = option('seconds', 8);
const seed = option('seed', 1 + Math.floor(Math.random() * 999_999));
const chosen = chosenModes();

const ending = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => ending.abort());

const rows: (string | number)[][] = [];
let wrong = 0;
say(`seed ${seed}`);
for (const mode of chosen) {
  if (ending.signal.aborted) break;
  wrong += await runMode(mode).catch((error: unknown) => {
    if (ending.signal.aborted) return 0;
    throw error;
  });
}
printTable(
  [
    'mode',
    'round',
    ...blows,
    'facts',
    'reservations',
    'claims',
    'seats',
    'refunds',
    'points',
    ...phases.map((phase) => `in ${phase}`),
    'asked again',
    'quiet after ms',
    'checks',
    'differences',
  ],
  rows,
);
process.exitCode = ending.signal.aborted ? 130 : wrong > 0 ? 1 : 0;

function chosenModes(): readonly Mode[] {
  const at = process.argv.indexOf('--mode');
  const given = at < 0 ? undefined : process.argv[at + 1];
  if (given !== undefined && !modes.includes(given as Mode))
    throw new Error(`--mode needs one of: ${modes.join(', ')}`);
  const hasRedis = spawnSync('redis-server', ['--version']).status === 0;
  if (given === 'scaled' && !hasRedis) throw new Error('--mode scaled needs a redis-server in PATH');
  if (given !== undefined) return [given as Mode];
  if (!hasRedis) say('no redis-server in PATH: the scaled shape is left out');
  return hasRedis ? modes : ['embedded'];
}

/** Plays all rounds in one company, whose books grow. Answers how many differences there were. */
async function runMode(mode: Mode): Promise<number> {
  const company = await Company.start(mode, ending.signal);
  // Whatever is awaited just then fails or ends, once everything is gone.
  const stop = () => void company.stop();
  ending.signal.addEventListener('abort', stop);
  const records = new Records();
  const receiver = new Receiver(records);
  let differences = 0;
  let keep = true;
  try {
    await company.withSql((sql) => receiver.open(sql));
    await fill(company, records);
    for (let round = 1; round <= rounds && !ending.signal.aborted; round++)
      differences += await runRound(company, records, round);
    keep = differences > 0;
    return differences;
  } finally {
    ending.signal.removeEventListener('abort', stop);
    keep &&= !ending.signal.aborted;
    if (keep) say(`logs and books are kept in ${company.folder}`);
    await company.stop({ keep });
    receiver.close();
  }
}

/** What clients were told, by the columns of the table. */
function counted({ facts, reservations, claimed, seats, refunds, points }: Records) {
  const claims = [...claimed.values()].reduce((sum, given) => sum + Object.keys(given).length, 0);
  return {
    facts: facts.size,
    reservations: reservations.size,
    claims,
    seats: seats.size,
    refunds: refunds.size,
    points: points.size,
  };
}

async function runRound(company: Company, records: Records, round: number): Promise<number> {
  const from = counted(records);
  const enough = new AbortController();
  const over = AbortSignal.any([ending.signal, enough.signal]);
  const givingUp = new AbortController();
  const until = AbortSignal.any([ending.signal, givingUp.signal]);
  const lanes = actors.flatMap(({ name, lanes: count, run }) =>
    Array.from({ length: count }, (_, lane) => {
      const id = `${name}${round}.${lane}`;
      const own = random(seed + hash(`${company.mode} ${id}`));
      const client = new Client(company.urls, company.key, own, until);
      const endNow = (campaignId: string) => endAll(company, campaignId, { over, until });
      return { client, done: run({ client, records, random: own, name: id, endNow, signal: over }) };
    }),
  );
  const began = performance.now();
  const hits = Object.fromEntries(phases.map((phase) => [phase, 0])) as Record<Phase, number>;
  const dealt = await breakThings(company, random(seed + hash(`${company.mode} ${round}`)), {
    underWay: () => records.underWay(),
    onBlow(what, at, middle) {
      for (const phase of middle) hits[phase] += 1;
      const where = middle.length > 0 ? `, in the middle of ${middle.join(' and ')}` : '';
      say(`${company.mode} round ${round}, ${((at - began) / 1_000).toFixed(1)} s: ${what}${where}`);
    },
    until: began + seconds * 1_000,
    signal: ending.signal,
  }).finally(() => enough.abort());
  await company.ready();
  const late = setTimeout(() => givingUp.abort(), ANSWERED_WITHIN_MS);
  await Promise.all(lanes.map(({ done }) => done));
  clearTimeout(late);
  ending.signal.throwIfAborted();

  const { checks, quietMs, differences } = await findDifferences(company, records, ending.signal);
  differences.push(...lanes.flatMap(({ client }) => client.unexpected));
  if (givingUp.signal.aborted)
    differences.push('there were requests that nobody answered, with everything up');
  for (const difference of differences) say(`${company.mode} round ${round}: ${difference}`);
  const asked = lanes.reduce((sum, { client }) => sum + client.retries, 0);
  const told = Object.entries(counted(records)).map(
    ([name, count]) => count - from[name as keyof typeof from],
  );
  rows.push([
    company.mode,
    String(round),
    ...blows.map((blow) => String(dealt[blow])),
    ...[
      ...told,
      ...phases.map((phase) => hits[phase]),
      asked,
      Math.round(quietMs),
      checks,
      differences.length,
    ].map(String),
  ]);
  say(
    `${company.mode} round ${round}: ${told[0]} facts, ${told[1]} reservations, ${differences.length} differences`,
  );
  records.contradictions.length = 0;
  return differences.length;
}

/**
 * Ends all groups and bargains of a campaign: their shortest life is a minute, a round is seconds, so their deadline is brought
 * forward. Waits until the workers have seen it, or the load is over.
 */
async function endAll(
  company: Company,
  campaignId: string,
  { over, until }: { over: AbortSignal; until: AbortSignal },
): Promise<void> {
  const campaign = (sql: SqlPool) => sql`campaign_no = (select no from campaign where id = ${campaignId})`;
  for (let brought = false; !(brought ? over : until).aborted;) {
    const left = await company
      .withSql(async (sql) => {
        if (!brought) {
          await sql`update group_buy set expires_at = now() where state = 'open' and ${campaign(sql)}`;
          await sql`update bargain set expires_at = now() where state = 'open' and ${campaign(sql)}`;
        }
        brought = true;
        const [row] = await sql<[{ open: number }]>`
          select count(*)::int as open from (
            select no from group_buy where state = 'open' and ${campaign(sql)}
            union all select no from bargain where state = 'open' and ${campaign(sql)}) o`;
        return row.open;
      })
      // Postgres is away just now.
      .catch(() => 1);
    if (left === 0) return;
    await sleep(100);
  }
}

/** Goods in every place, and a reorder point for each that the load crosses again and again. */
async function fill(company: Company, records: Records): Promise<void> {
  const client = new Client(company.urls, company.key, random(seed), ending.signal);
  const skus = Array.from({ length: SKUS }, (_, i) => skuCode(i + 1));
  const batch = Array.from({ length: PLACES }, (_, i) =>
    eventOf(`fill-${i}`, 'stock.received', Date.now() - 60_000, {
      location: placeCode(i + 1),
      ref: 'first',
      lines: skus.map((sku) => ({ sku, qty: 30 })),
    }),
  );
  // Enough that nobody who joins a group whose seats hold pieces goes without.
  batch.push(
    eventOf('fill-held', 'stock.received', Date.now() - 60_000, {
      location: placeCode(1),
      ref: 'first',
      lines: [{ sku: HELD_SKU, qty: 1_000_000 }],
    }),
  );
  await tell({ client, records }, batch, { firm: true });
  await company.withSql((sql) =>
    sql.begin(async (tx) => {
      // What group-buys and bargains ask for, so that nobody else has to approve them.
      await tx`update sku set known = true, list_price = ${PRICE}`;
      await tx`update location set known = true`;
      await tx`
        insert into policy (sku_no, location_no, abc, xyz, service_level, rate, sd, lead_days, lead_sd, review_days, reorder_point,
          order_up_to)
        select sku_no, location_no, 'A', 'X', 0.98, 5, 2, 2, 0.5, 1, 15, 40 from stock`;
      await tx`update stock set reorder_point = 15`;
    }),
  );
}

/** Spreads texts over numbers, so that each loop's chances are its own. */
function hash(text: string): number {
  let value = 0;
  for (const char of text) value = (Math.imul(value, 31) + char.codePointAt(0)!) | 0;
  return Math.abs(value);
}
