/** Livestreams of a day: when they are, what they show, and the facts that a room sends while it is on air. */
import { inOrder, timed, type TimedFact } from './facts.ts';
import { onlineWarehouses, demoLocations } from './places.ts';
import { randomFrom, type Random } from './random.ts';
import { HOUR_MS, MINUTE_MS, type DemoDate } from './rhythm.ts';
import type { World } from './world.ts';

export type Show = {
  roomId: string;
  sessionId: string;
  host: string;
  platform: string;
  title: string;
  /** ms since the epoch. */
  from: number;
  to: number;
  /** Viewers at its best moment. */
  peak: number;
  skus: string[];
};

const rooms = [
  {
    roomId: 'room-beauty',
    host: '小鹿',
    platform: '抖音',
    title: '美妆好物专场',
    from: 12,
    hours: 1.5,
    peak: 3_800,
  },
  {
    roomId: 'room-home',
    host: '阿诚',
    platform: '视频号',
    title: '居家焕新夜',
    from: 19.5,
    hours: 3,
    peak: 5_200,
  },
  {
    roomId: 'room-brand',
    host: '云姐',
    platform: '淘宝直播',
    title: '掌柜今晚不打烊',
    from: 20,
    hours: 3.5,
    peak: 9_500,
  },
];

/** How often a room reports, in ms. */
export const PULSE_MS = 15_000;
/** How far the crowd moves from one report to the next, as a share of it. */
const RESTLESS = 0.07;

/** The shows of a day, earliest first. One in ten is cancelled; the hosts begin a few minutes late. */
export function showsOf(world: World, date: DemoDate): Show[] {
  const random = randomFrom(`${world.seed}/shows/${date.text}`);
  const warehouse = demoLocations.find((each) => each.code === onlineWarehouses[0]);
  if (warehouse === undefined) return [];
  const shelf = world.shelf(warehouse, date.month);
  return rooms.flatMap((room) => {
    const from = date.start + room.from * HOUR_MS + random.between(0, 4 * MINUTE_MS);
    const to = from + room.hours * HOUR_MS + random.between(-10 * MINUTE_MS, 15 * MINUTE_MS);
    const skus = new Set(Array.from({ length: 24 }, () => shelf.pick(random).code));
    const peak = Math.round(room.peak * (0.7 + 0.6 * random.next()));
    const show: Show = {
      roomId: room.roomId,
      sessionId: `${room.roomId}-${date.text}`,
      host: room.host,
      platform: room.platform,
      title: room.title,
      from,
      to,
      peak,
      skus: [...skus],
    };
    return random.chance(0.1) ? [] : [show];
  });
}

/** The show that an order placed at `at` came from, if one was on air; the largest draws most. */
export function showAt(shows: readonly Show[], at: number, random: Random): Show | null {
  const onAir = shows.filter((show) => at >= show.from && at < show.to);
  let left = random.next() * onAir.reduce((sum, show) => sum + show.peak, 0);
  for (const show of onAir) {
    if (left < show.peak) return show;
    left -= show.peak;
  }
  return null;
}

/** All that the rooms report on a day. */
export function showFacts(world: World, date: DemoDate): TimedFact[] {
  return inOrder(showsOf(world, date).flatMap((show) => factsOf(world, show)));
}

function factsOf(world: World, show: Show): TimedFact[] {
  const random = randomFrom(`${world.seed}/show/${show.sessionId}`);
  const { roomId, sessionId, host, platform, title, skus } = show;
  const source = `live/${roomId}`;
  const facts = [
    timed(show.from, source, `${sessionId}/started`, 'live.started', {
      roomId,
      sessionId,
      host,
      platform,
      title,
      skus,
    }),
  ];
  let featured = skus[0] ?? '';
  let nextFeature = show.from + MINUTE_MS;
  for (let at = show.from + PULSE_MS, n = 1; at < show.to; at += PULSE_MS, n++) {
    if (at >= nextFeature) {
      featured = random.pick(skus);
      nextFeature = at + random.between(5 * MINUTE_MS, 9 * MINUTE_MS);
      const price = Math.round((world.sku(featured).listPrice * random.between(70, 92)) / 1000) * 10;
      facts.push(
        timed(at - 1, source, `${sessionId}/featured/${n}`, 'live.featured', {
          sessionId,
          sku: featured,
          price,
        }),
      );
    }
    facts.push(timed(at, source, `${sessionId}/pulse/${n}`, 'live.pulse', pulse(show, at, featured, random)));
  }
  facts.push(timed(show.to, source, `${sessionId}/ended`, 'live.ended', { roomId, sessionId }));
  return facts;
}

/** How many watch `at`, give or take: the audience swells in the first half hour and thins towards the end. */
function crowdOf({ from, to, peak }: Show, at: number): number {
  if (at <= from) return 0;
  const passed = (at - from) / (to - from);
  return peak * Math.min(1, passed * 5 + 0.1) * (1 - 0.55 * passed ** 3);
}

/** Counts since the last pulse. Who watches has come in before: as many as the crowd has grown, and those who replace others. */
function pulse(show: Show, at: number, featured: string, random: Random) {
  const crowd = crowdOf(show, at);
  const viewers = Math.round(crowd * (1 + RESTLESS * (2 * random.next() - 1)));
  const came = Math.max(0, crowd - crowdOf(show, at - PULSE_MS)) * (1 + RESTLESS);
  const clicks = random.poisson(viewers * 0.006);
  return {
    sessionId: show.sessionId,
    viewers,
    entered: Math.ceil(came) + random.poisson(viewers * 0.018),
    likes: random.poisson(viewers * 0.09),
    comments: random.poisson(viewers * 0.007),
    clicks,
    ...(clicks > 0 ? { bySku: [{ sku: featured, clicks }] } : {}),
  };
}
