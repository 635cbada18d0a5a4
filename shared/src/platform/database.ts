import { Socket } from 'node:net';
import postgres from 'postgres';

/** What the columns of our custom types hold in JavaScript. */
// A type, not an interface: postgres.js wants an index signature, which interfaces do not have.
export type Types = { int8: number; numeric: number; day: string };

/**
 * Anything that runs SQL: a pool or a transaction. Store functions take this first, so that a route or a job can
 * put several of them into one transaction.
 */
export type Sql = postgres.ISql<Types>;

/** A pool of connections. Only a pool can `begin` a transaction, `listen` and `end`. */
export type SqlPool = postgres.Sql<Types>;

/** What `begin` hands to its callback. */
export type SqlTransaction = postgres.TransactionSql<Types>;

export interface ConnectOptions {
  /** Connections at most; they are opened as they are needed. */
  max?: number;
  /** Shown in pg_stat_activity, so that an operator sees who holds a lock. */
  application?: string;
  /** For a pool that sends many large statements at a time: see `wideSocket`. */
  wide?: boolean;
}

/**
 * Opens a pool. Nothing is connected until the first query.
 *
 * int8 (also `count` and `sum`) and numeric arrive as numbers: every amount here is in minor units and far below 2^53,
 * and a value beyond it throws instead of being rounded in silence. `timestamptz` is a Date; `date` stays the
 * string 'YYYY-MM-DD', because a business day has no time zone and a Date would invent one.
 */
export function connect(
  url: string,
  { max = 8, application = 'zhanggui', wide = false }: ConnectOptions = {},
): SqlPool {
  const sql = postgres(url, {
    max,
    // Several hosts are tried one after the other, which only the driver's own sockets know how to.
    ...(wide && !url.includes(',') && { socket: wideSocket }),
    types: {
      int8: { to: 20, from: [20], serialize: String, parse: exactNumber },
      numeric: { to: 1700, from: [1700], serialize: String, parse: exactNumber },
      day: { to: 1082, from: [1082], serialize: String, parse: (text: string) => text },
    },
    connection: { application_name: application },
    connect_timeout: 10,
    // Seconds until a closed connection is tried again. The driver's own pause grows to 20 s with the failures of all connections
    // together: after a restart of Postgres that took a second, statements waited for the better part of a minute.
    backoff: () => 0.1 + Math.random() * 0.2,
    // Notices ("relation already exists, skipping") are noise in a structured log.
    onnotice: () => undefined,
  });
  return sql;
}

/** Bytes that may wait to be sent before the driver holds the next statement back. Node's own 16 KiB is less than one of ours. */
const WIDE = 8 * 2 ** 20;

/**
 * A socket that takes a transaction's statements at once. With the driver's own one a statement that is larger than its
 * buffer stops the pipeline: the next goes out only after its answer. And what is written in one turn of the event loop is
 * sent with one system call instead of one a statement.
 */
function wideSocket({ host, port, path }: { host: string[]; port: number[]; path?: string | false }): Socket {
  const socket = new Socket({ writableHighWaterMark: WIDE } as object);
  const write = socket.write.bind(socket) as (...args: unknown[]) => boolean;
  socket.write = (...args: unknown[]) => {
    if (socket.writableCorked === 0) {
      socket.cork();
      setImmediate(() => socket.uncork());
    }
    return write(...args);
  };
  if (path) socket.connect(path);
  else socket.connect(port[0]!, host[0]!);
  return Object.assign(socket, { host: host[0] });
}

/**
 * A transaction whose `begin` travels with its first statements. For the hot path only; everything else uses `sql.begin`,
 * which waits for it. `commit` is sent when `work` is done and all its statements are answered: the driver sends a statement
 * some microtasks after it was written down, so a commit written down beside others would overtake them.
 *
 * When anything fails, nothing was written and the failure is thrown; when the connection is lost while committing,
 * whether it was written is not known (`isDatabaseAway`).
 *
 * `work` is run once more when the connection was dead before it began, as one that idled over a restart of Postgres is:
 * it must not change anything outside before its first statement is answered.
 */
export async function inOneGo<T>(sql: SqlPool, work: (tx: Sql) => Promise<T>): Promise<T> {
  // A restart of Postgres leaves a pool full of dead connections; each is found out by being used.
  for (let tries = 1; ; tries++) {
    try {
      return await attempt(sql, work);
    } catch (error) {
      if (!(error instanceof NeverBegun)) throw error;
      if (tries > sql.options.max) throw error.cause;
    }
  }
}

/** The connection was lost before the transaction began: nothing of it has run. */
class NeverBegun extends Error {}

async function attempt<T>(sql: SqlPool, work: (tx: Sql) => Promise<T>): Promise<T> {
  const tx = await sql.reserve();
  let neverBegun = false;
  try {
    const begun = tx`begin`.execute();
    // Its failure is also that of the statements after it.
    begun.catch((failure: unknown) => (neverBegun = isConnectionLost(failure)));
    const result = await work(tx);
    const committed = await tx`commit`;
    // Postgres answers the commit of a failed transaction with a rollback, and calls that no error.
    if (committed.command !== 'COMMIT') throw new Error(`the transaction ended with ${committed.command}`);
    return result;
  } catch (error) {
    // After the statements still under way, so that their failures are behind us when the connection is used again.
    if (!isConnectionLost(error)) await tx`rollback`.catch(() => undefined);
    if (neverBegun) throw new NeverBegun('', { cause: error });
    throw error;
  } finally {
    tx.release();
  }
}

/** Errors after which the connection they came over is closed for certain. */
function isConnectionLost(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, severity } = error as { code?: unknown; severity?: unknown };
  return (
    severity === 'FATAL' ||
    severity === 'PANIC' ||
    code === 'CONNECTION_CLOSED' ||
    code === 'ECONNRESET' ||
    code === 'EPIPE'
  );
}

function exactNumber(text: string): number {
  const value = Number(text);
  if (Math.abs(value) > Number.MAX_SAFE_INTEGER && Number.isFinite(value))
    throw new RangeError(`${text} from the database is too large for an exact number`);
  return value;
}

/** Socket errors, and postgres.js's own codes for a connection that went away under a query. */
const AWAY_CODES = new Set([
  'CONNECTION_CLOSED',
  'CONNECTION_DESTROYED',
  'CONNECTION_ENDED',
  'CONNECT_TIMEOUT',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/** SQLSTATEs: 08… connection exception, 57P0x shutting down or starting up, 53300 no connection left, 25006 a standby. */
const AWAY_SQLSTATES = /^(08|57P0[1-5]|53300|25006)/;

/**
 * Whether an error says that the database cannot be reached now, rather than that the statement was wrong: the
 * request may be tried again later (HTTP 503), and whether it was committed is not known.
 */
export function isDatabaseAway(error: unknown): boolean {
  if (error instanceof AggregateError) return error.errors.some(isDatabaseAway);
  if (!(error instanceof Error) || !('code' in error) || typeof error.code !== 'string') return false;
  return AWAY_CODES.has(error.code) || AWAY_SQLSTATES.test(error.code);
}

/** What is wrong with the data, and would be again: SQLSTATE 22…: a value that does not fit; 23…: a constraint; 54…: a limit of Postgres. */
export const isDataError = (error: unknown): error is Error =>
  error instanceof Error && /^(22|23|54)/.test(String((error as { code?: unknown }).code));
