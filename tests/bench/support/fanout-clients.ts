/** Many screens in one process: bare WebSockets that speak just enough of Socket.IO's protocol, and measure each delta. */
import { WebSocket } from 'ws';

export type ClientsPlan = { url: string; kind: string; count: number };

const BURST = 100;
const latencies: number[] = [];

function open({ url, kind }: ClientsPlan): Promise<WebSocket> {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(kind === 'ws' ? url : `${url}/socket.io/?EIO=4&transport=websocket`, {
      perMessageDeflate: false,
    });
    socket.once('error', reject);
    if (kind === 'ws') socket.once('open', () => resolve(socket));
    socket.on('message', (data: Buffer) => {
      const now = performance.timeOrigin + performance.now();
      // 0: the transport is open; 2: ping; 40: connected; 42: an event.
      if (data[0] === 0x30) socket.send('40');
      else if (data[0] === 0x32) socket.send('3');
      else if (data[1] === 0x30) resolve(socket);
      else latencies.push(now - Number.parseFloat(data.toString('latin1', 17, 40)));
    });
  });
}

async function run(plan: ClientsPlan): Promise<void> {
  for (let made = 0; made < plan.count; made += BURST)
    await Promise.all(Array.from({ length: Math.min(BURST, plan.count - made) }, () => open(plan)));
  process.send!('connected');
}

process.on('message', (message: ClientsPlan | 'report') => {
  if (message === 'report') process.send!(latencies);
  else
    run(message).catch((error: unknown) => {
      console.error(error);
      process.exit(1);
    });
});
process.on('disconnect', () => process.exit(0));
