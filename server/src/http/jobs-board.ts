/**
 * bull-board under /admin/jobs: an administrator sees what waits, runs and has failed, and has it done again. Payloads hold ids
 * only, so nothing personal shows. It is a web app of its own, so it gets a policy of its own: still everything from our origin
 * and nothing inline, but its page says where it stands with a `base`.
 */
import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import { ExpressAdapter } from '@bull-board/express';
import { Router, type RequestHandler } from 'express';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { may } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { Parts } from '../parts.ts';
import { actorOf } from './actor.ts';
import { refuseCrossSite } from './cross-site.ts';

export const JOBS_BOARD = '/admin/jobs';

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "style-src-attr 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * What it may change, by the paths of its API. New jobs, other payloads and schedules come from the catalogue alone; and no
 * queue is emptied of what still waits.
 */
const changes: readonly { action: string; path: RegExp }[] = [
  { action: 'jobs.retry', path: /^\/api\/queues\/([^/]+)\/retry\/failed$/ },
  { action: 'jobs.discard', path: /^\/api\/queues\/([^/]+)\/clean\/(?:failed|completed)$/ },
  { action: 'job.retry', path: /^\/api\/queues\/([^/]+)\/([^/]+)\/retry$/ },
  { action: 'job.discard', path: /^\/api\/queues\/([^/]+)\/([^/]+)\/clean$/ },
  { action: 'job.promote', path: /^\/api\/queues\/([^/]+)\/([^/]+)\/promote$/ },
  { action: 'jobs.pause', path: /^\/api\/queues\/([^/]+)\/pause$/ },
  { action: 'jobs.resume', path: /^\/api\/queues\/([^/]+)\/resume$/ },
];

type BoardParts = Pick<Parts, 'sql' | 'queues' | 'settings'>;

/** To be mounted at `JOBS_BOARD`, behind `identify`. */
export function jobsBoard({ sql, queues, settings }: BoardParts): Router {
  const guard: RequestHandler = (req, res, next) => {
    res.locals.route = JOBS_BOARD;
    const { who } = res.locals;
    refuseCrossSite(req, who, settings.publicUrl);
    if (!may(who, 'jobs.manage'))
      throw new AppError(who.kind === 'anonymous' ? 'unauthenticated' : 'forbidden');
    res.setHeader('Content-Security-Policy', POLICY);
    res.setHeader('Cache-Control', req.path.startsWith('/static/') ? 'private, max-age=86400' : 'no-store');
    next();
  };

  /** Written down before it is done: the queues may be in another store, and no transaction spans both. */
  const noteChange: RequestHandler = async (req, res, next) => {
    if (req.method === 'GET' || req.method === 'HEAD') return next();
    for (const { action, path } of changes) {
      const found = req.method === 'PUT' && path.exec(req.path);
      if (!found) continue;
      const [, queue = '', id] = found.map((part) => decodeURIComponent(part));
      const target = id === undefined ? queue : `${queue}/${id}`;
      await writeAudit(sql, actorOf(res.locals.who), { action, target });
      return next();
    }
    throw new AppError('forbidden', 'The board may not change this');
  };

  // Made when somebody comes: most servers never need it.
  let board: RequestHandler | undefined;
  const router = Router();
  router.use(guard, noteChange, ownOriginOnly, (req, res, next) =>
    (board ??= boardOf(queues))(req, res, next),
  );
  return router;
}

function boardOf(queues: Parts['queues']): RequestHandler {
  const adapter = new ExpressAdapter();
  adapter.setBasePath(JOBS_BOARD);
  createBullBoard({
    queues: queues.all().map((queue) => new BullMQAdapter(queue)),
    serverAdapter: adapter,
    options: { uiConfig: { boardTitle: '掌柜 Zhanggui', hideDocsLink: true, hideRedisDetails: true } },
  });
  return adapter.getRouter() as RequestHandler;
}

/** Its page asks another company for a font, and styles its first second inline; neither is needed, and both are refused. */
const ownOriginOnly: RequestHandler = (_req, res, next) => {
  const send = res.send.bind(res);
  res.send = (body: unknown) =>
    send(
      typeof body === 'string' && body.startsWith('<!DOCTYPE html>')
        ? body.replace(/<link href="https:[^>]*>|<style>[^<]*<\/style>/g, '')
        : body,
    );
  next();
};
