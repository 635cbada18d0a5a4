import type { Celebration } from '#lib/board/celebrations.ts';
import type { Timers } from '#lib/live/painter.ts';

export const CELEBRATE_MS = 5000;
const KEY = 'zhanggui.wall.celebrated';
/** More are never told again. */
const KEPT = 20;

/** Which celebrations this screen has shown: also after it was loaded anew. */
export type Memory = { read(): string[]; write(ids: readonly string[]): void };

export const browserMemory: Memory = {
  read() {
    try {
      const kept: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]');
      return Array.isArray(kept) ? kept.filter((id) => typeof id === 'string') : [];
    } catch {
      return [];
    }
  },
  write(ids) {
    try {
      localStorage.setItem(KEY, JSON.stringify(ids));
    } catch {
      // A kiosk without storage forgets it at the next reload, and might show one twice.
    }
  },
};

/** Shows each celebration once, for a moment, one after the other. */
export class Celebrations {
  #timers: Timers;
  #memory: Memory;
  #timer: number | null = null;
  #done: string[];
  #waiting: Celebration[] = [];
  #shown = $state.raw<Celebration | null>(null);

  constructor(timers: Timers, memory: Memory) {
    this.#timers = timers;
    this.#memory = memory;
    this.#done = memory.read();
  }

  get shown(): Celebration | null {
    return this.#shown;
  }

  /** Takes in those of now. */
  heed(celebrations: readonly Celebration[]): void {
    for (const each of celebrations) {
      if (this.#done.includes(each.id)) continue;
      this.#done = [...this.#done, each.id].slice(-KEPT);
      this.#memory.write(this.#done);
      this.#waiting.push(each);
    }
    if (this.#shown === null) this.#next();
  }

  stop(): void {
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
    this.#waiting = [];
    this.#shown = null;
  }

  #next(): void {
    this.#shown = this.#waiting.shift() ?? null;
    if (this.#shown === null) return;
    this.#timer = this.#timers.setTimeout(() => this.#next(), CELEBRATE_MS);
  }
}
