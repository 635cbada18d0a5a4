import { groupAlerts } from '@zhanggui/shared/alerts/alert-store.ts';
import {
  beginTelling,
  skuNosToGroup,
  takeEnds,
  takeNews,
  type ToldAlert,
} from '@zhanggui/shared/alerts/news-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { jobs } from '@zhanggui/shared/contract/jobs.ts';
import { severities } from '@zhanggui/shared/contract/words.ts';
import { dueDeliveries, insertNews } from '@zhanggui/shared/delivery/delivery-store.ts';
import { listEndpoints, type EndpointRow } from '@zhanggui/shared/delivery/endpoint-store.ts';
import { quietUntil, recipients, type DeliveryEvent } from '@zhanggui/shared/delivery/endpoint.ts';
import { minuteOfDay } from '@zhanggui/shared/delivery/minute-of-day.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { handle } from '../job.ts';

/** Deliveries enqueued by one run; what is left is enqueued by the next. */
const SWEEP = 500;

/**
 * Hands the news of alerts to delivery, one message for what happened together; and enqueues every delivery whose time has
 * come, so that what a crash left behind is sent too.
 */
export default handle('tell-alerts', async ({ sql, hints, queues, settings, log, now }) => {
  const grouped = await sql.begin(async (tx) => {
    const changed = await groupAlerts(tx, await skuNosToGroup(tx), now);
    if (changed) await noteChange(tx, { topics: ['alerts'], minutes: [], locationNos: [] });
    return changed;
  });
  if (grouped) hints.publish('alerts');

  const minute = minuteOfDay(new BusinessTime(settings.timeZone), now);
  const told = await sql.begin(async (tx) => {
    // Two workers that share a burst out would make two messages of it.
    if (!(await beginTelling(tx))) return 0;
    const [news, ends] = [await takeNews(tx, now), await takeEnds(tx, now)];
    if (news.length + ends.length === 0) return 0;
    const endpoints = (await listEndpoints(tx)).filter(({ enabled }) => enabled);
    await handOver(tx, endpoints, 'alert.opened', news, minute, now);
    await handOver(tx, endpoints, 'alert.resolved', ends, minute, now);
    return news.length + ends.length;
  });
  if (told > 0) log.info({ alerts: told }, 'alerts handed to delivery');

  const due = await dueDeliveries(sql, now, { ms: jobs['tell-alerts'].everyMs, limit: SWEEP });
  // Named by the try and the minute: a queue that is behind does not get each of them anew every few seconds.
  const tries = due.map(({ id, nextAt }) => ({
    payload: { id },
    id: `${id}-${nextAt.getTime()}-${Math.floor(now.getTime() / 60_000)}`,
  }));
  if (tries.length > 0) await queues.add('send-delivery', ...tries);
});

async function handOver(
  sql: Sql,
  endpoints: readonly EndpointRow[],
  event: DeliveryEvent,
  alerts: readonly ToldAlert[],
  minute: number,
  now: Date,
): Promise<void> {
  const heard = new Map<EndpointRow, ToldAlert[]>();
  for (const alert of alerts)
    for (const endpoint of recipients(endpoints, event, alert))
      heard.set(endpoint, [...(heard.get(endpoint) ?? []), alert]);
  for (const [endpoint, list] of heard) {
    const worst = severities.find((severity) => list.some((alert) => alert.severity === severity)) ?? 'info';
    const notBefore = quietUntil(endpoint, event === 'alert.resolved' ? 'info' : worst, minute, now);
    const news = list.map(({ places: _places, ...alert }) => alert);
    await insertNews(sql, { endpointId: endpoint.id, event, alerts: news, notBefore }, now);
  }
}
