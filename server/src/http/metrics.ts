import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';

/** Seconds, from a cached answer to one that someone complains about. */
const LATENCY_BUCKETS = [0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.15, 0.3, 0.6, 1, 2, 5];

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
