import { jobs, type JobName, type JobPayload } from '@zhanggui/shared/contract/jobs.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Hints } from '@zhanggui/shared/platform/hints.ts';
import type { Log } from '@zhanggui/shared/platform/log.ts';
import type { Queues } from '@zhanggui/shared/platform/queues.ts';
import type { Settings } from '@zhanggui/shared/platform/settings.ts';

/** What a handler works with. Nothing else: no globals, no clock of its own. */
export type JobContext = {
  sql: SqlPool;
  hints: Hints;
  queues: Pick<Queues, 'add'>;
  settings: Settings;
  /** With the job's name and id in every line. */
  log: Log;
  now: Date;
};

/** Does a job. It may be called again for the same payload, so it claims what it changes in the transaction of the change. */
export type Handler<N extends JobName = JobName> = {
  name: N;
  run(context: JobContext, payload: JobPayload<N>): Promise<void>;
};

/** A handler file's default export. */
export function handle<N extends JobName>(name: N, run: Handler<N>['run']): Handler<N> {
  return { name, run };
}

/** The handler of each job. Throws on a job without one, or with two: better no worker than a job that nobody does. */
export function byName(handlers: readonly Handler[]): Map<JobName, Handler> {
  const found = new Map<JobName, Handler>();
  for (const handler of handlers) {
    if (found.has(handler.name)) throw new Error(`job ${handler.name} has two handlers`);
    found.set(handler.name, handler);
  }
  const missing = Object.keys(jobs).filter((name) => !found.has(name as JobName));
  if (missing.length > 0)
    throw new Error(`no handler for job ${missing.join(', ')}: add it to workers/src/handlers.ts`);
  return found;
}
