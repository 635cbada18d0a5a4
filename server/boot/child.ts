import { spawn, type ChildProcess } from 'node:child_process';
import path from 'node:path';
import type { Log } from '@zhanggui/shared/platform/log.ts';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';

/** A process of ours: what to run, and how long it may take to stop. */
export type ChildPlan = {
  name: string;
  /** Arguments of this Node; paths are relative to `cwd`. */
  args: string[];
  env: NodeJS.ProcessEnv;
  cwd?: string;
  /** Exit codes after which it is not started again: it has done what it was for. */
  doneWith?: number[];
  stopWithinMs?: number;
};

export type Child = {
  readonly pid: number | undefined;
  /** Resolves with the code of its first end, for whoever waits for it to come up. */
  firstEnd: Promise<number | null>;
  stop(): Promise<void>;
};

/** Pauses between a crash and the next start: none worth mentioning at first, ten seconds at most. */
export function restartDelay(crashes: number): number {
  return Math.min(10_000, 250 * 2 ** Math.max(0, crashes - 1));
}

/** A process that lived this long has not crashed because of what it was started with. */
const STEADY_MS = 30_000;

const leash = path.join(import.meta.dirname, 'leash.mjs');

/** Starts a process and starts it again whenever it ends, until told to stop. */
export function keep(plan: ChildPlan, log: Log, onStart: () => void): Child {
  const { name, args, env, cwd = repositoryRoot, doneWith = [], stopWithinMs = 20_000 } = plan;
  let child: ChildProcess | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopping = false;
  let crashes = 0;
  let ended: Promise<void> = Promise.resolve();
  const first = Promise.withResolvers<number | null>();

  const start = (): void => {
    const since = Date.now();
    // Its own process group: a Ctrl-C in the terminal reaches the supervisor only, which stops us all in order.
    const started = spawn(process.execPath, ['--import', leash, ...args], {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', 2, 2],
    });
    child = started;
    started.stdin?.on('error', () => undefined);
    ended = new Promise((resolve) => {
      started.once('error', (error) => log.error({ err: error, part: name }, 'could not be started'));
      started.once('close', (code, signal) => {
        child = undefined;
        first.resolve(code);
        resolve();
        if (stopping) return;
        if (code !== null && doneWith.includes(code)) return log.info({ part: name }, 'done');
        crashes = Date.now() - since > STEADY_MS ? 1 : crashes + 1;
        const delay = restartDelay(crashes);
        log.error({ part: name, code, signal, restartInMs: delay }, 'ended unexpectedly');
        timer = setTimeout(start, delay);
      });
    });
    onStart();
  };
  start();

  return {
    get pid() {
      return child?.pid;
    },
    firstEnd: first.promise,
    async stop() {
      stopping = true;
      clearTimeout(timer);
      child?.kill('SIGTERM');
      const late = setTimeout(() => {
        log.error({ part: name }, 'did not stop in time and is killed');
        child?.kill('SIGKILL');
      }, stopWithinMs);
      await ended;
      clearTimeout(late);
    },
  };
}
