/** A client of the company as a till or a web shop is one: it asks whichever server answers, and asks again. */
import { setTimeout as sleep } from 'node:timers/promises';

export type Answer = { status: number; body: Record<string, unknown> };

export type AskOptions = {
  headers?: Record<string, string>;
  /** Asks at most; else until answered. */ tries?: number;
};

/** An answer that takes longer will not come: the server was killed, or its database. */
const PATIENCE_MS = 4_000;
const PAUSE_MS = 100;

export class Client {
  readonly #urls: readonly string[];
  readonly #key: string;
  readonly #random: () => number;
  /** Requests without an answer, or with one that says "later". */
  retries = 0;
  /** Set when waiting is over: what is not answered by then stays so. */
  readonly #signal: AbortSignal;

  constructor(urls: readonly string[], key: string, random: () => number, signal: AbortSignal) {
    this.#urls = urls;
    this.#key = key;
    this.#random = random;
    this.#signal = signal;
  }

  /** Posts until a server decides. Null: nobody knows what became of it. */
  async post(
    path: string,
    body: unknown,
    { headers = {}, tries = Infinity }: AskOptions = {},
  ): Promise<Answer | null> {
    const text = JSON.stringify(body);
    const type = path.endsWith('/events') ? 'application/cloudevents-batch+json' : 'application/json';
    for (let asked = 0; asked < tries && !this.#signal.aborted; asked++) {
      const url = this.#urls[Math.floor(this.#random() * this.#urls.length)]!;
      try {
        const answer = await fetch(url + path, {
          method: 'POST',
          headers: { authorization: `Bearer ${this.#key}`, 'content-type': type, ...headers },
          body: text,
          signal: AbortSignal.timeout(PATIENCE_MS),
        });
        const answered = (await answer.json()) as Record<string, unknown>;
        if (answer.status !== 429 && answer.status < 500) return { status: answer.status, body: answered };
        // An error of ours is no answer, and no excuse either: it is counted by the caller of `unexpected`.
        if (answer.status === 500) this.unexpected.push(`${path}: ${JSON.stringify(answered)}`);
      } catch {
        // Refused, cut off or silent: whether it was done is not known.
      }
      this.retries += 1;
      await sleep(PAUSE_MS * (0.5 + this.#random()));
    }
    return null;
  }

  /** Asks once. Null where nobody answers, or with anything but what was asked for. */
  async get(path: string): Promise<Record<string, unknown> | null> {
    const url = this.#urls[Math.floor(this.#random() * this.#urls.length)]!;
    try {
      const answer = await fetch(url + path, {
        headers: { authorization: `Bearer ${this.#key}` },
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      return answer.ok ? ((await answer.json()) as Record<string, unknown>) : null;
    } catch {
      return null;
    }
  }

  /** Answers that no outage explains. */
  readonly unexpected: string[] = [];
}
