/** Tells the facts of one business day, from where it was left, up to a moment. */
import { dayWindow } from '@zhanggui/shared/demo/day-window.ts';
import { noteDemoPart, readDemoParts } from '@zhanggui/shared/demo/demo-store.ts';
import { inOrder, type TimedFact } from '@zhanggui/shared/demo/facts.ts';
import type { World } from '@zhanggui/shared/demo/world.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { setImmediate } from 'node:timers/promises';
import type { Api } from '../api.ts';
import { EventSender } from '../event-sender.ts';
import { demandNoRejections } from './found.ts';
import type { Throttle } from './throttle.ts';

/** Facts that are sent, answered and noted together. */
const CHUNK = 500;
/** Requests that a chunk is sent in, two at a time: small ones, so that a till's sale waits for no long transaction. */
const BATCH = 250;

export const dayPart = (day: string) => `day:${day}`;

export class DayTeller {
  readonly facts: readonly TimedFact[];
  readonly #part: string;
  readonly #sql: SqlPool;
  readonly #api: Api;
  #done: number;

  private constructor(
    facts: readonly TimedFact[],
    part: string,
    done: number,
    { sql, api }: { sql: SqlPool; api: Api },
  ) {
    this.facts = facts;
    this.#part = part;
    this.#done = done;
    this.#sql = sql;
    this.#api = api;
  }

  /** Plans the day with this number, and finds where it was left. Lets others run in between: it takes a second or two. */
  static async plan(world: World, number: number, doors: { sql: SqlPool; api: Api }): Promise<DayTeller> {
    const facts: TimedFact[] = [];
    for (const piece of dayWindow(world, number)) {
      for (const fact of piece) facts.push(fact);
      await setImmediate();
    }
    const part = dayPart(world.date(number).text);
    const done = (await readDemoParts(doors.sql)).get(part)?.done ?? 0;
    return new DayTeller(inOrder(facts), part, done, doors);
  }

  get complete(): boolean {
    return this.#done >= this.facts.length;
  }

  /** When the next fact happens, ms since the epoch; null when all are told. */
  get nextAt(): number | null {
    return this.facts[this.#done]?.at ?? null;
  }

  /** Tells all facts up to and including `until`, as fast as the throttle lets it. Throws when the signal goes off. */
  async tell(until: number, throttle: Throttle, signal: AbortSignal): Promise<void> {
    while (this.nextAt !== null && this.nextAt <= until) {
      signal.throwIfAborted();
      const chunk = this.facts.slice(this.#done, this.#done + CHUNK).filter(({ at }) => at <= until);
      await throttle.take(chunk.length, signal);
      const sender = new EventSender({ api: this.#api, concurrency: 2, batchEvents: BATCH });
      for (const { fact } of chunk) await sender.add(fact);
      await sender.flush();
      demandNoRejections(sender);
      throttle.answered(sender.latencies.percentile(1) ?? 0);
      this.#done += chunk.length;
      await noteDemoPart(this.#sql, { part: this.#part, done: this.#done, total: this.facts.length });
    }
  }
}
