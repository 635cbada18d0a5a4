import { createSignInLink } from '@zhanggui/shared/access/access-store.ts';
import { withDatabase } from '../company.ts';
import type { AddCommand } from '../program.ts';

/** `zg link`: a way in for whoever stands at the machine. */
export const linkCommand: AddCommand = (program, io) => {
  program
    .command('link')
    .description('print a link that signs someone in, once; links made before for them are void')
    .option('--email <address>', 'whom (default: the first administrator)')
    .option('--json', 'print {url}')
    .addHelpText(
      'after',
      `
Example:
  npm run -s zg -- link`,
    )
    .action(async ({ email, json }: { email?: string; json?: true }) => {
      const whom = email === undefined ? {} : { email };
      const url = await withDatabase(io, (sql, { publicUrl }) =>
        createSignInLink(sql, { publicUrl, ...whom }),
      );
      io.out(json ? JSON.stringify({ url }) : url);
    });
};
