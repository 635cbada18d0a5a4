import { addFeed, addSignals, crossingKind, noteChange } from '@zhanggui/shared/board/change-store.ts';
import type { Topic } from '@zhanggui/shared/contract/board.ts';
import { limitPerKind } from '@zhanggui/shared/ingest/notable.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { bookStock, isNews } from '@zhanggui/shared/stock/booking-store.ts';
import { StockChanges } from '@zhanggui/shared/stock/changes.ts';
import type { HeldLine } from '@zhanggui/shared/stock/reservation.ts';

/** Books pieces that nothing holds any more. Answers how many signals that left. */
export async function bookFreed(tx: Sql, freed: readonly HeldLine[]): Promise<number> {
  const stock = new StockChanges();
  for (const { skuNo, locationNo, qty } of freed) stock.reserve(skuNo, locationNo, -qty);
  if (stock.empty) return 0;
  const crossings = await bookStock(tx, stock);
  const feed = limitPerKind(
    crossings.filter(isNews).map((crossing) => ({
      kind: crossingKind(crossing),
      at: Date.now(),
      skuNo: crossing.skuNo,
      locationNo: crossing.locationNo,
      params: { qty: crossing.after },
    })),
  );
  const topics: Topic[] = feed.length > 0 ? ['stock', 'feed'] : ['stock'];
  await addSignals(tx, crossings);
  await addFeed(tx, feed);
  await noteChange(tx, { topics, minutes: [], locationNos: [] });
  return crossings.length;
}
