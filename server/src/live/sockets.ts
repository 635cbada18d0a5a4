/**
 * The sockets: who may connect, who may subscribe to what, and what happens to open ones when access changes.
 * They tell and change nothing; what is told comes from the publisher.
 */
import type { IncomingMessage, Server as HttpServer } from 'node:http';
import { Server } from 'socket.io';
import { z } from 'zod';
import {
  isScope,
  may,
  maySeeMoney,
  maySubscribe,
  parseScope,
  scopesOf,
  type Identity,
} from '@zhanggui/shared/access/permissions.ts';
import { findPlace } from '@zhanggui/shared/catalog/place-store.ts';
import { topics, type Scope } from '@zhanggui/shared/contract/board.ts';
import { AppError, type ErrorCode } from '@zhanggui/shared/contract/errors.ts';
import type { SocketAdapter } from '@zhanggui/shared/platform/socket-adapter.ts';
import type { Company, Hello, SubscribeAnswer } from '@zhanggui/shared/contract/socket.ts';
import { isOwnOrigin } from '../http/cross-site.ts';
import { shownTokens, type ShownToken } from '../http/identity.ts';
import { toAppError } from '../http/problems.ts';
import type { Parts } from '../parts.ts';
import type { BoardServer, BoardSocket, Subscription } from './board-rooms.ts';

/** Nothing that a screen sends is longer than this many bytes. */
const MAX_MESSAGE = 4096;
/** Subscriptions a screen can have: five topics for each of the stores of a large manager. */
const MAX_SUBSCRIPTIONS = 300;
/** Subscribes a screen may send in ten seconds: each costs a snapshot. */
const MAX_ASKS = 200;
const ASKS_WINDOW_MS = 10_000;
/** Every open socket's right to be here is looked at again this often, should an announcement have been lost. */
const RECHECK_MS = 10_000;

const ask = z.strictObject({
  topic: z.enum(topics),
  scope: z.custom<Scope>((value) => typeof value === 'string' && isScope(value)),
});

export type Sockets = {
  io: BoardServer;
  /** Closes every socket, and the HTTP server under them. */
  close(): Promise<void>;
};

type SocketParts = Pick<
  Parts,
  'sql' | 'settings' | 'log' | 'identities' | 'cookies' | 'publisher' | 'metrics'
>;

/** Hangs the sockets onto an HTTP server. With an adapter, what is emitted without `local` reaches other servers too. */
export function createSockets(server: HttpServer, parts: SocketParts, adapter?: SocketAdapter): Sockets {
  const { sql, settings, log, identities, cookies, publisher, metrics } = parts;
  const company: Company = { currency: settings.currency, timeZone: settings.timeZone, demo: settings.demo };

  const io: BoardServer = new Server(server, {
    transports: ['websocket'],
    serveClient: false,
    maxHttpBufferSize: MAX_MESSAGE,
    perMessageDeflate: false,
    connectTimeout: 5_000,
    // The pulse tells the screen within three seconds that we are gone; this tells us that it is.
    pingInterval: 10_000,
    pingTimeout: 5_000,
    allowRequest: (req, done) => done(null, fromOwnPage(req, settings.publicUrl)),
    ...(adapter && { adapter }),
  });
  publisher.attach(io);
  metrics.watch('board_clients', 'Screens connected to this server', () => io.engine.clientsCount);

  io.use((socket, next) => {
    admit(socket).then(
      () => next(),
      (error: unknown) => next(refusal(toAppError(error).code)),
    );
  });

  /** Finds out who it is. Throws `unauthenticated` or `forbidden`, and `database_away` when nobody can say. */
  async function admit(socket: BoardSocket): Promise<void> {
    const { headers, query } = socket.handshake;
    // One browser can be a paired wall and a signed-in person: the page says as which it speaks.
    const shown = shownTokens(headers, cookies).filter(
      ({ kind }) => kind === 'key' || !query.as || query.as === kind,
    );
    for (const token of shown) {
      const who = await identities.find(token);
      if (!who) continue;
      if (!may(who, 'board.read')) throw new AppError('forbidden');
      socket.data = {
        who,
        token,
        subscriptions: new Map(),
        turn: Promise.resolve(),
        asks: { since: 0, count: 0 },
      };
      return;
    }
    throw new AppError('unauthenticated');
  }

  io.on('connection', (socket) => {
    const { token, who } = socket.data;
    void socket.join(roomOf(who));
    socket.emit('hello', helloOf(who, company));
    // Access may have changed between the handshake and here, where announcements reach this socket.
    inTurn(socket, () => recheck(socket, token));

    socket.on('subscribe', (message: unknown, answer: unknown) => {
      const reply =
        typeof answer === 'function' ? (answer as (result: SubscribeAnswer) => void) : () => undefined;
      inTurn(socket, async () => reply(await subscribe(socket, message)));
    });
    socket.on('unsubscribe', (message: unknown) => {
      const parsed = ask.safeParse(message);
      if (!parsed.success) return;
      inTurn(socket, async () => {
        if (!socket.data.subscriptions.delete(nameOf(parsed.data))) return;
        await publisher.leave(socket, parsed.data.topic, parsed.data.scope);
      });
    });
  });

  /** What one socket asks is done one after the other, or an unsubscribe could overtake its subscribe. */
  function inTurn(socket: BoardSocket, work: () => Promise<void>): void {
    socket.data.turn = socket.data.turn.then(work).catch((error: unknown) => {
      log.error({ err: error, who: roomOf(socket.data.who) }, 'socket failed');
      // It would wait for an answer that never comes; connected anew, it begins again.
      socket.disconnect(true);
    });
  }

  async function subscribe(socket: BoardSocket, message: unknown): Promise<SubscribeAnswer> {
    const parsed = ask.safeParse(message);
    if (!parsed.success) return { ok: false, code: 'invalid_request' };
    const { topic, scope } = parsed.data;
    const { subscriptions, who } = socket.data;
    const name = nameOf(parsed.data);
    if (tooMany(socket) || (subscriptions.size >= MAX_SUBSCRIPTIONS && !subscriptions.has(name))) {
      return { ok: false, code: 'too_many_requests' };
    }
    try {
      if (!(await allowed(who, parsed.data))) return { ok: false, code: 'outside_scope' };
      if (!socket.connected) return { ok: false, code: 'unauthenticated' };
      await publisher.join(socket, topic, scope, { hideMoney: !maySeeMoney(who) });
      subscriptions.set(name, parsed.data);
      return { ok: true };
    } catch (error) {
      const { code } = toAppError(error);
      if (code === 'internal') log.error({ err: error, topic, scope }, 'subscribe failed');
      return { ok: false, code };
    }
  }

  async function allowed(who: Identity, { topic, scope }: Subscription): Promise<boolean> {
    const parts = parseScope(scope);
    const place = parts.kind === 'store' ? await findPlace(sql, parts.code) : null;
    return maySubscribe(who, topic, scope, place?.region ?? null);
  }

  /** Looks again who this is: closes what was revoked, and moves what changed. */
  async function recheck(socket: BoardSocket, token: ShownToken): Promise<void> {
    if (!socket.connected) return;
    const now = await identities.find(token).catch((error: unknown) => {
      // Nobody can say now: what was right stays right until somebody can.
      log.debug({ err: error }, 'could not look up a socket’s identity');
      return undefined;
    });
    if (now === undefined) return;
    if (now === null || !may(now, 'board.read')) {
      socket.emit('revoked');
      socket.disconnect(true);
      return;
    }
    const before = socket.data.who;
    if (JSON.stringify(before) === JSON.stringify(now)) return;
    socket.data.who = now;
    socket.emit('hello', helloOf(now, company));
    for (const [name, subscription] of socket.data.subscriptions) {
      const { topic, scope } = subscription;
      const stays = await allowed(now, subscription);
      const sameMoney = maySeeMoney(before) === maySeeMoney(now);
      if (stays && sameMoney) continue;
      await publisher.leave(socket, topic, scope);
      if (stays) await publisher.join(socket, topic, scope, { hideMoney: !maySeeMoney(now) });
      else socket.data.subscriptions.delete(name);
    }
  }

  identities.onChange(({ kind, id }) => {
    for (const socketId of io.sockets.adapter.rooms.get(`who:${kind}:${id}`) ?? []) {
      const socket = io.sockets.sockets.get(socketId);
      if (socket) inTurn(socket, () => recheck(socket, socket.data.token));
    }
  });
  const rechecking = setInterval(() => {
    // Asked for in one turn of the event loop, so that all of them share a query.
    for (const socket of io.sockets.sockets.values())
      inTurn(socket, () => recheck(socket, socket.data.token));
  }, RECHECK_MS);
  rechecking.unref();

  return {
    io,
    async close() {
      clearInterval(rechecking);
      await io.close();
    },
  };
}

/** No page of another site opens a socket with the cookies of ours. A caller without an Origin is no browser. */
function fromOwnPage({ headers }: IncomingMessage, publicUrl: string): boolean {
  return headers.origin === undefined || isOwnOrigin(headers.origin, headers.host, publicUrl);
}

function tooMany(socket: BoardSocket): boolean {
  const { asks } = socket.data;
  const now = Date.now();
  if (now - asks.since > ASKS_WINDOW_MS) Object.assign(asks, { since: now, count: 0 });
  asks.count += 1;
  return asks.count > MAX_ASKS;
}

const nameOf = ({ topic, scope }: Subscription): string => `${topic} ${scope}`;

/** The room of all sockets of one person, key or wall, by which a change finds them. */
const roomOf = (who: Identity): string => `who:${who.kind}:${who.id}`;

/** An error that the client gets as `connect_error` with `data.code`. */
function refusal(code: ErrorCode): Error & { data: { code: ErrorCode } } {
  return Object.assign(new Error(code), { data: { code } });
}

function helloOf(who: Identity, company: Company): Hello {
  switch (who.kind) {
    case 'user':
      return { company, kind: 'user', name: who.name, role: who.role, scopes: scopesOf(who) };
    case 'wall': {
      const { name, scenes, scope, hideMoney, locale, rotateSeconds, sound } = who;
      return {
        company,
        kind: 'wall',
        name,
        scenes: [...scenes],
        scope,
        hideMoney,
        locale,
        rotateSeconds,
        sound,
      };
    }
    case 'key':
      return { company, kind: 'key', name: who.name };
  }
}
