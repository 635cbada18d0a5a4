/**
 * How fast the past is told: a steady rate that gives way when the company is busy. Filling history is never urgent; the
 * wall and the tills are.
 */
import { setTimeout as sleep } from 'node:timers/promises';

export type ThrottleOptions = {
  /** Facts a second at best, and at worst. */
  most: number;
  least: number;
  /** An answer that takes longer than this says that the company is busy, ms. */
  slowMs: number;
};

export class Throttle {
  readonly #options: ThrottleOptions;
  #rate: number;
  /** When the next facts may go out; performance.now() time. */
  #next = 0;

  constructor(options: ThrottleOptions) {
    this.#options = options;
    this.#rate = options.most;
  }

  /** Facts a second at present. */
  get rate(): number {
    return this.#rate;
  }

  /** Waits until `facts` may be sent. */
  async take(facts: number, signal: AbortSignal): Promise<void> {
    const now = performance.now();
    const wait = this.#next - now;
    this.#next = Math.max(now, this.#next) + (facts / this.#rate) * 1000;
    if (wait > 0) await sleep(wait, undefined, { signal });
  }

  /** Learns from an answer: slow ones bring the rate down at once, quick ones up again little by little. */
  answered(tookMs: number): void {
    const { most, least, slowMs } = this.#options;
    const wanted = tookMs > slowMs ? this.#rate * 0.6 : this.#rate * 1.05;
    this.#rate = Math.min(most, Math.max(least, wanted));
  }
}
