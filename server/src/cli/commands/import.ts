import { BULK_ROWS, putRows } from '../bulk.ts';
import { withApi } from '../company.ts';
import { describeJourney, importJourney } from '../complete-journey/import.ts';
import { openCsv } from '../csv.ts';
import { CliError, exitCodes } from '../errors.ts';
import { oneOf } from '../options.ts';
import { importDocuments } from '../import-documents.ts';
import {
  documents,
  fieldNames,
  importable,
  rowMaker,
  type DocumentKind,
  type Importable,
} from '../import-rows.ts';
import { pathFrom } from '../io.ts';
import { whole } from '../output.ts';
import type { AddCommand } from '../program.ts';

/** A row that was not taken. `line` is where it ends in the file. */
type FailedRow = { line: number; key: string | null; code: string; field: string; detail: string };

/** What an import may be of: rows of one kind, or a folder of files that belong together. */
const kinds: readonly (Importable | DocumentKind)[] = [...importable, ...documents];
const formats = ['complete-journey'] as const;

type Options = { format?: (typeof formats)[number]; json?: true };

/** `zg import`: catalog, targets, promotions, members, orders and counts from CSV. */
export const importCommand: AddCommand = (program, io, finish) => {
  program
    .command('import')
    .description(
      'add or replace rows of the catalog, targets, promotions or members, make orders, or hand counts in, from a CSV file',
    )
    .argument('<what>', `what the rows are: ${kinds.join(', ')}; with --format the folder`)
    .argument('[file]', 'CSV with a header row, UTF-8, gzipped or not')
    .option(
      '--format <name>',
      `a whole folder of a known kind: ${formats.join(', ')}; see docs/complete-journey.md`,
      oneOf(formats),
    )
    .option('--json', 'print {read, upserted, failed: [{line, key, code, field, detail}]}')
    .addHelpText(
      'after',
      `
The header names the fields as in the API; amounts are minor units (分); lists have | between items:
${importable.map((what) => `  ${what.padEnd(11)} ${fieldNames(what)}`).join('\n')}

A row replaces the one with the same code as a whole (a promotion: of the same name and first day). Rows that fit are taken, also when others do not;
those are printed with their line, and the exit code is 1.

Rows of several lines each; the rows of one order (or of one location and ref) become one thing:
${documents.map((what) => `  ${what.padEnd(13)} ${fieldNames(what)}`).join('\n')}
\`order\` is your own number; it only says which rows belong together. Counts wait to be looked through at the desk.

Examples:
  npm run -s zg -- import skus skus.csv
  npm run -s zg -- import --format complete-journey complete-journey/`,
    )
    .action(async (first: string, file: string | undefined, { format, json }: Options) => {
      if (format !== undefined) {
        const report = await importJourney(io, pathFrom(io, first));
        io.out(json ? JSON.stringify(report) : describeJourney(report));
        if (report.refused + report.facts.rejected > 0) finish(exitCodes.found);
        return;
      }
      const what = kinds.find((each) => each === first);
      if (what === undefined) throw new CliError(`${first} is none of ${kinds.join(', ')}.`);
      if (file === undefined) throw new CliError('Which file? zg import --help tells more.');
      if (what === 'supply-orders' || what === 'counts') {
        const { failed } = await importDocuments(io, what, pathFrom(io, file), json === true);
        if (failed > 0) finish(exitCodes.found);
        return;
      }
      const failed: FailedRow[] = [];
      let read = 0;
      let upserted = 0;
      // The file first: a wrong header needs no company.
      const { header, records } = await openCsv(pathFrom(io, file));
      const makeRow = rowMaker(what, header);
      await withApi(io, { purpose: 'import', scopes: ['command'] }, async ({ api }) => {
        const path =
          what === 'targets' || what === 'promotions' || what === 'members'
            ? `/api/v1/${what}`
            : `/api/v1/catalog/${what}`;
        const send = async (batch: { line: number; row: unknown }[]) => {
          const answer = await putRows(
            api,
            path,
            batch.map(({ row }) => row),
          );
          upserted += answer.upserted;
          for (const { index, ...why } of answer.rejected) {
            const row = { line: batch[index]?.line ?? 0, ...why };
            failed.push(row);
            if (!json) io.note(`line ${row.line}: ${row.field}: ${row.detail}`);
          }
          io.progress(`${whole(read)} rows`);
        };
        let batch: { line: number; row: unknown }[] = [];
        for await (const { line, fields } of records) {
          io.signal.throwIfAborted();
          read += 1;
          batch.push({ line, row: makeRow(fields) });
          if (batch.length < BULK_ROWS) continue;
          await send(batch);
          batch = [];
        }
        await send(batch);
      });
      if (json) io.out(JSON.stringify({ read, upserted, failed }));
      else io.out(`${whole(read)} rows read, ${whole(upserted)} taken, ${whole(failed.length)} failed`);
      if (failed.length > 0) finish(exitCodes.found);
    });
};
