/** The web app's files, as adapter-static wrote them, and its one page for every address. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { basename, extname, join } from 'node:path';
import { Router, static as serveStatic } from 'express';

/** A web build: where it is, its page, the version that walls compare with, and what its page runs inline. */
export type WebBuild = { folder: string; page: string; version: string; inlineScriptHashes: string[] };

/** Reads a build; null when there is none, as in development, where Vite serves the app. */
export function readWebBuild(folder: string): WebBuild | null {
  const fallback = join(folder, '200.html');
  if (!existsSync(fallback)) return null;
  const page = readFileSync(fallback, 'utf8');
  return { folder, page, version: readVersion(folder), inlineScriptHashes: inlineScriptHashes(page) };
}

function readVersion(folder: string): string {
  const { version } = JSON.parse(readFileSync(join(folder, '_app/version.json'), 'utf8')) as {
    version: string;
  };
  return version;
}

/** `sha256-…` of every inline script of a page, for the content security policy. */
export function inlineScriptHashes(html: string): string[] {
  return [...html.matchAll(/<script(?![^>]*\ssrc=)[^>]*>([\s\S]*?)<\/script>/g)].map(
    ([, script = '']) => `sha256-${createHash('sha256').update(script).digest('base64')}`,
  );
}

/**
 * Serves a build. Files under `immutable` have their content's hash in their name and are kept for ever; everything
 * else is asked for again. A missing file is 404, also when it looks like a page address: a stale chunk that gets HTML
 * fails in ways nobody understands.
 */
export function webRouter(build: WebBuild | null): Router {
  const router = Router();
  if (build) {
    router.use(
      serveStatic(build.folder, {
        index: false,
        redirect: false,
        setHeaders: (res, path) => {
          const immutable = path.includes(`${join('_app', 'immutable')}`);
          res.setHeader('Cache-Control', immutable ? 'public, max-age=31536000, immutable' : 'no-cache');
        },
      }),
    );
  }
  router.get('/{*path}', (req, res) => {
    if (req.path.startsWith('/_app/') || isFile(req.path)) {
      res.status(404).type('text').send('There is no such file\n');
    } else if (build) {
      res.locals.route = 'page';
      res.set('Cache-Control', 'no-cache').type('html').send(build.page);
    } else {
      res.status(404).type('text').send('The web app is not built. Run: npm run build\n');
    }
  });
  return router;
}

/** Told by endings that only files have: a SKU may have a dot in its code, and its page's address too. */
function isFile(path: string): boolean {
  if (basename(path).startsWith('.')) return true;
  return /^\.(js|mjs|css|map|json|png|jpe?g|svg|ico|webp|woff2?|txt|xml|webmanifest|php)$/i.test(
    extname(path),
  );
}
