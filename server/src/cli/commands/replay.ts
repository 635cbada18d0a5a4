import { listSkus, type SkuRow } from '@zhanggui/shared/catalog/lookup-store.ts';
import { Option } from 'commander';
import { putRows } from '../bulk.ts';
import { withApi, type ApiDoor } from '../company.ts';
import { CliError, exitCodes } from '../errors.ts';
import { EventSender } from '../event-sender.ts';
import { pathFrom, type Io } from '../io.ts';
import { positive } from '../options.ts';
import { money, whole } from '../output.ts';
import { everything } from '../pages.ts';
import type { AddCommand } from '../program.ts';
import { builtInMappings, readMapping, type Mapping } from '../replay/mapping.ts';
import { describeRejection, replayFile, type ReplayReport } from '../replay/replay.ts';
import type { SkuNames } from '../replay/sku-names.ts';

type Options = { format: string; speed: number | 'max'; catalog: boolean; dryRun?: true; json?: true };

/** Problems told one by one; the rest is counted. */
const TOLD = 20;
/** Rows of a page. */
const PAGE = 500;

const builtIn = (await builtInMappings()).join(', ');

/** `zg replay`: a file of past sales as facts. */
export const replayCommand: AddCommand = (program, io, finish) => {
  program
    .command('replay')
    .description('replay the sales of a CSV file through the public API')
    .argument('<file>', 'CSV with a header row, UTF-8, gzipped or not')
    .requiredOption(
      '--format <mapping>',
      `a built-in mapping (${builtIn}), or your own mapping.json; see docs/replay.md`,
    )
    .addOption(
      new Option('--speed <n>', 'so many times faster than it happened, or max')
        .default('max')
        .argParser((text) => (text === 'max' ? text : positive()(text))),
    )
    .option('--no-catalog', 'do not tell the catalog the names that stand in the file')
    .option('--dry-run', 'read and map the whole file, send nothing; needs no company')
    .option('--json', 'end with the report as JSON')
    .addHelpText(
      'after',
      `
The same file replayed again changes nothing: its facts are recognised. So is one that was interrupted: start it again.
Exit code 1: some lines could not be mapped, or some events were rejected.

Example:
  npm run -s zg -- replay --format online-retail online-retail.csv.gz --json`,
    )
    .action(async (file: string, options: Options) => {
      const mapping = await readMapping(
        options.format.endsWith('.json') ? pathFrom(io, options.format) : options.format,
      );
      const path = pathFrom(io, file);
      const report = options.dryRun
        ? await dryRun(io, path, mapping)
        : await withApi(io, { purpose: 'replay', scopes: ['ingest', 'command'] }, async (door) => {
            await checkCompany(door, mapping, io);
            return replayInto(io, door, path, mapping, options);
          });
      io.out(options.json ? JSON.stringify(report) : describe(report));
      if (report.interrupted) finish(exitCodes.interrupted);
      else if (report.failed > 0 || report.rejected > 0) finish(exitCodes.found);
    });
};

async function replayInto(
  io: Io,
  door: ApiDoor,
  path: string,
  mapping: Mapping,
  { speed, catalog }: Options,
): Promise<ReplayReport> {
  const problems = problemTeller(io);
  const sender = new EventSender({
    api: door.api,
    // Invoices are long: some hundred fill a request.
    batchEvents: 400,
    onRejected: (rejection) => problems(describeRejection(rejection)),
  });
  const { report, names } = await replayFile({
    path,
    mapping,
    sender,
    speed: speed === 'max' ? null : speed,
    signal: io.signal,
    onProgress: ({ read, sent }) => io.progress(`${whole(read)} lines read, ${whole(sent)} events sent`),
    onProblem: problems,
  });
  problems(null);
  if (catalog && !report.interrupted) await teachCatalog(door, mapping, names, io);
  return report;
}

/** Reads and maps with a sender that keeps everything to itself. */
async function dryRun(io: Io, path: string, mapping: Mapping): Promise<ReplayReport> {
  const problems = problemTeller(io);
  const nothing = { sent: 0, accepted: 0, duplicates: 0, rejected: 0 };
  const sender = {
    counts: nothing,
    add: () => Promise.resolve(),
    push: () => Promise.resolve(),
    flush: () => Promise.resolve(),
  };
  const { report } = await replayFile({
    path,
    mapping,
    sender,
    speed: null,
    signal: io.signal,
    onProgress: ({ read }) => io.progress(`${whole(read)} lines read`),
    onProblem: problems,
  });
  problems(null);
  return report;
}

/** Amounts of another currency cannot be added to the company's books; say so before anything is sent. */
async function checkCompany({ sql }: ApiDoor, mapping: Mapping, io: Io): Promise<void> {
  const [company] = await sql<{ currency: string; timeZone: string }[]>`
    select currency, time_zone as "timeZone" from company`;
  if (company === undefined) throw new CliError('The company is not founded yet. Start it first.');
  if (company.currency !== mapping.currency)
    throw new CliError(
      `The file is in ${mapping.currency}, this company keeps its books in ${company.currency}. ` +
        `Nothing was sent. Start a company of its own for it: CURRENCY=${mapping.currency} DATA_DIR=… npm start`,
    );
  if (company.timeZone !== mapping.timeZone)
    io.note(
      `The company's business days are those of ${company.timeZone}, the file's of ${mapping.timeZone}: ` +
        'sums by day will differ from sums over the file’s dates (BUSINESS_TZ).',
    );
}

/** Tells the catalog what the file calls its places, and the SKUs that the catalog does not know yet. */
async function teachCatalog({ api, sql }: ApiDoor, mapping: Mapping, names: SkuNames, io: Io): Promise<void> {
  const unknown = await everything(
    (last: SkuRow | null) => listSkus(sql, { known: false, after: last?.code, limit: PAGE }),
    PAGE,
  );
  const wanted = new Set(unknown.map(({ code }) => code));
  const skus = names
    .learned()
    .filter(({ code }) => wanted.has(code))
    .map(({ code, name, listPrice }) => ({
      code,
      nameZh: name.slice(0, 200),
      nameEn: name.slice(0, 200),
      listPrice,
    }));
  io.progress(`telling the catalog ${whole(skus.length)} names`);
  const places = await putRows(api, '/api/v1/catalog/locations', mapping.locations);
  const known = await putRows(api, '/api/v1/catalog/skus', skus);
  const refused = [...places.rejected, ...known.rejected];
  for (const { key, field, detail } of refused.slice(0, TOLD))
    io.note(`catalog: ${key ?? '?'}: ${field}: ${detail}`);
}

/** Tells the first problems and counts the others; null says that no more will come. */
function problemTeller(io: Io): (problem: string | null) => void {
  let count = 0;
  return (problem) => {
    if (problem !== null) {
      count += 1;
      if (count <= TOLD) io.note(problem);
    } else if (count > TOLD) io.note(`… and ${whole(count - TOLD)} more problems`);
  };
}

function describe(report: ReplayReport): string {
  const amount = (minor: number) => money(minor, report.currency);
  const part = (name: string, { documents, lines, units, money: minor }: ReplayReport['sales']) =>
    `  ${name.padEnd(12)} ${whole(documents)} invoices, ${whole(lines)} lines, ${whole(units)} units, ${amount(minor)}`;
  return [
    `${whole(report.read)} lines read in ${report.seconds} s (${whole(report.read / report.seconds)} a second)` +
      (report.failed > 0 ? `, ${whole(report.failed)} could not be mapped` : '') +
      (report.skipped > 0 ? `, ${whole(report.skipped)} left out` : ''),
    part('all', { ...report, documents: report.invoices }),
    part('sales', report.sales),
    part('refunds', report.refunds),
    part('adjustments', report.adjustments),
    ...(report.roundedLines > 0
      ? [`  ${report.roundedLines} lines rounded, ${report.roundedBy} in sum`]
      : []),
    `${whole(report.sent)} events sent: ${whole(report.accepted)} accepted, ${whole(report.duplicates)} duplicates, ${whole(report.rejected)} rejected`,
    ...(report.interrupted ? ['Interrupted: start it again to finish.'] : []),
  ].join('\n');
}
