/** A rehearsal: so many shoppers a second for a while, and how the promotions stood it beside what was planned. */
import { randomFrom } from '@zhanggui/shared/demo/random.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';
import { EventSender, type SendCounts } from '../event-sender.ts';
import type { Io } from '../io.ts';
import { readMarket } from '../market.ts';
import { money, whole } from '../output.ts';
import { Members } from './members.ts';
import { promotionsOf, readPromotion, type Promotion } from './promotions.ts';
import { Shoppers } from './shoppers.ts';
import { Show } from './show.ts';
import { Tally, type Asked, type RanOut } from './tally.ts';

export type RehearsalOptions = {
  /** Shoppers a second that are expected, and how many times as many come. */
  rate: number;
  rush: number;
  seed: string;
  /** ms. */
  duration: number;
  run: string;
  /** Campaigns; none: all that run. */
  campaign: readonly string[];
  launch: boolean;
};

/** What became of one promotion. Money in minor units. */
export type Outcome = Pick<Promotion, 'id' | 'name' | 'kind' | 'limits' | 'spent' | 'reserved'> & {
  /** Coupons, seats or bargains that were given in the rehearsal, and in all. */
  given: number;
  issued: number;
  redeemed: number;
  /** How long it is planned to run; null: without end. */
  plannedSeconds: number | null;
  /** How long number and money last at this pace, from now on; null: there is no limit, or nothing was given. */
  lastsSeconds: number | null;
  ranOut: Omit<RanOut, 'campaignId'>[];
};

export type Rehearsal = {
  run: string;
  seed: string;
  seconds: number;
  /** Shoppers a second: planned, asked for (planned × rush), and reached. */
  planned: number;
  rush: number;
  wanted: number;
  reached: number;
  shoppers: number;
  asks: Asked[];
  orders: number;
  /** What the orders came to, minor units. */
  sales: number;
  facts: SendCounts;
  promotions: Outcome[];
  /** What ran out first; null: nothing did. */
  firstOut: (RanOut & { name: string }) | null;
  currency: string;
  interrupted: boolean;
};

/** Members read of an audience at most, a few hundred requests: of larger ones the others stay at home. */
const MOST_MEMBERS = 100_000;
/** Shoppers at once; when all of them wait for an answer the next ones come late, and the summary says so. */
const MOST_AT_ONCE = 400;
const TICK_MS = 10;
const REPORT_MS = 1_000;
const LATE_MS = 500;
/** Sold in the show. */
const ON_SHOW = 8;

/** Throws CliError where there is nothing to rehearse with. */
export async function rehearse(io: Io, api: Api, options: RehearsalOptions): Promise<Rehearsal> {
  const { rate, rush, seed, duration, run } = options;
  const market = await readMarket(api, run);
  const { currency } = await api.get<{ currency: string }>('/api/v1/company');
  const promotions = await promotionsOf(api, options.campaign, options.launch);
  const chance = randomFrom(`${seed}/promotions`);
  const members = await Members.read(api, promotions, {
    random: chance,
    stranger: (n) => `${run}-m${n}`,
    most: Math.min(MOST_MEMBERS, Math.ceil((rate * rush * duration) / 1_000)),
  });
  const sender = new EventSender({ api, concurrency: 4, batchEvents: 250 });
  const tally = new Tally(() => performance.now());
  const offers = Array.from({ length: ON_SHOW }, () => chance.pick(market.offers));
  const show = new Show(run, { sender, offers, now: Date.now });
  const shoppers = new Shoppers({
    api,
    sender,
    market,
    members,
    promotions,
    show,
    tally,
    run,
    now: Date.now,
  });

  await show.begin();
  const wanted = rate * rush;
  const clock = performance.now();
  const crowd = new Crowd();
  let came = 0;
  let reported = 0;
  for (;;) {
    const passed = performance.now() - clock;
    const due = (came * 1000) / wanted;
    if (due >= duration || passed >= duration + LATE_MS || io.signal.aborted) break;
    if (passed - reported >= REPORT_MS) {
      reported = passed;
      await show.report();
      io.progress(
        `${Math.round(passed / 1000)} s  ${whole(came)} shoppers  ${whole(shoppers.orders.count)} orders`,
      );
    }
    if (due > passed) {
      await sender.push();
      await sleep(Math.max(TICK_MS, due - passed), undefined, { signal: io.signal }).catch(() => undefined);
      continue;
    }
    // Each has chances of their own, whoever is answered first.
    const random = randomFrom(`${seed}/shopper/${came}`);
    came += 1;
    await crowd.add(() => shoppers.visit(random));
  }
  await crowd.gone();
  const seconds = (performance.now() - clock) / 1000;
  await show.report();
  await show.end();
  await sender.flush();

  const ranOut = tally.ranOut();
  const names = new Map(promotions.map(({ id, name }) => [id, name]));
  const [first] = ranOut;
  return {
    run,
    seed,
    seconds: round(seconds),
    planned: rate,
    rush,
    wanted,
    reached: round(came / seconds),
    shoppers: came,
    asks: tally.asked(),
    orders: shoppers.orders.count,
    sales: shoppers.orders.money,
    facts: { ...sender.counts },
    promotions: await Promise.all(
      promotions.map(async (before) =>
        outcomeOf(before, await readPromotion(api, before.id), ranOut, seconds),
      ),
    ),
    firstOut:
      first === undefined ? null : { ...first, name: names.get(first.campaignId) ?? first.campaignId },
    currency,
    interrupted: io.signal.aborted,
  };
}

/** Shoppers that are in the shop at the same time. */
class Crowd {
  readonly #inside = new Set<Promise<void>>();
  #failure: Error | null = null;

  /** Lets one in when there is room. Throws what an earlier one could not help. */
  async add(visit: () => Promise<void>): Promise<void> {
    while (this.#inside.size >= MOST_AT_ONCE) await Promise.race(this.#inside);
    if (this.#failure !== null) throw this.#failure;
    const visiting = visit()
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.#inside.delete(visiting));
    this.#inside.add(visiting);
  }

  async gone(): Promise<void> {
    await Promise.all(this.#inside);
    if (this.#failure !== null) throw this.#failure;
  }
}

/** How a promotion came out of it. Pure. */
export function outcomeOf(
  before: Promotion,
  after: Promotion,
  ranOut: readonly RanOut[],
  seconds: number,
): Outcome {
  const { id, name, kind, limits, issued, redeemed, spent, reserved, liability, startsAt, endsAt } = after;
  const given = Math.max(0, issued - before.issued);
  const byNumber = limits.total === null ? Infinity : limits.total - issued;
  const byMoney =
    limits.budget === null || liability === 0
      ? Infinity
      : Math.floor((limits.budget - spent - reserved) / liability);
  const left = Math.max(0, Math.min(byNumber, byMoney));
  return {
    id,
    name,
    kind,
    limits,
    given,
    issued,
    redeemed,
    spent,
    reserved,
    plannedSeconds:
      startsAt === null || endsAt === null ? null : (Date.parse(endsAt) - Date.parse(startsAt)) / 1000,
    lastsSeconds: given === 0 || left === Infinity ? null : Math.round((left / given) * seconds),
    ranOut: ranOut
      .filter(({ campaignId }) => campaignId === id)
      .map(({ why, afterSeconds }) => ({ why, afterSeconds })),
  };
}

/** The rehearsal as text for people. */
export function describeRehearsal(result: Rehearsal): string {
  const { currency, facts, firstOut } = result;
  const refusals = (refused: Record<string, number>) =>
    Object.entries(refused)
      .map(([reason, count]) => `${whole(count)} ${reason}`)
      .join(', ');
  return [
    `run ${result.run}, seed ${result.seed}: ${whole(result.shoppers)} shoppers in ${result.seconds} s`,
    `${result.planned} a second planned × ${result.rush} = ${result.wanted} wanted, ${result.reached} came`,
    ...result.asks.map(
      ({ what, asked, given, refused, failed, p50, p99 }) =>
        `  ${what.padEnd(13)} ${whole(asked)} asked, ${whole(given)} given` +
        (Object.keys(refused).length > 0 ? `, refused: ${refusals(refused)}` : '') +
        (failed > 0 ? `, ${whole(failed)} failed` : '') +
        `; within ${p50 ?? '–'} ms (half), ${p99 ?? '–'} ms (99 of 100)`,
    ),
    `${whole(result.orders)} orders, ${money(result.sales, currency)}; ${whole(facts.accepted)} of ${whole(facts.sent)} facts accepted`,
    ...result.promotions.map((each) => describeOutcome(each, currency)),
    firstOut === null
      ? 'Nothing ran out.'
      : `First of all ${firstOut.name} ran out after ${firstOut.afterSeconds} s: ${firstOut.why}`,
  ].join('\n');
}

function describeOutcome(each: Outcome, currency: string): string {
  const { limits, plannedSeconds, lastsSeconds, ranOut } = each;
  const of = [
    limits.total === null ? null : `${whole(limits.total)}`,
    limits.budget === null ? null : money(limits.budget, currency),
  ].filter((each) => each !== null);
  const plan = plannedSeconds === null ? 'as long as it runs' : `${whole(plannedSeconds / 60)} min planned`;
  const lasts =
    ranOut.length > 0
      ? ranOut.map(({ why, afterSeconds }) => `${why} after ${afterSeconds} s`).join(', ')
      : lastsSeconds === null
        ? 'no limit in sight'
        : `at this pace it lasts ${whole(lastsSeconds / 60)} min more`;
  return (
    `  ${each.name}: ${whole(each.given)} given, ${whole(each.issued)} in all` +
    (of.length > 0 ? ` of ${of.join(' and ')}` : '') +
    `, ${whole(each.redeemed)} redeemed, ${money(each.spent, currency)} spent; ${plan}, ${lasts}`
  );
}

const round = (value: number): number => Math.round(value * 10) / 10;
