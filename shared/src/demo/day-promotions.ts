/** The promotions that company R runs each day: as a marketer would write them down. Money in minor units. */
import type { BargainTemplate, GroupTemplate } from '../groups/template.ts';
import type { CouponTemplate } from '../coupons/template.ts';
import type { DemoSku } from './catalog.ts';
import { demoLocations, onlineWarehouses } from './places.ts';
import { randomFrom } from './random.ts';
import type { DemoDate } from './rhythm.ts';
import type { World } from './world.ts';

type Wish<Kind extends string, Template> = {
  kind: Kind;
  /** Names the day: two days' campaigns are not the same. */
  name: string;
  template: Omit<Template, 'stacking' | 'returned' | 'newcomersOnly' | 'virtualFrom' | 'leaderBonus'>;
  limits: { perMember?: number; total?: number; budget?: number };
};

export type DayPromotion =
  | (Wish<'coupon', CouponTemplate> & { give: 'claim' | 'push' | 'rule' })
  | Wish<'group', GroupTemplate>
  | Wish<'bargain', BargainTemplate>;

/** Whom the day's coupons are sent to: those who may be expected to use them. */
export const goodCustomers = {
  name: '金卡与黑金会员',
  rule: { field: 'level' as const, in: ['金卡', '黑金'] },
};

const online = { channels: ['mall', 'miniapp'] as ('mall' | 'miniapp')[] };

/** What goes on from day to day: a coupon for who looked at something in the mini-program and did not buy it. */
export const lookedAndLeft = {
  campaign: {
    kind: 'coupon',
    name: '看过没买，送你一张',
    template: {
      title: '满 69 减 10',
      offer: { kind: 'threshold', steps: [{ from: 6_900, off: 1_000 }] },
      scope: online,
      validity: { kind: 'days', days: 3 },
    },
    give: 'rule',
    limits: { perMember: 15, budget: 10_000_000 },
  } satisfies DayPromotion,
  automation: {
    name: '看过一小时没买',
    trigger: { kind: 'looked', hours: 1, channels: ['miniapp'] },
    holdoutPercent: 20,
    windowDays: 3,
    cap: { coupons: 1, days: 7 },
  },
};

/** Where they are sent from. */
export const promotionPlace = onlineWarehouses[0];

/** Sold by group-buy and bargain: what many people buy and nobody eats up in a day. */
const PRICES = { least: 3_000, most: 20_000 };

/** What the promotions sell: what lies ready at the online warehouse, best sellers first, so that nobody is promised an empty shelf. */
export function promotedSkus(world: World): DemoSku[] {
  const place = demoLocations.find(({ code }) => code === promotionPlace)!;
  return world
    .slots(place)
    .filter(({ depth, sku }) => depth === 'full' && sku.exclusiveChannels.length === 0)
    .map(({ sku }) => sku)
    .sort((a, b) => b.pull - a.pull);
}

/** The day's promotions, always the same for a day: two kinds of coupons, two of groups, of which the large ones often fail, a bargain. */
export function dayPromotions(world: World, date: DemoDate): DayPromotion[] {
  const random = randomFrom(`${world.seed}/promotions/${date.text}`);
  const fit = promotedSkus(world)
    .filter(({ listPrice }) => listPrice >= PRICES.least && listPrice <= PRICES.most)
    .slice(0, 100);
  const [three, five, cut] = [random.pick(fit), random.pick(fit), random.pick(fit)];
  const named = (what: string) => `${what} · ${date.text.slice(5)}`;
  const goods = ({ code }: DemoSku) => [{ sku: code, qty: 1 }];
  const share = ({ listPrice }: DemoSku, percent: number) => Math.round((listPrice * percent) / 1000) * 10;
  const location = promotionPlace;
  return [
    {
      kind: 'coupon',
      name: named('今日领券：满 99 减 15'),
      template: {
        title: '满 99 减 15',
        offer: { kind: 'threshold', steps: [{ from: 9_900, off: 1_500 }] },
        scope: online,
        validity: { kind: 'days', days: 3 },
      },
      give: 'claim',
      limits: { total: 20_000, budget: 20_000_000 },
    },
    {
      kind: 'coupon',
      name: named('会员日 9 折'),
      template: {
        title: '9 折券',
        offer: { kind: 'percent', percent: 10, maxOff: 2_000, from: 0 },
        scope: online,
        validity: { kind: 'days', days: 2 },
      },
      give: 'push',
      limits: { budget: 10_000_000 },
    },
    {
      kind: 'group',
      name: named(`三人团：${three.nameZh}`),
      template: {
        title: '三人团',
        goods: goods(three),
        price: share(three, 75),
        size: 3,
        hours: 0.25,
        location,
      },
      limits: { perMember: 15 },
    },
    {
      kind: 'group',
      name: named(`五人团：${five.nameZh}`),
      template: {
        title: '五人团',
        goods: goods(five),
        price: share(five, 65),
        size: 5,
        hours: 0.1,
        location,
      },
      limits: { perMember: 15 },
    },
    {
      kind: 'bargain',
      name: named(`砍一刀：${cut.nameZh}`),
      template: {
        title: '砍一刀',
        goods: goods(cut),
        startPrice: cut.listPrice,
        floorPrice: share(cut, 60),
        helpers: 6,
        hours: 1,
        buyAnytime: true,
        location,
      },
      limits: { total: 2_000 },
    },
  ];
}
