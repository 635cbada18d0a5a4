/** Two servers on one Redis are one company: what is told to a person reaches them wherever they are. */
import { io, type Socket } from 'socket.io-client';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { hasRedis, noRedis, startRedis, type TestRedis } from '../support/redis.ts';
import { call, machine, person, startServer, type TestServer } from '../support/running-server.ts';
import { event } from '../support/books.ts';

const skip = !hasRedis();
let redis: TestRedis;
let [one, two]: TestServer[] = [];
const sockets: Socket[] = [];

beforeAll(async () => {
  if (skip) return;
  redis = await startRedis();
  one = await startServer({ env: { REDIS_URL: redis.url } });
  two = await one.another();
});
beforeEach(({ skip: skipTest }) => {
  if (skip) skipTest(noRedis);
});
afterAll(async () => {
  if (skip) return;
  for (const socket of sockets) socket.close();
  await Promise.all([one!.close(), two!.close()]);
  await redis.stop();
});

async function open(server: TestServer, cookie: string): Promise<Socket> {
  const socket = io(server.url, { transports: ['websocket'], extraHeaders: { cookie }, forceNew: true });
  sockets.push(socket);
  await new Promise((resolve) => socket.once('hello', resolve));
  return socket;
}

it('emits to a person on another server, once', async () => {
  const admin = await person(one!.sql, 'admin');
  const socket = await open(two!, admin.cookie);
  let heard = 0;
  socket.on('revoked', () => (heard += 1));
  await expect
    .poll(() => {
      one!.server.sockets.io.to(`who:user:${admin.id}`).emit('revoked');
      return heard;
    })
    .toBeGreaterThan(0);
});

it('sends each change of the board once, whichever server took the fact', async () => {
  const admin = await person(one!.sql, 'admin');
  const socket = await open(two!, admin.cookie);
  const deltas: { from: number; to: number }[] = [];
  socket.on('delta', (delta: { topic: string; from: number; to: number }) => {
    if (delta.topic === 'sales') deltas.push(delta);
  });
  const [snapshot] = (await Promise.all([
    new Promise((resolve) => socket.once('snapshot', resolve)),
    socket.emitWithAck('subscribe', { topic: 'sales', scope: 'all' }),
  ])) as [{ seq: number }, unknown];
  // A screen of the same topic on the other server: its rooms have the same names' shape and its own numbers.
  const other = await open(one!, admin.cookie);
  await other.emitWithAck('subscribe', { topic: 'sales', scope: 'all' });
  const key = await machine(one!.sql, 'ingest');
  const order = {
    orderId: 'o1',
    channel: 'pos',
    location: 'S1',
    lines: [{ sku: 'A', qty: 1, unitPrice: 100 }],
    total: 100,
    fulfilment: { method: 'carry', location: 'S1' },
  };
  await call(one!, 'POST', '/api/v1/events', {
    as: key,
    headers: { 'content-type': 'application/cloudevents+json' },
    body: event('e1', 'order.placed', new Date().toISOString(), order),
  });
  await expect.poll(() => deltas.length).toBeGreaterThan(0);
  expect(deltas[0]!.from).toBe(snapshot.seq);
  deltas.reduce((seq, { from, to }) => {
    expect(from).toBe(seq);
    return to;
  }, snapshot.seq);
});

it('cuts off on both servers whom one of them revokes', async () => {
  const admin = await person(one!.sql, 'admin');
  const viewer = await person(one!.sql, 'viewer');
  const here = await open(one!, viewer.cookie);
  const there = await open(two!, viewer.cookie);
  const gone = Promise.all(
    [here, there].map((socket) => new Promise((resolve) => socket.once('revoked', resolve))),
  );
  const answer = await call(one!, 'PATCH', `/api/v1/users/${viewer.id}`, {
    as: admin,
    body: { disabled: true },
  });
  expect(answer.status).toBe(200);
  await gone;
});
