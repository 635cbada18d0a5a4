/** What shoppers asked for, what they were given, and what ran out when. */
import { Latencies } from '../latency.ts';

/** Refusals that say that something is used up or stopped, for everybody. */
const endings = new Set(['sold_out', 'insufficient_stock', 'campaign_not_running']);

export type Asked = {
  what: string;
  asked: number;
  given: number;
  /** By reason. */
  refused: Record<string, number>;
  /** Not answered, or with an error of the server. */
  failed: number;
  /** From asking to the answer, waits for an overloaded server included, ms. */
  p50: number | null;
  p99: number | null;
};

export type RanOut = { campaignId: string; why: string; afterSeconds: number };

type Entry = Pick<Asked, 'asked' | 'given' | 'refused' | 'failed'> & { latencies: Latencies };

export class Tally {
  readonly #began: number;
  readonly #now: () => number;
  readonly #entries = new Map<string, Entry>();
  readonly #ranOut = new Map<string, RanOut>();

  /** `now`: ms of a steady clock. */
  constructor(now: () => number) {
    this.#now = now;
    this.#began = now();
  }

  /** Counts one question; `refusal` is null where it was given, `failed` where nobody knows. */
  count(what: string, campaignId: string | null, tookMs: number, refusal: string | null): void {
    const entry = this.#entries.get(what) ?? {
      asked: 0,
      given: 0,
      refused: {},
      failed: 0,
      latencies: new Latencies(),
    };
    this.#entries.set(what, entry);
    entry.asked += 1;
    entry.latencies.add(tookMs);
    if (refusal === null) entry.given += 1;
    else if (refusal === 'failed') entry.failed += 1;
    else entry.refused[refusal] = (entry.refused[refusal] ?? 0) + 1;
    if (campaignId === null || refusal === null || !endings.has(refusal)) return;
    const key = `${campaignId} ${refusal}`;
    if (this.#ranOut.has(key)) return;
    const afterSeconds = Math.round((this.#now() - this.#began) / 100) / 10;
    this.#ranOut.set(key, { campaignId, why: refusal, afterSeconds });
  }

  /** By what was asked, in the order in which it was first. */
  asked(): Asked[] {
    return [...this.#entries].map(([what, { latencies, ...counts }]) => ({
      what,
      ...counts,
      p50: latencies.percentile(0.5),
      p99: latencies.percentile(0.99),
    }));
  }

  /** What ran out, first things first. */
  ranOut(): RanOut[] {
    return [...this.#ranOut.values()];
  }
}
