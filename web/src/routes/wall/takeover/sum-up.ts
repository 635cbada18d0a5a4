import type { AlertTile } from '@zhanggui/shared/contract/board.ts';
import type { AlertKind } from '@zhanggui/shared/contract/words.ts';

/** What several alerts have in common; null where they differ. */
export type SumUp = {
  count: number;
  kind: AlertKind | null;
  /** One of them, for the name of what all of them are about. */
  sku: AlertTile | null;
  place: AlertTile | null;
  /** Distinct places. */
  places: number;
};

export function sumUp(alerts: readonly AlertTile[]): SumUp {
  const common = <T>(of: (alert: AlertTile) => T) =>
    new Set(alerts.map(of)).size === 1 ? (alerts[0] ?? null) : null;
  const sku = common((alert) => alert.sku);
  const place = common((alert) => alert.location);
  return {
    count: alerts.length,
    kind: common((alert) => alert.kind)?.kind ?? null,
    sku: sku?.sku == null ? null : sku,
    place: place?.location == null ? null : place,
    places: new Set(alerts.flatMap(({ location }) => (location === null ? [] : [location]))).size,
  };
}
