import { browserTimers, type Timers } from '#lib/live/painter.ts';

const POLL_MS = 5000;

type Ask = () => Promise<{ history: { share: number } | null }>;

/** How far the past of the demo company is filled in. Comparisons are missing, or wrong, until it is. */
export class History {
  #ask: Ask;
  #timers: Timers;
  #timer: number | null = null;
  #stopped = false;
  #share = $state<number | null>(null);

  constructor(ask: Ask, timers: Timers = browserTimers) {
    this.#ask = ask;
    this.#timers = timers;
  }

  /** 0…1 while it is being filled; null when it is complete, or not known, or there is none. */
  get share(): number | null {
    return this.#share;
  }

  /** Asks until it is complete. */
  start(): void {
    this.#stopped = false;
    void this.#round();
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
  }

  async #round(): Promise<void> {
    let share: number | null = null;
    let known = true;
    try {
      share = (await this.#ask()).history?.share ?? null;
    } catch {
      // A courtesy: the next round asks again.
      known = false;
    }
    if (this.#stopped) return;
    const done = share === null || share >= 1;
    if (known) this.#share = done ? null : share;
    if (!known || !done) this.#timer = this.#timers.setTimeout(() => void this.#round(), POLL_MS);
  }
}
