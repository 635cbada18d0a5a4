/**
 * What became of a coupon, as a function of the *set* of its uses: they may be heard of late, twice and in any order. Pure. What we
 * decided ourselves goes before what facts tell; of those the earliest counts, and the others are shown as conflicts.
 */

/** A use of a coupon for an order. Times in epoch ms, money in minor units. */
export type Use = {
  orderId: string;
  at: number;
  decided: boolean;
  /** What it took off; null where nobody said and the basket is not known. */
  amount: number | null;
  /** Its order was cancelled, or refunded in full. */
  undone: boolean;
};

/** What is to be known of the coupon besides. */
export type CouponTerms = {
  liability: number;
  /** The first moment at which it is no longer good. */
  validTo: number;
  /** When its campaign was cancelled: from then on it is good for nothing. */
  voidFrom: number | null;
  /** Comes back when its order is undone. */
  returned: boolean;
  /** Money is still kept for it; after that no fact can make it count any more, nor another use of it instead. */
  open: boolean;
};

export type Verdict = 'counted' | 'conflict' | 'late' | 'void' | 'returned';

export type CouponState = 'issued' | 'redeemed' | 'expired' | 'void';

export type Fate = {
  state: CouponState;
  /** The use that counts. */
  use: Use | null;
  /** What it took off, never more than is reserved for one coupon. */
  amount: number;
  verdicts: Map<string, Verdict>;
};

const first = (a: Use, b: Use): number =>
  Number(b.decided) - Number(a.decided) || a.at - b.at || (a.orderId < b.orderId ? -1 : 1);

/** What the uses of a coupon add up to. `counted` is the order whose use counts already: it stays, once the books are closed. */
export function foldUses(uses: readonly Use[], terms: CouponTerms, counted: string | null): Fate {
  const verdicts = new Map<string, Verdict>();
  let found: Use | null = null;
  for (const use of uses.toSorted(first)) {
    const verdict = verdictOf(use, terms, found !== null, use.orderId === counted);
    verdicts.set(use.orderId, verdict);
    if (verdict === 'counted') found = use;
  }
  return {
    state: found ? 'redeemed' : terms.open ? 'issued' : terms.voidFrom === null ? 'expired' : 'void',
    use: found,
    amount: found ? Math.min(found.amount ?? terms.liability, terms.liability) : 0,
    verdicts,
  };
}

function verdictOf(use: Use, terms: CouponTerms, taken: boolean, wasCounted: boolean): Verdict {
  if (use.undone && terms.returned) return 'returned';
  if (taken) return 'conflict';
  if (use.decided) return 'counted';
  if (!terms.open && !wasCounted) return 'late';
  if (terms.voidFrom !== null && use.at >= terms.voidFrom) return 'void';
  return use.at >= terms.validTo ? 'late' : 'counted';
}

/** Told uses of the same coupon and order as one, sorted by code and order: the earliest time, and what any of them says. */
export function mergeUses<U extends { code: string; orderId: string; at: number }>(uses: readonly U[]): U[] {
  const merged = new Map<string, U>();
  for (const use of uses) {
    const key = `${use.code} ${use.orderId}`;
    const known = merged.get(key);
    if (!known) merged.set(key, use);
    else {
      const said = Object.fromEntries(Object.entries(use).filter(([, value]) => value !== null));
      merged.set(key, { ...use, ...known, ...said, at: Math.min(known.at, use.at) });
    }
  }
  return [...merged].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, use]) => use);
}

/** Days after its end during which an offline till may still tell of a redemption; until then its money is kept. */
export const GRACE_DAYS = 3;
