import type { Timers } from '#lib/live/painter.ts';

/** Which of several scenes is shown, and when the next one comes. */
export class Rotation {
  #timers: Timers;
  #timer: number | null = null;
  #index = $state(0);
  #count = $state(1);
  #seconds = $state(30);
  #paused = $state(false);
  #round = $state(0);

  constructor(timers: Timers) {
    this.#timers = timers;
  }

  get index(): number {
    return this.#index;
  }
  get paused(): boolean {
    return this.#paused;
  }
  /** Whether there is anything to rotate. */
  get active(): boolean {
    return this.#count > 1;
  }
  get seconds(): number {
    return this.#seconds;
  }
  /** Changes when a scene's time starts anew: what the progress line is keyed by. */
  get round(): number {
    return this.#round;
  }

  set(count: number, seconds: number): void {
    this.#count = Math.max(1, count);
    this.#seconds = Math.max(5, seconds);
    this.#index = Math.min(this.#index, this.#count - 1);
    this.#restart();
  }

  step(by: 1 | -1): void {
    this.#index = (this.#index + by + this.#count) % this.#count;
    this.#restart();
  }

  /** Pausing keeps the scene; going on gives it its whole time again. */
  togglePause(): void {
    this.#paused = !this.#paused;
    this.#restart();
  }

  stop(): void {
    if (this.#timer !== null) this.#timers.clearTimeout(this.#timer);
    this.#timer = null;
  }

  #restart(): void {
    this.stop();
    this.#round++;
    if (this.#count > 1 && !this.#paused)
      this.#timer = this.#timers.setTimeout(() => this.step(1), this.#seconds * 1000);
  }
}
