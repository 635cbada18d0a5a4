/**
 * Shoppers who claim, redeem, join groups, help bargains and watch a show, each by the public API and nothing else. What is refused is
 * counted with its reason: a shopper takes no for an answer.
 */
import { randomUUID } from 'node:crypto';
import type { Channel } from '@zhanggui/shared/contract/words.ts';
import { couponTemplate } from '@zhanggui/shared/coupons/template.ts';
import { basketFor, nextDeed, type Deed } from '@zhanggui/shared/demo/shopper.ts';
import { parcelPlaces } from '@zhanggui/shared/demo/stories.ts';
import type { Random } from '@zhanggui/shared/demo/random.ts';
import type { BasketLine } from '@zhanggui/shared/demo/basket.ts';
import { bargainTemplate, groupTemplate } from '@zhanggui/shared/groups/template.ts';
import { ApiError, type Api } from '../api.ts';
import type { EventSender } from '../event-sender.ts';
import type { CompanyMarket } from '../market.ts';
import type { Members } from './members.ts';
import type { Promotion } from './promotions.ts';
import type { Show } from './show.ts';
import type { Tally } from './tally.ts';

export type ShopperParts = {
  api: Api;
  sender: Pick<EventSender, 'add'>;
  market: CompanyMarket;
  members: Members;
  promotions: readonly Promotion[];
  /** Null: nobody is on air. */
  show: Show | null;
  tally: Tally;
  /** Makes orders unique to this run. */
  run: string;
  now: () => number;
};

type OpenGroup = { id: string; promotion: Promotion; memberIds: string[] };
type OpenBargain = { id: string; promotion: Promotion; memberId: string };
type Order = {
  orderId: string;
  memberId: string;
  channel: Channel;
  location: string;
  lines: readonly BasketLine[];
  total: number;
  extra?: { couponCodes?: string[]; groupId?: string; bargainId?: string; sessionId?: string };
};

/** Of those who claim so many use it at once. */
const USED_AT_ONCE = 0.4;
/** Of those who watch so many buy. */
const BOUGHT = 0.2;
/** Remembered at most; more are found in the shop. */
const OPEN = 2_000;

export class Shoppers {
  readonly #parts: ShopperParts;
  readonly #of: Record<'claim' | 'push' | 'group' | 'bargain', readonly Promotion[]>;
  readonly #groups: OpenGroup[] = [];
  readonly #bargains: OpenBargain[] = [];
  #orders = 0;
  #money = 0;

  constructor(parts: ShopperParts) {
    this.#parts = parts;
    const coupons = parts.promotions.filter(({ kind }) => kind === 'coupon');
    this.#of = {
      claim: coupons.filter(({ give }) => give === 'claim'),
      push: coupons.filter(({ give }) => give !== 'claim'),
      group: parts.promotions.filter(({ kind }) => kind === 'group'),
      bargain: parts.promotions.filter(({ kind }) => kind === 'bargain'),
    };
  }

  /** Orders that were placed, and what they came to, minor units. */
  get orders(): { count: number; money: number } {
    return { count: this.#orders, money: this.#money };
  }

  /** One shopper from coming to going. Throws what no shopper can help: a network that stays away. */
  async visit(random: Random): Promise<void> {
    switch (nextDeed(this.#possible(), random)) {
      case 'claim':
        return this.#claim(random);
      case 'use':
        return this.#use(random);
      case 'open':
        return this.#open(random);
      case 'join':
        return this.#join(random);
      case 'leave':
        return this.#leave(random);
      case 'bargain':
        return this.#bargain(random);
      case 'help':
        return this.#help(random);
      case 'buy':
        return this.#buy(take(this.#bargains, random), random);
      case 'watch':
        return this.#watch(random);
      case null:
        return;
    }
  }

  #possible(): Set<Deed> {
    const { claim, push, group, bargain } = this.#of;
    const possible = new Set<Deed>();
    if (claim.length > 0) possible.add('claim');
    if (push.length > 0) possible.add('use');
    if (group.length > 0) possible.add('open');
    if (this.#groups.length > 0) possible.add('join').add('leave');
    if (bargain.length > 0) possible.add('bargain');
    if (this.#bargains.length > 0) possible.add('help').add('buy');
    if (this.#parts.show) possible.add('watch');
    return possible;
  }

  async #claim(random: Random): Promise<void> {
    const promotion = random.pick(this.#of.claim);
    const memberId = this.#parts.members.next(promotion);
    const claimed = await this.#ask<{ code: string }>(
      'claim',
      promotion,
      `/campaigns/${promotion.id}/claims`,
      { memberId },
    );
    if (claimed && random.chance(USED_AT_ONCE))
      await this.#spend(promotion, memberId, [claimed.code], random);
  }

  /** Somebody who was sent a coupon. */
  async #use(random: Random): Promise<void> {
    const promotion = random.pick(this.#of.push);
    await this.#spend(promotion, this.#parts.members.some(promotion, random), [], random);
  }

  /** Asks for the best price of a basket, redeems what it says, and pays. */
  async #spend(promotion: Promotion, memberId: string, codes: string[], random: Random): Promise<void> {
    const { market } = this.#parts;
    const template = couponTemplate.parse(promotion.template);
    const basket = basketFor(template, market.offers, market.stores, random);
    const quote = await this.#ask<{ amount: number; coupons: { code: string }[] }>(
      'quote',
      promotion,
      '/coupons/quote',
      { ...basket, memberId, ...(codes.length > 0 && { codes }) },
    );
    if (quote === null) return;
    const orderId = this.#orderId();
    const used: string[] = [];
    let total = quote.amount;
    for (const { code } of quote.coupons) {
      const redeemed = await this.#ask<{ payable: number }>('redeem', promotion, `/coupons/${code}/redeem`, {
        ...basket,
        orderId,
      });
      if (redeemed === null) continue;
      used.push(code);
      total = redeemed.payable;
    }
    // A coupon was the reason to come.
    if (used.length > 0)
      await this.#order({
        orderId,
        memberId,
        ...basket,
        // What is ordered online is sent, wherever the coupon works.
        location: basket.channel === 'pos' ? basket.location : this.#warehouse(),
        total,
        extra: { couponCodes: used },
      });
  }

  async #open(random: Random): Promise<void> {
    const promotion = random.pick(this.#of.group);
    const memberId = this.#parts.members.next(promotion);
    const orderId = this.#orderId();
    const wish = { campaignId: promotion.id, memberId, orderId };
    const opened = await this.#ask<{ id: string }>('open group', promotion, '/groups', wish);
    if (opened === null) return;
    keep(this.#groups, { id: opened.id, promotion, memberIds: [memberId] });
    await this.#seatOrder(promotion, { orderId, memberId, groupId: opened.id });
  }

  async #join(random: Random): Promise<void> {
    // The oldest first, as a shop shows them: they are to be full before their time is up.
    const group = this.#groups[random.int(Math.min(5, this.#groups.length))];
    if (group === undefined) return;
    const memberId = this.#parts.members.next(group.promotion);
    const orderId = this.#orderId();
    const joined = await this.#ask<{ state: string }>(
      'join group',
      group.promotion,
      `/groups/${group.id}/joins`,
      { memberId, orderId },
      (refusal) => {
        if (refusal === 'group_full' || refusal === 'group_over') drop(this.#groups, group);
      },
    );
    if (joined === null) return;
    group.memberIds.push(memberId);
    if (joined.state !== 'open') drop(this.#groups, group);
    await this.#seatOrder(group.promotion, { orderId, memberId, groupId: group.id });
  }

  async #leave(random: Random): Promise<void> {
    const group = random.pick(this.#groups);
    const memberId = random.pick(group.memberIds);
    await this.#ask('leave group', group.promotion, `/groups/${group.id}/leaves`, { memberId });
    group.memberIds = group.memberIds.filter((each) => each !== memberId);
    if (group.memberIds.length === 0) drop(this.#groups, group);
  }

  async #seatOrder(
    promotion: Promotion,
    { orderId, memberId, groupId }: { orderId: string; memberId: string; groupId: string },
  ): Promise<void> {
    const { goods, price, location } = groupTemplate.parse(promotion.template);
    await this.#order({
      orderId,
      memberId,
      channel: 'group',
      location: location ?? this.#warehouse(),
      lines: sharedOut(goods, price),
      total: price,
      extra: { groupId },
    });
  }

  async #bargain(random: Random): Promise<void> {
    const promotion = random.pick(this.#of.bargain);
    const memberId = this.#parts.members.next(promotion);
    const wish = { campaignId: promotion.id, memberId };
    const opened = await this.#ask<{ id: string }>('open bargain', promotion, '/bargains', wish);
    if (opened !== null) keep(this.#bargains, { id: opened.id, promotion, memberId });
  }

  async #help(random: Random): Promise<void> {
    const bargain = random.pick(this.#bargains);
    const memberId = this.#parts.members.next(bargain.promotion);
    const helped = await this.#ask<{ price: number; floorPrice: number }>(
      'help bargain',
      bargain.promotion,
      `/bargains/${bargain.id}/helps`,
      { memberId },
      (refusal) => {
        if (refusal === 'bargain_over') drop(this.#bargains, bargain);
      },
    );
    if (helped === null || helped.price > helped.floorPrice) return;
    drop(this.#bargains, bargain);
    await this.#buy(bargain, random);
  }

  async #buy(bargain: OpenBargain | undefined, random: Random): Promise<void> {
    if (bargain === undefined) return;
    const { goods, location } = bargainTemplate.parse(bargain.promotion.template);
    const orderId = this.#orderId();
    const path = `/bargains/${bargain.id}/buy`;
    const bought = await this.#ask<{ boughtPrice: number }>('buy', bargain.promotion, path, { orderId });
    if (bought === null) return;
    await this.#order({
      orderId,
      memberId: bargain.memberId,
      channel: random.pick(['miniapp', 'mall'] as const),
      location: location ?? this.#warehouse(),
      lines: sharedOut(goods, bought.boughtPrice),
      total: bought.boughtPrice,
      extra: { bargainId: bargain.id },
    });
  }

  async #watch(random: Random): Promise<void> {
    const { show, members } = this.#parts;
    if (show === null) return;
    const { sessionId, offer } = show.enter(random);
    if (!random.chance(BOUGHT)) return;
    await this.#order({
      orderId: this.#orderId(),
      memberId: members.next(null),
      channel: 'live',
      location: this.#warehouse(),
      lines: [{ sku: offer.code, qty: 1, unitPrice: offer.listPrice }],
      total: offer.listPrice,
      extra: { sessionId },
    });
  }

  #orderId(): string {
    return `${this.#parts.run}-${randomUUID()}`;
  }

  #warehouse(): string {
    return parcelPlaces(this.#parts.market)[0]!;
  }

  /** Tells that it was placed and paid. */
  async #order({ orderId, memberId, channel, location, lines, total, extra }: Order): Promise<void> {
    const { sender, now } = this.#parts;
    this.#orders += 1;
    this.#money += total;
    const time = new Date(now()).toISOString();
    const source = `shoppers/${channel}`;
    const carried = channel === 'pos';
    await sender.add({
      id: `${orderId}/placed`,
      source,
      type: 'order.placed',
      time,
      data: {
        orderId,
        memberId,
        channel,
        ...(carried && { location }),
        lines,
        total,
        fulfilment: { method: carried ? 'carry' : 'ship', location },
        ...extra,
      },
    });
    if (!carried)
      await sender.add({ id: `${orderId}/paid`, source, type: 'order.paid', time, data: { orderId } });
  }

  /** Asks once, and counts what came of it. Null where it was refused. */
  async #ask<T>(
    what: string,
    { id }: Promotion,
    path: string,
    body: unknown,
    onRefusal: (reason: string) => void = () => undefined,
  ): Promise<T | null> {
    const { api, tally } = this.#parts;
    const began = performance.now();
    try {
      const answer = await api.post<T>(`/api/v1${path}`, body, randomUUID());
      tally.count(what, id, performance.now() - began, null);
      return answer;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      const refusal = error.status >= 500 ? 'failed' : (error.problem.code ?? String(error.status));
      tally.count(what, id, performance.now() - began, refusal);
      onRefusal(refusal);
      return null;
    }
  }
}

/** Lines that come to `total`: the first carries what is left over. */
function sharedOut(goods: readonly { sku: string; qty: number }[], total: number): BasketLine[] {
  const pieces = goods.reduce((sum, { qty }) => sum + qty, 0);
  const each = Math.ceil(total / pieces);
  let over = each * pieces - total;
  return goods.map(({ sku, qty }) => {
    const discount = Math.min(over, each * qty);
    over -= discount;
    return { sku, qty, unitPrice: each, ...(discount > 0 && { discount }) };
  });
}

function keep<T>(list: T[], item: T): void {
  list.push(item);
  if (list.length > OPEN) list.shift();
}

function drop<T>(list: T[], item: T): void {
  const at = list.indexOf(item);
  if (at >= 0) list.splice(at, 1);
}

function take<T>(list: T[], random: Random): T | undefined {
  return list.splice(random.int(list.length), 1)[0];
}
