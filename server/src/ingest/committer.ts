/**
 * Group commit: while one transaction runs, whatever comes in waits and goes together into the next one. Idle, a fact is
 * committed at once; busy, a transaction carries up to 2,000 of them. Answers go out after commit, never before.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { IngestAnswer, Rejection } from '@zhanggui/shared/contract/events.ts';
import type { Topic } from '@zhanggui/shared/contract/board.ts';
import { checkEvent, type CheckedFact, type CheckFailure } from '@zhanggui/shared/ingest/event.ts';
import type { RejectedRow } from '@zhanggui/shared/ingest/ledger-store.ts';
import { isDatabaseAway, isDataError } from '@zhanggui/shared/platform/database.ts';
import { CommitStats } from './commit-stats.ts';
import { commitGroup, type Books, type Group, type Outcome } from './transaction.ts';

export type CommitterOptions = Books & {
  currency: string;
  /** Events in one transaction at most (one request is never cut). */
  groupEvents?: number;
  /** Transactions at the same time: while one waits for Postgres, the next is folded. */
  lanes?: number;
  /** Events that may wait; beyond it `submit` answers `overloaded`. */
  queueEvents?: number;
  /** After each commit, with the topics it touched and how many signals it left. */
  onCommit?: (topics: Topic[], signals: number) => void;
  /** After each request: what became of its events. */
  onAnswer?: (answer: { accepted: number; duplicates: number; rejected: number }) => void;
  onCommitMs?: (ms: number, events: number) => void;
};

type Waiting = {
  facts: CheckedFact[];
  /** Place of each fact in the request. */
  places: number[];
  rejections: Rejection[];
  rejectedRows: RejectedRow[];
  resolve: (answer: IngestAnswer) => void;
  reject: (error: unknown) => void;
};

const MAX_TRIES = 6;
/** Events that are worth a transaction beside the running one. */
const FULL_ENOUGH = 500;

export class GroupCommitter {
  #options: Required<Pick<CommitterOptions, 'groupEvents' | 'queueEvents' | 'lanes'>> & CommitterOptions;
  #waiting: Waiting[] = [];
  #queued = 0;
  #waitingEvents = 0;
  #running = new Set<Promise<void>>();
  #draining = false;
  #failing = false;
  readonly stats = new CommitStats();

  constructor(options: CommitterOptions) {
    this.#options = { groupEvents: 2000, queueEvents: 20_000, lanes: 2, ...options };
  }

  /** Events that wait for their transaction. */
  get queued(): number {
    return this.#queued;
  }

  /** Whether a fact submitted now could be taken. */
  get ready(): boolean {
    return !this.#draining && !this.#failing && this.#queued < this.#options.queueEvents;
  }

  /**
   * Takes the events of one request, as they came. Answers after commit. Throws AppError `overloaded` (nothing was
   * taken; try again after a second), `database_away` (try again: what was committed all the same comes back as a
   * duplicate), `shutting_down`.
   */
  submit(events: readonly unknown[]): Promise<IngestAnswer> {
    if (this.#draining) return Promise.reject(new AppError('shutting_down', undefined, { retryAfter: 2 }));
    if (this.#queued > 0 && this.#queued + events.length > this.#options.queueEvents)
      return Promise.reject(new AppError('overloaded', undefined, { retryAfter: 1 }));
    const { promise, resolve, reject } = Promise.withResolvers<IngestAnswer>();
    const request: Waiting = { facts: [], places: [], rejections: [], rejectedRows: [], resolve, reject };
    events.forEach((event, index) => {
      const checked = checkEvent(event, this.#options.currency);
      if (checked.ok) {
        request.facts.push(checked.value);
        request.places.push(index);
      } else refuse(request, index, checked.failure, event);
    });
    this.#queued += events.length;
    this.#waiting.push(request);
    this.#waitingEvents += events.length;
    if (this.#running.size === 0) this.#open();
    else this.#openBeside();
    return promise;
  }

  async drain(): Promise<void> {
    this.#draining = true;
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  /** A second transaction only for a good load of events: two small ones cost more than one that waits a little. */
  #openBeside(): void {
    if (this.#running.size < this.#options.lanes && this.#waitingEvents >= FULL_ENOUGH) this.#open();
  }

  #open(): void {
    const lane = this.#run().finally(() => {
      this.#running.delete(lane);
      if (this.#waiting.length > 0 && this.#running.size === 0) this.#open();
    });
    this.#running.add(lane);
  }

  async #run(): Promise<void> {
    // Requests that arrived in the same turn of the event loop share the first transaction too.
    await new Promise(setImmediate);
    while (this.#waiting.length > 0) {
      const batch = this.#nextBatch();
      this.#openBeside();
      try {
        await this.#commit(batch);
        this.#failing = false;
      } catch (error) {
        this.#failing = isDatabaseAway(error);
        const told = this.#failing
          ? new AppError('database_away', undefined, { retryAfter: 2, cause: error })
          : error;
        for (const request of batch) request.reject(told);
      } finally {
        for (const request of batch) this.#queued -= request.facts.length + request.rejections.length;
      }
    }
  }

  /** What goes together into the next transaction: all that waits, or this lane's share of it where that is much. */
  #nextBatch(): Waiting[] {
    const { groupEvents, lanes } = this.#options;
    const most = Math.min(groupEvents, Math.max(FULL_ENOUGH, Math.ceil(this.#waitingEvents / lanes)));
    let events = 0;
    let count = 0;
    for (const request of this.#waiting) {
      const size = request.facts.length + request.rejections.length;
      if (count > 0 && events + size > most) break;
      events += size;
      count += 1;
    }
    this.#waitingEvents -= events;
    return this.#waiting.splice(0, count);
  }

  async #commit(batch: Waiting[]): Promise<void> {
    const started = performance.now();
    const group: Group = {
      facts: batch.flatMap((request) => request.facts),
      rejected: batch.flatMap((request) => request.rejectedRows),
    };
    const { taken, failures, topics, signals } = await this.#commitOrSplit(group);
    const ms = performance.now() - started;
    this.stats.record(ms, group.facts.length);
    this.#options.onCommitMs?.(ms, group.facts.length);
    this.#options.onCommit?.(topics, signals);
    let offset = 0;
    for (const request of batch) {
      let accepted = 0;
      let duplicates = 0;
      request.facts.forEach((checked, i) => {
        const failure = failures.get(checked);
        if (failure) request.rejections.push(rejection(request.places[i]!, failure));
        else if (taken[offset + i]) accepted += 1;
        else duplicates += 1;
      });
      offset += request.facts.length;
      const rejected = request.rejections.toSorted((a, b) => a.index - b.index);
      this.#options.onAnswer?.({ accepted, duplicates, rejected: rejected.length });
      request.resolve({ accepted, duplicates, rejected });
    }
  }

  /**
   * Commits a group. One event that the database cannot hold (a text that jsonb refuses, a stock beyond an integer) must
   * not take the others with it: the group is halved until it stands alone, and then it is rejected like any misfit.
   */
  async #commitOrSplit(group: Group): Promise<Outcome & { failures: Map<CheckedFact, CheckFailure> }> {
    try {
      return { ...(await this.#commitWithRetry(group)), failures: new Map() };
    } catch (error) {
      if (!isDataError(error) || group.facts.length === 0) throw error;
      if (group.facts.length === 1) return this.#rejectOne(group, error);
      const half = group.facts.length >> 1;
      const first = await this.#commitOrSplit({
        facts: group.facts.slice(0, half),
        rejected: group.rejected,
      });
      const second = await this.#commitOrSplit({ facts: group.facts.slice(half), rejected: [] });
      return {
        taken: [...first.taken, ...second.taken],
        topics: [...new Set([...first.topics, ...second.topics])],
        signals: first.signals + second.signals,
        failures: new Map([...first.failures, ...second.failures]),
      };
    }
  }

  async #rejectOne(
    group: Group,
    error: Error,
  ): Promise<Outcome & { failures: Map<CheckedFact, CheckFailure> }> {
    const checked = group.facts[0]!;
    const { id, source, type } = checked.fact;
    const detail = `data: the ledger cannot hold it (${error.message})`;
    const failure: CheckFailure = { code: 'invalid_event', detail, field: 'data', source, id, type };
    const body = { specversion: '1.0', ...checked.fact, data: checked.raw };
    const outcome = await this.#commitWithRetry({
      facts: [],
      rejected: [...group.rejected, rejectedRow(failure, body)],
    });
    return { ...outcome, taken: [false], failures: new Map([[checked, failure]]) };
  }

  /** Deadlocks and serialization failures are the database's way of saying "again, please". */
  async #commitWithRetry(group: Group): Promise<Outcome> {
    for (let tries = 1; ; tries++)
      try {
        return await commitGroup(this.#options, group);
      } catch (error) {
        const code = (error as { code?: string }).code;
        if (tries >= MAX_TRIES || (code !== '40P01' && code !== '40001')) throw error;
        await sleep(5 * 2 ** tries);
      }
  }
}

const rejection = (index: number, { id, code, detail, field }: CheckFailure): Rejection => ({
  index,
  id,
  code,
  detail,
  field,
});

const rejectedRow = (
  { source, id, type, code, field, detail }: CheckFailure,
  event: unknown,
): RejectedRow => ({
  source,
  eventId: id,
  type,
  code,
  field,
  detail,
  body: JSON.stringify(event) ?? 'null',
});

function refuse(request: Waiting, index: number, failure: CheckFailure, event: unknown): void {
  request.rejections.push(rejection(index, failure));
  request.rejectedRows.push(rejectedRow(failure, event));
}
