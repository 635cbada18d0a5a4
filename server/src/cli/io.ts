/** What a command has of the outside world. Tests hand in their own. */
import { styleText } from 'node:util';
import { isAbsolute, resolve } from 'node:path';

export type Io = {
  env: NodeJS.ProcessEnv;
  /** Folder that relative paths are meant from. */
  folder: string;
  /** Results: what a script reads. Nothing else ever goes there. */
  out: (text: string) => void;
  /** Everything that is said to a person meanwhile: a line on standard error. */
  note: (text: string) => void;
  /** A line that the next one replaces, on a terminal; elsewhere nothing, for it would fill a log. */
  progress: (text: string) => void;
  /** All of standard input. */
  input: () => Promise<string>;
  /** Set off by Ctrl-C: a command ends what it is doing cleanly. */
  signal: AbortSignal;
};

/** The process's own. The second Ctrl-C ends it at once. */
export function processIo(): Io {
  const { env, stdin, stdout, stderr } = process;
  const stop = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM'] as const)
    process.once(name, () => {
      stop.abort(new Error(`Stopped by ${name}`));
      process.once(name, () => process.exit(130));
    });
  // A reader that has seen enough (`zg … | head`) is no error.
  stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(0);
    throw error;
  });
  let progressShown = false;
  const clear = () => {
    if (progressShown) stderr.write('\r\u001b[K');
    progressShown = false;
  };
  return {
    env,
    // npm runs scripts in the project's folder, and tells where it was called.
    folder: env.INIT_CWD ?? process.cwd(),
    out: (text) => {
      clear();
      stdout.write(`${text}\n`);
    },
    note: (text) => {
      clear();
      stderr.write(`${text}\n`);
    },
    progress: (text) => {
      if (!stderr.isTTY) return;
      clear();
      stderr.write(styleText('dim', text.slice(0, Math.max(20, stderr.columns - 1))));
      progressShown = true;
    },
    input: async () => {
      if (stdin.isTTY) stderr.write('Waiting for standard input; end with Ctrl-D.\n');
      const chunks: Buffer[] = [];
      for await (const chunk of stdin) chunks.push(Buffer.from(chunk as Buffer | string));
      return Buffer.concat(chunks).toString('utf8');
    },
    signal: stop.signal,
  };
}

/** A path as the caller means it. */
export function pathFrom(io: Io, path: string): string {
  return isAbsolute(path) ? path : resolve(io.folder, path);
}
