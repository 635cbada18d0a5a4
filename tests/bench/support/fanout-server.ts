/** One server of the fanout bench, alone in its process: Socket.IO set up as the product's, or bare `ws`. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Server } from 'socket.io';
import { WebSocketServer, WebSocket } from 'ws';

export type FanoutOrder = { deltas: number; everyMs: number; bytes: number };
export type FanoutDone = { clients: number; cpuMicros: number };

const ROOM = 'sales|all';
const http = createServer();
const [kind] = process.argv.slice(2);

/** A delta of `bytes` on the wire; `at` is when it was sent, to a fraction of a millisecond. */
function delta(seq: number, bytes: number): Record<string, unknown> {
  const made = {
    at: performance.timeOrigin + performance.now(),
    topic: 'sales',
    scope: 'all',
    from: seq,
    to: seq + 1,
    put: '',
  };
  made.put = 'x'.repeat(Math.max(0, bytes - JSON.stringify(['delta', made]).length - 2));
  return made;
}

function socketIo(): { clients: () => number; send: (message: Record<string, unknown>) => void } {
  const io = new Server(http, {
    transports: ['websocket'],
    serveClient: false,
    perMessageDeflate: false,
    pingInterval: 60_000,
    pingTimeout: 60_000,
    connectTimeout: 60_000,
  });
  io.on('connection', (socket) => void socket.join(ROOM));
  return {
    clients: () => io.engine.clientsCount,
    send: (message) => void io.local.to(ROOM).emit('delta', message),
  };
}

function bare(): ReturnType<typeof socketIo> {
  const server = new WebSocketServer({ server: http, perMessageDeflate: false });
  return {
    clients: () => server.clients.size,
    send: (message) => {
      // The same bytes as Socket.IO's packet.
      const bytes = Buffer.from(`42${JSON.stringify(['delta', message])}`);
      for (const client of server.clients)
        if (client.readyState === WebSocket.OPEN) client.send(bytes, { binary: false });
    },
  };
}

const { clients, send } = kind === 'ws' ? bare() : socketIo();

async function run({ deltas, everyMs, bytes }: FanoutOrder): Promise<FanoutDone> {
  const before = process.cpuUsage();
  const started = performance.now();
  for (let i = 0; i < deltas; i++) {
    const wait = started + i * everyMs - performance.now();
    if (wait > 0) await sleep(wait);
    send(delta(i, bytes));
  }
  await sleep(everyMs * 2);
  const { user, system } = process.cpuUsage(before);
  return { clients: clients(), cpuMicros: user + system };
}

process.on('message', (order: FanoutOrder) => void run(order).then((done) => process.send!(done)));
http.listen(0, '127.0.0.1', () => process.send!({ port: (http.address() as AddressInfo).port }));
process.on('disconnect', () => process.exit(0));
