/**
 * What a campaign can be expected to do before it runs: how many take part, how many of them buy, what that costs and how many orders
 * there are because of it. From campaigns like it that are over; without any from figures that are said to be nobody's. Pure. Money in
 * minor units, shares as parts of one.
 */
import { z } from 'zod';
import type { CampaignKind, GiveMode } from '../coupons/campaign.ts';
import type { CouponTemplate } from '../coupons/template.ts';

export const span = z.object({ low: z.number(), expected: z.number(), high: z.number() });
/** From what is likely at least to what is likely at most. */
export type Span = z.infer<typeof span>;

/** A share with how many campaigns it was learnt from; 0: a default. */
const learnt = span.extend({ campaigns: z.int() });
export type Learnt = z.infer<typeof learnt>;

export const expectation = z.object({
  audience: z.int().describe('Members that it is for'),
  take: learnt.describe('Share of them that gets a coupon, or takes a seat or a bargain'),
  use: learnt.describe('Share of those that redeems it, forms a group, or buys'),
  taken: span,
  used: span,
  pieces: span.describe('Pieces that leave the shelves by it'),
  depth: learnt.describe('What one that is used costs, as a share of what it costs at worst'),
  cost: span.describe('Minor units'),
  extraShare: learnt.describe(
    'Share of those that would not have bought without it; learnt from held out members',
  ),
  extra: span.describe('Orders that there would not be without it'),
});
export type Expectation = z.infer<typeof expectation>;

/** The manner of a campaign: those alike are learnt from together. */
export type Manner = {
  kind: CampaignKind;
  give: GiveMode | null;
  /** Of a coupon. */
  offer: CouponTemplate['offer']['kind'] | null;
  /** For all members, or for some that were chosen. */
  broad: boolean;
};

/** A campaign that is over. */
export type Past = Manner & {
  /** When it was launched; null where nobody counted then. */
  audience: number | null;
  issued: number;
  redeemed: number;
  spent: number;
  /** What those that were redeemed cost at worst. */
  worst: number;
  /** Orders that there were because of it, measured with held out members; null where they did not tell. */
  extraOrders: number | null;
};

type Share = 'take' | 'use' | 'depth' | 'extra';
type Defaults = Record<Share, Span>;

const shares = (low: number, expected: number, high: number): Span => ({ low, expected, high });
const ALL = shares(1, 1, 1);
/** Of ten who use a coupon about five would have bought anyway: what retailers report runs from two to eight. */
const EXTRA = shares(0.2, 0.5, 0.8);

/**
 * Where nothing was learnt yet. Rough on purpose, and shown as such: of those who are sent a coupon one in a hundred uses it, of those
 * who were chosen for it three; who fetches a coupon uses it more often.
 */
export function defaultsFor({ kind, give, offer, broad }: Manner): Defaults {
  if (kind === 'group')
    return { take: shares(0.003, 0.01, 0.03), use: shares(0.25, 0.5, 0.75), depth: ALL, extra: EXTRA };
  if (kind === 'bargain')
    return {
      take: shares(0.003, 0.01, 0.03),
      use: shares(0.1, 0.3, 0.6),
      depth: shares(0.4, 0.7, 1),
      extra: EXTRA,
    };
  const depth = offer === 'amount' ? ALL : offer === 'goods' ? shares(0.5, 0.8, 1) : shares(0.3, 0.6, 1);
  if (give === 'claim')
    return { take: shares(0.01, 0.05, 0.15), use: shares(0.1, 0.25, 0.5), depth, extra: EXTRA };
  if (give === 'rule')
    return { take: shares(0.01, 0.05, 0.15), use: shares(0.03, 0.1, 0.3), depth, extra: EXTRA };
  const use = broad ? shares(0.003, 0.01, 0.03) : shares(0.01, 0.03, 0.08);
  return { take: ALL, use, depth, extra: EXTRA };
}

/** Fewer coupons, seats or bargains than this say nothing of a share. */
export const LEAST_ISSUED = 100;
/** So many campaigns of the very same offer are enough to learn from them alone; from so many on there is a middle. */
const ENOUGH = 3;

/** What campaigns came to, or `otherwise`. Of one or two nobody knows how far they spread: half to double. */
export function learn(values: readonly number[], otherwise: Span): Learnt {
  const sorted = values.toSorted((a, b) => a - b);
  const campaigns = sorted.length;
  if (campaigns === 0) return { ...otherwise, campaigns };
  if (campaigns < ENOUGH) {
    const expected = sorted.reduce((sum, value) => sum + value, 0) / campaigns;
    return { low: expected / 2, expected, high: expected * 2, campaigns };
  }
  const half = campaigns / 2;
  const expected = Number.isInteger(half)
    ? (sorted[half - 1]! + sorted[half]!) / 2
    : sorted[Math.floor(half)]!;
  return { low: sorted[0]!, expected, high: sorted.at(-1)!, campaigns };
}

/** Those of the same manner; of the very same offer where there are enough of them. */
function alike(manner: Manner, past: readonly Past[]): Past[] {
  const same = past.filter(
    ({ kind, give, broad }) => kind === manner.kind && give === manner.give && broad === manner.broad,
  );
  const offer = same.filter((each) => each.offer === manner.offer);
  return offer.length >= ENOUGH ? offer : same;
}

export type Plan = Manner & {
  audience: number;
  /** Coupons, seats or bargains that there can be at most; null: no limit. */
  most: number | null;
  /** What one that is used costs at worst. */
  each: number;
  /** What all of it costs at worst; null: without bound. */
  exposure: number | null;
  /** Pieces that one takes off the shelves. */
  pieces: number;
};

/** See the top of this file. */
export function expectationOf(plan: Plan, past: readonly Past[]): Expectation {
  const otherwise = defaultsFor(plan);
  const like = alike(plan, past).filter(({ issued }) => issued >= LEAST_ISSUED);
  // What an offer takes off is the same however it is given.
  const offers = past.filter((each) => each.kind === plan.kind && each.offer === plan.offer);
  const take =
    plan.give === 'push'
      ? { ...ALL, campaigns: 0 }
      : learn(
          like.flatMap(({ issued, audience }) => (audience ? [Math.min(1, issued / audience)] : [])),
          otherwise.take,
        );
  const use = learn(
    like.map(({ redeemed, issued }) => redeemed / issued),
    otherwise.use,
  );
  const depth = learn(
    offers.flatMap(({ spent, worst }) => (worst > 0 ? [Math.min(1, spent / worst)] : [])),
    otherwise.depth,
  );
  const extraShare = learn(
    past.flatMap(({ kind, extraOrders, redeemed }) =>
      kind === plan.kind && extraOrders !== null && redeemed > 0
        ? [Math.min(2, Math.max(0, extraOrders / redeemed))]
        : [],
    ),
    otherwise.extra,
  );
  const taken = each(take, (share) => Math.min(plan.audience * share, plan.most ?? Infinity));
  const used = times(taken, use);
  const cost = each(times(used, depth), (uses) => Math.min(uses * plan.each, plan.exposure ?? Infinity));
  return {
    audience: plan.audience,
    take,
    use,
    taken: each(taken, Math.round),
    used: each(used, Math.round),
    pieces: each(used, (uses) => Math.round(uses * plan.pieces)),
    depth,
    cost: each(cost, Math.round),
    extraShare,
    extra: each(times(used, extraShare), Math.round),
  };
}

const each = ({ low, expected, high }: Span, of: (value: number) => number): Span => ({
  low: of(low),
  expected: of(expected),
  high: of(high),
});

const times = (a: Span, b: Span): Span => ({
  low: a.low * b.low,
  expected: a.expected * b.expected,
  // A share that was doubled may pass one.
  high: a.high * Math.min(1, b.high),
});
