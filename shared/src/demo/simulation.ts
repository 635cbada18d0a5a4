/**
 * A stretch of made-up business for a company's own catalog, at a given rate: what `zg simulate` sends. The same seed,
 * scenario, market and rate give the same facts in the same order; only the moment at which it all begins differs.
 */
import type { Fact } from '../contract/events.ts';
import type { Random } from './random.ts';
import { flashLive, groupRush, ordinaryDay, stockout } from './scenarios.ts';
import type { Market } from './stories.ts';

export const scenarios = ['ordinary', 'flash-live', 'stockout', 'group-rush'] as const;
export type Scenario = (typeof scenarios)[number];

/** One fact of a story, so many ms after the story's beginning. `id` and `time` are given when it is sent. */
export type Step = { after: number; source: string; type: Fact['type']; data: Fact['data'] };

/** What happens to one customer, show or delivery, first step first. */
export type Story = Step[];

/** Tells one story after the other; `offset` is how many ms of the simulation have passed. */
export type StoryTeller = (offset: number) => Story;

export type SimulatedEvent = {
  /** Counts from 0. */
  index: number;
  /** ms since the simulation began. */
  offset: number;
  source: string;
  type: Fact['type'];
  data: Fact['data'];
};

const tellers: Record<Scenario, (market: Market, random: Random, ratePerSecond: number) => StoryTeller> = {
  ordinary: ordinaryDay,
  'flash-live': flashLive,
  stockout,
  'group-rush': groupRush,
};

/**
 * Events without end, evenly spaced at `ratePerSecond`. A step of an earlier story that is due goes first; otherwise a new
 * story begins, so that the rate holds whatever the stories are.
 */
export function* simulate(
  scenario: Scenario,
  market: Market,
  random: Random,
  ratePerSecond: number,
): Generator<SimulatedEvent> {
  const tell = tellers[scenario](market, random, ratePerSecond);
  const agenda = new Agenda();
  for (let index = 0; ; index++) {
    const offset = Math.floor((index * 1000) / ratePerSecond);
    let step = agenda.due(offset);
    if (step === null) {
      const [first, ...later] = tell(offset);
      if (first === undefined) throw new RangeError('a story needs a beginning');
      for (const each of later) agenda.add(offset + each.after, each);
      step = first;
    }
    yield { index, offset, source: step.source, type: step.type, data: step.data };
  }
}

/** Steps that are still to come, the next one first: a binary heap, since a fast simulation has thousands waiting. */
class Agenda {
  readonly #heap: { at: number; order: number; step: Step }[] = [];
  #added = 0;

  add(at: number, step: Step): void {
    const heap = this.#heap;
    heap.push({ at, order: this.#added++, step });
    for (let i = heap.length - 1; i > 0;) {
      const parent = (i - 1) >> 1;
      if (!this.#before(i, parent)) break;
      this.#swap(i, parent);
      i = parent;
    }
  }

  /** Takes the next step out if its time has come. */
  due(now: number): Step | null {
    const heap = this.#heap;
    const next = heap[0];
    if (next === undefined || next.at > now) return null;
    const last = heap.pop();
    if (last !== undefined && heap.length > 0) {
      heap[0] = last;
      this.#sink();
    }
    return next.step;
  }

  #sink(): void {
    for (let i = 0; ;) {
      const left = 2 * i + 1;
      const right = left + 1;
      let least = i;
      if (left < this.#heap.length && this.#before(left, least)) least = left;
      if (right < this.#heap.length && this.#before(right, least)) least = right;
      if (least === i) return;
      this.#swap(i, least);
      i = least;
    }
  }

  /** Steps of the same moment come in the order in which they were added. */
  #before(i: number, j: number): boolean {
    const a = this.#heap[i];
    const b = this.#heap[j];
    if (a === undefined || b === undefined) return false;
    return a.at < b.at || (a.at === b.at && a.order < b.order);
  }

  #swap(i: number, j: number): void {
    [this.#heap[i], this.#heap[j]] = [this.#heap[j] as never, this.#heap[i] as never];
  }
}
