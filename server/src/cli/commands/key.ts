import { createKey } from '@zhanggui/shared/access/access-store.ts';
import { operator, writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { listKeys, revokeKey, type KeyRow } from '@zhanggui/shared/access/key-store.ts';
import { keyScopes, type KeyScope } from '@zhanggui/shared/contract/words.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { announceAccess } from '../announce.ts';
import { withDatabase } from '../company.ts';
import { CliError } from '../errors.ts';
import { listOf } from '../options.ts';
import { moment, table } from '../output.ts';
import { everything } from '../pages.ts';
import type { AddCommand } from '../program.ts';

/** `zg key`: keys of machines. */
export const keyCommand: AddCommand = (program, io) => {
  const key = program.command('key').description('make, list and revoke keys of machines');

  key
    .command('create')
    .description('make a key and print it, once and never again')
    .requiredOption('--name <name>', 'what it is for, e.g. "tills of Shanghai"')
    .requiredOption('--scopes <scopes>', `what it may do, of ${keyScopes.join(',')}`, listOf(keyScopes))
    .option('--json', 'print {id, name, scopes, key}')
    .addHelpText(
      'after',
      `
Example:
  KEY=$(npm run -s zg -- key create --name "pos gateway" --scopes ingest)`,
    )
    .action(async ({ name, scopes, json }: { name: string; scopes: KeyScope[]; json?: true }) => {
      const made = await withDatabase(io, (sql) => createKey(sql, { name, scopes }));
      io.out(json ? JSON.stringify({ id: made.id, name, scopes, key: made.key }) : made.key);
    });

  key
    .command('list')
    .description('list all keys, newest first, also the revoked ones')
    .option('--json', 'print {rows}')
    .action(async ({ json }: { json?: true }) => {
      const rows = await withDatabase(io, allKeys);
      io.out(json ? JSON.stringify({ rows }) : keyTable(rows));
    });

  key
    .command('revoke')
    .description('end a key at once')
    .argument('<key>', 'its id, its name, or how it begins (zg_…)')
    .option('--json', 'print the revoked key')
    .action(async (wanted: string, { json }: { json?: true }) => {
      const row = await withDatabase(io, async (sql) => {
        const { id } = pickKey(await allKeys(sql), wanted);
        const revoked = await sql.begin(async (tx) => {
          const ended = await revokeKey(tx, id);
          await writeAudit(tx, operator, { action: 'key.revoke', target: ended.name });
          return ended;
        });
        await announceAccess(io, sql, { kind: 'key', id });
        return revoked;
      });
      if (json) io.out(JSON.stringify(row));
      else io.note(`Revoked ${row.name} (${row.prefix}…).`);
    });
};

/** Rows of a page. */
const PAGE = 500;

function allKeys(sql: SqlPool): Promise<KeyRow[]> {
  return everything((last) => listKeys(sql, { before: last?.id ?? null, limit: PAGE }), PAGE);
}

/** The one key that is meant. A name may have been used again: then only the keys that still work are looked at. */
function pickKey(rows: readonly KeyRow[], wanted: string): KeyRow {
  const matches = rows.filter(
    (row) => row.id === wanted || row.name === wanted || (row.prefix !== '' && wanted.startsWith(row.prefix)),
  );
  const working = matches.filter((row) => row.revokedAt === null);
  const [row, another] = working.length > 0 ? working : matches;
  if (row === undefined) throw new CliError(`There is no key ${wanted}`);
  if (another !== undefined)
    throw new CliError(`Several keys are called ${wanted}; say which by its id (zg key list)`);
  return row;
}

function keyTable(rows: readonly KeyRow[]): string {
  return table(
    rows,
    [
      { title: 'ID', value: (row) => row.id },
      { title: 'NAME', value: (row) => row.name },
      { title: 'BEGINS', value: (row) => row.prefix },
      { title: 'SCOPES', value: (row) => row.scopes.join(',') },
      { title: 'MADE', value: (row) => moment(row.createdAt) },
      { title: 'LAST USED', value: (row) => moment(row.lastUsedAt) },
      { title: 'REVOKED', value: (row) => moment(row.revokedAt) },
    ],
    'No keys.',
  );
}
