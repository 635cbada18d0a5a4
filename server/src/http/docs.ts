/** `/api/openapi.json`, and `/api/docs` to read it in a browser. All from our own origin, nothing inline. */
import { Router, static as serveStatic } from 'express';
import { absolutePath } from 'swagger-ui-dist';
import { errorCodes } from '@zhanggui/shared/contract/errors.ts';

/** Exactly the files of the distribution that the page uses. */
const FILES = ['/swagger-ui.css', '/swagger-ui-bundle.js', '/favicon-32x32.png'];

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Zhanggui API</title>
<link rel="icon" href="/api/docs/favicon-32x32.png">
<link rel="stylesheet" href="/api/docs/swagger-ui.css">
</head>
<body>
<div id="docs"></div>
<section class="swagger-ui"><div class="wrapper"><h2>Error codes</h2><table>
<thead><tr><th>code</th><th>status</th><th>meaning</th></tr></thead>
<tbody>
${Object.entries(errorCodes)
  .map(
    ([code, { status, title }]) =>
      `<tr id="${code}"><td><code>${code}</code></td><td>${status}</td><td>${title}</td></tr>`,
  )
  .join('\n')}
</tbody></table></div></section>
<script src="/api/docs/swagger-ui-bundle.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
`;

const startScript = `SwaggerUIBundle({ url: '/api/openapi.json', dom_id: '#docs', deepLinking: false, validatorUrl: null });
`;

/** Serves the document and its page. The document is made once: routes do not change while a server runs. */
export function docsRouter(document: object): Router {
  const router = Router();
  const json = JSON.stringify(document);
  router.get('/api/openapi.json', (_req, res) => {
    res.locals.route = '/api/openapi.json';
    res.type('application/json').send(json);
  });
  router.get('/api/docs', (_req, res) => {
    res.locals.route = '/api/docs';
    res.type('html').send(page);
  });
  router.get('/api/docs/start.js', (_req, res) => {
    res.type('text/javascript').send(startScript);
  });
  const files = serveStatic(absolutePath(), { index: false, maxAge: '1d' });
  router.use('/api/docs', (req, res, next) => (FILES.includes(req.path) ? files(req, res, next) : next()));
  return router;
}
