/** Keeps what the board shows of group-buys and bargains equal to the database, by reading it again. */
import { readGroups, readNthFormed } from '@zhanggui/shared/board/board-group-store.ts';
import { milestoneOf, noGroups, type GroupsState } from '@zhanggui/shared/board/group-tiles.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** While members stream in, at most so often; of tens of thousands of groups, which take their time to read, less often. */
const READ_MS = { least: 500, most: 2_000, share: 0.1 };
/** Time alone makes groups end soon. */
const TICK_MS = 15_000;

export class GroupReader {
  #sql: Sql;
  #time: BusinessTime;
  #state: GroupsState = noGroups();
  #dirty = true;
  #readAt = 0;
  #restMs = READ_MS.least;

  constructor(sql: Sql, time: BusinessTime) {
    this.#sql = sql;
    this.#time = time;
  }

  get state(): GroupsState {
    return this.#state;
  }

  touch(): void {
    this.#dirty = true;
  }

  /** Milliseconds until what is dirty may be read; null: nothing is. */
  wait(now: number): number | null {
    return this.#dirty ? Math.max(0, this.#readAt + this.#restMs - now) : null;
  }

  isDue(now: number): boolean {
    return this.#dirty ? this.wait(now) === 0 : now - this.#readAt >= TICK_MS;
  }

  /** Reads everything. Throws what the database throws; then it is still to be done. */
  async read(now: number): Promise<void> {
    this.#dirty = false;
    this.#readAt = now;
    const started = performance.now();
    try {
      const dayStart = new Date(this.#time.start(this.#time.day(now)));
      const groups = await readGroups(this.#sql, { now: new Date(now), dayStart });
      this.#state = { ...groups, milestone: await this.#milestone(groups.sums.formedToday, dayStart) };
      const took = performance.now() - started;
      this.#restMs = Math.min(READ_MS.most, Math.max(READ_MS.least, took / READ_MS.share));
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
  }

  /** Looked up once for each hundred: it stands far back in the day. */
  async #milestone(formedToday: number, dayStart: Date): Promise<GroupsState['milestone']> {
    const count = milestoneOf(formedToday);
    if (count === 0) return null;
    const before = this.#state.milestone;
    if (before?.count === count && before.at >= dayStart) return before;
    const at = await readNthFormed(this.#sql, dayStart, count);
    return at && { count, at };
  }
}
