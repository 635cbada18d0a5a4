import type { Job, JobsOptions, Queue, Worker } from 'bullmq';
import {
  jobs,
  queues as queueNames,
  type JobName,
  type JobPayload,
  type QueueName,
} from '../contract/jobs.ts';
import type { Log } from './log.ts';
import { logOutage } from './outage-log.ts';
import { postgresQueueBackend, redisQueueBackend } from './queue-backends.ts';

/** What a backend (Postgres or Redis) gives: BullMQ's own classes, bound to its connection. */
export type QueueBackend = {
  queue(name: QueueName, defaults: JobsOptions): Queue;
  worker(name: QueueName, process: (job: Job) => Promise<unknown>, concurrency: number): Worker;
  /** Closes the connections; queues and workers are closed before. */
  close(): Promise<void>;
};

/** One job to enqueue. With an `id` the same job is not enqueued twice while the first one is known. */
export type NewJob<N extends JobName = JobName> = {
  payload: JobPayload<N>;
  id?: string;
  delayMs?: number;
  /** Tries before it has failed for good; five unless said. */
  attempts?: number;
};

/** Runs a job of the catalogue; it may run more than once, and at the same time as itself. */
export type RunJob = (
  name: JobName,
  payload: unknown,
  job: { id: string; attempt: number },
) => Promise<unknown>;

export interface Queues {
  add<N extends JobName>(name: N, ...list: NewJob<N>[]): Promise<void>;
  /**
   * Makes the catalogue's repeating jobs repeat, and those that left the catalogue stop. What repeats already is left alone,
   * so it may be called again and again: a Redis that was flushed has forgotten all of them.
   */
  schedule(): Promise<void>;
  /** Starts a worker for each queue. */
  work(run: RunJob): void;
  /** Jobs by state of each queue, for metrics. */
  depths(): Promise<Record<QueueName, { waiting: number; active: number; failed: number }>>;
  /** BullMQ's own queues, for its dashboard. */
  all(): Queue[];
  /** Waits for the jobs that run now, then closes everything. May be called more than once. */
  close(): Promise<void>;
}

/**
 * How many jobs of a queue one worker process runs at a time. Alerts never wait for each other; bulk work is cut into
 * chunks that each keep Postgres busy, so one of them at a time is enough.
 */
const concurrency: Record<QueueName, number> = {
  urgent: 8,
  deadlines: 4,
  bulk: 1,
  planning: 1,
  delivery: 8,
  housekeeping: 1,
};

/** By age, never by count: counting on each completion halved the throughput on Postgres, and deadlocked. */
const defaults: JobsOptions = {
  attempts: 5,
  backoff: { type: 'exponential', delay: 1_000, jitter: 0.5 },
  removeOnComplete: { age: 3_600 },
  removeOnFail: { age: 7 * 86_400 },
};

/** After this long a worker is begun anew whose connection was lost before it was ready. */
const AGAIN_MS = 1_000;

const byName = (name: string): (typeof jobs)[JobName] | undefined =>
  Object.hasOwn(jobs, name) ? jobs[name as JobName] : undefined;

export type QueueSettings = { databaseUrl: string; redisUrl: string | undefined };

/** BullMQ on Redis where there is one, else on Postgres. The only place that knows which. */
export function openQueues({ databaseUrl, redisUrl }: QueueSettings, log: Log): Queues {
  const backend =
    redisUrl === undefined ? postgresQueueBackend(databaseUrl, log) : redisQueueBackend(redisUrl, log);
  const opened = new Map<QueueName, Queue>();
  const workers = new Set<Worker>();
  let closing: Promise<void> | undefined;

  const queue = (name: QueueName): Queue => {
    const found = opened.get(name);
    if (found) return found;
    const made = backend.queue(name, defaults);
    made.on('error', logOutage(log, `queue ${name} failed`));
    opened.set(name, made);
    // On Postgres BullMQ asks for its schema once, and a queue whose question got lost is of no use ever after: the next one who needs
    // it makes another.
    made.waitUntilReady().catch(() => {
      if (closing === undefined && opened.get(name) === made) opened.delete(name);
    });
    return made;
  };

  return {
    async add(name, ...list) {
      const { queue: on, payload: schema } = jobs[name];
      const made = list.map(({ payload, id, delayMs, attempts }) => ({
        name,
        data: schema.parse(payload),
        opts: {
          // On Redis a job's id stands beside the queue's own keys: one that is called "delayed" would break the queue.
          ...(id !== undefined && { jobId: `${name}.${id}` }),
          ...(delayMs !== undefined && { delay: delayMs }),
          ...(attempts !== undefined && { attempts }),
        },
      }));
      const one = async ({ data, opts }: (typeof made)[number]) =>
        void (await queue(on).add(name, data, opts));
      if (made.length === 1) return one(made[0]!);
      try {
        await queue(on).addBulk(made);
      } catch {
        // A Redis that was restarted has forgotten BullMQ's scripts. A bulk does not load them again, one by one does; what fails
        // for another reason fails again. Jobs may be done twice, so what the bulk did add does no harm.
        for (const job of made) await one(job);
      }
    },

    async schedule() {
      const repeating = new Map<string, number | undefined>();
      for (const name of queueNames) {
        for (const { key, every } of await queue(name).getJobSchedulers())
          if (byName(key)?.queue === name && 'everyMs' in (byName(key) ?? {}))
            repeating.set(key, every === undefined ? undefined : Number(every));
          else await queue(name).removeJobScheduler(key);
      }
      for (const [name, job] of Object.entries(jobs))
        if ('everyMs' in job && repeating.get(name) !== job.everyMs)
          await queue(job.queue).upsertJobScheduler(name, { every: job.everyMs }, { name, data: {} });
    },

    work(run) {
      const begin = (name: QueueName): void => {
        const worker = backend.worker(
          name,
          async (job) => {
            const known = byName(job.name);
            if (!known) throw new Error(`no job of this version is named ${job.name}`);
            const payload = known.payload.parse(job.data);
            return run(job.name as JobName, payload, { id: job.id ?? '', attempt: job.attemptsMade + 1 });
          },
          concurrency[name],
        );
        worker.on('error', logOutage(log, `worker of queue ${name} failed`));
        worker.on('failed', (job, error) => {
          const last = job === undefined || job.attemptsMade >= (job.opts.attempts ?? 1);
          log[last ? 'error' : 'warn'](
            { err: error, queue: name, job: job?.name, id: job?.id },
            'job failed',
          );
        });
        workers.add(worker);
        // As of queues: one that could not ask for its schema never works.
        worker.waitUntilReady().catch(() => {
          if (closing !== undefined) return;
          workers.delete(worker);
          void worker.close(true).catch(() => undefined);
          setTimeout(() => closing === undefined && begin(name), AGAIN_MS);
        });
      };
      for (const name of queueNames) begin(name);
    },

    async depths() {
      const counted = queueNames.map(async (name) => {
        const counts = await queue(name).getJobCounts('waiting', 'prioritized', 'active', 'failed');
        const { waiting = 0, prioritized = 0, active = 0, failed = 0 } = counts;
        return [name, { waiting: waiting + prioritized, active, failed }] as const;
      });
      return Object.fromEntries(await Promise.all(counted)) as Awaited<ReturnType<Queues['depths']>>;
    },

    all: () => queueNames.map(queue),

    close: () => (closing ??= close()),
  };

  async function close(): Promise<void> {
    await Promise.all([...workers].map((worker) => worker.close()));
    await Promise.all([...opened.values()].map((each) => each.close()));
    await backend.close();
  }
}
