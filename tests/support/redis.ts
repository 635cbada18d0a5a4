import { spawn, spawnSync } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from 'redis';

export const noRedis = 'no Redis: set REDIS_URL, or have redis-server in PATH';

export type TestRedis = { url: string; stop(): Promise<void> };

/** Whether tests can have a Redis here; skip them with `noRedis` where not. */
export function hasRedis(): boolean {
  return Boolean(process.env['REDIS_URL']) || spawnSync('redis-server', ['--version']).status === 0;
}

/** The Redis of REDIS_URL, or one of our own that keeps nothing on disk. */
export async function startRedis(): Promise<TestRedis> {
  const given = process.env['REDIS_URL'];
  if (given) return { url: given, stop: () => Promise.resolve() };
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  const child = spawn(
    'redis-server',
    ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'],
    {
      stdio: 'ignore',
    },
  );
  const url = `redis://127.0.0.1:${port}`;
  await answers(url);
  return {
    url,
    async stop() {
      child.kill();
      await once(child, 'close');
    },
  };
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; ; tries++) {
    const client = createClient({ url, socket: { reconnectStrategy: false } }).on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (error) {
      if (tries === 100) throw error;
      await sleep(50);
    } finally {
      client.destroy();
    }
  }
}
