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
}

/**
 * Opens a pool. Nothing is connected until the first query.
 *
 * int8 (also `count` and `sum`) and numeric arrive as numbers: every amount here is in minor units and far below 2^53,
 * and a value beyond it throws instead of being rounded in silence. `timestamptz` is a Date; `date` stays the
 * string 'YYYY-MM-DD', because a business day has no time zone and a Date would invent one.
 */
export function connect(url: string, { max = 8, application = 'zhanggui' }: ConnectOptions = {}): SqlPool {
  const sql = postgres(url, {
    max,
    types: {
      int8: { to: 20, from: [20], serialize: String, parse: exactNumber },
      numeric: { to: 1700, from: [1700], serialize: String, parse: exactNumber },
      day: { to: 1082, from: [1082], serialize: String, parse: (text: string) => text },
    },
    connection: { application_name: application },
    connect_timeout: 10,
    // Notices ("relation already exists, skipping") are noise in a structured log.
    onnotice: () => undefined,
  });
  sql.begin = beginSafely(sql.begin) as typeof sql.begin;
  return sql;
}

/**
 * When a connection is lost inside a transaction, postgres.js 3.4.9 still writes `rollback` to it, to a socket that is no
 * more, from a timer where nobody can catch it: the process would end. So the callback never fails for a lost
 * connection; `begin` itself does, as soon as the connection is closed.
 */
function beginSafely(
  begin: (...args: never[]) => Promise<unknown>,
): (...args: unknown[]) => Promise<unknown> {
  type Callback = (transaction: SqlTransaction) => unknown;
  return (...args) => {
    const callback = args.pop() as Callback;
    const guarded = async (transaction: SqlTransaction) => {
      try {
        const result = callback(transaction);
        return await (Array.isArray(result) ? Promise.all(result) : result);
      } catch (error) {
        if (isConnectionLost(error)) return new Promise(() => undefined);
        throw error;
      }
    };
    return (begin as (...all: unknown[]) => Promise<unknown>)(...args, guarded);
  };
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
