/**
 * What an order for goods does outside of its own slice: goods are held and let go, alerts end, screens are told. Stores of
 * two slices do not know each other, so a route or a job hands the functions in. Shapes only.
 */
import type { AlertKey } from '../alerts/alert-store.ts';
import type { Change } from '../board/change-store.ts';
import type { Sql } from '../platform/database.ts';
import type { Crossing } from '../stock/booking-store.ts';
import type { Hold } from '../stock/hold-store.ts';

export type Pair = { skuNo: number; locationNo: number };

export type SupplyDoor = {
  lockBalances(sql: Sql, pairs: readonly Pair[]): Promise<(Pair & { available: number })[]>;
  holdGoods(sql: Sql, holds: readonly Hold[]): Promise<Crossing[]>;
  freeGoods(sql: Sql, references: readonly string[], why: 'left' | 'cancelled'): Promise<Crossing[]>;
  addSignals(sql: Sql, crossings: readonly Crossing[]): Promise<void>;
  resolveAlerts(sql: Sql, keys: readonly AlertKey[], by: string): Promise<unknown>;
  noteChange(sql: Sql, change: Change): Promise<void>;
};
