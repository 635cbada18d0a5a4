import { readDemoProgress } from '@zhanggui/shared/demo/demo-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { withDatabase } from '../company.ts';
import { CliError, exitCodes } from '../errors.ts';
import { whole } from '../output.ts';
import type { AddCommand } from '../program.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';

/** `zg status`: is it well, and how far is it. */
export const statusCommand: AddCommand = (program, io, finish) => {
  program
    .command('status')
    .description('say whether the company is ready, what it has taken in, and how far the demo is')
    .option('--json', 'print it as JSON')
    .addHelpText('after', '\nExit code 1: the company runs, but is not ready to take facts.')
    .action(async ({ json }: { json?: true }) => {
      const status = await withDatabase(io, async (sql, { serverUrl, publicUrl }) => ({
        url: publicUrl,
        ...(await readiness(serverUrl)),
        ...(await readBooks(sql)),
      }));
      io.out(json ? JSON.stringify(status) : describe(status));
      if (!status.ready) finish(exitCodes.found);
    });
};

type Status = { url: string } & Awaited<ReturnType<typeof readiness>> & Awaited<ReturnType<typeof readBooks>>;

/** What GET /readyz says; a server that does not answer is not ready. */
async function readiness(serverUrl: string): Promise<{ ready: boolean; missing: string[] }> {
  try {
    const response = await fetch(new URL('/readyz', serverUrl), { signal: AbortSignal.timeout(5_000) });
    const body = (await response.json()) as { missing?: string[] };
    return { ready: response.ok, missing: body.missing ?? [] };
  } catch (error) {
    const reason =
      error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    return { ready: false, missing: [`the server at ${serverUrl} does not answer: ${reason}`] };
  }
}

async function readBooks(sql: SqlPool) {
  const [company] = await sql<{ currency: string; timeZone: string }[]>`
    select currency, time_zone as "timeZone" from company`;
  if (company === undefined) throw new CliError('The company is not founded yet. Start it first.');
  const [sums] = await sql<
    [{ sources: number; accepted: number; duplicates: number; rejected: number; open: number }]
  >`
    select count(*) as sources, coalesce(sum(accepted), 0) as accepted, coalesce(sum(duplicates), 0) as duplicates,
      coalesce(sum(rejected), 0) as rejected, (select count(*) from rejected_event where state = 'open') as open
    from source`;
  const demo = await readDemoProgress(sql, new BusinessTime(company.timeZone).day(Date.now()));
  return { ...company, ...sums, demo };
}

function describe({
  url,
  ready,
  missing,
  currency,
  timeZone,
  sources,
  accepted,
  open,
  demo,
}: Status): string {
  return [
    `${url}  ${ready ? 'ready' : 'not ready'}`,
    ...missing.map((reason) => `  ${reason}`),
    `${currency}, ${timeZone}`,
    `${whole(accepted)} facts of ${whole(sources)} sources, ${whole(open)} rejected events to look at`,
    ...(demo === null ? [] : [describeDemo(demo)]),
  ].join('\n');
}

function describeDemo({
  part,
  done,
  total,
  daysDone,
  daysTotal,
  share,
}: NonNullable<Status['demo']>): string {
  const doing = part === null ? '' : `; ${part}: ${whole(done)} of ${whole(total)}`;
  return `demo: ${daysDone} of ${daysTotal} days of history, ${Math.round(share * 100)} %${doing}`;
}
