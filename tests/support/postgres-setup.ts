import { rmSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { TestProject } from 'vitest/node';
import { startEmbeddedPostgres } from '@zhanggui/shared/platform/embedded-postgres.ts';
import { connect } from '@zhanggui/shared/platform/database.ts';
import { prepareDatabase } from '../../server/boot/prepare.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A Postgres that may make databases. */
    postgresUrl: string;
    /** Name of the database with the schema, for tests to clone. */
    templateDatabase: string;
  }
}

/**
 * What is lost when the machine goes down belongs to no test here: those of durability start companies of their own. And two
 * workers with two servers each hold more connections than one company does.
 */
const settings = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_connections: 200 };

/**
 * One Postgres for all integration tests: the embedded one in a folder of its own, or TEST_DATABASE_URL. It holds a migrated
 * database that each test file clones, which takes a tenth of the time of migrating.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const given = process.env['TEST_DATABASE_URL'];
  const folder = given ? undefined : await mkdtemp(path.join(tmpdir(), 'zhanggui-test-'));
  const postgres = folder ? await startEmbeddedPostgres(folder, { settings }) : undefined;
  const url = given ?? postgres?.url ?? '';
  const template = `template_${process.pid}`;

  const sql = connect(url, { max: 1 });
  await sql`create database ${sql(template)}`;
  await prepareDatabase(withDatabase(url, template), {
    currency: 'CNY',
    timeZone: 'Asia/Shanghai',
    redisUrl: undefined,
  });
  project.provide('postgresUrl', url);
  project.provide('templateDatabase', template);

  return async () => {
    await sql`drop database if exists ${sql(template)} with (force)`;
    await sql.end({ timeout: 2 });
    await postgres?.stop();
    if (folder) rmSync(folder, { recursive: true, force: true });
  };
}

export function withDatabase(url: string, name: string): string {
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other.href;
}
