/** Facts with the moment they become known: what the generators of the demo company hand on. */
import type { Fact, FactData, FactType } from '../contract/events.ts';

/** `at` is `fact.time` in ms since the epoch: what plans are sorted and cut by. */
export type TimedFact = { at: number; fact: Fact };

/** Makes a fact that happens at `at`. Ids are the caller's: the same plan made again must give the same ids. */
export function timed<T extends FactType>(
  at: number,
  source: string,
  id: string,
  type: T,
  data: FactData<T>,
): TimedFact {
  // TypeScript does not see that `type` and `data` of one T make a member of the union over all T.
  return { at, fact: { id, source, type, time: new Date(at).toISOString(), data } as Fact };
}

/** In order of time; facts of the same millisecond in order of id, so that a plan has only one order. */
export function inOrder(facts: TimedFact[]): TimedFact[] {
  return facts.sort((a, b) => a.at - b.at || (a.fact.id < b.fact.id ? -1 : a.fact.id > b.fact.id ? 1 : 0));
}
