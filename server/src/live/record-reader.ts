/** Looks at each minute of sales when it is over, and knows the best of the days before it. */
import { readBestMinute, readMinute } from '@zhanggui/shared/board/board-record-store.ts';
import {
  afterMinute,
  RECORD_DAYS,
  RECORD_ORDERS,
  type MinuteSums,
  type SalesRecord,
} from '@zhanggui/shared/board/record.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';

const MINUTE = 60_000;
/** Sales of a minute are told of until a little later. */
const SETTLE_MS = 3_000;
/** The best minute of a week is read again so often: what stood in its way becomes too old. */
const AGAIN_MS = 6 * 3_600_000;

export class RecordReader {
  #sql: Sql;
  #record: SalesRecord = { best: null, told: null };
  #bestAt = -Infinity;
  #minute = -1;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** The minute that was told of last; null: none since this server began. */
  get state(): MinuteSums | null {
    return this.#record.told;
  }

  touch(): void {
    this.#minute = -1;
  }

  wait(): null {
    return null;
  }

  isDue(now: number): boolean {
    return Math.floor((now - SETTLE_MS) / MINUTE) !== this.#minute;
  }

  async read(now: number): Promise<void> {
    const current = Math.floor((now - SETTLE_MS) / MINUTE);
    this.#minute = current;
    const last = (current - 1) * MINUTE;
    try {
      if (now - this.#bestAt > AGAIN_MS) {
        const from = last - RECORD_DAYS * 24 * 60 * MINUTE;
        const best = await readBestMinute(this.#sql, { from, until: last, orders: RECORD_ORDERS });
        this.#record = { ...this.#record, best };
        this.#bestAt = now;
      }
      const { sums, firstSale } = await readMinute(this.#sql, last);
      this.#record = afterMinute(this.#record, sums, firstSale);
    } catch (error) {
      this.touch();
      throw error;
    }
  }
}
