/** What breaks, and when: a function of the seed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Company } from './company.ts';
import { phases, type Phase } from './records.ts';

export const blows = ['server', 'worker', 'postgres', 'redis', 'flush'] as const;
export type Blow = (typeof blows)[number];

/** How often each is chosen. */
const weights: Record<Blow, number> = { server: 4, worker: 3, postgres: 2, redis: 1, flush: 2 };
const PAUSE_MS = { least: 200, most: 1_400 };
const AWAY_MS = 600;
/** A blow waits so long for something that none came in the middle of yet. */
const AIM_MS = 1_000;
const LOOK_MS = 10;
/** A round kills at least so many kinds of part, however short it is and however long they take to come back. */
const KINDS_KILLED = 2;

export type Havoc = {
  /** What is going on that a blow may come in the middle of. */
  underWay: () => Phase[];
  /** Says what was broken, when, on the clock of `performance`, and in the middle of what. */
  onBlow: (what: string, at: number, middle: Phase[]) => void;
  /** When it is enough, on the same clock. */
  until: number;
  signal: AbortSignal;
};

/** Breaks things until it is enough, and answers how often which. Every kind comes once before any comes twice. */
export async function breakThings(
  company: Company,
  random: () => number,
  { underWay, onBlow, until, signal }: Havoc,
): Promise<Record<Blow, number>> {
  const dealt = { server: 0, worker: 0, postgres: 0, redis: 0, flush: 0 };
  const possible = blows.filter((blow) => company.redis !== undefined || !['redis', 'flush'].includes(blow));
  const kindsKilled = () => blows.filter((blow) => blow !== 'flush' && dealt[blow] > 0).length;
  const hit = new Set<Phase>();
  let due: Blow[] = [];
  while (performance.now() < until || kindsKilled() < KINDS_KILLED) {
    const pause = PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    const patience = performance.now() + AIM_MS;
    while (hit.size < phases.length && !underWay().some((phase) => !hit.has(phase)))
      if (signal.aborted || performance.now() > patience) break;
      else await sleep(LOOK_MS);
    if (signal.aborted) break;
    if (due.length === 0)
      due = possible.flatMap((blow) => Array<Blow>(dealt[blow] === 0 ? 1 : weights[blow]).fill(blow));
    const [blow] = due.splice(Math.floor(random() * due.length), 1);
    const [at, middle] = [performance.now(), underWay()];
    const what = await strike(company, blow!, random);
    if (what === null) continue;
    for (const phase of middle) hit.add(phase);
    dealt[blow!] += 1;
    onBlow(what, at, middle);
  }
  return dealt;
}

/** Answers what it did; null: nothing. */
async function strike(company: Company, blow: Blow, random: () => number): Promise<string | null> {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  switch (blow) {
    case 'server':
    case 'worker': {
      const part = one(blow === 'server' ? company.servers : company.workers);
      part.kill();
      return `${part.name} killed`;
    }
    case 'postgres': {
      const awayMs = random() * AWAY_MS;
      await company.crashPostgres(awayMs);
      return `Postgres stopped at once, back after ${Math.round(awayMs)} ms and its recovery`;
    }
    case 'redis':
      company.redis?.kill();
      return 'Redis killed';
    case 'flush':
      // One that is just being started has nothing to forget.
      return company.flushRedis().then(
        () => 'Redis flushed',
        () => null,
      );
  }
}
