/** How fast facts were taken lately; for the health tile. Bounded memory. */
const KEPT = 512;
const WINDOW_MS = 5000;

export class CommitStats {
  #commits: { at: number; ms: number; events: number }[] = [];

  record(ms: number, events: number): void {
    this.#commits.push({ at: performance.now(), ms, events });
    if (this.#commits.length > KEPT * 2) this.#commits = this.#commits.slice(-KEPT);
  }

  /** Facts a second over the last 5 s, and the commit time's median and 99th percentile in ms over the last 512 commits. */
  read(): { perSecond: number; commitMsP50: number; commitMsP99: number } {
    const since = performance.now() - WINDOW_MS;
    let events = 0;
    for (let i = this.#commits.length - 1; i >= 0 && this.#commits[i]!.at >= since; i--)
      events += this.#commits[i]!.events;
    const sorted = this.#commits
      .slice(-KEPT)
      .map((commit) => commit.ms)
      .sort((a, b) => a - b);
    const at = (share: number) =>
      Math.round((sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0) * 10) / 10;
    return {
      perSecond: Math.round(events / (WINDOW_MS / 1000)),
      commitMsP50: at(0.5),
      commitMsP99: at(0.99),
    };
  }
}
