/** Keeps what loses money now equal to the database, by reading it again. */
import { belowCostOf, brakesOf, refundStormOf } from '@zhanggui/shared/board/anomaly.ts';
import { readBelowCost, readBrakes, readRefunds } from '@zhanggui/shared/board/board-anomaly-store.ts';
import type { Anomaly } from '@zhanggui/shared/contract/board.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** Sums of the whole day are read for it: often enough for a screen, too seldom to be felt. */
const TICK_MS = 5_000;

export class AnomalyReader {
  #sql: Sql;
  #time: BusinessTime;
  #state: Anomaly[] = [];
  #readAt = 0;

  constructor(sql: Sql, time: BusinessTime) {
    this.#sql = sql;
    this.#time = time;
  }

  get state(): readonly Anomaly[] {
    return this.#state;
  }

  touch(): void {
    this.#readAt = 0;
  }

  wait(): null {
    return null;
  }

  isDue(now: number): boolean {
    return now - this.#readAt >= TICK_MS;
  }

  async read(now: number): Promise<void> {
    this.#readAt = now;
    try {
      const day = this.#time.day(now);
      const [brakes, costs, refunds] = await Promise.all([
        readBrakes(this.#sql),
        readBelowCost(this.#sql, day),
        readRefunds(this.#sql, { now: new Date(now), day }),
      ]);
      this.#state = [...brakesOf(brakes), ...belowCostOf(costs, day), ...refundStormOf(refunds, now)];
    } catch (error) {
      this.touch();
      throw error;
    }
  }
}
