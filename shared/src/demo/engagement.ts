/** What members say and change, and what advertising costs: the facts around the sales. */
import { timed, type TimedFact } from './facts.ts';
import { memberOf } from './place-order.ts';
import { demoStores } from './places.ts';
import { randomFrom, type Random } from './random.ts';
import { channelShare, HOUR_MS, momentOfDay, shareOfDay, type DemoDate } from './rhythm.ts';
import type { World } from './world.ts';
import type { Channel } from '../contract/words.ts';

/** Facts of an average day of company R. */
const UPDATES = 240;
const VISITS = 300;
const SCORES = 150;
const COMPLAINTS = 9;

/** Where money is spent, and how much of the channel's sales it is. */
const adShare: [Channel, number][] = [
  ['mall', 0.045],
  ['miniapp', 0.02],
  ['live', 0.08],
  ['marketplace', 0.06],
];
/** Mean ticket in minor units; advertising follows what is expected to be sold. */
const TICKET = 20_500;

const surnames = [...'王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高'];
const givenNames = [
  '伟',
  '芳',
  '娜',
  '敏',
  '静',
  '丽',
  '强',
  '磊',
  '洋',
  '艳',
  '勇',
  '杰',
  '娟',
  '涛',
  '明',
  '超',
  '秀英',
  '欣怡',
  '子涵',
  '雨桐',
  '浩然',
  '梓萱',
  '思远',
  '佳宁',
];
const levels = ['普通', '银卡', '金卡', '黑金'];
const tags = ['新客', '高频', '母婴', '美妆', '囤货', '价格敏感', '养宠', '送礼', '夜猫子'];

/** All facts of the day about members and spending. */
export function engagementFacts(world: World, date: DemoDate): TimedFact[] {
  const random = randomFrom(`${world.seed}/engagement/${date.text}`);
  const scale = world.ordersADay / 20_000;
  return [
    ...Array.from({ length: random.poisson(UPDATES * scale) }, (_, n) => updated(date, n, random)),
    ...Array.from({ length: random.poisson(VISITS * scale) }, (_, n) => visited(world, date, n, random)),
    ...Array.from({ length: random.poisson(SCORES * scale) }, (_, n) => scored(date, n, random)),
    ...Array.from({ length: random.poisson(COMPLAINTS * scale) }, (_, n) => complained(date, n, random)),
    ...spent(world, date),
  ];
}

function updated(date: DemoDate, n: number, random: Random): TimedFact {
  const at = date.start + momentOfDay('miniapp', random);
  return timed(at, 'crm', `member/${date.text}/${n}`, 'member.updated', {
    memberId: memberOf(random),
    name: random.pick(surnames) + random.pick(givenNames),
    // 1990000xxxx is nobody's.
    phone: `1990000${String(random.int(10_000)).padStart(4, '0')}`,
    level: random.pick(levels),
    tags: [...new Set([random.pick(tags), random.pick(tags)])],
    consents: { sms: random.chance(0.7), wechat: random.chance(0.85) },
  });
}

/** Somebody looked at something in the mini-program. */
function visited(world: World, date: DemoDate, n: number, random: Random): TimedFact {
  const at = date.start + momentOfDay('miniapp', random);
  return timed(at, 'miniapp', `visit/${date.text}/${n}`, 'member.visited', {
    memberId: memberOf(random),
    sku: random.pick(world.catalog.skus).code,
    channel: 'miniapp',
  });
}

function scored(date: DemoDate, n: number, random: Random): TimedFact {
  const at = date.start + momentOfDay('miniapp', random);
  const score = random.chance(0.62)
    ? random.between(9, 10)
    : random.chance(0.7)
      ? random.between(7, 8)
      : random.int(7);
  const location = random.pick(demoStores).code;
  return timed(at, 'crm', `nps/${date.text}/${n}`, 'feedback.received', { kind: 'nps', score, location });
}

function complained(date: DemoDate, n: number, random: Random): TimedFact {
  const at = date.start + momentOfDay('pos', random);
  const location = random.pick(demoStores).code;
  return timed(at, 'crm', `complaint/${date.text}/${n}`, 'feedback.received', {
    kind: 'complaint',
    location,
  });
}

/** Advertising of the hour that ends. */
function spent(world: World, date: DemoDate): TimedFact[] {
  const random = randomFrom(`${world.seed}/spend/${date.text}`);
  const facts: TimedFact[] = [];
  for (const [channel, part] of adShare)
    for (let hour = 0; hour < 24; hour++) {
      const orders = shareOfDay(channel, (hour + 1) * HOUR_MS) - shareOfDay(channel, hour * HOUR_MS);
      const sales = world.ordersADay * channelShare[channel] * orders * TICKET;
      const amount = Math.round(sales * part * (0.8 + 0.4 * random.next()));
      const at = date.start + (hour + 1) * HOUR_MS - 1000;
      const campaignId = `ads-${channel}-${date.text.slice(0, 7)}`;
      facts.push(
        timed(at, 'ads', `spend/${channel}/${date.text}/${hour}`, 'spend.recorded', {
          channel,
          campaignId,
          amount,
        }),
      );
    }
  return facts;
}
