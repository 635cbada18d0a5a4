import { insertDeliveries } from '@zhanggui/shared/delivery/delivery-store.ts';
import { claimNews, markNews } from '@zhanggui/shared/groups/news-store.ts';
import { MEMBERS_PER_MESSAGE, NEWS_EVENTS, type Ended } from '@zhanggui/shared/groups/news.ts';
import { inMessages } from '@zhanggui/shared/groups/refund.ts';
import { findReceiver } from '@zhanggui/shared/groups/refund-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';

/** Groups in one transaction. */
const CHUNK = 1_000;

/**
 * Tells the shop of groups that formed or expired, by their last member or by the clock. What is told is marked in the same transaction,
 * so a worker that dies tells of nothing twice. Answers the deliveries.
 */
export async function tellGroups(sql: SqlPool, now: Date): Promise<string[]> {
  const deliveries: string[] = [];
  for (const state of Object.keys(NEWS_EVENTS) as Ended[]) {
    const event = NEWS_EVENTS[state];
    const endpointId = await findReceiver(sql, event);
    if (endpointId === null) continue;
    for (let told = CHUNK; told === CHUNK;)
      told = await sql.begin(async (tx) => {
        const news = await claimNews(tx, { state, now, most: CHUNK });
        const messages = inMessages(news, MEMBERS_PER_MESSAGE, ({ members }) => members.length);
        const list = messages.map((message) => ({
          endpointId,
          event,
          data: { groups: message.map(({ no: _, ...group }) => group) },
        }));
        deliveries.push(...(await insertDeliveries(tx, list, now)));
        await markNews(
          tx,
          news.map(({ no }) => no),
          now,
        );
        return news.length;
      });
  }
  return deliveries;
}
