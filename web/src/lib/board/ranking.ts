import type { StoreTile } from '@zhanggui/shared/contract/board.ts';

export type Ranked = {
  code: string;
  rank: number;
  /** It climbed by so many places at `at`, and that is still news. */
  climbed: { by: number; at: number } | null;
};

/** A climb is shown for this long, then it rests. */
const NEWS_MS = 30_000;

/**
 * The leading stores, with what moved since `before`. Call it every second or two rather than on every sale: two stores
 * that are neck and neck would change places all the time. Answers `before` itself when nothing moved, so that a list
 * that shows it does not measure its rows in vain.
 *
 * @param by `net`, or `reached` where amounts are withheld
 * @param now milliseconds, any steady clock
 */
export function rankStores(
  tiles: Iterable<StoreTile>,
  by: 'net' | 'reached',
  before: readonly Ranked[],
  now: number,
  count = 10,
): Ranked[] {
  const sold = [...tiles].filter((tile) => tile.orders > 0 && tile[by] !== null);
  sold.sort((a, b) => b[by]! - a[by]! || (a.code < b.code ? -1 : 1));
  const was = new Map(before.map((row) => [row.code, row]));
  const ranked = sold.slice(0, count).map(({ code }, i): Ranked => {
    const rank = i + 1;
    const then = was.get(code);
    const old = then?.climbed && now - then.climbed.at < NEWS_MS ? then.climbed : null;
    // Who was below the list climbed to it; at the very first look nobody has moved.
    const from = then?.rank ?? (before.length >= count ? count + 1 : rank);
    if (rank < from) return { code, rank, climbed: { by: from - rank + (old?.by ?? 0), at: now } };
    const climbed = rank > from ? null : old;
    return then?.rank === rank && then.climbed === climbed ? then : { code, rank, climbed };
  });
  const same = ranked.length === before.length && ranked.every((row, i) => row === before[i]);
  return same ? (before as Ranked[]) : ranked;
}
