/**
 * Plans parts of the demo company in threads of their own: planning a day takes seconds and hundreds of megabytes, and
 * neither should be felt by the facts that happen meanwhile. A thread's memory goes with it; what comes back is packed.
 */
import { makeWorld, type World } from '@zhanggui/shared/demo/world.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { Worker } from 'node:worker_threads';

/** What makes the demo company: the same seed, the same company. */
export type WorldSeed = {
  seed: string;
  /** Day number on which its books open. */
  firstDay: number;
  timeZone: string;
  /** A smaller company, for tests. */
  skus?: number | undefined;
  ordersADay?: number | undefined;
};

/** `part` is a day's number, or the filling of the shelves before the first. */
export type PlanRequest = { world: WorldSeed; part: number | 'opening' };

/** Facts in order of time: when each happens (ms since the epoch), and its JSON, which ends at `ends[i]` in `bytes`. */
export type Plan = {
  at: Float64Array<ArrayBuffer>;
  ends: Uint32Array<ArrayBuffer>;
  bytes: Uint8Array<ArrayBuffer>;
};

/** A full-size day needs a little over half of it. */
const THREAD_MEGABYTES = 320;

export function worldOf({ seed, firstDay, timeZone, skus, ordersADay }: WorldSeed): World {
  const time = new BusinessTime(timeZone);
  return makeWorld({
    seed,
    firstDay,
    startOf: (day) => time.start(day),
    ...(skus === undefined ? {} : { skus }),
    ...(ordersADay === undefined ? {} : { ordersADay }),
  });
}

/** Plans one part. Rejects with what the thread threw, or when the signal goes off. */
export async function planPart(request: PlanRequest, signal: AbortSignal): Promise<Plan> {
  const worker = new Worker(new URL('./plan-worker.ts', import.meta.url), {
    workerData: request,
    resourceLimits: { maxOldGenerationSizeMb: THREAD_MEGABYTES },
  });
  const stop = new AbortController();
  try {
    return await new Promise<Plan>((resolve, reject) => {
      worker.once('message', resolve);
      worker.once('error', reject);
      worker.once('exit', () => reject(new Error('the planning thread ended without a plan')));
      const aborted = () => reject(signal.reason as Error);
      signal.addEventListener('abort', aborted, { once: true, signal: stop.signal });
      if (signal.aborted) aborted();
    });
  } finally {
    stop.abort();
    await worker.terminate();
  }
}
