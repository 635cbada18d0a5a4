import { operator, writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { listWalls, revokeWall, type WallRow } from '@zhanggui/shared/access/wall-store.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { announceAccess } from '../announce.ts';
import { withDatabase } from '../company.ts';
import { CliError } from '../errors.ts';
import { moment, table } from '../output.ts';
import { everything } from '../pages.ts';
import type { AddCommand } from '../program.ts';

/** `zg wall`: paired screens. Pairing needs the code on the screen, and is done at the desk. */
export const wallCommand: AddCommand = (program, io) => {
  const wall = program.command('wall').description('list and revoke paired screens');

  wall
    .command('list')
    .description('list all screens that are paired')
    .option('--json', 'print {rows}')
    .action(async ({ json }: { json?: true }) => {
      const rows = await withDatabase(io, allWalls);
      io.out(json ? JSON.stringify({ rows }) : wallTable(rows));
    });

  wall
    .command('revoke')
    .description('end a screen’s right to the board at once')
    .argument('<wall>', 'its id or name')
    .option('--json', 'print the revoked screen')
    .action(async (wanted: string, { json }: { json?: true }) => {
      const row = await withDatabase(io, async (sql) => {
        const [found, another] = (await allWalls(sql)).filter(
          (each) => each.id === wanted || each.name === wanted,
        );
        if (found === undefined) throw new CliError(`There is no wall ${wanted}`);
        if (another !== undefined)
          throw new CliError(`Several walls are called ${wanted}; say which by its id`);
        const revoked = await sql.begin(async (tx) => {
          const ended = await revokeWall(tx, found.id);
          await writeAudit(tx, operator, { action: 'wall.revoke', target: ended.name });
          return ended;
        });
        await announceAccess(io, sql, { kind: 'wall', id: found.id });
        return revoked;
      });
      if (json) io.out(JSON.stringify(row));
      else io.note(`Revoked ${row.name}.`);
    });
};

/** Rows of a page. */
const PAGE = 500;

function allWalls(sql: SqlPool): Promise<WallRow[]> {
  return everything((last) => listWalls(sql, { before: last?.id ?? null, limit: PAGE }), PAGE);
}

function wallTable(rows: readonly WallRow[]): string {
  return table(
    rows,
    [
      { title: 'ID', value: (row) => row.id },
      { title: 'NAME', value: (row) => row.name },
      { title: 'SHOWS', value: (row) => row.scenes.join(',') },
      { title: 'OF', value: (row) => row.scope },
      { title: 'MONEY', value: (row) => (row.hideMoney ? 'hidden' : 'shown') },
      { title: 'LAST SEEN', value: (row) => moment(row.lastSeenAt) },
    ],
    'No walls.',
  );
}
