/** Keeps what the board shows of coupons equal to the database, by reading it again. */
import { readCoupons } from '@zhanggui/shared/board/board-coupon-store.ts';
import { COUPON_MINUTES, noCoupons, type CouponsState } from '@zhanggui/shared/board/coupon-tiles.ts';
import { readProgress } from '@zhanggui/shared/coupons/fan-out-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

const MINUTE = 60_000;
/**
 * Claims and redemptions come by the thousand a second, and leave no notes for the board: it looks by itself. A little more often
 * than the looks come that it runs in, or every second one would find it not due yet; where many campaigns take their time to read,
 * less often.
 */
const TICK_MS = { least: 900, most: 1_800, share: 0.1 };

export class CouponReader {
  #sql: Sql;
  #time: BusinessTime;
  #state: CouponsState = noCoupons();
  #readAt = 0;
  #restMs = TICK_MS.least;

  constructor(sql: Sql, time: BusinessTime) {
    this.#sql = sql;
    this.#time = time;
  }

  get state(): CouponsState {
    return this.#state;
  }

  touch(): void {
    this.#readAt = 0;
  }

  wait(): null {
    return null;
  }

  isDue(now: number): boolean {
    return now - this.#readAt >= this.#restMs;
  }

  async read(now: number): Promise<void> {
    this.#readAt = now;
    const started = performance.now();
    try {
      this.#state = await this.#load(now);
      const took = performance.now() - started;
      this.#restMs = Math.min(TICK_MS.most, Math.max(TICK_MS.least, took / TICK_MS.share));
    } catch (error) {
      this.touch();
      throw error;
    }
  }

  async #load(now: number): Promise<CouponsState> {
    const rows = await readCoupons(this.#sql, {
      now: new Date(now),
      from: new Date((Math.floor(now / MINUTE) - (COUPON_MINUTES - 1)) * MINUTE),
      dayStart: new Date(this.#time.start(this.#time.day(now))),
    });
    const sending = rows.campaigns.filter((row) => row.sending);
    const found = await Promise.all(
      sending.map(async ({ id, no }) => [id, await readProgress(this.#sql, no)] as const),
    );
    return { ...rows, progress: new Map(found.flatMap(([id, each]) => (each ? [[id, each]] : []))) };
  }
}
