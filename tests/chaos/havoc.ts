/** What breaks, and when: a function of the seed. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Company } from './company.ts';

export const blows = ['server', 'worker', 'postgres', 'redis', 'flush'] as const;
export type Blow = (typeof blows)[number];

/** How often each is chosen. */
const weights: Record<Blow, number> = { server: 4, worker: 3, postgres: 2, redis: 1, flush: 2 };
const PAUSE_MS = { least: 200, most: 1_400 };
const AWAY_MS = 600;

/** Breaks things until `signal`, and answers how often which. Every kind comes once before any comes twice. */
export async function breakThings(
  company: Company,
  random: () => number,
  signal: AbortSignal,
): Promise<Record<Blow, number>> {
  const dealt = { server: 0, worker: 0, postgres: 0, redis: 0, flush: 0 };
  const possible = blows.filter((blow) => company.redis !== undefined || !['redis', 'flush'].includes(blow));
  let due: Blow[] = [];
  while (!signal.aborted) {
    const pause = PAUSE_MS.least + random() * (PAUSE_MS.most - PAUSE_MS.least);
    await sleep(pause, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) break;
    if (due.length === 0)
      due = possible.flatMap((blow) => Array<Blow>(dealt[blow] === 0 ? 1 : weights[blow]).fill(blow));
    const [blow] = due.splice(Math.floor(random() * due.length), 1);
    await strike(company, blow!, random);
    dealt[blow!] += 1;
  }
  return dealt;
}

async function strike(company: Company, blow: Blow, random: () => number): Promise<void> {
  const one = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  switch (blow) {
    case 'server':
      return one(company.servers).kill();
    case 'worker':
      return one(company.workers).kill();
    case 'postgres':
      return company.crashPostgres(random() * AWAY_MS);
    case 'redis':
      return company.redis?.kill();
    case 'flush':
      // One that is just being started has nothing to forget.
      return company.flushRedis().catch(() => undefined);
  }
}
