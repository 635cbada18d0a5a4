import { once } from 'node:events';
import { request } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCodes } from '@zhanggui/shared/contract/errors.ts';
import { allRoutes } from '@zhanggui/server/src/routes/all.ts';
import { layCable, type Cable } from '../support/cable.ts';
import {
  call,
  machine,
  person,
  startServer,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

let server: TestServer;
let admin: Credentials;
beforeAll(async () => {
  const page = '<!doctype html><script>start()</script><script src="/x.js"></script>';
  const hash = 'sha256-7ghhzR0t2qaX3mkAQNJoTTUr8mGxTQU/9aAZcYqTvbI=';
  server = await startServer({
    web: { folder: import.meta.dirname, page, version: 'build-7', inlineScriptHashes: [hash] },
  });
  admin = await person(server.sql, 'admin');
});

describe('problems', () => {
  it('have the shape of RFC 9457, a stable code and the request’s id', async () => {
    const answer = await call(server, 'GET', '/api/v1/no/such/path?secret=1', {
      headers: { 'x-request-id': 'from-the-till-42' },
    });
    expect(answer.status).toBe(404);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('x-request-id')).toBe('from-the-till-42');
    expect(answer.body).toEqual({
      type: '/api/docs#not_found',
      title: errorCodes.not_found.title,
      status: 404,
      code: 'not_found',
      detail: 'There is no such path in the API',
      requestId: 'from-the-till-42',
    });
  });

  it('name every field that does not fit', async () => {
    const answer = await call(server, 'POST', '/api/v1/keys', {
      as: admin,
      body: { name: '', scopes: ['read', 'fly'], admin: true },
    });
    expect(answer.body.errors?.map((error) => error.field)).toEqual(['name', 'scopes.1', 'admin']);
    expect((await call(server, 'GET', '/api/v1/audit?limt=5', { as: admin })).body.errors).toEqual([
      { field: 'limt', detail: 'is not known here' },
    ]);
    expect(
      (await call(server, 'PATCH', '/api/v1/walls/7', { as: admin, body: {} })).body.errors?.[0]?.field,
    ).toBe('id');
  });

  it('of whoever hung up before it was read, a command is not done with half of what it was asked', async () => {
    const { authorization = '' } = await machine(server.sql, 'command');
    const as = { authorization };
    const { body: made } = await call<{ id: string }>(server, 'POST', '/api/v1/campaigns', {
      as,
      body: {
        kind: 'coupon',
        name: 'hung up',
        template: { title: 't', offer: { kind: 'amount', off: 1 }, validity: { kind: 'days', days: 1 } },
        limits: { total: 1 },
      },
    });
    // Of a revision that it does not have: a command that lost its body would approve it.
    const body = JSON.stringify({ revision: 99 });
    const other = await machine(server.sql, 'command');
    const head = [
      `POST /api/v1/campaigns/${made.id}/approve HTTP/1.1`,
      'host: localhost',
      `authorization: ${other.authorization}`,
      'content-type: application/json',
      `content-length: ${body.length}`,
    ].join('\r\n');
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    await once(socket, 'connect');
    // While who they are is looked up, they are gone.
    await server.sql.begin(async (tx) => {
      await tx`lock table api_key in access exclusive mode`;
      socket.write(`${head}\r\n\r\n`);
      await sleep(100);
      socket.destroy();
      await sleep(100);
    });
    await sleep(1000);
    expect((await call(server, 'GET', `/api/v1/campaigns/${made.id}`, { as })).body).toMatchObject({
      status: 'draft',
    });
  });

  it.for([
    ['{"name":', {}, 400, 'malformed_json'],
    ['', {}, 400, 'invalid_request'],
    ['"text"', {}, 400, 'invalid_request'],
    ['{}', { 'content-type': 'text/plain' }, 415, 'unsupported_media_type'],
    ['{}', { 'content-encoding': 'rot13' }, 415, 'unsupported_media_type'],
    ['x'.repeat(200_000), {}, 413, 'too_large'],
  ] as const)('answer a body of %j with %o', async ([body, headers, status, code]) => {
    const answer = await call(server, 'POST', '/api/v1/keys', { as: admin, body, headers });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('answer a path that cannot be decoded', async () => {
    expect((await call(server, 'GET', '/api/v1/catalog/skus/%E0%A4%A', { as: admin })).body).toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
  });

  it('are not HTML for any path below /api', async () => {
    for (const path of ['/api', '/api/', '/api/v2/sales', '/api/docs/none']) {
      expect((await call(server, 'GET', path)).headers.get('content-type')).toMatch(
        /^application\/problem\+json/,
      );
    }
  });
});

describe('every answer', () => {
  it('has the security headers', async () => {
    for (const path of ['/', '/api/v1/company', '/api/docs', '/healthz']) {
      const { headers } = await call(server, 'GET', path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toContain("default-src 'self'");
      expect(policy).toMatch(/script-src 'self' 'sha256-[^']+';/);
      expect(policy).not.toMatch(
        /unsafe-eval|script-src[^;]*unsafe-inline|style-src [^;]*unsafe-inline|\*|https?:/,
      );
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toContain('upgrade-insecure-requests');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-powered-by')).toBeNull();
      expect(headers.get('strict-transport-security')).toBeNull();
    }
  });

  it('of the API is kept by no cache', async () => {
    expect((await call(server, 'GET', '/api/v1/company', { as: admin })).headers.get('cache-control')).toBe(
      'no-store',
    );
  });

  it('has a request id of ours where the caller’s is no id', async () => {
    const answer = await call(server, 'GET', '/healthz', { headers: { 'x-request-id': 'a b"{}' } });
    expect(answer.headers.get('x-request-id')).toMatch(/^[\da-f-]{36}$/);
  });
});

type OpenApi = {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { securitySchemes: Record<string, object>; schemas: Record<string, object> };
};
type Operation = {
  operationId: string;
  security: Record<string, string[]>[];
  parameters?: { name: string; in: string; required: boolean; schema: object }[];
  requestBody?: { content: Record<string, { schema: { properties?: object } }> };
  responses: Record<string, { description: string; content?: Record<string, { schema: object }> }>;
};

describe('the API description', () => {
  let document: OpenApi;
  beforeAll(async () => {
    document = (await call<OpenApi>(server, 'GET', '/api/openapi.json')).body;
  });

  it('lists every route, and none besides', () => {
    const listed = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    const routes = allRoutes(server.server.parts).map(
      ({ method, path }) => `${method} ${path.replace(/:(\w+)/g, '{$1}')}`,
    );
    expect(listed.sort()).toEqual(routes.sort());
  });

  it('is a complete OpenAPI 3.1 document', () => {
    expect(document.openapi).toBe('3.1.0');
    const operations = Object.entries(document.paths).flatMap(([path, item]) =>
      Object.entries(item).map(([method, operation]) => ({ path, method, operation })),
    );
    const ids = operations.map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { path, method, operation } of operations) {
      const inPath = [...path.matchAll(/{(\w+)}/g)].map(([, name]) => name);
      const described = operation.parameters?.filter((parameter) => parameter.in === 'path') ?? [];
      expect(described.map((parameter) => parameter.name)).toEqual(inPath);
      expect(described.every((parameter) => parameter.required)).toBe(true);
      for (const requirement of operation.security)
        for (const scheme of Object.keys(requirement))
          expect(document.components.securitySchemes).toHaveProperty(scheme);
      const codes = Object.keys(operation.responses);
      expect(codes.some((code) => code.startsWith('2'))).toBe(true);
      for (const [code, response] of Object.entries(operation.responses)) {
        expect(response.description).not.toBe('');
        if (Number(code) >= 400) expect(response.content).toHaveProperty(['application/problem+json']);
      }
      if (['post', 'put', 'patch'].includes(method) && operation.requestBody) {
        for (const { schema } of Object.values(operation.requestBody.content))
          expect(Object.keys(schema).length).toBeGreaterThan(0);
      }
    }
    expect(JSON.stringify(document)).not.toContain('$schema');
  });

  it('says what rows of a bulk request are made of', () => {
    const body =
      document.paths['/api/v1/catalog/skus']?.put?.requestBody?.content['application/json']?.schema;
    expect(JSON.stringify(body)).toContain('exclusiveChannels');
  });

  it('can be read in a browser, from our own files only', async () => {
    const page = await call(server, 'GET', '/api/docs');
    const sources = [...page.text.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, source]) => source ?? '');
    expect(sources.length).toBeGreaterThan(3);
    for (const source of sources) {
      expect(source).toMatch(/^\/api\/docs\//);
      expect((await call(server, 'GET', source)).status).toBe(200);
    }
    expect(page.text).not.toMatch(/<script>|<style>|\son\w+="/);
    expect((await call(server, 'GET', '/api/docs/package.json')).status).toBe(404);
  });
});

describe('the web app', () => {
  it('is one page for every address, and never for a file that is missing', async () => {
    for (const path of ['/', '/wall', '/catalog/TEA.1']) {
      const answer = await call(server, 'GET', path);
      expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
      expect(answer.headers.get('cache-control')).toBe('no-cache');
    }
    for (const path of [
      '/_app/immutable/chunks/old.js',
      '/_app/none',
      '/favicon.ico',
      '/wp-login.php',
      '/.env',
    ]) {
      expect((await call(server, 'GET', path)).status).toBe(404);
    }
  });
});

describe('an operator', () => {
  it('sees that the server lives and is ready', async () => {
    expect((await call(server, 'GET', '/healthz')).body).toEqual({ alive: true });
    await expect
      .poll(async () => (await call(server, 'GET', '/readyz')).body)
      .toEqual({ ready: true, missing: [] });
  });

  it('reads measures from the machine itself, or with a key', async () => {
    const local = (await plainGet(`${server.url}/metrics`)).text;
    expect(local).toMatch(
      /zhanggui_http_request_seconds_count{method="GET",route="\/healthz",status="200"} [1-9]/,
    );
    for (const name of [
      'zhanggui_events_total',
      'zhanggui_ledger_commit_seconds',
      'zhanggui_ingest_queue_events',
      'zhanggui_board_tick_seconds',
      'zhanggui_board_clients',
      'nodejs_eventloop_lag_seconds',
      'process_resident_memory_bytes',
    ]) {
      expect(local).toContain(`# TYPE ${name} `);
    }
    expect(local).not.toMatch(/route="\/api\/v1\/catalog\/skus\/(?!:)/);
    expect((await call(server, 'GET', '/metrics')).status).toBe(401);
    const key = await machine(server.sql, 'read');
    expect((await call(server, 'GET', '/metrics', { as: key })).text).toContain('zhanggui_events_total');
  });
});

function plainGet(url: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const req = request(url, (res) => {
      let text = '';
      res.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, text }));
    });
    req.on('error', reject).end();
  });
}

describe('a database that is away', () => {
  let cable: Cable;
  let lonely: TestServer;
  beforeAll(async () => {
    cable = await layCable(server.databaseUrl);
    lonely = await server.another(cable.url);
  });
  afterAll(() => lonely.close().finally(() => cable.pull()));

  it('is answered with 503 and Retry-After, and needs no restart', async () => {
    const key = await machine(server.sql, 'read', 'ingest');
    const ask = () => call(lonely, 'GET', '/api/v1/sources', { as: key });
    const event = {
      specversion: '1.0',
      id: '1',
      source: 'till',
      type: 'traffic.store',
      time: new Date().toISOString(),
      data: { location: 'S01', entered: 1 },
    };
    const send = () => call(lonely, 'POST', '/api/v1/events', { as: key, body: event });
    const ready = () => call<{ missing: string[] }>(lonely, 'GET', '/readyz');
    expect((await ask()).status).toBe(200);
    await expect.poll(async () => (await ready()).status).toBe(200);

    await cable.pull();
    for (const answer of [await ask(), await send()]) {
      expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
        503,
        'database_away',
        '2',
      ]);
    }
    expect((await call(lonely, 'GET', '/healthz')).status).toBe(200);
    const state = await ready();
    expect([state.status, state.body.missing]).toEqual([
      503,
      expect.arrayContaining(['the database does not answer']),
    ]);

    await cable.plugIn();
    await expect
      .poll(async () => (await ready()).body, { timeout: 20_000 })
      .toEqual({ ready: true, missing: [] });
    expect([(await ask()).status, (await send()).status]).toEqual([200, 200]);
  }, 60_000);
});

describe('stopping', () => {
  let leaving: TestServer;
  beforeAll(async () => (leaving = await startServer()));

  it('answers what it has begun, and takes nothing new', async () => {
    const key = await machine(leaving.sql, 'ingest');
    const event = {
      specversion: '1.0',
      id: 'last',
      source: 'till',
      type: 'traffic.store',
      time: new Date().toISOString(),
      data: { location: 'S01', entered: 1 },
    };
    // Held back, so that the server is surely told to stop while it waits for its transaction.
    const holder = await leaving.sql.reserve();
    await holder`begin`;
    await holder`lock table ledger_key in access exclusive mode`;
    const last = call<{ accepted: number }>(leaving, 'POST', '/api/v1/events', { as: key, body: event });
    await expect.poll(() => leaving.server.parts.committer.queued).toBe(1);
    const since = performance.now();
    const closed = leaving.close();
    await holder`rollback`;
    holder.release();
    await closed;
    expect(performance.now() - since).toBeLessThan(5000);
    expect((await last).body.accepted).toBe(1);
    const refused = await new Promise((resolve) =>
      connect(leaving.server.port, '127.0.0.1')
        .once('error', resolve)
        .once('connect', () => resolve('connected')),
    );
    expect(refused).toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('names PORT when it is taken', async () => {
    await expect(startServer({ env: { PORT: String(server.server.port) } })).rejects.toThrow(
      /^PORT \d+ is in use/,
    );
  });
});
