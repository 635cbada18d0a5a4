import { pino, type DestinationStream, type Logger } from 'pino';
import type { LogLevel } from './settings.ts';

export type Log = Logger;

/** Names that may stand in what is logged by mistake: a header, a body, an error's details. */
const SECRETS = ['authorization', 'cookie', 'set-cookie', 'password', 'token', 'secret', 'phone', 'mail'];
const paths = SECRETS.flatMap((name) => [`["${name}"]`, `*["${name}"]`, `*.*["${name}"]`]);

/**
 * A structured log, one JSON object a line, with the process's name in it. It goes to stderr: stdout belongs to what a
 * person or a script asked for (a sign-in link, a key).
 */
export function createLog(name: string, level: LogLevel, destination?: DestinationStream): Log {
  return pino(
    {
      name,
      level,
      base: { pid: process.pid },
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths, censor: '[hidden]' },
      serializers: { err: describeError },
    },
    destination ?? pino.destination({ dest: 2, sync: false }),
  );
}

/**
 * An error without the values it was about: a Postgres error's `detail`, `where` and parameters quote the row, and that
 * may be a member's phone number.
 */
function describeError(thrown: unknown): object {
  if (!(thrown instanceof Error)) return { message: String(thrown) };
  const { name, message, stack } = thrown;
  const extra = thrown as Error & { code?: unknown; constraint_name?: unknown; query?: unknown };
  return {
    type: name,
    message,
    stack,
    ...(typeof extra.code === 'string' && { code: extra.code }),
    ...(typeof extra.constraint_name === 'string' && { constraint: extra.constraint_name }),
    ...(thrown.cause !== undefined && { cause: describeError(thrown.cause) }),
  };
}
