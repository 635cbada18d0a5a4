import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { found, isMigrated, listMigrations, migrate } from '@zhanggui/shared/platform/migrate.ts';
import { createDatabase, type TestDatabase } from '../support/database.ts';

describe('migrate', () => {
  let db: TestDatabase;
  let folder: string;
  beforeAll(async () => {
    db = await createDatabase();
    folder = await mkdtemp(path.join(tmpdir(), 'migrations-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('finds the real schema complete', async () => {
    expect(await migrate(db.sql)).toEqual([]);
    expect(await isMigrated(db.sql)).toBe(true);
  });

  it('runs what is new, once, however many start at the same time', async () => {
    const next = (await listMigrations()).length + 1;
    const file = path.join(folder, 'more.sql');
    await writeFile(file, 'create table more (n int); insert into more values (1);');
    const list = [...(await listMigrations()), { number: next, name: 'more', file }];
    expect(await isMigrated(db.sql, list)).toBe(false);
    const ran = await Promise.all([1, 2, 3].map(() => migrate(db.sql, list)));
    expect(ran.flat()).toEqual(['more']);
    expect(await db.sql`select n from more`).toEqual([{ n: 1 }]);
  });

  it('leaves nothing of a file that fails', async () => {
    const list = [...(await listMigrations())];
    const done = (await db.sql<{ n: number }[]>`select max(number) as n from schema_migration`)[0]!.n;
    while (list.length < done)
      list.push({ number: list.length + 1, name: 'more', file: path.join(folder, 'more.sql') });
    const file = path.join(folder, 'bad.sql');
    await writeFile(file, 'create table half (n int); select 1/0;');
    list.push({ number: done + 1, name: 'bad', file });
    await expect(migrate(db.sql, list)).rejects.toThrow(/division by zero/);
    expect(await db.sql`select to_regclass('half') as half`).toEqual([{ half: null }]);
  });

  it('refuses a schema that is newer than the code', async () => {
    await expect(migrate(db.sql, (await listMigrations()).slice(0, 1))).rejects.toThrow(
      /start the version that made it/,
    );
  });
});

describe('found', () => {
  it('keeps currency and time zone, and names the setting that differs', async () => {
    const { sql } = await createDatabase();
    await found(sql, { currency: 'CNY', timeZone: 'Asia/Shanghai' });
    await expect(found(sql, { currency: 'GBP', timeZone: 'Asia/Shanghai' })).rejects.toThrow(
      /^CURRENCY is GBP/,
    );
    await expect(found(sql, { currency: 'CNY', timeZone: 'Europe/London' })).rejects.toThrow(
      /^BUSINESS_TZ is/,
    );
  });
});
