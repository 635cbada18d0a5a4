import { io, type Socket } from 'socket.io-client';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { upsertLocations } from '@zhanggui/shared/catalog/catalog-store.ts';
import { catalogRows } from '@zhanggui/shared/catalog/rows.ts';
import type { Scope, Snapshot, Topic } from '@zhanggui/shared/contract/board.ts';
import type {
  ClientToServer,
  Hello,
  ServerToClient,
  SubscribeAnswer,
} from '@zhanggui/shared/contract/socket.ts';
import {
  call,
  cookieFrom,
  machine,
  person,
  startServer,
  wall,
  type Credentials,
  type TestServer,
} from '../support/running-server.ts';

type Pairing = { id: string; code: string; secret: string; expiresAt: string };
type Wall = { id: string; name: string; paired: boolean; scope: string; hideMoney: boolean };
type Client = Socket<ServerToClient, ClientToServer>;

let server: TestServer;
let admin: Credentials;
const open: Client[] = [];
beforeAll(async () => {
  server = await startServer();
  admin = await person(server.sql, 'admin');
  const places = [
    { code: 'S01', region: 'EAST' },
    { code: 'S02', region: 'EAST' },
    { code: 'S03', region: 'WEST' },
  ];
  const rows = places.map((place) =>
    catalogRows.locations.parse({ ...place, kind: 'store', nameZh: place.code }),
  );
  await upsertLocations(server.sql, rows);
});
afterEach(() => {
  for (const socket of open.splice(0)) socket.disconnect();
});

/** A socket of someone, from their own page unless `origin` says otherwise. */
function socketOf(
  as: Credentials,
  {
    at = server,
    origin = at.url,
    query = {},
  }: { at?: { url: string }; origin?: string; query?: object } = {},
): Client {
  const client: Client = io(at.url, {
    transports: ['websocket'],
    forceNew: true,
    reconnection: false,
    query,
    extraHeaders: {
      origin,
      ...(as.cookie === undefined ? {} : { cookie: as.cookie }),
      ...(as.authorization === undefined ? {} : { authorization: as.authorization }),
    },
  });
  open.push(client);
  return client;
}

const next = <E extends keyof ServerToClient>(socket: Client, event: E) =>
  new Promise<Parameters<ServerToClient[E]>[0]>((resolve, reject) => {
    setTimeout(() => reject(new Error(`no ${event} within 3 s`)), 3000).unref();
    socket.once(event, ((message: never) => resolve(message)) as never);
  });
const closed = (socket: Client) => new Promise<string>((resolve) => socket.once('disconnect', resolve));
const refused = (socket: Client) =>
  new Promise<string>((resolve, reject) => {
    socket.once('connect', () => reject(new Error('it was let in')));
    socket.once('connect_error', (error) =>
      resolve((error as { data?: { code: string } }).data?.code ?? error.message),
    );
  });
const subscribe = (socket: Client, topic: Topic, scope: Scope) =>
  new Promise<SubscribeAnswer>((resolve) => socket.emit('subscribe', { topic, scope }, resolve));

describe('pairing', () => {
  const start = async () => (await call<Pairing>(server, 'POST', '/api/v1/wall-pairings')).body;
  const ask = ({ id, secret }: Pairing) =>
    call<{ state: string; name?: string }>(server, 'GET', `/api/v1/wall-pairings/${id}`, {
      headers: { 'x-pairing-secret': secret },
    });
  const pair = (code: string, more: object = {}) =>
    call<Wall>(server, 'POST', '/api/v1/walls', { as: admin, body: { code, name: 'Lobby', ...more } });

  it('shows a code, an administrator types it, the screen gets its cookie', async () => {
    const pairing = await start();
    expect(pairing.code).toMatch(/^[A-HJKMNP-Z2-9]{6}$/);
    expect(Date.parse(pairing.expiresAt) - Date.now()).toBeGreaterThan(9 * 60_000);
    expect((await ask(pairing)).body.state).toBe('pending');

    const typed = `${pairing.code.slice(0, 3).toLowerCase()}-${pairing.code.slice(3)}`;
    const made = await pair(typed, { hideMoney: true, scope: 'store:S01', sound: true });
    expect([made.status, made.body.paired]).toEqual([201, false]);

    const answer = await ask(pairing);
    expect(answer.body).toEqual({ state: 'paired', name: 'Lobby' });
    const cookie = cookieFrom(answer, 'zg_wall') ?? '';
    expect(answer.headers.getSetCookie()[0]).toMatch(/HttpOnly; SameSite=Lax$/);
    expect(answer.text).not.toContain(cookie.split('=')[1]);
    // An answer that got lost is asked for again, and is the same.
    expect(cookieFrom(await ask(pairing), 'zg_wall')).toBe(cookie);

    const hello = await next(socketOf({ cookie }), 'hello');
    expect(hello).toMatchObject({
      kind: 'wall',
      name: 'Lobby',
      scope: 'store:S01',
      hideMoney: true,
      sound: true,
      company: { currency: 'CNY' },
    });
    expect(
      (await call<Wall>(server, 'GET', `/api/v1/walls/${made.body.id}`, { as: admin })).body.paired,
    ).toBe(true);
  });

  it('takes a code once', async () => {
    const { code } = await start();
    const answers = await Promise.all([pair(code), pair(code)]);
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 404]);
  });

  it('gives nothing to whoever does not have the secret, and is void after five tries', async () => {
    const pairing = await start();
    await pair(pairing.code);
    for (let tries = 0; tries < 5; tries += 1) {
      const wrong = await ask({ ...pairing, secret: 'guess' });
      expect([wrong.status, wrong.headers.getSetCookie()]).toEqual([404, []]);
    }
    expect((await ask(pairing)).status).toBe(404);
    expect((await call(server, 'GET', `/api/v1/wall-pairings/${pairing.id}`)).body.errors).toEqual([
      { field: 'x-pairing-secret', detail: 'is missing' },
    ]);
  });

  it('ends after ten minutes', async () => {
    const pairing = await start();
    await server.sql`update wall_pairing set expires_at = now() - interval '1 second' where id = ${pairing.id}`;
    expect((await ask(pairing)).status).toBe(404);
    expect((await pair(pairing.code)).status).toBe(404);
  });

  it('names what does not fit', async () => {
    const { code } = await start();
    const fields = async (more: object) =>
      (await pair(code, more)).body as unknown as { errors: { field: string }[] };
    expect((await fields({ scope: 'store:NOWHERE' })).errors[0]?.field).toBe('scope');
    expect((await fields({ scope: 'shop' })).errors[0]?.field).toBe('scope');
    expect((await fields({ scenes: [] })).errors[0]?.field).toBe('scenes');
    expect((await fields({ rotateSeconds: 1 })).errors[0]?.field).toBe('rotateSeconds');
  });

  it('slows down whoever guesses codes', async () => {
    const guesser = await person(server.sql, 'admin');
    const guess = () =>
      call(server, 'POST', '/api/v1/walls', { as: guesser, body: { code: 'AAAAAA', name: 'x' } });
    for (let tries = 0; tries < 10; tries += 1) expect((await guess()).status).toBe(404);
    expect((await guess()).status).toBe(429);
  });

  it('is limited by address', async () => {
    const from = { 'x-forwarded-for': '192.0.2.9' };
    const starts = () => call(server, 'POST', '/api/v1/wall-pairings', { headers: from });
    for (let i = 0; i < 60; i += 1) expect((await starts()).status).toBe(201);
    const answer = await starts();
    expect([answer.status, answer.body.code]).toEqual([429, 'too_many_requests']);
  });
});

describe('a wall’s socket', () => {
  it('is told and closed at once when the wall is revoked, on every server', async () => {
    const lobby = await wall(server.sql);
    const other = await server.another();
    try {
      const sockets = [socketOf(lobby), socketOf(lobby, { at: other })];
      await Promise.all(sockets.map((socket) => next(socket, 'hello')));
      const told = sockets.map((socket) => next(socket, 'revoked'));
      const ended = sockets.map(closed);
      const since = performance.now();
      expect((await call(server, 'DELETE', `/api/v1/walls/${lobby.id}`, { as: admin })).status).toBe(204);
      await Promise.all(told);
      await Promise.all(ended);
      // Each socket is looked at again every ten seconds in any case.
      expect(performance.now() - since).toBeLessThan(5_000);
      expect(await refused(socketOf(lobby))).toBe('unauthenticated');
      expect(await refused(socketOf(lobby, { at: other }))).toBe('unauthenticated');
    } finally {
      await other.close();
    }
  });

  it('learns of new settings, and loses the money when it is to be hidden', async () => {
    const lobby = await wall(server.sql);
    const socket = socketOf(lobby);
    await next(socket, 'hello');
    const first = next(socket, 'snapshot');
    expect(await subscribe(socket, 'sales', 'all')).toEqual({ ok: true });
    expect(((await first) as Snapshot).data.today).toMatchObject({ net: 0 });

    const hello = next(socket, 'hello');
    const second = next(socket, 'snapshot');
    await call(server, 'PATCH', `/api/v1/walls/${lobby.id}`, {
      as: admin,
      body: { hideMoney: true, name: 'Shop window', sound: true },
    });
    expect(await hello).toMatchObject({ name: 'Shop window', hideMoney: true, sound: true });
    expect(((await second) as Snapshot).data.today).toMatchObject({ net: null, paid: null, placed: null });
  });

  it('gets nothing outside its scope', async () => {
    const socket = socketOf(await wall(server.sql, { scope: 'store:S01' }));
    await next(socket, 'hello');
    expect(await subscribe(socket, 'sales', 'store:S01')).toEqual({ ok: true });
    expect(await subscribe(socket, 'health', 'all')).toEqual({ ok: true });
    for (const scope of ['all', 'store:S02', 'region:EAST'] as const) {
      expect(await subscribe(socket, 'sales', scope)).toEqual({ ok: false, code: 'outside_scope' });
    }
  });
});

describe('a person’s socket', () => {
  it('of a manager gets their stores and regions, and nothing else', async () => {
    const socket = socketOf(await person(server.sql, 'manager', { locations: ['S03'], regions: ['EAST'] }));
    const hello = (await next(socket, 'hello')) as Hello;
    expect(hello).toMatchObject({ kind: 'user', role: 'manager', scopes: ['region:EAST', 'store:S03'] });
    for (const scope of ['region:EAST', 'store:S01', 'store:S02', 'store:S03'] as const) {
      expect(await subscribe(socket, 'stores', scope)).toEqual({ ok: true });
    }
    for (const scope of ['all', 'region:WEST', 'store:S99'] as const) {
      expect(await subscribe(socket, 'stores', scope)).toEqual({ ok: false, code: 'outside_scope' });
    }
  });

  it('loses what a changed role no longer sees, and hears no more of it', async () => {
    const someone = await person(server.sql, 'viewer');
    const socket = socketOf(someone);
    await next(socket, 'hello');
    expect(await subscribe(socket, 'sales', 'all')).toEqual({ ok: true });
    const hello = next(socket, 'hello');
    await call(server, 'PATCH', `/api/v1/users/${someone.id}`, {
      as: admin,
      body: { role: 'manager', locations: ['S01'] },
    });
    expect(await hello).toMatchObject({ role: 'manager', scopes: ['store:S01'] });
    await expect.poll(() => rooms(server, someone.id)).toEqual([]);
    expect(await subscribe(socket, 'sales', 'all')).toEqual({ ok: false, code: 'outside_scope' });
  });

  it('closes when they sign out', async () => {
    const someone = await person(server.sql, 'viewer');
    const socket = socketOf(someone);
    await next(socket, 'hello');
    const told = next(socket, 'revoked');
    await call(server, 'DELETE', '/api/v1/session', { as: someone });
    await told;
  });
});

/** Board rooms that the sockets of a person are in. */
function rooms({ server: { sockets } }: TestServer, userId: string): string[] {
  const ids = sockets.io.sockets.adapter.rooms.get(`who:user:${userId}`) ?? [];
  return [...ids].flatMap((id) =>
    [...(sockets.io.sockets.sockets.get(id)?.rooms ?? [])].filter(
      (room) => room !== id && !room.startsWith('who:'),
    ),
  );
}

describe('the door of the sockets', () => {
  it('is shut for strangers, for keys that may not read, and for other sites', async () => {
    expect(await refused(socketOf({}))).toBe('unauthenticated');
    expect(await refused(socketOf({ cookie: 'zg_wall=guess; zg_session=guess' }))).toBe('unauthenticated');
    expect(await refused(socketOf(await machine(server.sql, 'ingest')))).toBe('forbidden');
    const lobby = await wall(server.sql);
    expect(await refused(socketOf(lobby, { origin: 'https://evil.example' }))).toMatch(/websocket error/);
    expect(await refused(socketOf(lobby, { origin: 'null' }))).toMatch(/websocket error/);
  });

  it('lets a key that reads in', async () => {
    expect(await next(socketOf(await machine(server.sql, 'read')), 'hello')).toMatchObject({ kind: 'key' });
  });

  it('asks a browser that is both a wall and a person as which it speaks', async () => {
    const [lobby, someone] = [await wall(server.sql), await person(server.sql, 'viewer')];
    const both = { cookie: `${lobby.cookie}; ${someone.cookie}` };
    expect(await next(socketOf(both, { query: { as: 'wall' } }), 'hello')).toMatchObject({ kind: 'wall' });
    expect(await next(socketOf(both, { query: { as: 'user' } }), 'hello')).toMatchObject({ kind: 'user' });
    expect(await refused(socketOf(lobby, { query: { as: 'user' } }))).toBe('unauthenticated');
  });

  it('survives nonsense, and does not answer floods', async () => {
    const socket = socketOf(await machine(server.sql, 'read')) as Socket;
    await new Promise((resolve) => socket.once('hello', resolve));
    const answer = (message: unknown) => new Promise((resolve) => socket.emit('subscribe', message, resolve));
    for (const message of [
      null,
      'sales',
      {},
      { topic: 'secrets', scope: 'all' },
      { topic: 'sales', scope: 'moon' },
      { topic: 'sales', scope: 'all', more: 1 },
    ]) {
      expect(await answer(message)).toEqual({ ok: false, code: 'invalid_request' });
    }
    socket.emit('subscribe');
    socket.emit('unsubscribe', { topic: 'sales' });
    socket.emit('no such event', 1);
    const flood = await Promise.all(
      Array.from({ length: 300 }, () => answer({ topic: 'sales', scope: 'store:S01' })),
    );
    expect(flood.at(-1)).toEqual({ ok: false, code: 'too_many_requests' });
    expect(socket.connected).toBe(true);
  });

  it('cuts off whoever sends more than a screen has to say', async () => {
    const socket = socketOf(await machine(server.sql, 'read')) as Socket;
    await new Promise((resolve) => socket.once('hello', resolve));
    const ended = closed(socket as Client);
    socket.emit('subscribe', { topic: 'sales', scope: 'x'.repeat(10_000) });
    await ended;
  });
});
