import { randomUUID } from 'node:crypto';
import type { RequestHandler, Response } from 'express';
import type { Log } from '@zhanggui/shared/platform/log.ts';
import type { Metrics } from './metrics.ts';

/** An id that a caller may bring along, so that one request can be followed through several systems. */
const FOREIGN_ID = /^[\w.-]{8,64}$/;

/** Gives each request an id, and back to the caller: the one to quote when something went wrong. */
export const requestId: RequestHandler = (req, res, next) => {
  const brought = req.get('x-request-id');
  res.locals.requestId = brought !== undefined && FOREIGN_ID.test(brought) ? brought : randomUUID();
  res.locals.who = { kind: 'anonymous' };
  res.setHeader('X-Request-Id', res.locals.requestId);
  next();
};

/**
 * One line and one observation a request. The line has the path without its query, and no header or body: no token,
 * key or phone number can get into a log that way.
 */
export function accessLog(log: Log, metrics: Metrics): RequestHandler {
  return (req, res, next) => {
    const start = process.hrtime.bigint();
    // 'close' also comes when the client went away before the answer; 'finish' would not.
    res.once('close', () => {
      const seconds = Number(process.hrtime.bigint() - start) / 1e9;
      const route = res.locals.route ?? 'other';
      metrics.http.observe({ method: req.method, route, status: String(res.statusCode) }, seconds);
      const line = {
        requestId: res.locals.requestId,
        method: req.method,
        path: req.originalUrl.split('?', 1)[0],
        status: res.statusCode,
        ms: Math.round(seconds * 1e4) / 10,
        who: callerOf(res),
        ...(res.locals.code === undefined ? {} : { code: res.locals.code }),
        ...(res.writableFinished ? {} : { aborted: true }),
      };
      log[levelOf(res)](line, 'request');
    });
    next();
  };
}

const PROBES = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Machines that succeed are logged only when someone looks closely: a line for each sale would double what is written
 * to disk, and the ledger has the sale. So are probes and files of the web app.
 */
function levelOf(res: Response): 'debug' | 'info' | 'warn' {
  if (res.statusCode >= 500) return 'warn';
  const routine =
    res.locals.who.kind === 'key' || res.locals.route === undefined || PROBES.has(res.locals.route);
  return routine && res.statusCode < 400 ? 'debug' : 'info';
}

function callerOf(res: Response): string {
  const who = res.locals.who;
  return who.kind === 'anonymous' ? who.kind : `${who.kind}:${who.id}`;
}
