/** A campaign held against its company before it is launched: what it may be expected to do, and what stands in its way. */
import {
  expectationOf,
  type Expectation,
  type Manner,
  type Past,
} from '@zhanggui/shared/campaigns/expect.ts';
import { readPast } from '@zhanggui/shared/campaigns/expect-store.ts';
import {
  belowCost,
  extraPieces,
  goodsOf,
  piecesOf,
  placesOf,
  sharesGoods,
  templatedOf,
  type BelowCost,
  type Templated,
} from '@zhanggui/shared/campaigns/goods.ts';
import { planMoves } from '@zhanggui/shared/campaigns/moves.ts';
import {
  checksOf,
  stopsOf,
  type Check,
  type Saying,
  type StopFacts,
} from '@zhanggui/shared/campaigns/preflight.ts';
import {
  countMembers,
  listMedia,
  listOpen,
  readAvailable,
  readNames,
  readNeeds,
  readScope,
  readStock,
  type LocationNeed,
  type OpenCampaign,
  type StockAsk,
} from '@zhanggui/shared/campaigns/preflight-store.ts';
import type { Audience } from '@zhanggui/shared/coupons/audience.ts';
import { exposureOf, type CampaignKind, type GiveMode } from '@zhanggui/shared/coupons/campaign.ts';
import { COUPON_EVENT } from '@zhanggui/shared/coupons/message-store.ts';
import { validityOf } from '@zhanggui/shared/coupons/template.ts';
import type { Sql, SqlPool } from '@zhanggui/shared/platform/database.ts';
import { readSourcing } from '@zhanggui/shared/restock/proposal-store.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { whereOf } from './audience.ts';

/** SKUs whose stock is looked at, those that sell most first. */
export const MOST_SKUS = 3_000;
/** Days for which there must be enough: what is wanted later the usual restock brings, since it sees what sells. */
export const LOOK_DAYS = 14;
/** Balances for which somebody says what to move. */
const MOST_MOVED = 60;
/** Campaigns that are looked at for goods, and for members, in common. */
const MOST_OPEN = 100;
const MOST_COMMON = 5;
const MOST_BELOW_COST = 20;
const HOUR_MS = 3_600_000;

/** What the preflight needs to know of a campaign; a draft that is not saved has number 0. */
export type Planned = {
  no: number;
  kind: CampaignKind;
  give: GiveMode | null;
  template: unknown;
  audience: Audience;
  perMember: number;
  total: number | null;
  budget: number | null;
  liability: number;
  startsAt: Date | null;
  endsAt: Date | null;
};

type Named = { code: string; nameZh: string; nameEn: string };
export type ShownMove = {
  sku: Named;
  from: Named | null;
  supplier: string | null;
  to: Named;
  qty: number;
  expectedAt: string;
};

export type Preflight = {
  checks: Check[];
  expectation: Expectation;
  stock: {
    skus: number;
    looked: number;
    days: number;
    need: number;
    have: number;
    inbound: number;
    short: number;
    locations: LocationNeed[];
    moves: ShownMove[];
  };
  belowCost: BelowCost[];
  overlaps: { id: string; name: string; kind: CampaignKind; status: string; members: number | null }[];
  media: { medium: string; members: number }[];
};

function mannerOf(planned: Planned): Manner {
  const of = templatedOf(planned);
  return {
    kind: planned.kind,
    give: planned.give,
    offer: of.kind === 'coupon' ? of.template.offer.kind : null,
    broad: planned.audience.kind === 'all',
  };
}

/** Coupons, seats or bargains that number and money allow; null: any number. */
export function mostOf({ total, budget, liability }: Planned, of: Templated): number | null {
  const perLiability = of.kind === 'group' ? of.template.size : 1;
  const byMoney =
    budget === null || liability === 0 ? Infinity : Math.floor(budget / liability) * perLiability;
  const most = Math.min(total ?? Infinity, byMoney);
  return most === Infinity ? null : most;
}

/** What may be expected of a campaign for so many members. */
export function expectedOf(planned: Planned, audience: number, past: readonly Past[]): Expectation {
  const of = templatedOf(planned);
  return expectationOf(
    {
      ...mannerOf(planned),
      audience,
      most: mostOf(planned, of),
      each: planned.liability / (of.kind === 'group' ? of.template.size : 1),
      exposure: exposureOf(planned),
      pieces: piecesOf(of),
    },
    past,
  );
}

/** Hours that what it gives lasts, from its beginning. */
function hoursOf(of: Templated, { startsAt, endsAt }: Planned, now: Date): number {
  const begins = Math.max(now.getTime(), startsAt?.getTime() ?? 0);
  if (endsAt !== null && endsAt.getTime() <= begins) return 0;
  if (of.kind !== 'coupon') return of.template.hours;
  const { from, to } = validityOf(of.template.validity, begins);
  return Math.max(0, to - Math.max(begins, from)) / HOUR_MS;
}

/** What decides whether anything could come of a campaign for so many members. */
async function stopFacts(
  sql: Sql,
  planned: Planned,
  { expectation, held, now }: { expectation: Expectation; held: number; now: Date },
): Promise<StopFacts> {
  const of = templatedOf(planned);
  return {
    kind: planned.kind,
    give: planned.give,
    expectation,
    held,
    limits: { budget: planned.budget, exposure: exposureOf(planned), each: planned.liability },
    most: mostOf(planned, of),
    stock: { seat: await seatOf(sql, of) },
    hours: hoursOf(of, planned, now),
  };
}

/** Of the goods that every seat or bargain holds: the one of which there is least; null: nothing is held. */
async function seatOf(sql: Sql, of: Templated): Promise<{ need: number; have: number } | null> {
  if (of.kind === 'coupon' || of.template.location === null) return null;
  const { location, goods: lines } = of.template;
  const available = await readAvailable(
    sql,
    location,
    lines.map(({ sku }) => sku),
  );
  const [tightest] = lines
    .map(({ sku, qty }) => ({ need: qty, have: Math.max(0, available.get(sku) ?? 0) }))
    .sort((a, b) => a.have / a.need - b.have / b.need);
  return tightest ?? null;
}

/** What is to be expected of a campaign, and why it is not to be launched; of the preflight what does not take a second. */
export async function readiness(
  sql: SqlPool,
  time: BusinessTime,
  planned: Planned,
  now: Date,
): Promise<{ expectation: Expectation; stops: Saying[] }> {
  const [past, where] = await Promise.all([readPast(sql, now), whereOf(sql, time, planned)]);
  const { members, held } = await countMembers(sql, where, [], []);
  const expectation = expectedOf(planned, members, past);
  return { expectation, stops: stopsOf(await stopFacts(sql, planned, { expectation, held, now })) };
}

/** Looks at everything; see the checks for what it means. Reads only. */
export async function preflight(
  sql: SqlPool,
  time: BusinessTime,
  planned: Planned,
  now: Date,
): Promise<Preflight> {
  const of = templatedOf(planned);
  const goods = goodsOf(of);
  const [scope, past, open, receivers, where] = await Promise.all([
    readScope(sql, goods, MOST_SKUS),
    readPast(sql, now),
    listOpen(sql, planned.no, MOST_OPEN),
    listMedia(sql, COUPON_EVENT),
    whereOf(sql, time, planned),
  ]);
  const alike = open.filter((other) => sharesGoods(scope.skus, goods, goodsOf(templatedOf(other))));
  const media = [...new Set(receivers.flatMap(({ medium }) => medium ?? []))].sort();
  const counted = await countMembers(
    sql,
    where,
    media,
    await Promise.all(alike.slice(0, MOST_COMMON).map(async (other) => (await inOther(other)).given)),
  );
  const expectation = expectedOf(planned, counted.members, past);
  const extra = extraPieces(of, scope.skus, expectation.used.expected);
  const ask: StockAsk = {
    skus: scope.skus.map(({ no }, i) => ({ no, extra: extra[i]! })),
    places: placesOf(of),
    days: Math.min(LOOK_DAYS, Math.max(1, hoursOf(of, planned, now) / 24)),
  };
  const [found, facts] = await Promise.all([
    readStock(sql, ask, MOST_MOVED),
    stopFacts(sql, planned, { expectation, held: counted.held, now }),
  ]);
  const below = belowCost(of, scope.skus);
  const overlaps = alike.map(({ id, name, kind, state }, i) => ({
    id,
    name,
    kind,
    status: state,
    members: counted.others[i] ?? null,
  }));
  const checks = checksOf({
    ...facts,
    stock: {
      ...facts.stock,
      skus: scope.skus.length,
      unknown: scope.unknown,
      withoutForecast: scope.skus.filter(({ rate }) => rate === 0).length,
      need: Math.round(found.need),
      have: found.have,
      short: found.short,
      locations: found.locations.filter(({ short }) => short > 0).length,
    },
    price: {
      skus: scope.skus.length,
      unknown: scope.skus.filter(({ cost, listPrice }) => cost === null || listPrice === null).length,
      belowCost: below.length,
      worst: below[0] ? below[0].cost - below[0].lowest : 0,
    },
    overlap: { campaigns: alike.length, members: Math.max(0, ...counted.others) },
    media: media.map((medium, i) => ({ medium, members: counted.media[i]! })),
    gateways: receivers.length,
  });
  return {
    checks,
    expectation,
    stock: {
      skus: scope.total,
      looked: scope.skus.length,
      days: Math.round(ask.days),
      need: Math.round(found.need),
      have: found.have,
      inbound: found.inbound,
      short: found.short,
      locations: found.locations,
      moves: await movesFor(ask, found.worst),
    },
    belowCost: below.slice(0, MOST_BELOW_COST),
    overlaps,
    media: media.map((medium, i) => ({ medium, members: counted.media[i]! })),
  };

  function inOther(other: OpenCampaign) {
    return whereOf(sql, time, { no: other.no, audience: other.audience as Audience });
  }

  async function movesFor(all: StockAsk, worst: typeof found.worst): Promise<ShownMove[]> {
    if (worst.length === 0) return [];
    const skuNos = new Set(worst.map(({ skuNo }) => skuNo));
    const [rows, needs] = await Promise.all([
      readSourcing(sql, worst),
      readNeeds(sql, { ...all, skus: all.skus.filter(({ no }) => skuNos.has(no)) }),
    ]);
    const moves = planMoves(rows, needs, now);
    const names = await readNames(
      sql,
      [...skuNos],
      [...new Set(moves.flatMap(({ from, to }) => (from === null ? [to] : [from, to])))],
    );
    const place = (no: number) => names.locations.get(no)!;
    return moves.map(({ skuNo, from, supplier, to, qty, expectedAt }) => ({
      sku: names.skus.get(skuNo)!,
      from: from === null ? null : place(from),
      supplier,
      to: place(to),
      qty,
      expectedAt,
    }));
  }
}
