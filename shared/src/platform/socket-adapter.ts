import { createAdapter } from '@socket.io/redis-streams-adapter';
import { createClient } from 'redis';
import type { Log } from './log.ts';
import { logOutage } from './outage-log.ts';

/** What Socket.IO takes as its `adapter`: carries what is emitted to the sockets of other servers. */
export type SocketAdapter = ReturnType<typeof createAdapter>;

/**
 * Socket.IO over Redis Streams: a server that was away for a moment reads on where it was, which pub/sub can't do. The board
 * does not come this way (each server reads it from the database); what goes to a person, wherever they are, does.
 *
 * `close` only after Socket.IO is closed: it still says goodbye to the other servers.
 */
export async function redisSocketAdapter(
  url: string,
  log: Log,
): Promise<{ create: SocketAdapter; close(): Promise<void> }> {
  const client = createClient({ url });
  client.on('error', logOutage(log, 'Redis connection for sockets failed'));
  await client.connect();
  const create = createAdapter(client, {
    streamName: 'zhanggui:sockets',
    channelPrefix: 'zhanggui:sockets',
    // Only what a server reads that was cut off for some seconds.
    maxLen: 1_000,
    // A read that waits keeps its connection until it ends, also when the server stops.
    blockTimeInMs: 1_000,
  });
  return {
    create,
    close: () => {
      client.destroy();
      return Promise.resolve();
    },
  };
}
