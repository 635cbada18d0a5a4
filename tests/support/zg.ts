/** `zg` run inside the test's process, against a server of the test. */
import { runZg } from '@zhanggui/server/src/cli/program.ts';
import type { Io } from '@zhanggui/server/src/cli/io.ts';

export type ZgOutcome = { code: number; out: string; said: string };

export type ZgCompany = { databaseUrl: string; url: string };

type Options = { input?: string; signal?: AbortSignal; env?: Record<string, string>; folder?: string };

/** Runs one command line. `out` is what went to standard output, `said` what went to standard error. */
export async function zg(
  { databaseUrl, url }: ZgCompany,
  args: readonly string[],
  { input = '', signal, env = {}, folder = process.cwd() }: Options = {},
): Promise<ZgOutcome> {
  const [out, said]: [string[], string[]] = [[], []];
  const io: Io = {
    // No company runs in this folder: its run file must not be looked at.
    env: {
      DATABASE_URL: databaseUrl,
      PUBLIC_URL: url,
      DATA_DIR: '.cache/no-company',
      LOG_LEVEL: 'silent',
      ...env,
    },
    folder,
    out: (text) => out.push(text),
    note: (text) => said.push(text),
    progress: () => undefined,
    input: () => Promise.resolve(input),
    signal: signal ?? new AbortController().signal,
  };
  const code = await runZg(args, io);
  return { code, out: out.join('\n'), said: said.join('\n') };
}
