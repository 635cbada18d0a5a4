/** Keeps what the board shows of livestreams equal to the database, by reading it again. */
import {
  readAroundNow,
  readDrops,
  readLastSessions,
  readLiveMinutes,
  readMarks,
  readOnAir,
  readRequests,
} from '@zhanggui/shared/board/board-live-store.ts';
import { lastCurves, LIVE_MINUTES, noLive, type LiveState } from '@zhanggui/shared/board/live-tiles.ts';
import { readPlaces } from '@zhanggui/shared/live/places-store.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';

const MINUTE = 60_000;
/** While facts stream in, at most so often. */
const READ_MS = 200;
/** A countdown goes on although nobody sells anything. */
const TICK_MS = 1000;
/** What the last sessions sold does not change any more; a fact of theirs may come late. */
const LAST_MS = 5 * MINUTE;

export class LiveReader {
  #sql: Sql;
  #state: LiveState = noLive();
  #dirty = true;
  #readAt = 0;
  #lastAt = 0;
  #aroundMinute = -1;
  #reads = 0;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get state(): LiveState {
    return this.#state;
  }

  /** Facts of livestreams, or something asked of them. */
  touch(): void {
    this.#dirty = true;
  }

  /** Milliseconds until what is dirty may be read; null: nothing is. */
  wait(now: number): number | null {
    return this.#dirty ? Math.max(0, this.#readAt + READ_MS - now) : null;
  }

  isDue(now: number): boolean {
    if (this.#dirty) return this.wait(now) === 0;
    const age = now - this.#readAt;
    return (
      (this.#state.onAir.length > 0 && age >= TICK_MS) || Math.floor(now / MINUTE) !== this.#aroundMinute
    );
  }

  /** Reads everything. Throws what the database throws; then it is still to be done. */
  async read(now: number): Promise<void> {
    this.#dirty = false;
    this.#readAt = now;
    const read = ++this.#reads;
    try {
      const state = await this.#load(now);
      // One that began later is newer.
      if (read === this.#reads) this.#state = state;
    } catch (error) {
      this.#dirty = true;
      throw error;
    }
  }

  async #load(now: number): Promise<LiveState> {
    const sql = this.#sql;
    const before = new Set(this.#state.onAir.map(({ id }) => id));
    const onAir = await readOnAir(sql, new Date(now));
    const ids = onAir.map(({ id }) => id);
    const changed = ids.length !== before.size || ids.some((id) => !before.has(id));
    const lastDue = changed || now - this.#lastAt > LAST_MS;
    const aroundDue = changed || ids.length === 0 || Math.floor(now / MINUTE) !== this.#aroundMinute;
    const from = new Date(Math.floor(now / MINUTE) * MINUTE - (LIVE_MINUTES - 1) * MINUTE);
    const featured = onAir.flatMap(({ id, featured: up }) => (up ? [{ session: id, sku: up.sku }] : []));
    const [places, minutes, marks, requests, drops, last, around] = await Promise.all([
      readPlaces(sql, featured, new Date(now)),
      readLiveMinutes(sql, ids, from),
      readMarks(sql, ids),
      readRequests(sql, ids),
      readDrops(sql, ids),
      lastDue ? readLastSessions(sql, ids) : null,
      aroundDue ? readAroundNow(sql, new Date(now)) : null,
    ]);
    if (last) this.#lastAt = now;
    if (around) this.#aroundMinute = Math.floor(now / MINUTE);
    return {
      now,
      onAir,
      places,
      minutes,
      marks,
      requests,
      drops,
      last: last ? lastCurves(last) : this.#state.last,
      ...(around ?? { past: this.#state.past, next: this.#state.next }),
    };
  }
}
