import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readRunFile, type RunFile } from '@zhanggui/shared/platform/run-file.ts';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';

export type Company = {
  dataDir: string;
  /** Of the server, e.g. http://127.0.0.1:40123; it stays the same over restarts. */
  url: string;
  databaseUrl: string;
  /** The sign-in link that was printed. */
  signInLink: string;
  /** All that was written to stderr so far. */
  log(): string;
  run(): RunFile;
  /** Runs `zg` against this company. */
  zg(args: string[], input?: string): Promise<{ code: number; stdout: string; stderr: string }>;
  /** SIGKILLs a part ("server", "workers"); the supervisor starts it again in a quarter of a second. */
  kill(part: string): void;
  /** As `kill`, but it stays away until `resume`. */
  killAndHold(part: string): void;
  resume(): void;
  /** Waits until the server is ready. */
  ready(): Promise<void>;
  /** Ctrl-C, and away with the data. Rejects when the company does not end well. */
  stop(): Promise<void>;
};

export type CompanyOptions = {
  demo?: boolean;
  env?: Record<string, string>;
  dataDir?: string;
  keepData?: boolean;
};

const START_WITHIN_MS = 120_000;

/** Starts a real company, as `npm start` does, in a folder and on a port of its own, and waits until it is ready. */
export async function startCompany(options: CompanyOptions = {}): Promise<Company> {
  const dataDir = options.dataDir ?? (await mkdtemp(path.join(tmpdir(), 'zhanggui-company-')));
  const env: NodeJS.ProcessEnv = {
    ...environment(),
    DATABASE_URL: '',
    REDIS_URL: '',
    PUBLIC_URL: '',
    HOST: '127.0.0.1',
    PORT: '0',
    DATA_DIR: dataDir,
    DEMO: options.demo ? 'on' : 'off',
    ...options.env,
  };
  const supervisor = spawn(process.execPath, ['server/boot/supervise.ts'], {
    cwd: repositoryRoot,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [printed, logged] = ['', ''];
  supervisor.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  supervisor.stderr.on('data', (chunk: Buffer) => (logged += chunk.toString()));
  let exit: number | null | undefined;
  const ended = new Promise<number | null>((resolve) =>
    supervisor.once('close', (code) => resolve((exit = code))),
  );

  const signInLink = await until(() => {
    if (exit !== undefined) throw new Error(`the company ended with code ${exit}:\n${logged}`);
    return /http\S+#link=\S+/.exec(printed)?.[0];
  }, START_WITHIN_MS).catch((error: unknown) => {
    supervisor.kill('SIGKILL');
    throw error;
  });
  const run = (): RunFile => {
    const file = readRunFile(dataDir);
    if (!file) throw new Error(`no company runs in ${dataDir}`);
    return file;
  };
  const { serverUrl: url = '', databaseUrl = '' } = run();
  const kill = (part: string): void => {
    const pid = run().parts?.[part];
    if (pid === undefined) throw new Error(`the company has no part ${part}`);
    process.kill(pid, 'SIGKILL');
  };

  return {
    dataDir,
    url,
    databaseUrl,
    signInLink,
    log: () => logged,
    run,
    zg: (args, input) => zg(env, args, input),
    kill,
    killAndHold(part) {
      supervisor.kill('SIGSTOP');
      kill(part);
    },
    resume: () => void supervisor.kill('SIGCONT'),
    ready: async () => {
      await until(() => isReady(url), 30_000);
    },
    async stop() {
      supervisor.kill('SIGCONT');
      supervisor.kill('SIGINT');
      const code = await ended;
      if (!options.keepData) await rm(dataDir, { recursive: true, force: true });
      if (code !== 0) throw new Error(`the company ended with code ${code}:\n${logged}`);
    },
  };
}

/** Without the marks of the test runner: the web build believes them, and builds something else. */
function environment(): NodeJS.ProcessEnv {
  const ours = Object.entries(process.env).filter(
    ([name]) => !/^(VITEST|NODE_ENV$|TEST$|DEV$|PROD$|MODE$|SSR$|BASE_URL$)/.test(name),
  );
  return Object.fromEntries(ours);
}

async function isReady(url: string): Promise<true | undefined> {
  try {
    const answer = await fetch(`${url}/readyz`);
    await answer.body?.cancel();
    return answer.ok ? true : undefined;
  } catch {
    return undefined;
  }
}

function zg(
  env: NodeJS.ProcessEnv,
  args: string[],
  input = '',
): Promise<{ code: number; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, ['server/src/cli/main.ts', ...args], { cwd: repositoryRoot, env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  child.stdin.on('error', () => undefined).end(input);
  return new Promise((resolve) =>
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr })),
  );
}

/** Asks until there is an answer. */
export async function until<T>(
  ask: () => T | undefined | Promise<T | undefined>,
  withinMs: number,
): Promise<T> {
  for (const end = Date.now() + withinMs; Date.now() < end; await sleep(50)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
  }
  throw new Error(`not within ${withinMs / 1000} seconds`);
}
