import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What a build is made of, relative to `web/`. The lock stands for the libraries. */
const inputs = [
  'src',
  'static',
  'tools',
  'vite.config.ts',
  '../shared/src/contract',
  '../shared/src/board',
  '../shared/src/access/permissions.ts',
  '../package-lock.json',
];

function* filesUnder(path: string): Generator<string> {
  let entries;
  try {
    entries = readdirSync(path, { withFileTypes: true });
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT') return;
    if (code !== 'ENOTDIR') throw error;
    yield path;
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (entry.isDirectory()) yield* filesUnder(join(path, entry.name));
    else if (!entry.name.includes('.test.')) yield join(path, entry.name);
  }
}

/**
 * The version of the app: a hash of everything it is built from. The same sources give the same version on every
 * server, so that walls do not reload when a second server, or a rebuild, serves what they already run.
 */
export function sourceVersion(root: string): string {
  const hash = createHash('sha256');
  for (const input of inputs) {
    for (const file of filesUnder(join(root, input))) {
      hash.update(file.slice(root.length)).update('\0').update(readFileSync(file)).update('\0');
    }
  }
  return hash.digest('hex').slice(0, 16);
}
