/**
 * When an open proposal does not fit the world any more and has to make room for a new one. Slower to change its mind than
 * the drafting is: a proposal must not flap under the eyes of whoever is about to approve it. Pure.
 */
import type { SourceKind } from '../contract/words.ts';

/** How much more, or less, has to be needed than was when it was proposed. */
export const MUCH_MORE = 1.5;
export const MUCH_LESS = 0.5;
/** A proposal rests for so long before another quantity takes its place; a source that is gone does not wait. */
export const RENEW_REST_MINUTES = 30;

/** An open proposal, and what has become of its balance and its source. Quantities in pieces. */
export type Standing = {
  sourceKind: SourceKind;
  qty: number;
  /** Needed when it was proposed, and in packs of how many. */
  wanted: number;
  packSize: number;
  /** Proposed, or looked at again and left as it was. */
  updatedAt: Date;
  /** A person opened it again: it stays as it is until a person decides. */
  keptBy: string | null;
  /** Needed now: order-up-to level less what is there and on its way. */
  wantedNow: number;
  /** What its source has, and what it needs too badly to give away; null: it comes from a supplier. */
  source: { available: number; floor: number } | null;
  /** The catalog still names its supplier. True where it comes from a location. */
  supplied: boolean;
};

export type Renewal = 'source_gone' | 'much_more' | 'much_less';

/**
 * Why this proposal is to be renewed; null: it stands. A source is asked only for what it has beyond its own need, and is
 * gone when giving it away would leave it below its reorder point: between the two nothing changes.
 */
export function renewalOf(standing: Standing, now: Date): Renewal | null {
  const { qty, wanted, wantedNow, packSize, source, sourceKind } = standing;
  if (standing.keptBy !== null) return null;
  if (!standing.supplied || (source !== null && source.available - qty < source.floor)) return 'source_gone';
  if (now.getTime() - standing.updatedAt.getTime() < RENEW_REST_MINUTES * 60_000) return null;
  if (wantedNow >= wanted * MUCH_MORE && wantedNow - wanted >= packSize) return 'much_more';
  // What the warehouse buys, it buys for stores that wait, too.
  if (sourceKind === 'purchase') return null;
  return wantedNow <= wanted * MUCH_LESS && wanted - wantedNow >= packSize ? 'much_less' : null;
}
