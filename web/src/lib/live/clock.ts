/** How many of the latest pulses the offset is taken from. */
const SAMPLES = 15;
/** A reading this far from the others is not delay: one of the two clocks was set, or the machine slept. */
const JUMP_MS = 2000;

/**
 * The server's clock as seen from here. It counts on a monotonic clock, so a screen whose own time of day is wrong, or is
 * set while we run, still shows the right one. The median keeps one late pulse from moving it.
 */
export class ServerClock {
  #offsets: number[] = [];
  #strays: number[] = [];
  #offset: number | null = null;
  #monotonic: () => number;

  /** `monotonic` in milliseconds, as `performance.now`. */
  constructor(monotonic: () => number) {
    this.#monotonic = monotonic;
  }

  /** Takes in what the server said its time is, epoch milliseconds, at the moment it is heard. */
  hear(serverNow: number): void {
    const offset = serverNow - this.#monotonic();
    if (this.#offset !== null && Math.abs(offset - this.#offset) > JUMP_MS) {
      // Two in a row that agree with each other: it did jump. One alone was a delayed message.
      const agreeing = this.#strays.filter((stray) => Math.abs(stray - offset) <= JUMP_MS);
      this.#strays = [...agreeing, offset];
      if (agreeing.length === 0) return;
      this.#offsets = this.#strays;
    } else {
      this.#offsets = [...this.#offsets, offset].slice(-SAMPLES);
    }
    this.#strays = [];
    this.#offset = median(this.#offsets);
  }

  /** The server's time now, epoch milliseconds; null before the first pulse. */
  now(): number | null {
    return this.#offset === null ? null : this.#offset + this.#monotonic();
  }
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
