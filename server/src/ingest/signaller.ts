/**
 * Rings for the workers after a commit that left signals. A job takes all signals that wait, so one job for a burst is
 * enough: at once when it is quiet, else at most every 50 ms. What could not be enqueued the job `sweep-signals` finds.
 */
import { setTimeout as sleep } from 'node:timers/promises';

const QUIET_MS = 50;
/** How long closing waits for a store that does not answer. */
const PATIENCE_MS = 1_000;

export type SignallerOptions = {
  /** Enqueues the job `assess-stock`. */
  enqueue: () => Promise<void>;
  /** Called with what `enqueue` throws. */
  onError: (error: unknown) => void;
};

export class Signaller {
  readonly #options: SignallerOptions;
  #running: Promise<void> | null = null;
  #again = false;

  constructor(options: SignallerOptions) {
    this.#options = options;
  }

  /** Signals were committed. Returns at once, never throws; whoever calls during a ring is rung for by the next one. */
  signalled(): void {
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#ring();
  }

  /** Rings for what was signalled so far, as far as the store answers. */
  async close(): Promise<void> {
    const late = new AbortController();
    await Promise.race([
      this.#running ?? undefined,
      sleep(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => undefined),
    ]);
    late.abort();
  }

  /** One at a time: while a store is away there is one job that waits for it, not one for each commit. */
  async #ring(): Promise<void> {
    do {
      this.#again = false;
      const quiet = sleep(QUIET_MS);
      await this.#options.enqueue().catch(this.#options.onError);
      await quiet;
    } while (this.#again);
    // In the same turn as the look at `again`: whoever signals from here on starts a ring.
    this.#running = null;
  }
}
