/** Turns whatever was thrown into RFC 9457 problem details, in one place. */
import type { ErrorRequestHandler, RequestHandler, Response } from 'express';
import type { z } from 'zod';
import { AppError, errorCodes, type Problem } from '@zhanggui/shared/contract/errors.ts';
import { isDatabaseAway } from '@zhanggui/shared/platform/database.ts';
import type { Log } from '@zhanggui/shared/platform/log.ts';

/** Seconds after which a client may try again when the database is away: about as long as a fail-over takes. */
const DATABASE_RETRY_SECONDS = 2;

/** A body that names more wrong fields than this is not ours at all; the first ones tell that. */
const MAX_FIELDS = 20;

/** An `invalid_request` that names every offending field as the client wrote it: `lines.3.qty`. */
export function problemFromZod(error: z.ZodError, where: 'path' | 'query' | 'body'): AppError {
  const found = error.issues.flatMap((issue) =>
    issue.code === 'unrecognized_keys'
      ? issue.keys.map((key) => ({
          field: fieldName([...issue.path, key], where),
          detail: 'is not known here',
        }))
      : [{ field: fieldName(issue.path, where), detail: issue.message }],
  );
  // The first complaint about a field is the one to mend first; the others often follow from it.
  const errors = [...Map.groupBy(found, ({ field }) => field).values()]
    .flatMap((list) => list.slice(0, 1))
    .slice(0, MAX_FIELDS);
  const first = errors[0];
  return new AppError('invalid_request', first && `${first.field}: ${first.detail}`, {
    errors,
    cause: error,
  });
}

function fieldName(path: readonly PropertyKey[], where: string): string {
  return path.length === 0 ? where : path.map(String).join('.');
}

/** The error as one of ours. What is not known stays `internal`, and says nothing about itself to the client. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  if (isDatabaseAway(error)) {
    return new AppError('database_away', undefined, { retryAfter: DATABASE_RETRY_SECONDS, cause: error });
  }
  return fromBodyParser(error) ?? fromUri(error) ?? new AppError('internal', undefined, { cause: error });
}

/** What express.json throws, told by the `type` that body-parser gives its errors. */
function fromBodyParser(error: unknown): AppError | undefined {
  if (!(error instanceof Error) || !('type' in error)) return undefined;
  switch (error.type) {
    case 'entity.too.large':
      return new AppError('too_large', undefined, { cause: error });
    case 'entity.parse.failed':
      return new AppError('malformed_json', error.message, { cause: error });
    case 'encoding.unsupported':
    case 'charset.unsupported':
      return new AppError('unsupported_media_type', error.message, { cause: error });
    case 'request.aborted':
    case 'request.size.invalid':
      return new AppError('malformed_json', 'The body ended early', { cause: error });
    default:
      return undefined;
  }
}

/** A path like `/api/v1/skus/%E0%A4%A` can't be decoded; the router throws with status 400. */
function fromUri(error: unknown): AppError | undefined {
  return error instanceof URIError
    ? new AppError('invalid_request', 'The path is not valid', { cause: error })
    : undefined;
}

/** The body of the answer. */
export function toProblem(error: AppError, requestId: string): Problem {
  const { status, title } = errorCodes[error.code];
  return {
    type: `/api/docs#${error.code}`,
    title,
    status,
    code: error.code,
    ...(error.message === title ? {} : { detail: error.message }),
    ...(error.errors ? { errors: error.errors } : {}),
    ...(error.available ? { available: [...error.available] } : {}),
    requestId,
  };
}

/** Sends a problem; used where no `next` is at hand, as in a rate limit's own handler. */
export function sendProblem(res: Response, error: AppError): void {
  res.locals.code = error.code;
  if (error.retryAfter !== undefined) res.setHeader('Retry-After', String(Math.ceil(error.retryAfter)));
  if (error.code === 'unauthenticated') res.setHeader('WWW-Authenticate', 'Bearer');
  res.setHeader('Cache-Control', 'no-store');
  res
    .status(error.status)
    .type('application/problem+json')
    .send(JSON.stringify(toProblem(error, res.locals.requestId)));
}

/** Last in the app. Only what we could not foresee is logged as an error; the rest is in the access log. */
export function problemHandler(log: Log): ErrorRequestHandler {
  return (thrown: unknown, _req, res, next) => {
    const error = toAppError(thrown);
    if (error.code === 'internal')
      log.error({ err: thrown, requestId: res.locals.requestId }, 'request failed');
    else if (error.code === 'database_away')
      log.warn({ err: thrown, requestId: res.locals.requestId }, 'database away');
    // Too late for a problem: Express closes the connection, so that half an answer is not taken for a whole one.
    if (res.headersSent) next(thrown);
    else sendProblem(res, error);
  };
}

/** For paths under /api that no route took. */
export const noSuchPath: RequestHandler = () => {
  throw new AppError('not_found', 'There is no such path in the API');
};
