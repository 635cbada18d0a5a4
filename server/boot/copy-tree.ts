import { closeSync, copyFileSync, fsyncSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import path from 'node:path';

/** Copies a file to disk, not only to memory. Returns whether it was there. */
export function copyFile(from: string, to: string): boolean {
  try {
    copyFileSync(from, to);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw error;
  }
  const file = openSync(to, 'r+');
  fsyncSync(file);
  closeSync(file);
  return true;
}

/**
 * Copies a folder whose files change and vanish while it is read, as those of a running Postgres do; whatever is gone when
 * its turn comes is left out. `without` are names in the folder itself, not below it.
 */
export function copyTree(from: string, to: string, without: readonly string[]): void {
  mkdirSync(to, { recursive: true, mode: 0o700 });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    if (without.includes(entry.name)) continue;
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) copyTree(source, target, []);
    else if (entry.isFile()) copyFile(source, target);
  }
}
