import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { takeTurn } from './install.mjs';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';

const web = path.join(repositoryRoot, 'web');
const leash = path.join(import.meta.dirname, 'leash.mjs');
const stamp = path.join(web, 'build/.sources');

/** Everything that the built app depends on. Tests don't: changing one must not cost a build. */
const SOURCES = [
  'package-lock.json',
  'web/{package.json,tsconfig.json,vite.config.ts}',
  'web/{src,static,tools}/**/*.*',
  'shared/src/**/*.ts',
];
const NOT_SOURCES = ['**/*.test.ts', '**/*.test.svelte.ts', 'shared/src/platform/**', '**/*-store.ts'];

function fingerprint(): string {
  const hash = createHash('sha256');
  for (const file of globSync(SOURCES, { cwd: repositoryRoot, exclude: NOT_SOURCES }).sort())
    hash.update(`${file}\0`).update(readFileSync(path.join(repositoryRoot, file)));
  return hash.digest('hex');
}

/** Builds the web app when its sources differ from those of the last build. Returns whether it did. */
export async function buildWeb(signal?: AbortSignal): Promise<boolean> {
  if (isUpToDate(fingerprint())) return false;
  const release = await takeTurn('build');
  try {
    const sources = fingerprint();
    if (isUpToDate(sources)) return false;
    await runVite(signal);
    writeFileSync(stamp, sources);
    return true;
  } finally {
    release();
  }
}

function isUpToDate(sources: string): boolean {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === sources;
}

async function runVite(signal: AbortSignal | undefined): Promise<void> {
  const vite = path.join(repositoryRoot, 'node_modules/vite/bin/vite.js');
  const child = spawn(process.execPath, ['--import', leash, vite, 'build', '--logLevel', 'warn'], {
    cwd: web,
    // VITEST would make the app's configuration build for a component test.
    env: { ...process.env, NODE_ENV: 'production', VITEST: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(signal && { signal }),
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once('error', reject).once('close', resolve),
  );
  if (code !== 0) throw new Error(`The web app could not be built (code ${code}):\n${output.trim()}`);
}

if (process.argv[1] === import.meta.filename)
  buildWeb().then(
    (built) => console.error(built ? 'The web app is built' : 'The web app is up to date'),
    (error: unknown) => {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 1;
    },
  );
