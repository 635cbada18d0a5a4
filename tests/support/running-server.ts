/** A whole server on a database of its own, and callers of every kind. */
import { afterAll } from 'vitest';
import { addUser, createKey } from '@zhanggui/shared/access/access-store.ts';
import { startSession } from '@zhanggui/shared/access/session-store.ts';
import {
  collectPairing,
  pairWall,
  startPairing,
  type WallSettings,
} from '@zhanggui/shared/access/wall-store.ts';
import type { Problem } from '@zhanggui/shared/contract/errors.ts';
import type { KeyScope, Role } from '@zhanggui/shared/contract/words.ts';
import { maintainLedgerPartitions } from '@zhanggui/shared/ingest/partition-store.ts';
import { connect, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import { openPlatform } from '@zhanggui/shared/platform/index.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { parseSettings } from '@zhanggui/shared/platform/settings.ts';
import type { WebBuild } from '@zhanggui/server/src/http/static-web.ts';
import { serve, type RunningServer } from '@zhanggui/server/src/serve.ts';
import { createDatabase } from './database.ts';

export type TestServer = {
  url: string;
  sql: SqlPool;
  databaseUrl: string;
  server: RunningServer;
  /** Starts one more server on the same database, or on the same by another way. */
  another(databaseUrl?: string): Promise<TestServer>;
  /** May be called more than once. */
  close(): Promise<void>;
};

type Options = { env?: Record<string, string>; web?: WebBuild | null };

/**
 * Starts a server on a fresh database, on a port that the system chooses. Call it in `beforeAll`; both are gone afterwards.
 */
export async function startServer(options: Options = {}): Promise<TestServer> {
  const database = await createDatabase();
  const server = await serverOn(database.url, options);
  // Hooks run last made first: the server is closed before its database is dropped.
  afterAll(() => server.close());
  return server;
}

async function serverOn(databaseUrl: string, { env = {}, web = null }: Options): Promise<TestServer> {
  const settings = parseSettings({ PORT: '0', HOST: '127.0.0.1', DATABASE_URL: databaseUrl, ...env });
  const log = createLog('test', 'silent');
  const platform = await openPlatform(settings, log, { application: 'test', connections: 4, sockets: true });
  const { sql, hints, queues, socketAdapter } = platform;
  const pools = [3, 3].map((max) => connect(databaseUrl, { max, application: 'test' }));
  const [ledgerSql, boardSql] = pools as [SqlPool, SqlPool];
  await maintainLedgerPartitions(sql);
  let closing: Promise<void> | undefined;
  const parts = { settings, log, hints, queues, socketAdapter, sql, ledgerSql, boardSql };
  const server = await serve({ ...parts, web, version: '0.0.0-test' });
  const close = async () => {
    await server.close();
    await Promise.all(pools.map((pool) => pool.end({ timeout: 5 })));
    await platform.close();
  };
  return {
    url: `http://127.0.0.1:${server.port}`,
    sql,
    databaseUrl,
    server,
    another: (otherUrl = databaseUrl) => serverOn(otherUrl, { env, web }),
    close: () => (closing ??= close()),
  };
}

/** What proves who a caller is. */
export type Credentials = { cookie?: string; authorization?: string };

let people = 0;

/** A person with a session. */
export async function person(
  sql: SqlPool,
  role: Role,
  limits: { locations?: string[]; regions?: string[] } = role === 'manager' ? { locations: ['S01'] } : {},
): Promise<Credentials & { id: string; email: string; cookie: string }> {
  const email = `${role}.${(people += 1)}@example.com`;
  const user = await addUser(sql, { email, name: role, role, password: null, ...limits });
  const { token } = await startSession(sql, user.id, { byLink: false });
  return { id: user.id, email, cookie: `zg_session=${token}` };
}

/** A machine with a key. */
export async function machine(
  sql: SqlPool,
  ...scopes: KeyScope[]
): Promise<Credentials & { id: string; authorization: string }> {
  const { id, key } = await createKey(sql, { name: `test ${scopes.join(' ')}`, scopes });
  return { id, authorization: `Bearer ${key}` };
}

/** A paired wall. */
export async function wall(
  sql: SqlPool,
  settings: Partial<WallSettings> = {},
): Promise<Credentials & { id: string; cookie: string }> {
  const pairing = await startPairing(sql);
  const row = await pairWall(sql, pairing.code, {
    name: 'Test wall',
    scenes: ['overview'],
    scope: 'all',
    hideMoney: false,
    locale: 'en',
    rotateSeconds: 30,
    sound: false,
    ...settings,
  });
  const collected = await collectPairing(sql, pairing.id, pairing.secret);
  if (collected.state !== 'paired') throw new Error('the wall was not paired');
  return { id: row.id, cookie: `zg_wall=${collected.token}` };
}

export type Answer<T = Problem> = {
  status: number;
  headers: Headers;
  /** Parsed JSON, taken at its word; undefined where the answer is something else. */
  body: T;
  text: string;
};

/**
 * Calls a server as someone. A body that is not a string goes as JSON. Each call says that it comes from an address of its
 * own, unless told otherwise, so that limits by address do not make tests depend on each other.
 */
export async function call<T = Problem>(
  { url }: { url: string },
  method: string,
  path: string,
  {
    as = {},
    body,
    headers = {},
  }: { as?: Credentials; body?: unknown; headers?: Record<string, string> } = {},
): Promise<Answer<T>> {
  const response = await fetch(url + path, {
    method,
    headers: {
      'x-forwarded-for': someAddress(),
      ...(as.cookie === undefined ? {} : { cookie: as.cookie }),
      ...(as.authorization === undefined ? {} : { authorization: as.authorization }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    redirect: 'manual',
  });
  const text = await response.text();
  const isJson = /json/.test(response.headers.get('content-type') ?? '');
  return {
    status: response.status,
    headers: response.headers,
    body: (isJson ? JSON.parse(text) : undefined) as T,
    text,
  };
}

let addresses = 0;
function someAddress(): string {
  addresses += 1;
  return `10.${addresses >> 16}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** The value of a cookie that an answer sets, as a Cookie header; undefined when it sets none of that name. */
export function cookieFrom(answer: Answer<unknown>, name: string): string | undefined {
  const line = answer.headers.getSetCookie().find((cookie) => cookie.startsWith(`${name}=`));
  return line?.split(';', 1)[0];
}
