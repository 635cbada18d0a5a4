/**
 * Keeps the demo company's promotions going: each day's campaigns are made, approved by somebody else and launched; shoppers come for
 * them, and the shop pays back what groups that failed have to refund. Not told again after a stop: who comes now comes now.
 */
import {
  dayPromotions,
  goodCustomers,
  lookedAndLeft,
  promotedSkus,
  promotionPlace,
  type DayPromotion,
} from '@zhanggui/shared/demo/day-promotions.ts';
import { memberOf } from '@zhanggui/shared/demo/place-order.ts';
import { randomFrom, type Random } from '@zhanggui/shared/demo/random.ts';
import { DAY_MS, MINUTE_MS, shareOfDay, type DemoDate } from '@zhanggui/shared/demo/rhythm.ts';
import type { World } from '@zhanggui/shared/demo/world.ts';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApiError, type Api } from '../api.ts';
import { EventSender } from '../event-sender.ts';
import { readPages } from '../market.ts';
import { Members } from '../shoppers/members.ts';
import { runningPromotions, type Promotion } from '../shoppers/promotions.ts';
import { Shoppers } from '../shoppers/shoppers.ts';
import { Tally } from '../shoppers/tally.ts';

export type PromotionParts = {
  api: Api;
  /** A second person: what costs much is not approved by who made it. */
  approver: Api;
  world: World;
  now: () => number;
  signal: AbortSignal;
};

/** Shoppers of a day for one order of a day. */
const SHOPPERS_AN_ORDER = 1.5;
const SHORTEST_MS = 200;
const LONGEST_MS = 20_000;
const PAY_BACK_MS = 20_000;
const LOOK_AGAIN_MS = 1_800_000;
/** Campaigns looked through for the day's. */
const LISTED = 200;
/** Members of whom one comes, of the company and of each audience. */
const KNOWN_MEMBERS = 5_000;

/** Runs until the signal goes off; then it rejects with the signal's reason. */
export async function keepPromotions(parts: PromotionParts, from: number): Promise<never> {
  const { world, now, signal } = parts;
  for (let number = from; ; number++) {
    const [date, end] = [world.date(number), world.date(number + 1).start];
    while (now() < end) {
      signal.throwIfAborted();
      await foundDay(parts, date);
      await runFor(parts, date, Math.min(end, now() + LOOK_AGAIN_MS));
    }
  }
}

/**
 * Brings the day's campaigns to where they run. One that was stopped by somebody stays so; one that cannot be launched, because nobody is
 * there yet whom it is for, or the goods are short, is tried again later.
 */
async function foundDay(parts: PromotionParts, date: DemoDate): Promise<void> {
  const { api, world } = parts;
  const segmentId = await goodCustomersOf(api);
  const known = new Map(
    (await readPages<Promotion>(api, '/api/v1/campaigns', LISTED)).map((each) => [each.name, each]),
  );
  const endsAt = new Date(world.date(date.number + 1).start).toISOString();
  for (const wish of dayPromotions(world, date)) {
    const made = known.get(wish.name) ?? (await make(api, wish, { endsAt, segmentId }));
    await bringUp(parts, made);
  }
  await foundAutomation(parts);
}

async function bringUp({ api, approver }: PromotionParts, made: Promotion): Promise<void> {
  if (made.status === 'draft') await approver.post(`/api/v1/campaigns/${made.id}/approve`);
  if (made.status === 'draft' || made.status === 'approved')
    await api.post(`/api/v1/campaigns/${made.id}/launch`).catch((error: unknown) => {
      if (!(error instanceof ApiError && error.status === 409)) throw error;
    });
}

/**
 * The rule that goes on from day to day. Its campaign is launched last, and then nothing of it is done again: who switches it off or takes
 * it away has their will.
 */
async function foundAutomation(parts: PromotionParts): Promise<void> {
  const { api } = parts;
  const { campaign, automation } = lookedAndLeft;
  const campaigns = await readPages<Promotion>(api, '/api/v1/campaigns', Infinity, { kind: 'coupon' });
  const made = campaigns.find(({ name }) => name === campaign.name) ?? (await make(api, campaign, {}));
  if (made.status !== 'draft') return;
  const automations = await readPages<{ id: string; name: string }>(api, '/api/v1/automations', Infinity);
  const { id } =
    automations.find(({ name }) => name === automation.name) ??
    (await api.post<{ id: string }>('/api/v1/automations', { ...automation, campaignId: made.id }));
  await api.post(`/api/v1/automations/${id}/on`);
  await bringUp(parts, made);
}

function make(
  api: Api,
  wish: DayPromotion,
  { endsAt, segmentId }: { endsAt?: string; segmentId?: string },
): Promise<Promotion> {
  const sent = wish.kind === 'coupon' && wish.give === 'push';
  const audience = sent ? { kind: 'segment', segmentId } : { kind: 'all' };
  return api.post<Promotion>(
    '/api/v1/campaigns',
    { ...wish, audience, ...(endsAt && { endsAt }) },
    randomUUID(),
  );
}

async function goodCustomersOf(api: Api): Promise<string> {
  const segments = await readPages<{ id: string; name: string }>(api, '/api/v1/segments', LISTED);
  const known = segments.find(({ name }) => name === goodCustomers.name);
  return (known ?? (await api.post<{ id: string }>('/api/v1/segments', goodCustomers))).id;
}

async function runFor(parts: PromotionParts, date: DemoDate, end: number): Promise<void> {
  const { api, world, now, signal } = parts;
  const random = randomFrom(`${world.seed}/shoppers/${now()}`);
  const promotions = await runningPromotions(api);
  const run = `demo-${date.text}`;
  const sender = new EventSender({ api, concurrency: 1 });
  const shoppers = new Shoppers({
    api,
    sender,
    market: {
      offers: promotedSkus(world),
      stores: [promotionPlace],
      warehouses: [promotionPlace],
      run,
    },
    members: await Members.read(api, promotions, {
      random,
      stranger: () => memberOf(random),
      most: KNOWN_MEMBERS,
    }),
    promotions,
    show: null,
    tally: new Tally(() => performance.now()),
    run,
    now,
  });
  let paidBack = 0;
  while (now() < end) {
    await sleep(pause(now() - date.start, world.ordersADay, random), undefined, { signal });
    await shoppers.visit(random);
    if (now() - paidBack > PAY_BACK_MS) {
      paidBack = now();
      await payBack(api, sender, now);
    }
    await sender.flush();
  }
}

/** Until the next shopper, ms: as many as the hour has. */
function pause(sinceMidnight: number, ordersADay: number, random: Random): number {
  const share =
    shareOfDay('miniapp', Math.min(DAY_MS, sinceMidnight + MINUTE_MS)) - shareOfDay('miniapp', sinceMidnight);
  const aMinute = ordersADay * SHOPPERS_AN_ORDER * Math.max(0, share);
  const mean = aMinute > 0 ? MINUTE_MS / aMinute : LONGEST_MS;
  return Math.min(LONGEST_MS, Math.max(SHORTEST_MS, -Math.log(1 - random.next()) * mean));
}

/** The shop that hears of refunds pays them; company R has none that listens, so it looks. */
async function payBack(api: Api, sender: EventSender, now: () => number): Promise<void> {
  type Refund = { id: string; orderId: string; amount: number };
  const due = await readPages<Refund>(api, '/api/v1/refund-requests', 1, { state: 'untold' });
  for (const { id, orderId, amount } of due)
    await sender.add({
      id: `refund/${id}`,
      source: 'shoppers/group',
      type: 'order.refunded',
      time: new Date(now()).toISOString(),
      data: { orderId, amount, lines: [] },
    });
}
