import type { AlertTile } from '@zhanggui/shared/contract/board.ts';
import type { Format } from '#lib/format/format.svelte.ts';
import type { WallStockMessages } from '#lib/i18n/wall-stock.ts';

/** The `count` newest, newest first; ids break ties, so that equals keep their places. */
export function latestAlerts(alerts: readonly AlertTile[], count: number): AlertTile[] {
  return alerts
    .toSorted((a, b) =>
      a.openedAt === b.openedAt ? (a.id < b.id ? 1 : -1) : a.openedAt < b.openedAt ? 1 : -1,
    )
    .slice(0, count);
}

/** Where an alert is, for a line of its own: a place, so many stores, an order, or the whole company. */
export function whereOf(
  alert: AlertTile,
  words: WallStockMessages,
  format: Pick<Format, 'name' | 'whole'>,
): string {
  const { location, locationNameZh: nameZh, locationNameEn: nameEn, params } = alert;
  const place = format.name({ nameZh, nameEn }) || location;
  const order = params.order === undefined ? null : words.alerts.order(params.order);
  if (place) return order ? `${place} · ${order}` : place;
  if (params.stores !== undefined) return words.alerts.everywhere(format.whole(params.stores));
  return order ?? words.alerts.company;
}
