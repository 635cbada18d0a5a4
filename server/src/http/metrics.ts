import { once } from 'node:events';
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds, from a cached answer to one that someone complains about. */
const LATENCY_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.3, 0.6, 1, 2, 5];

/** Whoever asks for measures does not wait longer for the queues. */
const JOBS_MS = 1_000;

export type Metrics = ReturnType<typeof createMetrics>;

/**
 * What the server counts about itself. One registry a server: tests start many in one process.
 * Node's own measures (event loop lag, memory, garbage collection, processor time) come along.
 */
export function createMetrics() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  return {
    registry,
    http: new Histogram({
      name: 'zhanggui_http_request_seconds',
      help: 'HTTP requests by route pattern, seconds until the answer was sent',
      labelNames: ['method', 'route', 'status'],
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    events: new Counter({
      name: 'zhanggui_events_total',
      help: 'Events by what became of them: accepted, duplicate or rejected',
      labelNames: ['result'],
      registers,
    }),
    commit: new Histogram({
      name: 'zhanggui_ledger_commit_seconds',
      help: 'Ledger transactions, seconds from begin to commit',
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    commitEvents: new Histogram({
      name: 'zhanggui_ledger_commit_events',
      help: 'Events in one ledger transaction',
      buckets: [1, 5, 20, 50, 100, 200, 500, 1000, 2000],
      registers,
    }),
    boardTick: new Histogram({
      name: 'zhanggui_board_tick_seconds',
      help: 'Board ticks, seconds from reading the changed rows to the last room sent',
      buckets: LATENCY_BUCKETS,
      registers,
    }),
    /** Jobs of all workers together: each server tells the same. Where the queues do not answer there is no value. */
    watchJobs(read: () => Promise<Record<string, Record<string, number>>>): void {
      new Gauge({
        name: 'zhanggui_jobs',
        help: 'Jobs by queue and state: waiting, active, or failed for good',
        labelNames: ['queue', 'state'],
        registers,
        async collect() {
          this.reset();
          const late = AbortSignal.timeout(JOBS_MS);
          const depths = await Promise.race([read().catch(() => ({})), once(late, 'abort').then(() => ({}))]);
          for (const [queue, states] of Object.entries<Record<string, number>>(depths))
            for (const [state, jobs] of Object.entries(states)) this.set({ queue, state }, jobs);
        },
      });
    },
    /** Gauges that are read when somebody asks. */
    watch(name: string, help: string, read: () => number): void {
      new Gauge({
        name: `zhanggui_${name}`,
        help,
        registers,
        collect() {
          this.set(read());
        },
      });
    },
  };
}
