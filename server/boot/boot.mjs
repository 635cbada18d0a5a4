/**
 * The door to every npm script. It runs on any Node from 18 on and needs no package: it gets a suitable Node and the
 * packages first (install.mjs), then hands over to the command, with that Node first in PATH.
 *
 * The scripts say `exec node …`: without exec, a shell stands between npm and us, and swallows its signals.
 */
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import process from 'node:process';
import { ready, root } from './install.mjs';

const commands = {
  start: (args) => ['server/boot/supervise.ts', ...args],
  dev: (args) => ['server/boot/supervise.ts', '--dev', ...args],
  build: (args) => ['server/boot/build-web.ts', ...args],
  test: (args) => ['server/boot/test.ts', ...args],
  check: (args) => ['server/boot/check.ts', ...args],
  format: () => ['node_modules/prettier/bin/prettier.cjs', '--write', '--log-level', 'warn', '.'],
  backup: (args) => ['server/boot/backup.ts', ...args],
  restore: (args) => ['server/boot/restore.ts', ...args],
  zg: (args) => ['server/src/cli/main.ts', ...args],
  chaos: (args) => ['tests/chaos/main.ts', ...args],
  bench: ([name, ...args]) => [benchmark(name), ...args],
  node: (args) => args,
};

function benchmark(name) {
  const folder = path.join(root, 'tests/bench');
  const file = path.join(folder, `${name}.ts`);
  if (name && existsSync(file)) return file;
  const names = readdirSync(folder)
    .filter((entry) => entry.endsWith('.ts'))
    .map((entry) => entry.slice(0, -3));
  throw new Error(`npm run bench -- <name>, where name is one of: ${names.join(', ')}`);
}

async function main() {
  const [name = '', ...rest] = process.argv.slice(2);
  const command = commands[name];
  if (!command) throw new Error(`boot.mjs <${Object.keys(commands).join('|')}> …`);
  const node = await ready();
  const args = command(rest).map((arg, at) => (at === 0 && name !== 'node' ? path.resolve(root, arg) : arg));
  hand(spawn(node, args, { stdio: 'inherit', env: environment(node) }));
}

function environment(node) {
  const cache = process.env.NODE_COMPILE_CACHE ?? path.join(root, '.cache/compile');
  return {
    ...process.env,
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH ?? ''}`,
    NODE_COMPILE_CACHE: cache,
  };
}

/** Passes signals on, ends as the command ends, and ends the command when whoever started us is gone. */
function hand(child) {
  const pass = (signal) => child.kill(signal);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => pass(signal));
  // A killed npm or terminal tells nobody: the only trace is that we are adopted by another process.
  const parent = process.ppid;
  setInterval(() => process.ppid !== parent && pass('SIGTERM'), 500).unref();
  child.once('error', fail);
  child.once('close', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 143)));
}

function fail(error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}

main().catch(fail);
