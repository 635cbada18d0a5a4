/** A server made of its parts: wiring without settings files, signals or exits, so that tests can start one too. */
import { once } from 'node:events';
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Hints } from '@zhanggui/shared/platform/hints.ts';
import type { Log } from '@zhanggui/shared/platform/log.ts';
import { logOutage } from '@zhanggui/shared/platform/outage-log.ts';
import type { Queues } from '@zhanggui/shared/platform/queues.ts';
import { SettingsError, type Settings } from '@zhanggui/shared/platform/settings.ts';
import type { SocketAdapter } from '@zhanggui/shared/platform/socket-adapter.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { createApp } from './app.ts';
import { cookiesFor } from './http/cookies.ts';
import { Identities } from './http/identity.ts';
import { createMetrics } from './http/metrics.ts';
import type { WebBuild } from './http/static-web.ts';
import { GroupCommitter } from './ingest/committer.ts';
import { Resolver } from './ingest/resolver.ts';
import { Signaller } from './ingest/signaller.ts';
import { BoardPublisher } from './live/publisher.ts';
import { createSockets, type Sockets } from './live/sockets.ts';
import type { Parts } from './parts.ts';

export type ServeOptions = {
  settings: Settings;
  log: Log;
  hints: Hints;
  queues: Queues;
  /** Carries what is emitted to sockets of other servers; absent where there is one server. */
  socketAdapter?: SocketAdapter | undefined;
  /** For requests. */
  sql: SqlPool;
  /** For the committer alone: a slow question must not keep facts waiting. */
  ledgerSql: SqlPool;
  /** For the publisher alone, for the same reason. */
  boardSql: SqlPool;
  web: WebBuild | null;
  version: string;
};

export type RunningServer = {
  parts: Parts;
  sockets: Sockets;
  http: HttpServer;
  /** The port it listens on: the one that was set, or the one that the system chose for 0. */
  port: number;
  /**
   * Stops gracefully: takes no new connection, answers what it has begun, commits what waits, closes the sockets. The pools,
   * the hints and the queues stay open; they are their owner's.
   */
  close(): Promise<void>;
};

/** Hint for changes of names, places and targets; the other hints are board topics. */
const CATALOG = 'catalog';

/** Requests that are not answered by then are cut off. */
const DRAIN_MS = 10_000;

/** Starts a server. Throws a SettingsError that names PORT or HOST when it can't listen there. */
export async function serve(options: ServeOptions): Promise<RunningServer> {
  const { settings, log, hints, queues, sql, ledgerSql, boardSql, web, version } = options;
  const metrics = createMetrics();
  const time = new BusinessTime(settings.timeZone);
  const resolver = new Resolver();
  resolver
    .learnAhead(sql)
    .catch((error: unknown) => log.debug({ err: error }, 'codes were not learnt ahead'));
  const signaller = new Signaller({
    enqueue: () => queues.add('assess-stock', { payload: {} }),
    onError: logOutage(log, 'signals are left to the sweeper'),
  });
  const committer = new GroupCommitter({
    sql: ledgerSql,
    resolver,
    time,
    currency: settings.currency,
    onCommit: (topics, signals) => {
      hints.publish(...topics);
      if (signals > 0) signaller.signalled();
    },
    onAnswer: ({ accepted, duplicates, rejected }) => {
      metrics.events.inc({ result: 'accepted' }, accepted);
      metrics.events.inc({ result: 'duplicate' }, duplicates);
      metrics.events.inc({ result: 'rejected' }, rejected);
    },
    onCommitMs: (ms, events) => {
      metrics.commit.observe(ms / 1000);
      metrics.commitEvents.observe(events);
    },
  });
  metrics.watch('ingest_queue_events', 'Events that wait for their transaction', () => committer.queued);
  metrics.watchJobs(() => queues.depths());
  const publisher = new BoardPublisher({
    sql: boardSql,
    time,
    webVersion: web?.version ?? 'dev',
    ingest: () => ({ ...committer.stats.read(), queued: committer.queued }),
    onLook: (ms) => metrics.boardTick.observe(ms / 1000),
    onError: (error) => log.warn({ err: error }, 'could not read the board'),
  });
  const unsubscribe = hints.subscribe((hint) => {
    if (hint === CATALOG) publisher.pokeCatalog();
    else if (!hint.startsWith('access:')) publisher.poke();
  });
  const identities = new Identities({ sql, log, hints });
  const parts: Parts = {
    settings,
    sql,
    hints,
    queues,
    log,
    committer,
    publisher,
    identities,
    cookies: cookiesFor(settings.publicUrl),
    metrics,
    catalogChanged: () => hints.publish(CATALOG),
    signalled: () => signaller.signalled(),
    version,
    webVersion: web?.version ?? 'dev',
  };
  const http = createServer(createApp(parts, web));
  setTimeouts(http);
  const sockets = createSockets(http, parts, options.socketAdapter);

  async function closeParts(): Promise<void> {
    unsubscribe();
    await committer.drain();
    await signaller.close();
    await publisher.close();
    await identities.close();
  }
  try {
    await listen(http, settings);
  } catch (error) {
    await Promise.all([sockets.close(), closeParts()]);
    throw error;
  }

  return {
    parts,
    sockets,
    http,
    port: (http.address() as AddressInfo).port,
    async close() {
      const closed = stopAccepting(http);
      // What was submitted is committed and answered; what comes over connections that are still open is told to go elsewhere.
      await committer.drain();
      // Closes the HTTP server too, which by then only has requests that are being answered.
      await sockets.close();
      await closed;
      await closeParts();
    },
  };
}

/**
 * An import streams its facts for as long as it takes, so a request as a whole has no time limit (Node's is five minutes);
 * a connection on which nothing moves is closed instead. Kept-alive ones live longer than those of the usual proxies, or a
 * proxy sends a request into one that we are just closing.
 */
function setTimeouts(http: HttpServer): void {
  http.requestTimeout = 0;
  http.timeout = 120_000;
  http.keepAliveTimeout = 65_000;
}

async function listen(http: HttpServer, { host, port }: Settings): Promise<void> {
  http.listen(port, host);
  try {
    await once(http, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EADDRINUSE') {
      throw new SettingsError(
        `PORT ${port} is in use by another program: stop it, or set PORT to a free one`,
      );
    }
    if (code === 'EACCES')
      throw new SettingsError(`PORT ${port} may not be used by this user: set PORT to one above 1023`);
    if (code === 'EADDRNOTAVAIL') throw new SettingsError(`HOST ${host} is not an address of this machine`);
    throw error;
  }
}

/** Resolves when every connection has ended: by itself after its answer, or cut off when it takes too long. */
async function stopAccepting(http: HttpServer): Promise<void> {
  const cutOff = setTimeout(() => http.closeAllConnections(), DRAIN_MS);
  // A connection that is kept alive would bring one more request after the one that is being answered.
  const closeIdle = setInterval(() => http.closeIdleConnections(), 100);
  try {
    await new Promise<void>((resolve) => http.close(() => resolve()));
  } finally {
    clearTimeout(cutOff);
    clearInterval(closeIdle);
  }
}
