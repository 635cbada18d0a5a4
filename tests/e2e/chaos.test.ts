/** The short form of `npm run chaos`: a round of each shape that this machine can run. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';

it('keeps every promise while servers, workers, Postgres and Redis are killed', async () => {
  const env = { ...process.env, NODE_ENV: 'production' };
  const args = ['tests/chaos/main.ts', '--rounds', '1', '--seconds', '4', '--seed', '3'];
  const chaos = spawn(process.execPath, args, {
    cwd: repositoryRoot,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [chaos.stdout, chaos.stderr])
    stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(chaos, 'close')) as [number | null];
  expect(code, said).toBe(0);
  expect(said).toMatch(/\| embedded \| 1 /);
  expect(said).toContain('in the middle of');
  expect(said.match(/embedded round 1, [\d.]+ s: (?:server|workers|Postgres)/g)?.length).toBeGreaterThan(1);
}, 300_000);
