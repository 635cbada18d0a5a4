/** The clock and timers a painter lives by; passed in so that tests move time by hand. */
export type Timers = {
  now(): number;
  setTimeout(run: () => void, ms: number): number;
  clearTimeout(id: number): void;
};

export const browserTimers: Timers = {
  now: () => performance.now(),
  setTimeout: (run, ms) => window.setTimeout(run, ms),
  clearTimeout: (id) => window.clearTimeout(id),
};

/** The hero's pace in a storm: it is seen to count, not read digit by digit. */
const FIRST_MS = 50;
/** Heroes in a row after a rest: a sale and the next shall not wait. */
const BURST = 3;
/** The pace of all else: tables that change faster can't be read, and each change of them costs a cheap box dearly. */
const REST_MS = 500;
/** One sale changes several topics, each in a message of its own: they are shown together. */
const GATHER_MS = 25;

/**
 * Decides when changes that came in are shown. What a glance is for (`first`) is shown at once, also when the rest waits
 * its turn; all else soon after it when it was quiet, and in a storm twice a second. What came last is always shown.
 */
export class Painter {
  #paint: (what: 'first' | 'all') => void;
  #timers: Timers;
  #allowance = BURST;
  #countedAt = -Infinity;
  #allAt = -Infinity;
  #first: number | null = null;
  #all: number | null = null;

  constructor(paint: (what: 'first' | 'all') => void, timers: Timers = browserTimers) {
    this.#paint = paint;
    this.#timers = timers;
  }

  /** Something changed and wants to be shown; `first`: it is among what is shown at once. */
  request(first: boolean): void {
    const now = this.#timers.now();
    if (first && this.#first === null) {
      const wait = this.#wait(now);
      if (wait <= 0) this.#run('first');
      else this.#first = this.#timers.setTimeout(() => this.#run('first'), Math.ceil(wait));
    }
    this.#all ??= this.#timers.setTimeout(
      () => this.#run('all'),
      Math.ceil(Math.max(GATHER_MS, this.#allAt + REST_MS - now)),
    );
  }

  /** A snapshot came: all of it is new. */
  flush(): void {
    this.#run('all');
  }

  stop(): void {
    this.#clear('first');
    this.#clear('all');
  }

  #clear(what: 'first' | 'all'): void {
    const timer = what === 'first' ? this.#first : this.#all;
    if (timer !== null) this.#timers.clearTimeout(timer);
    if (what === 'first') this.#first = null;
    else this.#all = null;
  }

  /** Milliseconds until the hero may be shown again. */
  #wait(now: number): number {
    this.#allowance = Math.min(BURST, this.#allowance + (now - this.#countedAt) / FIRST_MS);
    this.#countedAt = now;
    return (1 - this.#allowance) * FIRST_MS;
  }

  #run(what: 'first' | 'all'): void {
    const now = this.#timers.now();
    if (what === 'first') {
      this.#clear('first');
      this.#wait(now);
      this.#allowance = Math.max(0, this.#allowance - 1);
    } else {
      // What waits to be shown at once is shown with the rest.
      this.stop();
      this.#allAt = now;
    }
    this.#paint(what);
  }
}
