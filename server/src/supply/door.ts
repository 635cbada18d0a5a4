import { resolveAlerts } from '@zhanggui/shared/alerts/alert-store.ts';
import { addSignals, noteChange } from '@zhanggui/shared/board/change-store.ts';
import { freeGoods, holdGoods } from '@zhanggui/shared/stock/hold-store.ts';
import { lockBalances } from '@zhanggui/shared/stock/reservation-store.ts';
import type { SupplyDoor } from '@zhanggui/shared/supply/door.ts';

/** What orders for goods do to the other slices. */
export const supplyDoor: SupplyDoor = {
  lockBalances,
  holdGoods,
  freeGoods,
  addSignals,
  resolveAlerts,
  noteChange,
};
