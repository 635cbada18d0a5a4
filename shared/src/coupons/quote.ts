/**
 * The best legal combination of coupons for a basket. Pure.
 *
 * Coupons are always applied in one order, whatever order they are named in: goods for a price, percent, 满减, amount; each to what
 * those before it left. So a combination has one result, and the best one is looked for among all combinations: of each stacking
 * class one coupon or none, or a single one that stands alone.
 */
import { discountOf, worksHere, type Basket } from './discount.ts';
import type { CouponTemplate, Offer } from './template.ts';

/** A coupon that may be used. `validTo` in epoch ms: of two that are worth the same the one that ends sooner is used. */
export type Candidate = {
  code: string;
  template: Pick<CouponTemplate, 'offer' | 'scope' | 'stacking'>;
  validTo: number;
};

/** A coupon of the combination, with what it takes off each line. */
export type Applied = { code: string; off: number; lines: number[] };

export type Quote = {
  /** Minor units before coupons, what they take off, and what is left to pay. */
  amount: number;
  off: number;
  payable: number;
  /** In the order in which they are applied. */
  coupons: Applied[];
  /** Off each line by all coupons together. */
  lines: number[];
  /** False where there were too many combinations to try them all: see MOST_COMBINATIONS. */
  exact: boolean;
};

/** Combinations that are tried. Beyond it each class keeps the coupons that alone take most off. */
export const MOST_COMBINATIONS = 2_000;

const rank: Record<Offer['kind'], number> = { goods: 0, percent: 1, threshold: 2, amount: 3, told: 4 };

const inOrder = (a: Candidate, b: Candidate): number =>
  rank[a.template.offer.kind] - rank[b.template.offer.kind] ||
  (a.code < b.code ? -1 : a.code > b.code ? 1 : 0);

/** Whether these may go into one basket. */
export function mayStack(coupons: readonly Candidate[]): boolean {
  if (coupons.length > 1 && coupons.some(({ template }) => template.stacking.alone)) return false;
  return new Set(coupons.map(({ template }) => template.stacking.class)).size === coupons.length;
}

/** What exactly these coupons take off together; legal or not is the caller's business. */
export function applyAll(basket: Basket, coupons: readonly Candidate[]): Omit<Quote, 'exact'> {
  const left = basket.lines.map(({ amount }) => amount);
  const lines = left.map(() => 0);
  const applied: Applied[] = [];
  for (const { code, template } of coupons.toSorted(inOrder)) {
    const parts = discountOf(template, basket, left);
    let off = 0;
    for (const [i, part] of parts.entries()) {
      left[i]! -= part;
      lines[i]! += part;
      off += part;
    }
    applied.push({ code, off, lines: parts });
  }
  const amount = basket.lines.reduce((sum, line) => sum + line.amount, 0);
  const payable = left.reduce((sum, each) => sum + each, 0);
  return { amount, off: amount - payable, payable, coupons: applied, lines };
}

/** The combination that takes most off; of equal ones the one with fewer coupons, then with those that end sooner. */
export function bestQuote(basket: Basket, candidates: readonly Candidate[]): Quote {
  const useful = candidates
    .filter(({ template }) => worksHere(template.scope, basket))
    .map((candidate) => ({ candidate, alone: applyAll(basket, [candidate]).off }))
    // What takes nothing off alone may do so with others only if the others lowered nothing: never.
    .filter(({ alone }) => alone > 0)
    .sort((a, b) => b.alone - a.alone || sooner(a.candidate, b.candidate));
  const classes = Map.groupBy(
    useful.filter(({ candidate }) => !candidate.template.stacking.alone),
    ({ candidate }) => candidate.template.stacking.class,
  );
  const choices = [...classes.values()].map((list) => withoutTwins(list.map(({ candidate }) => candidate)));
  const exact = shorten(choices);
  let best = { quote: applyAll(basket, []), coupons: [] as Candidate[] };
  const consider = (coupons: Candidate[]): void => {
    const quote = applyAll(basket, coupons);
    // One that takes nothing off beside the others is left to the member.
    if (quote.coupons.some(({ off }) => off === 0)) return;
    if (isBetter({ quote, coupons }, best)) best = { quote, coupons };
  };
  for (const { candidate } of useful
    .filter((each) => each.candidate.template.stacking.alone)
    .slice(0, MOST_COMBINATIONS))
    consider([candidate]);
  const chosen: Candidate[] = [];
  const walk = (at: number): void => {
    if (at === choices.length) {
      if (chosen.length > 0) consider([...chosen]);
      return;
    }
    walk(at + 1);
    for (const candidate of choices[at]!) {
      chosen.push(candidate);
      walk(at + 1);
      chosen.pop();
    }
  };
  walk(0);
  return { ...best.quote, exact };
}

type Found = { quote: Omit<Quote, 'exact'>; coupons: Candidate[] };

function isBetter(one: Found, other: Found): boolean {
  if (one.quote.off !== other.quote.off) return one.quote.off > other.quote.off;
  if (one.coupons.length !== other.coupons.length) return one.coupons.length < other.coupons.length;
  const ends = ({ coupons }: Found) => coupons.reduce((sum, { validTo }) => sum + validTo, 0);
  if (ends(one) !== ends(other)) return ends(one) < ends(other);
  const key = ({ coupons }: Found) =>
    coupons
      .map(({ code }) => code)
      .sort()
      .join(' ');
  return key(one) < key(other);
}

const sooner = (a: Candidate, b: Candidate): number => a.validTo - b.validTo || (a.code < b.code ? -1 : 1);

/** Of coupons that are worth the same in every basket only the one that ends first is looked at. They come sorted. */
function withoutTwins(list: readonly Candidate[]): Candidate[] {
  const seen = new Set<string>();
  return list.filter(({ template: { offer, scope } }) => {
    const worth = JSON.stringify([offer, scope]);
    if (seen.has(worth)) return false;
    seen.add(worth);
    return true;
  });
}

/** Shortens the longest lists until all combinations can be tried. Answers whether nothing had to go. */
function shorten(choices: Candidate[][]): boolean {
  let exact = true;
  while (choices.reduce((product, { length }) => product * (length + 1), 1) > MOST_COMBINATIONS) {
    choices.sort((a, b) => b.length - a.length);
    choices[0]!.pop();
    exact = false;
  }
  return exact;
}
