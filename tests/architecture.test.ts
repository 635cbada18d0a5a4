import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';

/** An import as it stands in a file, and the repository path that it means (or the package's name). */
type Import = { from: string; to: string };

/** Not `import type`: it is gone before anything runs, and the shape of a row is no dependency on who reads it. */
const IMPORT =
  /(?:^|[\s;])(?:import|export)\s(?!type\s)(?:[^'"`;]*?\sfrom\s*)?['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;

const files = globSync('{web/src,web/tools,server,workers,shared}/**/*.{ts,mjs,svelte}', {
  cwd: repositoryRoot,
  exclude: ['**/node_modules/**', '**/.svelte-kit/**', 'web/build/**'],
});

const imports: Import[] = files.flatMap((from) => {
  const text = readFileSync(path.join(repositoryRoot, from), 'utf8');
  return [...text.matchAll(IMPORT)].map((match) => ({ from, to: resolve(from, match[1] ?? match[2] ?? '') }));
});

function resolve(from: string, specifier: string): string {
  if (specifier.startsWith('.'))
    return path.posix.normalize(path.posix.join(path.posix.dirname(from), specifier));
  if (specifier.startsWith('#lib/')) return `web/src/lib/${specifier.slice(5)}`;
  return specifier
    .replace(/^@zhanggui\/shared\//, 'shared/src/')
    .replace(/^@zhanggui\/(server|workers|web)/, '$1');
}

const isTest = (file: string): boolean => file.includes('.test.');
const within = (folder: string) => (file: string) => file.startsWith(`${folder}/`);
const isStore = (file: string): boolean => /-store\.ts$/.test(file);
const inPlatform = within('shared/src/platform');
const inContract = within('shared/src/contract');
const inShared = within('shared/src');
const isOurs = (file: string): boolean => /^(web|server|workers|shared|tests)\//.test(file);
/** Neither stores, nor the platform, nor the contract: decisions without I/O. */
const isPure = (file: string): boolean =>
  inShared(file) && !isStore(file) && !inPlatform(file) && !inContract(file);

/** Imports of files of the first kind that are not allowed, as lines to read. */
function breaches(of: (file: string) => boolean, allowed: (to: string, from: string) => boolean): string[] {
  return imports
    .filter(({ from }) => of(from) && !isTest(from))
    .filter(({ to, from }) => !allowed(to, from))
    .map(({ from, to }) => `${from} imports ${to}`);
}

describe('architecture', () => {
  it('is looked at (the pattern finds imports)', () => {
    expect(imports.length).toBeGreaterThan(100);
    expect(imports.some(({ to }) => to.startsWith('shared/src/contract/'))).toBe(true);
  });

  it.each(['web', 'server', 'workers'])('%s imports itself and shared, no other process', (name) => {
    expect(breaches(within(name), (to) => !isOurs(to) || within(name)(to) || inShared(to))).toEqual([]);
  });

  it('shared imports nothing of the processes', () => {
    expect(breaches(within('shared'), (to) => !isOurs(to) || inShared(to))).toEqual([]);
  });

  it('web imports of shared only the contract and pure files', () => {
    expect(breaches(within('web'), (to) => !inShared(to) || inContract(to) || isPure(to))).toEqual([]);
  });

  it('the contract imports nothing but itself and zod', () => {
    expect(breaches(inContract, (to) => inContract(to) || to === 'zod')).toEqual([]);
  });

  it('pure files import only the contract and other pure files, and do no I/O', () => {
    // Schemas and hashes are functions of what they are given; access has some of both.
    const harmless = ['zod', 'node:crypto'];
    expect(breaches(isPure, (to) => inContract(to) || isPure(to) || harmless.includes(to))).toEqual([]);
  });

  it('stores import pure files, the contract and the platform, and only stores of their own slice', () => {
    const sameSlice = (to: string, from: string): boolean =>
      path.posix.dirname(to) === path.posix.dirname(from);
    expect(breaches(isStore, (to, from) => !isOurs(to) || !isStore(to) || sameSlice(to, from))).toEqual([]);
  });

  it('the platform knows no slice', () => {
    expect(breaches(inPlatform, (to) => !isOurs(to) || inPlatform(to) || inContract(to))).toEqual([]);
  });
});
