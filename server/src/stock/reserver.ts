/**
 * Takes reservations in groups: whatever comes in while one transaction commits goes together into the next. One at a time,
 * so that those who want the same pieces are asked one after the other instead of waiting for each other's locks.
 */
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Booked } from './book-holds.ts';
import { reserveGroup, type EncodeAnswer, type Outcome, type ReserveRequest } from './reserve-group.ts';

export type Decided = Exclude<Outcome, { kind: 'again' }>;

type Waiting = {
  request: ReserveRequest;
  tries: number;
  resolve: (outcome: Decided) => void;
  reject: (error: unknown) => void;
};

export type ReserverOptions = {
  sql: SqlPool;
  encode: EncodeAnswer;
  onCommit: (booked: Booked) => void;
};

/** Lines in one transaction (one request is never cut), and requests that may wait. */
const GROUP_LINES = 400;
const MOST_WAITING = 5_000;
/** A request is decided anew when the shelves changed under it; so often only when others are faster each time. */
const MAX_TRIES = 10;

export class Reserver {
  #options: ReserverOptions;
  #waiting: Waiting[] = [];
  #running = false;

  constructor(options: ReserverOptions) {
    this.#options = options;
  }

  /** Answers after commit. Throws AppError `overloaded`, and what the database throws; then nothing was reserved. */
  submit(request: ReserveRequest): Promise<Decided> {
    if (this.#waiting.length >= MOST_WAITING)
      return Promise.reject(new AppError('overloaded', undefined, { retryAfter: 1 }));
    const { promise, resolve, reject } = Promise.withResolvers<Decided>();
    this.#waiting.push({ request, tries: 0, resolve, reject });
    if (!this.#running) void this.#run();
    return promise;
  }

  async #run(): Promise<void> {
    this.#running = true;
    // Requests that arrived in the same turn of the event loop share the first transaction too.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) await this.#decide(this.#nextGroup());
    this.#running = false;
  }

  #nextGroup(): Waiting[] {
    let lines = 0;
    let count = 0;
    for (const { request } of this.#waiting) {
      if (count > 0 && lines + request.lines.length > GROUP_LINES) break;
      lines += request.lines.length;
      count += 1;
    }
    return this.#waiting.splice(0, count);
  }

  async #decide(group: Waiting[]): Promise<void> {
    const again: Waiting[] = [];
    try {
      const { outcomes, booked } = await reserveGroup(
        this.#options.sql,
        group.map(({ request }) => request),
        this.#options.encode,
      );
      for (const one of booked) this.#options.onCommit(one);
      for (const [i, waiting] of group.entries()) {
        const outcome = outcomes[i]!;
        if (outcome.kind === 'again') again.push(waiting);
        else waiting.resolve(outcome);
      }
    } catch (error) {
      const code = (error as { code?: string }).code;
      // Deadlocks and serialization failures are the database's way of saying "again, please".
      if (code === '40P01' || code === '40001') again.push(...group);
      else for (const waiting of group) waiting.reject(error);
    }
    for (const waiting of again) {
      waiting.tries += 1;
      if (waiting.tries >= MAX_TRIES)
        waiting.reject(new AppError('overloaded', 'Others are faster each time', { retryAfter: 1 }));
    }
    this.#waiting.unshift(...again.filter(({ tries }) => tries < MAX_TRIES));
  }
}
