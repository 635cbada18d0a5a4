/** The locations, remembered for some seconds: every promise asks for them and they hardly ever change. */
import { maySee, type Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { parsePosition, rankPlaces, type Position, type Ranked } from '@zhanggui/shared/stock/nearest.ts';
import { readPlaces, type Place } from '@zhanggui/shared/stock/promise-store.ts';

const TTL_MS = 3_000;

type Known = { byCode: Map<string, Place>; ranks: Map<string, Ranked<Place>[]> };

export class Places {
  #sql: SqlPool;
  #known: Promise<Known> | null = null;
  #until = 0;

  constructor(sql: SqlPool) {
    this.#sql = sql;
  }

  /** A location by its code. Throws `not_found`. */
  async find(code: string): Promise<Place> {
    const known = await this.#read();
    // It may have been added a moment ago.
    const place = known.byCode.get(code) ?? (await this.#read(true)).byCode.get(code);
    if (!place) throw new AppError('not_found', `There is no location ${code}`);
    return place;
  }

  async byNo(): Promise<Map<number, Place>> {
    return new Map([...(await this.#read()).byCode.values()].map((place) => [place.no, place]));
  }

  /**
   * The locations that goods may be promised from, nearest to `near` (a location's code or `lat,lon`) first; those that the
   * catalog does not know are left out. Throws `not_found`, or `invalid_request` where `near` is neither.
   */
  async ranked(near: string | undefined): Promise<Ranked<Place>[]> {
    const known = await this.#read();
    const key = near ?? '';
    const found = known.ranks.get(key);
    if (found) return found;
    const from = near === undefined ? null : await this.#origin(near);
    const ranked = rankPlaces(
      [...known.byCode.values()].filter(({ kind }) => kind !== 'unknown'),
      from,
    );
    // Customers stand anywhere; stores are few.
    if (from === null || 'no' in from) known.ranks.set(key, ranked);
    return ranked;
  }

  async #origin(near: string): Promise<Position | Place> {
    const position = (await this.#read()).byCode.has(near) ? null : parsePosition(near);
    return position ?? this.find(near);
  }

  #read(fresh = false): Promise<Known> {
    const now = Date.now();
    if (this.#known === null || now >= this.#until || fresh) {
      this.#until = now + TTL_MS;
      const reading = readPlaces(this.#sql).then((rows) => ({
        byCode: new Map(rows.map((row) => [row.code, row])),
        ranks: new Map<string, Ranked<Place>[]>(),
      }));
      this.#known = reading;
      reading.catch(() => {
        if (this.#known === reading) this.#known = null;
      });
    }
    return this.#known;
  }
}

/** Throws `outside_scope` unless all of these are among the caller's own. */
export function demandOwn(who: Who, places: readonly Place[]): void {
  const foreign = places.find((place) => !maySee(who, place));
  if (foreign) throw new AppError('outside_scope', `${foreign.code} is not one of yours`);
}
