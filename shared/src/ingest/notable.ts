/** Which events are worth a line in the ticker. Pure. */
import type { Fact } from '../contract/events.ts';
import type { FeedKind, FeedParams } from '../contract/board.ts';

/** A feed line before names are looked up; codes are already numbers. */
export type FeedDraft = {
  kind: FeedKind;
  at: number;
  skuNo?: number | undefined;
  locationNo?: number | undefined;
  params: FeedParams;
};

/** Minor units. An order of thirty usual baskets. */
export const BIG_ORDER = 500_000;
export const BIG_REFUND = 200_000;

/** At most this many lines of a kind a transaction: an import must not flood the ticker. */
export const LINES_PER_KIND = 3;

/** Older than this a fact is history, not news. */
export const NEWS_MS = 30 * 60_000;

export function notable(
  fact: Fact,
  at: number,
  now: number,
): { kind: FeedKind; params: FeedParams; location?: string; sku?: string } | null {
  if (now - at > NEWS_MS) return null;
  switch (fact.type) {
    case 'order.placed': {
      const { total, channel, location, fulfilment } = fact.data;
      if (total < BIG_ORDER) return null;
      return {
        kind: 'big_order',
        params: { amount: total, channel },
        location: location ?? fulfilment.location,
      };
    }
    case 'order.refunded':
      return fact.data.amount < BIG_REFUND
        ? null
        : { kind: 'big_refund', params: { amount: fact.data.amount } };
    case 'live.started':
      return { kind: 'live_started', params: { text: fact.data.title ?? fact.data.roomId } };
    case 'live.ended':
      return { kind: 'live_ended', params: { text: fact.data.roomId } };
    case 'group.opened':
      return { kind: 'group_opened', params: { text: fact.data.groupId } };
    case 'feedback.received': {
      const { kind, location } = fact.data;
      if (kind !== 'complaint') return null;
      return location === undefined
        ? { kind: 'complaint', params: {} }
        : { kind: 'complaint', params: {}, location };
    }
    default:
      return null;
  }
}

/** Keeps the first few of each kind. */
export function limitPerKind(drafts: readonly FeedDraft[]): FeedDraft[] {
  const seen = new Map<FeedKind, number>();
  return drafts.filter(({ kind }) => {
    const count = (seen.get(kind) ?? 0) + 1;
    seen.set(kind, count);
    return count <= LINES_PER_KIND;
  });
}
