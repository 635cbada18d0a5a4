import { connect, type SqlPool } from './database.ts';
import { createHints, postgresCarrier, redisCarrier, type Hints } from './hints.ts';
import type { Log } from './log.ts';
import { openQueues, type Queues } from './queues.ts';
import { redisSocketAdapter, type SocketAdapter } from './socket-adapter.ts';
import { SettingsError, type Settings } from './settings.ts';

/** What a process stands on. */
export type Platform = {
  sql: SqlPool;
  hints: Hints;
  queues: Queues;
  /** For Socket.IO, where several servers may run; undefined: each keeps to its own sockets. */
  socketAdapter: SocketAdapter | undefined;
  /** In the reverse order of opening; jobs that run are waited for. Socket.IO is closed before. */
  close(): Promise<void>;
};

export type PlatformOptions = {
  application: string;
  connections?: number;
  /** Whether this process has sockets. */
  sockets?: boolean;
};

/**
 * Opens the database, the hints and the queues. Whether they go through Redis or all through Postgres is decided here, by
 * REDIS_URL, and nothing else in the code knows. Server and workers need a database by now: in embedded mode the
 * supervisor has started one and says where.
 */
export async function openPlatform(
  settings: Pick<Settings, 'databaseUrl' | 'redisUrl'>,
  log: Log,
  { application, connections = 8, sockets = false }: PlatformOptions,
): Promise<Platform> {
  const { databaseUrl, redisUrl } = settings;
  if (databaseUrl === undefined)
    throw new SettingsError(
      'DATABASE_URL is not set: start the company with npm start, which brings its own Postgres',
    );
  const sql = connect(databaseUrl, { max: connections, application });
  const carrier = redisUrl === undefined ? postgresCarrier(sql) : redisCarrier(redisUrl, log);
  const hints = await createHints(carrier, log);
  const queues = openQueues({ databaseUrl, redisUrl }, log);
  const adapter = sockets && redisUrl !== undefined ? await redisSocketAdapter(redisUrl, log) : undefined;
  return {
    sql,
    hints,
    queues,
    socketAdapter: adapter?.create,
    async close() {
      await adapter?.close();
      await queues.close();
      await hints.close();
      await sql.end({ timeout: 5 });
    },
  };
}
