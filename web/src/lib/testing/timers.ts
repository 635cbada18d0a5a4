import type { Timers } from '#lib/live/painter.ts';

/** Time that moves only when a test says so. */
export class HandTimers implements Timers {
  #now = 1_000_000;
  #next = 1;
  #due = new Map<number, { at: number; run: () => void }>();

  now(): number {
    return this.#now;
  }
  setTimeout(run: () => void, ms: number): number {
    const id = this.#next++;
    this.#due.set(id, { at: this.#now + Math.max(0, ms), run });
    return id;
  }
  clearTimeout(id: number): void {
    this.#due.delete(id);
  }

  /** Runs all that falls due in the next `ms`, in its order. */
  pass(ms: number): void {
    const end = this.#now + ms;
    for (;;) {
      let first: [number, { at: number; run: () => void }] | undefined;
      for (const entry of this.#due)
        if (entry[1].at <= end && (!first || entry[1].at < first[1].at)) first = entry;
      if (!first) break;
      this.#due.delete(first[0]);
      this.#now = Math.max(this.#now, first[1].at);
      first[1].run();
    }
    this.#now = end;
  }

  /** The clock moves and no timer runs: the machine slept. */
  sleep(ms: number): void {
    this.#now += ms;
  }

  get waiting(): number {
    return this.#due.size;
  }
}
