/** Tells the facts of one part of the demo company, from where it was left, up to a moment. */
import { noteDemoPart, readDemoParts } from '@zhanggui/shared/demo/demo-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Api } from '../api.ts';
import { CliError } from '../errors.ts';
import { EventSender } from '../event-sender.ts';
import { planPart, type Plan, type PlanRequest } from './planner.ts';
import type { Throttle } from './throttle.ts';

export type Doors = { sql: SqlPool; api: Api };

/** Facts that are sent, answered and noted together, and the size of the requests, two at a time. */
export type Pieces = { chunk: number; request: number };

/** Small requests, so that a till's sale waits for no long transaction. */
export const dayPieces: Pieces = { chunk: 500, request: 250 };

export class Teller {
  readonly #plan: Plan;
  readonly #bytes: Buffer;
  readonly #part: string;
  readonly #doors: Doors;
  readonly #pieces: Pieces;
  #done: number;

  private constructor(plan: Plan, part: string, done: number, doors: Doors, pieces: Pieces) {
    this.#plan = plan;
    this.#bytes = Buffer.from(plan.bytes.buffer);
    this.#part = part;
    this.#done = done;
    this.#doors = doors;
    this.#pieces = pieces;
  }

  /** Plans a part, and finds where it was left. `name` is what its progress is noted under. */
  static async plan(
    request: PlanRequest,
    name: string,
    doors: Doors,
    pieces: Pieces,
    signal: AbortSignal,
  ): Promise<Teller> {
    const plan = await planPart(request, signal);
    const done = (await readDemoParts(doors.sql)).get(name)?.done ?? 0;
    return new Teller(plan, name, done, doors, pieces);
  }

  /** When the next fact happens, ms since the epoch; null when all are told. */
  get nextAt(): number | null {
    return this.#plan.at[this.#done] ?? null;
  }

  /** Tells all facts up to and including `until`, as fast as the throttle lets it. Throws when the signal goes off. */
  async tell(until: number, throttle: Throttle, signal: AbortSignal): Promise<void> {
    while (this.nextAt !== null && this.nextAt <= until) {
      signal.throwIfAborted();
      const end = this.#chunkEnd(until);
      await throttle.take(end - this.#done, signal);
      await this.#send(end, throttle);
      this.#done = end;
      await noteDemoPart(this.#doors.sql, { part: this.#part, done: end, total: this.#plan.at.length });
    }
  }

  async #send(end: number, throttle: Throttle): Promise<void> {
    const { request: batchEvents } = this.#pieces;
    const sender = new EventSender({ api: this.#doors.api, concurrency: 2, batchEvents });
    for (let i = this.#done; i < end; i++) await sender.addBody(this.#body(i));
    await sender.flush();
    // A refused fact of our own making is a mistake in this program: better to stop than to tell half a company.
    if (sender.counts.rejected > 0)
      throw new CliError(`${sender.counts.rejected} facts of ${this.#part} were rejected`);
    throttle.answered(sender.latencies.percentile(1) ?? 0);
  }

  /** Where the facts up to `until` end, or the chunk does. */
  #chunkEnd(until: number): number {
    let end = this.#done;
    const last = Math.min(end + this.#pieces.chunk, this.#plan.at.length);
    while (end < last && (this.#plan.at[end] ?? Infinity) <= until) end += 1;
    return end;
  }

  #body(i: number): string {
    const { ends } = this.#plan;
    return this.#bytes.toString('utf8', ends[i - 1] ?? 0, ends[i]);
  }
}
