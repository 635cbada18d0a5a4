import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { listMigrations } from './migrate.ts';

describe('listMigrations', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
  });
  afterEach(() => rm(folder, { recursive: true }));
  const put = (...names: string[]) =>
    Promise.all(names.map((name) => writeFile(path.join(folder, name), '')));

  it('reads numbers and names, in order', async () => {
    await put('0002-b-c.sql', '0001-a.sql', 'README.md');
    expect((await listMigrations(folder)).map(({ number, name }) => [number, name])).toEqual([
      [1, 'a'],
      [2, 'b-c'],
    ]);
  });

  it.each([
    ['a gap', ['0001-a.sql', '0003-c.sql'], /number 2/],
    ['a double number', ['0001-a.sql', '0001-b.sql'], /number 2/],
    ['a strange name', ['1_a.sql'], /name must be/],
  ])('refuses %s', async (_what, names, message) => {
    await put(...names);
    await expect(listMigrations(folder)).rejects.toThrow(message);
  });

  it('likes the real ones', async () => {
    expect((await listMigrations()).length).toBeGreaterThan(0);
  });
});
