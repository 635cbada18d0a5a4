/** What a server is made of. `main.ts` puts the parts together, a test may put in others; nothing reaches for globals. */
import type { IngestAnswer } from '@zhanggui/shared/contract/events.ts';
import type { Hints } from '@zhanggui/shared/platform/hints.ts';
import type { Log } from '@zhanggui/shared/platform/log.ts';
import type { Queues } from '@zhanggui/shared/platform/queues.ts';
import type { Settings } from '@zhanggui/shared/platform/settings.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Cookies } from './http/cookies.ts';
import type { Identities } from './http/identity.ts';
import type { Metrics } from './http/metrics.ts';
import type { Publisher } from './live/board-rooms.ts';

/** The one door for facts: commits them in groups. Implemented in ingest/committer.ts. */
export type Committer = {
  /**
   * Takes events as they came, in order; answers after commit. Throws AppError `overloaded` when its queue is full,
   * `database_away` when nothing could be taken, `shutting_down` once it drains.
   */
  submit(events: unknown[]): Promise<IngestAnswer>;
  /** Events that wait for their transaction. */
  readonly queued: number;
  /** Whether a fact submitted now could be taken: not draining, not full, and the last commit did not fail. */
  readonly ready: boolean;
  /** Takes nothing new, commits what waits, and returns when that is done. */
  drain(): Promise<void>;
};

export type Parts = {
  settings: Settings;
  sql: SqlPool;
  hints: Hints;
  queues: Queues;
  log: Log;
  committer: Committer;
  publisher: Publisher;
  identities: Identities;
  cookies: Cookies;
  metrics: Metrics;
  /** Names, places or targets changed: tells the publishers, here and on other servers. Call it after commit. */
  catalogChanged: () => void;
  /** Signals were written: has a worker look at them. Call it after commit. */
  signalled: () => void;
  /** Version of the product, and of the web build that is being served. */
  version: string;
  webVersion: string;
};
