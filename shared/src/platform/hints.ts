import { randomUUID } from 'node:crypto';
import { createClient } from 'redis';
import type { SqlPool } from './database.ts';
import type { Log } from './log.ts';
import { logOutage } from './outage-log.ts';

/**
 * Tiny messages between processes: "topic stock is dirty". They carry no data and may be lost; whoever listens also looks
 * on an interval. Hearing one twice, or one's own, does no harm.
 */
export interface Hints {
  /** Says that something changed. Returns at once, never throws. */
  publish(...topics: string[]): void;
  /** Calls back for each topic that any process (this one too) published. Returns the way to stop. */
  subscribe(listener: (topic: string) => void): () => void;
  close(): Promise<void>;
}

/** Carries a text to the other processes. */
export type HintCarrier = {
  send(text: string): Promise<void>;
  close(): Promise<void>;
};

/** Starts a carrier that hands what it receives to `receive`. */
export type OpenCarrier = (receive: (text: string) => void) => Promise<HintCarrier>;

/** At 6,000 commits a second a message for each would cost more than what it speeds up. */
const QUIET_MS = 10;

const CHANNEL = 'zhanggui_hint';

/**
 * Hints over a carrier. The first topic after a quiet time goes out at once, those of the next 10 ms together; this
 * process hears its own without the way round.
 */
export async function createHints(open: OpenCarrier, log: Log): Promise<Hints> {
  const me = randomUUID();
  const listeners = new Set<(topic: string) => void>();
  const dirty = new Set<string>();
  let timer: NodeJS.Timeout | undefined;

  const tell = (topics: Iterable<string>): void => {
    for (const topic of topics) for (const listener of listeners) listener(topic);
  };
  const carrier = await open((text) => {
    const [sender, ...topics] = text.split(' ');
    if (sender !== me) tell(topics);
  });
  const flush = (): void => {
    timer = undefined;
    if (dirty.size === 0) return;
    const text = [me, ...dirty].join(' ');
    dirty.clear();
    timer = setTimeout(flush, QUIET_MS).unref();
    carrier.send(text).catch((error: unknown) => log.debug({ err: error }, 'a hint was lost'));
  };

  return {
    publish(...topics) {
      for (const topic of topics) dirty.add(topic);
      if (timer === undefined) flush();
      tell(topics);
    },
    subscribe(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async close() {
      clearTimeout(timer);
      listeners.clear();
      await carrier.close();
    },
  };
}

/** Postgres LISTEN/NOTIFY. The listening connection is one of its own, and comes back by itself. */
export function postgresCarrier(sql: SqlPool): OpenCarrier {
  return async (receive) => {
    const { unlisten } = await sql.listen(CHANNEL, receive);
    return {
      send: async (text) => {
        await sql`select pg_notify(${CHANNEL}, ${text})`;
      },
      close: () => unlisten().catch(() => undefined),
    };
  };
}

/** Redis pub/sub, over two connections: one that subscribes can do nothing else. */
export function redisCarrier(url: string, log: Log): OpenCarrier {
  return async (receive) => {
    // Without a queue for bad times: a hint that could not be sent at once is of no use later.
    const sender = createClient({ url, disableOfflineQueue: true });
    const receiver = sender.duplicate({ disableOfflineQueue: false });
    const note = logOutage(log, 'Redis connection for hints failed');
    for (const client of [sender, receiver]) client.on('error', note);
    await Promise.all([sender.connect(), receiver.connect()]);
    await receiver.subscribe(CHANNEL, receive);
    return {
      send: async (text) => {
        await sender.publish(CHANNEL, text);
      },
      close: async () => {
        for (const client of [sender, receiver]) client.destroy();
        return Promise.resolve();
      },
    };
  };
}
