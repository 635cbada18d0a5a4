import {
  createNodeRedisClient,
  createPostgresBackend,
  Queue,
  runMigrations,
  withBackend,
  Worker,
} from 'bullmq';
import pg from 'pg';
import { createClient } from 'redis';
import type { Log } from './log.ts';
import { logOutage } from './outage-log.ts';
import type { QueueBackend } from './queues.ts';

/** BullMQ's tables have a schema of their own, so that nothing of ours collides with them. */
const SCHEMA = 'bullmq';

/**
 * A worker that was killed is missed when its lock runs out, and its jobs are taken over at the next look: within 20 seconds,
 * where BullMQ's own settings would take a minute, in which a proposal or a message waits. Not shorter: the lock is renewed at
 * half its time, and a plan may keep a busy machine's event loop for some seconds. A job whose workers died three times is
 * likely what kills them, and ends among the failed ones; once, as BullMQ has it, would be nobody's fault but a restart's.
 */
const TAKEOVER = { lockDuration: 15_000, stalledInterval: 5_000, maxStalledCount: 3 };

/** Each worker holds one connection to listen, taken from the pool; the rest is for short statements. */
const POOL_SIZE = 10;

/** Makes or updates BullMQ's tables. Run once before queues are opened on this database. */
export async function migrateQueues(databaseUrl: string): Promise<void> {
  const client = new pg.Client({ connectionString: databaseUrl, application_name: 'zhanggui migrate' });
  await client.connect();
  try {
    await runMigrations(client, SCHEMA);
  } finally {
    await client.end();
  }
}

/** One pool for all queues of a process: a pool each would be 70 connections instead of 20. */
export function postgresQueueBackend(databaseUrl: string, log: Log): QueueBackend {
  const { Queue: PostgresQueue, Worker: PostgresWorker } = withBackend(createPostgresBackend);
  const pool = new pg.Pool({
    connectionString: databaseUrl,
    max: POOL_SIZE,
    keepAlive: true,
    application_name: 'zhanggui queues',
    options: `-c search_path=${SCHEMA},public`,
  });
  // Every queue and worker listens to the pool's errors: a dozen listeners are no leak here.
  pool.setMaxListeners(0);
  const note = logOutage(log, 'Postgres connection for queues failed');
  pool.on('error', note);
  // The pool speaks for connections that idle. One that is lost between two statements of a transaction has nobody who listens, and
  // would end the process.
  pool.on('connect', (client) => client.on('error', note));
  return {
    queue: (name, defaultJobOptions) =>
      new PostgresQueue(name, { connection: pool, defaultJobOptions }) as unknown as Queue,
    worker: (name, process, concurrency) =>
      new PostgresWorker(name, process, { connection: pool, concurrency, ...TAKEOVER }) as unknown as Worker,
    close: () => pool.end(),
  };
}

/** Through the `redis` client; each worker makes itself a second connection to wait on. */
export function redisQueueBackend(url: string, log: Log): QueueBackend {
  const client = createClient({ url });
  const connection = createNodeRedisClient(client);
  // It repeats the client's errors, and would end the process where no queue listens (yet).
  const note = logOutage(log, 'Redis connection for queues failed');
  for (const emitter of [client, connection]) emitter.on('error', note);
  const prefix = 'zhanggui';
  return {
    queue: (name, defaultJobOptions) => new Queue(name, { connection, prefix, defaultJobOptions }),
    worker: (name, process, concurrency) =>
      new Worker(name, process, { connection, prefix, concurrency, ...TAKEOVER }),
    close: async () => {
      if (client.isOpen) await client.close();
    },
  };
}
