import express, { type Express } from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import type { Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { accessLog, requestId } from './access-log.ts';
import { createMetrics } from './metrics.ts';
import { problemHandler } from './problems.ts';

type Line = Record<string, unknown> & { level: string; msg: string };

const closing: (() => void)[] = [];
afterEach(() => closing.splice(0).forEach((close) => close()));

/** An app with one route, and what it logs. */
function logged(handler: express.RequestHandler): {
  ask: (path: string, init?: RequestInit) => Promise<Response>;
  lines: Line[];
} {
  const lines: Line[] = [];
  const log = createLog('test', 'debug', {
    write: (text: string) => void lines.push(JSON.parse(text) as Line),
  });
  const app: Express = express();
  app.use(requestId, accessLog(log, createMetrics()));
  app.all(
    '/api/v1/things/:id',
    (_req, res, next) => {
      res.locals.route = '/api/v1/things/:id';
      next();
    },
    handler,
  );
  app.use(problemHandler(log));
  const server = app.listen(0);
  closing.push(() => server.close());
  const { port } = server.address() as { port: number };
  return { lines, ask: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init) };
}

const as =
  (who: Who): express.RequestHandler =>
  (_req, res) => {
    res.locals.who = who;
    res.json({ ok: true });
  };

describe('the access log', () => {
  it('has a line for each request, without its query, headers and body', async () => {
    const { ask, lines } = logged(
      as({ kind: 'user', id: 'u1', email: 'a@b', name: 'a', role: 'viewer', locations: [], regions: [] }),
    );
    await ask('/api/v1/things/7?token=hush', {
      method: 'POST',
      body: '{"password":"hush"}',
      headers: {
        'content-type': 'application/json',
        authorization: 'Bearer hush',
        cookie: 'zg_session=hush',
        'x-request-id': 'till-7-0001',
      },
    });
    await expect.poll(() => lines.length).toBe(1);
    expect(lines[0]).toMatchObject({
      level: 'info',
      msg: 'request',
      requestId: 'till-7-0001',
      method: 'POST',
      path: '/api/v1/things/7',
      status: 200,
      who: 'user:u1',
    });
    expect(JSON.stringify(lines)).not.toContain('hush');
  });

  it('names the error code, and tells causes of what nobody foresaw', async () => {
    const foreseen = logged(() => {
      throw new AppError('conflict', 'taken');
    });
    await foreseen.ask('/api/v1/things/7');
    await expect
      .poll(() => foreseen.lines.map(({ level, code }) => [level, code]))
      .toEqual([['info', 'conflict']]);

    const unforeseen = logged(() => {
      throw new TypeError('oh no');
    });
    const answer = await unforeseen.ask('/api/v1/things/7');
    expect(await answer.text()).not.toContain('oh no');
    await expect
      .poll(() => unforeseen.lines.map(({ level, msg }) => [level, msg]))
      .toEqual([
        ['error', 'request failed'],
        ['warn', 'request'],
      ]);
    expect(unforeseen.lines[0]?.requestId).toBe(unforeseen.lines[1]?.requestId);
  });

  it('is quiet about machines that do well', async () => {
    const { ask, lines } = logged(as({ kind: 'key', id: 'k1', name: 'till', scopes: ['ingest'] }));
    await ask('/api/v1/things/7');
    await expect.poll(() => lines.map(({ level, who }) => [level, who])).toEqual([['debug', 'key:k1']]);
  });

  it('tells of a caller who did not wait for the answer', async () => {
    const { ask, lines } = logged(() => undefined);
    await ask('/api/v1/things/7', { signal: AbortSignal.timeout(50) }).catch(() => undefined);
    await expect.poll(() => lines[0]).toMatchObject({ aborted: true });
  });
});
