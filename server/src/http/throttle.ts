import { createHash } from 'node:crypto';
import type { Request, RequestHandler } from 'express';
import { ipKeyGenerator, rateLimit, type RateLimitInfo } from 'express-rate-limit';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { sendProblem } from './problems.ts';

export type Limit = {
  /** Requests allowed in the window. */
  limit: number;
  windowMs: number;
  /** Counts only requests that failed: a whole office behind one address may sign in every morning. */
  failuresOnly?: boolean;
  /** Which requests count; absent: all. */
  counts?: (req: Request) => boolean;
  detail: string;
};

/**
 * Limits how often one address may call. Counted in this server's memory: with several servers an attacker gets the
 * limit once on each, which is still far from enough to guess anything.
 */
export function limitByAddress(limit: Limit): RequestHandler {
  return limiter(limit, (req) => ipKeyGenerator(req.ip ?? ''));
}

/** Limits how often one account may be tried, from wherever. It runs after the body is read. */
export function limitByAccount(limit: Limit): RequestHandler {
  return limiter(limit, (req) => accountOf(req.body));
}

/** Limits how often one signed-in person may call. */
export function limitByUser(limit: Limit): RequestHandler {
  return limiter(limit, (req) => {
    const who = req.res?.locals.who;
    return who && who.kind !== 'anonymous' ? `${who.kind} ${who.id}` : ipKeyGenerator(req.ip ?? '');
  });
}

/** A fixed-length name of the e-mail address: the store must not keep what a stranger typed, however long. */
function accountOf(body: unknown): string {
  const email = typeof body === 'object' && body !== null && 'email' in body ? body.email : '';
  const name = typeof email === 'string' ? email.trim().toLowerCase() : '';
  return createHash('sha256').update(name).digest('base64url');
}

function limiter(
  { limit, windowMs, failuresOnly = false, counts = () => true, detail }: Limit,
  key: (req: Request) => string,
): RequestHandler {
  return rateLimit({
    limit,
    windowMs,
    keyGenerator: key,
    skipSuccessfulRequests: failuresOnly,
    skip: (req) => !counts(req),
    standardHeaders: false,
    legacyHeaders: false,
    handler: (req, res) => {
      const { resetTime } = (req as Request & { rateLimit: RateLimitInfo }).rateLimit;
      const waitMs = resetTime ? resetTime.getTime() - Date.now() : windowMs;
      sendProblem(res, new AppError('too_many_requests', detail, { retryAfter: Math.max(1, waitMs / 1000) }));
    },
    // How far the proxies in front are trusted is set once, in createApp; the library's own guesses would only repeat it.
    validate: { trustProxy: false, xForwardedForHeader: false, forwardedHeader: false },
  });
}
