/**
 * At once when it was quiet, then at most so many a second: a few in a row are let through, since the look of the interval,
 * or one sale and the next, must not make a screen wait.
 */
export class Pace {
  #everyMs: number;
  #burst: number;
  #allowance: number;
  #countedAt = -Infinity;

  /** `everyMs` apart in the long run; `burst` at once after a rest. */
  constructor(everyMs: number, burst: number) {
    this.#everyMs = everyMs;
    this.#burst = burst;
    this.#allowance = burst;
  }

  /** Milliseconds until the next may be taken; 0: now. `now` in ms of a steady clock. */
  wait(now: number): number {
    this.#allowance = Math.min(this.#burst, this.#allowance + (now - this.#countedAt) / this.#everyMs);
    this.#countedAt = now;
    return Math.max(0, (1 - this.#allowance) * this.#everyMs);
  }

  take(now: number): void {
    this.wait(now);
    this.#allowance = Math.max(0, this.#allowance - 1);
  }

  /** What was taken was not needed. */
  giveBack(): void {
    this.#allowance = Math.min(this.#burst, this.#allowance + 1);
  }
}
