import { rejectedStates } from '@zhanggui/shared/ingest/rejected-store.ts';
import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { ApiError, type Api } from '../api.ts';
import { withApi } from '../company.ts';
import { CliError, exitCodes } from '../errors.ts';
import { pathFrom, type Io } from '../io.ts';
import { oneOf, wholeNumber } from '../options.ts';
import { moment, table, whole } from '../output.ts';
import type { AddCommand, Finish } from '../program.ts';

type RejectedState = (typeof rejectedStates)[number];

/** A rejected event as the API shows it. */
type Rejected = {
  no: number;
  receivedAt: string;
  source: string | null;
  eventId: string | null;
  type: string | null;
  code: string;
  detail: string;
  body: string;
  state: RejectedState;
};

const PATH = '/api/v1/events/rejected';
const PAGE = 500;

/** `zg events`: what was refused, and what becomes of it. */
export const eventsCommand: AddCommand = (program, io, finish) => {
  const events = program.command('events').description('list, replay and discard rejected events');

  events
    .command('rejected')
    .description('list rejected events, newest first')
    .option('--state <state>', `one of ${rejectedStates.join(', ')}`, oneOf(rejectedStates), 'open')
    .option('--source <name>', 'only of this source')
    .option('--limit <n>', 'at most so many', wholeNumber, 100)
    .option('--json', 'print {rows}, with the events as they came')
    .action(async ({ state, source, limit, json }: ListOptions) => {
      const rows = await withApi(io, { purpose: 'events', scopes: ['command'] }, ({ api }) =>
        listRejected(api, { state, source }, limit),
      );
      io.out(json ? JSON.stringify({ rows }) : rejectedTable(rows, state));
    });

  settling(events, io, finish, {
    name: 'replay',
    description: 'take rejected events in after all, as they came or mended',
    done: 'replayed',
    examples: `
Examples:
  npm run -s zg -- events replay 17 18
  npm run -s zg -- events replay 17 --mended event.json
  npm run -s zg -- events replay --all --source pos/sh`,
    settle: async (api, no, mended) => {
      const body = mended === undefined ? undefined : { event: mended };
      const { result } = await api.post<{ result: string }>(`${PATH}/${no}/replay`, body);
      return result;
    },
  });

  settling(events, io, finish, {
    name: 'discard',
    description: 'give rejected events up; they stay in the list as discarded',
    done: 'discarded',
    examples: `
Example:
  npm run -s zg -- events discard 17`,
    settle: async (api, no) => {
      await api.post(`${PATH}/${no}/discard`);
      return 'discarded';
    },
  });
};

type ListOptions = { state: RejectedState; source?: string; limit: number; json?: true };
type SettleOptions = { all?: true; source?: string; mended?: string; json?: true };

type Settling = {
  name: 'replay' | 'discard';
  description: string;
  done: string;
  examples: string;
  /** Settles one event; answers what became of it. Throws ApiError where the server refuses. */
  settle: (api: Api, no: number, mended?: unknown) => Promise<string>;
};

/** Adds a command that goes through some or all open events and tells what became of each. */
function settling(
  events: Command,
  io: Io,
  finish: Finish,
  { name, description, done, examples, settle }: Settling,
): void {
  const command = events
    .command(name)
    .description(description)
    .argument('[no...]', 'their numbers (zg events rejected)')
    .option('--all', 'all that are open')
    .option('--source <name>', 'with --all: only of this source')
    .option('--json', `print {${done}, failed: [{no, detail}]}`)
    .addHelpText('after', `\nExit code 1: some were refused again.\n${examples}`);
  if (name === 'replay') command.option('--mended <file>', 'with one number: the mended event, as JSON');
  command.action(async (given: string[], { all, source, mended, json }: SettleOptions) => {
    if (given.length > 0 === (all === true)) throw new CliError('Say which events: some numbers, or --all');
    if (mended !== undefined && given.length !== 1)
      throw new CliError('--mended goes with exactly one number');
    const event = mended === undefined ? undefined : await readMended(pathFrom(io, mended));
    const settled: { no: number; result: string }[] = [];
    const failed: { no: number; detail: string }[] = [];
    await withApi(io, { purpose: 'events', scopes: ['command'] }, async ({ api }) => {
      const nos = all
        ? (await listRejected(api, { state: 'open', source }, Infinity)).map(({ no }) => no)
        : given.map(wholeNumber);
      for (const no of nos) {
        try {
          settled.push({ no, result: await settle(api, no, event) });
        } catch (error) {
          if (!(error instanceof ApiError)) throw error;
          const detail = error.problem.detail ?? error.message;
          failed.push({ no, detail });
          if (!json) io.note(`${no}: ${detail}`);
        }
      }
    });
    if (json) io.out(JSON.stringify({ [done]: settled, failed }));
    else io.out(`${whole(settled.length)} ${done}, ${whole(failed.length)} refused`);
    if (failed.length > 0) finish(exitCodes.found);
  });
}

async function readMended(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw new CliError(`${path}: ${error instanceof Error ? error.message : String(error)}`, undefined, {
      cause: error,
    });
  }
}

async function listRejected(
  api: Api,
  filter: { state: RejectedState; source?: string | undefined },
  limit: number,
): Promise<Rejected[]> {
  const rows: Rejected[] = [];
  for (let cursor: string | undefined; ;) {
    const page = await api.get<{ rows: Rejected[]; nextCursor: string | null }>(PATH, {
      ...filter,
      cursor,
      limit: Math.min(PAGE, limit - rows.length),
    });
    rows.push(...page.rows);
    if (page.nextCursor === null || rows.length >= limit) return rows;
    cursor = page.nextCursor;
  }
}

function rejectedTable(rows: readonly Rejected[], state: RejectedState): string {
  return table(
    rows,
    [
      { title: 'NO', value: (row) => row.no, right: true },
      { title: 'RECEIVED', value: (row) => moment(row.receivedAt) },
      { title: 'SOURCE', value: (row) => row.source },
      { title: 'EVENT', value: (row) => row.eventId },
      { title: 'TYPE', value: (row) => row.type },
      { title: 'WHY', value: (row) => row.detail },
    ],
    `No ${state} rejected events.`,
  );
}
