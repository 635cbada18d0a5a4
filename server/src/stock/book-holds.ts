/** What holding or freeing pieces does to the books: balances, signals, ticker, change note. Within the caller's transaction. */
import { addFeed, addSignals, crossingKind, noteChange } from '@zhanggui/shared/board/change-store.ts';
import type { Topic } from '@zhanggui/shared/contract/board.ts';
import { limitPerKind, type FeedDraft } from '@zhanggui/shared/ingest/notable.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { bookStock, isNews } from '@zhanggui/shared/stock/booking-store.ts';
import { StockChanges } from '@zhanggui/shared/stock/changes.ts';
import type { HeldLine } from '@zhanggui/shared/stock/reservation.ts';

/** Topics to hint at, and how many signals wait for a worker. */
export type Booked = { topics: Topic[]; signals: number };

export const nothing: Booked = { topics: [], signals: 0 };

/**
 * Books pieces that are held from now on, and such that are free again. Answers what to
 * tell after commit. Throws
 * when a hold takes a balance below nothing: whoever calls has made sure that it does not, under the balance's lock.
 */
export async function bookHolds(
  tx: Sql,
  { held = [], freed = [] }: { held?: readonly HeldLine[]; freed?: readonly HeldLine[] },
): Promise<Booked> {
  const stock = new StockChanges();
  for (const { skuNo, locationNo, qty } of held) stock.reserve(skuNo, locationNo, qty);
  for (const { skuNo, locationNo, qty } of freed) stock.reserve(skuNo, locationNo, -qty);
  if (stock.empty) return nothing;
  const crossings = await bookStock(tx, stock);
  const beyond = crossings.find(({ before, after }) => after < 0 && after < (before ?? 0));
  if (beyond) throw new Error(`more was reserved than there is: ${JSON.stringify(beyond)}`);
  const feed: FeedDraft[] = limitPerKind(
    crossings.filter(isNews).map((crossing) => ({
      kind: crossingKind(crossing),
      at: Date.now(),
      skuNo: crossing.skuNo,
      locationNo: crossing.locationNo,
      params: { qty: crossing.after },
    })),
  );
  const topics: Topic[] = feed.length > 0 ? ['stock', 'feed'] : ['stock'];
  await Promise.all([
    addSignals(tx, crossings),
    addFeed(tx, feed),
    noteChange(tx, { topics, minutes: [], locationNos: [] }),
  ]);
  return { topics, signals: crossings.length };
}
