const FIRST_MS = 250;
const LONGEST_MS = 8000;

/**
 * Waits between attempts to connect: the first at once, each next about twice as long. Half of every wait is chance, so
 * that ten thousand walls do not come back in the same instant after a restart.
 */
export class Backoff {
  #attempts = 0;
  #random: () => number;

  constructor(random: () => number) {
    this.#random = random;
  }

  /** Milliseconds to wait before the next attempt. */
  next(): number {
    const ceiling = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#attempts);
    const floor = this.#attempts === 0 ? 0 : ceiling / 2;
    this.#attempts++;
    return Math.round(floor + this.#random() * (ceiling - floor));
  }

  reset(): void {
    this.#attempts = 0;
  }
}
