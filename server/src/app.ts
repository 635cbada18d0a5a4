import compression from 'compression';
import express, { type Express } from 'express';
import { accessLog, requestId } from './http/access-log.ts';
import { docsRouter } from './http/docs.ts';
import { identify } from './http/identity.ts';
import { JOBS_BOARD, jobsBoard } from './http/jobs-board.ts';
import { openApiDocument } from './http/openapi.ts';
import { noSuchPath, problemHandler } from './http/problems.ts';
import { registerRoutes } from './http/route.ts';
import { securityHeaders } from './http/security.ts';
import { webRouter, type WebBuild } from './http/static-web.ts';
import type { Parts } from './parts.ts';
import { allRoutes } from './routes/all.ts';

/**
 * The HTTP side of a server. It opens nothing and starts nothing: a test can have one with parts of its own.
 *
 * @param web the web app to serve; null where something else does, as in development
 */
export function createApp(parts: Parts, web: WebBuild | null): Express {
  const { settings, log, metrics, identities, cookies, version } = parts;
  const app = express();
  app.disable('x-powered-by');
  // A hash of every answer costs more than it saves: what is asked for again and again comes by socket.
  app.set('etag', false);
  app.set('trust proxy', trustedProxies(settings.publicUrl));

  app.use(
    requestId,
    accessLog(log, metrics),
    securityHeaders(settings.publicUrl, web?.inlineScriptHashes ?? []),
  );
  const compress = compression();
  app.use((req, res, next) => {
    // Answers to changes are short.
    if (req.method === 'GET') compress(req, res, next);
    else next();
  });
  app.use('/api', (_req, res, next) => {
    res.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.use(['/api', '/metrics', JOBS_BOARD], identify(identities, cookies));

  const routes = allRoutes(parts);
  registerRoutes(app, routes, settings.publicUrl);
  app.use(docsRouter(openApiDocument(routes, { version, cookies })));
  app.use(JOBS_BOARD, jobsBoard(parts));
  app.use('/api', noSuchPath);
  app.use(webRouter(web));
  app.use(problemHandler(log));
  return app;
}

/**
 * Whose X-Forwarded-For is believed, for limits by address. We speak no TLS ourselves: where people come by https, one
 * proxy stands in front of us, wherever it runs. Otherwise only a proxy on this machine is believed, or anybody could
 * give themselves a new address for each try at a password.
 */
function trustedProxies(publicUrl: string): string | number {
  return publicUrl.startsWith('https:') ? 1 : 'loopback';
}
