import { addUser } from '@zhanggui/shared/access/access-store.ts';
import { operator, writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { changeUser, listUsers, normalizeEmail, type UserRow } from '@zhanggui/shared/access/user-store.ts';
import { roles, type Role } from '@zhanggui/shared/contract/words.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { announceAccess } from '../announce.ts';
import { withDatabase } from '../company.ts';
import { CliError } from '../errors.ts';
import { list, oneOf } from '../options.ts';
import { moment, table } from '../output.ts';
import { everything } from '../pages.ts';
import type { AddCommand } from '../program.ts';

type AddOptions = {
  email: string;
  role: Role;
  name?: string;
  locations?: string[];
  regions?: string[];
  passwordStdin?: true;
  json?: true;
};

/** `zg user`: people. */
export const userCommand: AddCommand = (program, io) => {
  const user = program.command('user').description('add, list and disable people');

  user
    .command('add')
    .description('add a person; without a password they come in by a link (zg link --email)')
    .requiredOption('--email <address>', 'what they sign in with')
    .requiredOption('--role <role>', `one of ${roles.join(', ')}`, oneOf(roles))
    .option('--name <name>', 'how they are called (default: the address before the @)')
    .option('--locations <codes>', 'managers: their stores, e.g. SH01,SH02', list)
    .option('--regions <codes>', 'managers: their regions, e.g. east', list)
    .option('--password-stdin', 'read the password from standard input: arguments can be seen by others')
    .option('--json', 'print the person')
    .addHelpText(
      'after',
      `
Examples:
  npm run -s zg -- user add --email chen@example.com --role viewer --password-stdin < password.txt
  npm run -s zg -- user add --email li@example.com --role manager --locations SH01,SH02`,
    )
    .action(async ({ email, role, name, locations, regions, passwordStdin, json }: AddOptions) => {
      if (!/^[^@\s]+@[^@\s]+$/.test(email.trim())) throw new CliError(`${email} is no e-mail address`);
      // A here-string or `echo` ends with a line break that nobody typed as part of the password.
      const password = passwordStdin ? (await io.input()).replace(/\r?\n$/, '') : null;
      const row = await withDatabase(io, (sql) =>
        addUser(sql, {
          email,
          name: name ?? email.slice(0, email.indexOf('@')),
          role,
          ...(locations === undefined ? {} : { locations }),
          ...(regions === undefined ? {} : { regions }),
          password,
        }),
      );
      if (json) io.out(JSON.stringify(row));
      else io.note(`Added ${row.email} as ${row.role}.`);
    });

  user
    .command('list')
    .description('list all people')
    .option('--json', 'print {rows}')
    .action(async ({ json }: { json?: true }) => {
      const rows = await withDatabase(io, allUsers);
      io.out(json ? JSON.stringify({ rows }) : userTable(rows));
    });

  user
    .command('disable')
    .description('lock a person out at once; what they did stays in the audit log')
    .argument('<email>', 'their e-mail address')
    .option('--json', 'print the person')
    .action(async (email: string, { json }: { json?: true }) => {
      const row = await withDatabase(io, async (sql) => {
        const found = (await allUsers(sql)).find((each) => each.email === normalizeEmail(email));
        if (found === undefined) throw new CliError(`Nobody has the e-mail address ${email}`);
        const row = await sql.begin(async (tx) => {
          const changed = await changeUser(tx, found.id, { disabled: true });
          await writeAudit(tx, operator, {
            action: 'user.change',
            target: changed.email,
            details: { disabled: true },
          });
          return changed;
        });
        await announceAccess(io, sql, { kind: 'user', id: row.id });
        return row;
      });
      if (json) io.out(JSON.stringify(row));
      else io.note(`Disabled ${row.email}.`);
    });
};

/** Rows of a page. */
const PAGE = 500;

function allUsers(sql: SqlPool): Promise<UserRow[]> {
  return everything((last) => listUsers(sql, { after: last?.email ?? null, limit: PAGE }), PAGE);
}

function userTable(rows: readonly UserRow[]): string {
  return table(
    rows,
    [
      { title: 'E-MAIL', value: (row) => row.email },
      { title: 'NAME', value: (row) => row.name },
      { title: 'ROLE', value: (row) => row.role },
      { title: 'LIMITED TO', value: (row) => [...row.locations, ...row.regions].join(',') || '–' },
      { title: 'PASSWORD', value: (row) => (row.hasPassword ? 'yes' : 'no') },
      { title: 'LAST SEEN', value: (row) => moment(row.lastSeenAt) },
      { title: 'DISABLED', value: (row) => moment(row.disabledAt) },
    ],
    'No people.',
  );
}
