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

const FRAME_MS = 16;
/** Eight paints a second: faster than a person reads, slow enough for a cheap box behind a television. */
const PAINT_MS = 125;
/** One sale changes several topics, each in its own message: they are let through together when it was quiet. */
const BURST = 3;

/**
 * Decides when changes that came in are shown. When it was quiet, at once; in a storm at most eight times a second; never
 * twice in one frame; and what came last is always shown.
 */
export class Painter {
  #paint: () => void;
  #timers: Timers;
  #allowance = BURST;
  #countedAt: number;
  #paintedAt = -Infinity;
  #timer: number | null = null;

  constructor(paint: () => void, timers: Timers = browserTimers) {
    this.#paint = paint;
    this.#timers = timers;
    this.#countedAt = timers.now();
  }

  /** Something changed and wants to be shown. */
  request(): void {
    if (this.#timer !== null) return;
    const wait = this.#wait();
    if (wait <= 0) this.#run();
    else {
      this.#timer = this.#timers.setTimeout(() => {
        this.#timer = null;
        this.#run();
      }, wait);
    }
  }

  stop(): void {
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(): number {
    const now = this.#timers.now();
    this.#allowance = Math.min(BURST, this.#allowance + (now - this.#countedAt) / PAINT_MS);
    this.#countedAt = now;
    const untilAllowed = (1 - this.#allowance) * PAINT_MS;
    const untilFrame = this.#paintedAt + FRAME_MS - now;
    return Math.ceil(Math.max(untilAllowed, untilFrame));
  }

  #run(): void {
    this.#wait();
    this.#allowance = Math.max(0, this.#allowance - 1);
    this.#paintedAt = this.#timers.now();
    this.#paint();
  }
}
