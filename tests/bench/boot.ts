/**
 * Boot: `npm start` until the server answers and its wall page is served. A second start on data that is there, and with
 * `--clone` a fresh clone of the last commit, with the package cache as it is. `npm run bench -- boot [--rounds 3] [--clone 1]`
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRunFile } from '@zhanggui/shared/platform/run-file.ts';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';
import { median, option, printTable, say } from './support/table.ts';

const rounds = option('rounds', 3);
const withClone = option('clone', 0) > 0;
const LONGEST_MS = 300_000;

/** Starts a company as a person does, waits until its wall can be seen, stops it, and returns the seconds to the wall. */
async function start(root: string, dataDir: string): Promise<number> {
  const began = performance.now();
  const child = spawn('npm', ['start'], {
    cwd: root,
    env: {
      ...process.env,
      DATA_DIR: dataDir,
      DATABASE_URL: '',
      REDIS_URL: '',
      PORT: '0',
      HOST: '127.0.0.1',
      DEMO: 'off',
    },
    stdio: ['ignore', 'ignore', 'ignore'],
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  try {
    for (;;) {
      if (child.exitCode !== null) throw new Error(`npm start ended with ${child.exitCode}`);
      if (performance.now() - began > LONGEST_MS) throw new Error('npm start took too long');
      if (await wallIsUp(dataDir)) return (performance.now() - began) / 1000;
      await sleep(25);
    }
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
}

async function wallIsUp(dataDir: string): Promise<boolean> {
  try {
    const url = readRunFile(dataDir)?.serverUrl;
    if (!url) return false;
    const [ready, wall] = await Promise.all([fetch(`${url}/readyz`), fetch(`${url}/wall`)]);
    await Promise.all([ready.arrayBuffer(), wall.arrayBuffer()]);
    return ready.ok && wall.ok;
  } catch {
    return false;
  }
}

/** What Node and Postgres alone need: the raw limit of a second start. */
function nodeAlone(): number {
  const began = performance.now();
  spawnSync(process.execPath, ['-e', '0']);
  return (performance.now() - began) / 1000;
}

const folder = mkdtempSync(path.join(tmpdir(), 'zhanggui-boot-'));
const rows: (string | number)[][] = [];
try {
  const first = await start(repositoryRoot, path.join(folder, 'data'));
  const again: number[] = [];
  for (let round = 0; round < rounds; round++) {
    again.push(await start(repositoryRoot, path.join(folder, 'data')));
    say(`second start ${round + 1}: ${again.at(-1)!.toFixed(1)} s`);
  }
  rows.push(['first start, packages there', first, '', '']);
  rows.push(['second start', median(again), Math.max(...again), '≤ 5']);
  rows.push(['an empty Node process (raw limit)', median(Array.from({ length: 5 }, nodeAlone)), '', '']);
  if (withClone) {
    const clone = path.join(folder, 'clone');
    spawnSync('git', ['clone', '--quiet', repositoryRoot, clone], { stdio: 'inherit' });
    rows.push(['fresh clone', await start(clone, path.join(folder, 'clone-data')), '', '≤ 90']);
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
printTable(['npm start → wall, s', 'median', 'worst', 'wanted'], rows);
