/** How long answers take, kept in buckets that grow by a twentieth: percentiles within 5 %, in constant memory. */
const GROWTH = 1.05;
const SMALLEST_MS = 0.1;

export class Latencies {
  readonly #counts: number[] = [];
  #total = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.max(
      0,
      Math.ceil(Math.log(Math.max(ms, SMALLEST_MS) / SMALLEST_MS) / Math.log(GROWTH)),
    );
    this.#counts[bucket] = (this.#counts[bucket] ?? 0) + 1;
    this.#total += 1;
    this.#max = Math.max(this.#max, ms);
  }

  get count(): number {
    return this.#total;
  }

  /** The time in ms that a share `p` (0…1) of the answers stayed within; null before the first. */
  percentile(p: number): number | null {
    if (this.#total === 0) return null;
    const wanted = p * this.#total;
    let seen = 0;
    for (const [bucket, count] of this.#counts.entries()) {
      seen += count ?? 0;
      if (seen >= wanted) return rounded(Math.min(this.#max, SMALLEST_MS * GROWTH ** bucket));
    }
    return rounded(this.#max);
  }
}

/** To a tenth of a millisecond: the rest is noise. */
function rounded(ms: number): number {
  return Math.round(ms * 10) / 10;
}
