import type { AlertTile } from '@zhanggui/shared/contract/board.ts';

/** An alert as the API lists it. */
export type AlertRow = Omit<AlertTile, 'nameZh' | 'nameEn'> & {
  skuNameZh: string | null;
  skuNameEn: string | null;
  region: string | null;
  acknowledgedAt: string | null;
  resolvedAt: string | null;
  /** `cause` when it was gone by itself, else a name. */
  resolvedBy: string | null;
  groupId: string | null;
};

export type AlertStory = AlertRow & {
  history: { at: string; what: string; who: string | null; details: Record<string, unknown> }[];
};

/** As the board would show it. */
export function tileOf(row: AlertRow): AlertTile {
  const { skuNameZh: nameZh, skuNameEn: nameEn } = row;
  const { id, kind, severity, status, level, sku, location, locationNameZh, locationNameEn } = row;
  const { openedAt, ownerId, owner, snoozedUntil, dueAt, params, proposal } = row;
  return {
    ...{ id, kind, severity, status, level, sku, nameZh, nameEn, location, locationNameZh, locationNameEn },
    ...{ openedAt, ownerId, owner, snoozedUntil, dueAt, params, proposal },
  };
}
