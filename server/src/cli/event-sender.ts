/**
 * Sends facts in batches, several requests at a time, and keeps count of what became of them. Whoever adds faster than
 * the server takes is made to wait: memory stays bounded, and nothing is dropped.
 */
import { ingestLimits, type IngestAnswer, type Rejection } from '@zhanggui/shared/contract/events.ts';
import type { Api } from './api.ts';
import { eventBody, type OutgoingEvent } from './event-body.ts';
import { Latencies } from './latency.ts';

export type SendCounts = { sent: number; accepted: number; duplicates: number; rejected: number };

export type SenderOptions = {
  api: Api;
  /** Requests under way at once. */
  concurrency?: number;
  /** Events in a request at most. */
  batchEvents?: number;
  /** Called for each rejected event. */
  onRejected?: (rejection: Rejection) => void;
};

/** Under the contract's 1 MiB, with room for the brackets. */
const BATCH_BYTES = Math.floor(ingestLimits.bodyBytes * 0.9);
const PATH = '/api/v1/events';
const CONTENT_TYPE = 'application/cloudevents-batch+json';

type Batch = { bodies: string[]; bytes: number };

export class EventSender {
  readonly latencies = new Latencies();
  readonly counts: SendCounts = { sent: 0, accepted: 0, duplicates: 0, rejected: 0 };
  readonly #options: Required<Omit<SenderOptions, 'onRejected'>> & Pick<SenderOptions, 'onRejected'>;
  readonly #underway = new Set<Promise<void>>();
  #batch: Batch = emptyBatch();
  #failure: Error | null = null;

  constructor({ concurrency = 4, batchEvents = 500, ...rest }: SenderOptions) {
    this.#options = {
      concurrency,
      batchEvents: Math.min(batchEvents, ingestLimits.eventsPerRequest),
      ...rest,
    };
  }

  /** Adds one event; resolves when there is room for the next. Throws what made an earlier request fail. */
  async add(event: OutgoingEvent): Promise<void> {
    await this.addBody(eventBody(event));
  }

  /** Adds one event that is written already (`eventBody`). */
  async addBody(body: string): Promise<void> {
    const bytes = Buffer.byteLength(body) + 1;
    if (this.#batch.bodies.length > 0 && this.#batch.bytes + bytes > BATCH_BYTES) await this.#dispatch();
    this.#batch.bodies.push(body);
    this.#batch.bytes += bytes;
    if (this.#batch.bodies.length >= this.#options.batchEvents) await this.#dispatch();
  }

  /** Sends what has been added, without waiting for the answer. Throws what made an earlier request fail. */
  async push(): Promise<void> {
    if (this.#batch.bodies.length > 0) await this.#dispatch();
  }

  /** Sends what is left and waits until every event is answered. Throws what made a request fail. */
  async flush(): Promise<void> {
    await this.push();
    await Promise.all(this.#underway);
    this.#throwFailure();
  }

  async #dispatch(): Promise<void> {
    const batch = this.#batch;
    this.#batch = emptyBatch();
    while (this.#underway.size >= this.#options.concurrency) await Promise.race(this.#underway);
    this.#throwFailure();
    const request = this.#send(batch)
      .catch((error: unknown) => {
        this.#failure ??= error instanceof Error ? error : new Error(String(error));
      })
      .finally(() => this.#underway.delete(request));
    this.#underway.add(request);
  }

  async #send({ bodies }: Batch): Promise<void> {
    const { api, onRejected } = this.#options;
    this.counts.sent += bodies.length;
    const { body: answer, tookMs } = await api.postText<IngestAnswer>(
      PATH,
      `[${bodies.join(',')}]`,
      CONTENT_TYPE,
    );
    this.latencies.add(tookMs);
    this.counts.accepted += answer.accepted;
    this.counts.duplicates += answer.duplicates;
    this.counts.rejected += answer.rejected.length;
    for (const rejection of answer.rejected) onRejected?.(rejection);
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure;
  }
}

function emptyBatch(): Batch {
  return { bodies: [], bytes: 2 };
}
