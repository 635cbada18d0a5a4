/** A process of the company that can be killed at any moment, and is started again each time it ends. */
import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { repositoryRoot } from '@zhanggui/shared/platform/settings.ts';

export type PartPlan = {
  name: string;
  command: string;
  args: string[];
  env: NodeJS.ProcessEnv;
  /** What it says goes here. */
  logFile: string;
  /** Whether it does its work now, after its start at `since` (ms). Asked over and over until it says yes. */
  isReady: (since: number) => Promise<boolean>;
};

/** Ends a process of ours when the chaos ends, whichever way. */
export const leash = path.join(repositoryRoot, 'server/boot/leash.mjs');

const RESTART_MS = 100;
const READY_WITHIN_MS = 60_000;

export class Part {
  readonly #plan: PartPlan;
  #child: ChildProcess | undefined;
  #since = 0;
  #ended: Promise<unknown> = Promise.resolve();
  #killed = false;
  #stopping = false;
  #wasReady = false;
  /** Ends that nobody asked for, after it had been ready: a part must survive what happens to the others. */
  readonly falls: string[] = [];

  constructor(plan: PartPlan) {
    this.#plan = plan;
    this.#start();
  }

  get name(): string {
    return this.#plan.name;
  }

  #start(): void {
    const { name, command, args, env, logFile } = this.#plan;
    const log = openSync(logFile, 'a');
    // A group of its own: a Ctrl-C in the terminal reaches the chaos alone, which stops everything in order.
    const child = spawn(command, args, {
      cwd: repositoryRoot,
      env,
      detached: true,
      stdio: ['pipe', log, log],
    });
    closeSync(log);
    child.stdin?.on('error', () => undefined);
    this.#child = child;
    this.#since = Date.now();
    this.#killed = false;
    this.#wasReady = false;
    this.#ended = new Promise<void>((resolve) => {
      child.once('error', (error) => this.falls.push(`${name}: ${error.message}`));
      child.once('close', (code, signal) => {
        if (this.#wasReady && !this.#killed && !this.#stopping)
          this.falls.push(`${name} ended by itself (${signal ?? code})`);
        resolve();
        if (!this.#stopping) setTimeout(() => !this.#stopping && this.#start(), RESTART_MS);
      });
    });
  }

  /** Waits until it does its work. */
  async ready(): Promise<void> {
    const until = Date.now() + READY_WITHIN_MS;
    while (!(await this.#plan.isReady(this.#since).catch(() => false))) {
      if (this.#stopping) return;
      if (Date.now() > until) throw new Error(`${this.name} is not ready: see ${this.#plan.logFile}`);
      await sleep(50);
    }
    this.#wasReady = true;
  }

  /** As the kernel does when memory is short. It is started again. */
  kill(): void {
    this.#killed = true;
    this.#signal('SIGKILL');
    void this.ready().catch(() => undefined);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    this.#signal('SIGTERM');
    const late = setTimeout(() => this.#signal('SIGKILL'), 20_000);
    await this.#ended;
    clearTimeout(late);
  }

  /** To its whole group: a shell in front of it keeps nothing from it. */
  #signal(signal: NodeJS.Signals): void {
    if (this.#child?.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // It has ended just now.
    }
  }
}
