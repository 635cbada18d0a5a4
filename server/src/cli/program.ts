/** The command line `zg`, put together from one file per command. */
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { Command, CommanderError } from 'commander';
import { ApiError } from './api.ts';
import { demoCommand } from './commands/demo.ts';
import { eventsCommand } from './commands/events.ts';
import { importCommand } from './commands/import.ts';
import { keyCommand } from './commands/key.ts';
import { linkCommand } from './commands/link.ts';
import { replayCommand } from './commands/replay.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { userCommand } from './commands/user.ts';
import { verifyCommand } from './commands/verify.ts';
import { wallCommand } from './commands/wall.ts';
import { CliError, exitCodes } from './errors.ts';
import type { Io } from './io.ts';

/** Ends a command with a code other than 0 after it has said all it had to say. */
export type Finish = (code: number) => void;

/** Adds one command, with its options, help and action. */
export type AddCommand = (program: Command, io: Io, finish: Finish) => void;

const commands: AddCommand[] = [
  statusCommand,
  keyCommand,
  userCommand,
  linkCommand,
  wallCommand,
  importCommand,
  eventsCommand,
  verifyCommand,
  replayCommand,
  simulateCommand,
  demoCommand,
];

/** Runs one command line (without node and script) and answers its exit code; see `exitCodes`. Never throws. */
export async function runZg(args: readonly string[], io: Io): Promise<number> {
  let code: number = exitCodes.ok;
  const finish: Finish = (wanted) => (code = wanted);
  const program = new Command('zg')
    .description('The operator’s command line of Zhanggui.')
    .showHelpAfterError('(see --help)')
    .configureHelp({ sortSubcommands: false })
    .addHelpText(
      'after',
      `
Finds the running company through DATA_DIR (default .data), or through DATABASE_URL with PUBLIC_URL or PORT.
Results go to standard output, everything else to standard error; --json makes results readable by scripts.

Exit codes: 0 all is well; 1 differences or failed rows were found; 2 wrong usage or no company; 130 interrupted.`,
    );
  for (const add of commands) add(program, io, finish);
  prepare(program, io);
  try {
    await program.parseAsync(args, { from: 'user' });
    return code;
  } catch (error) {
    return explain(error, io);
  }
}

/** commander would write to the process's streams and end it; both are ours to decide. Settings are not inherited. */
function prepare(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => io.out(text.trimEnd()),
    writeErr: (text) => io.note(text.trimEnd()),
  });
  for (const child of command.commands) prepare(child, io);
}

/** Tells a person what went wrong; the exit code tells a script. */
function explain(error: unknown, io: Io): number {
  // Help and version end in an "error" too; commander has written all there is to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.cannot;
  if (io.signal.aborted) {
    io.note('Interrupted.');
    return exitCodes.interrupted;
  }
  if (error instanceof CliError) {
    io.note(error.message);
    return error.exitCode;
  }
  if (error instanceof AppError || error instanceof ApiError) {
    io.note(error.message);
    return exitCodes.cannot;
  }
  // A mistake of ours: the stack is what a bug report needs.
  io.note(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return exitCodes.cannot;
}
