import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { Log } from '@zhanggui/shared/platform/log.ts';

/** Workers have no port that could be asked; a file's age tells as much. One worker process a container. */
const file = path.join(tmpdir(), 'zhanggui-workers', 'alive');

const BEAT_MS = 5_000;
/** Some beats may be late on a busy machine. */
const DEAD_MS = 6 * BEAT_MS;

/** Beats as long as the event loop turns and the database answers. */
export function startHeartbeat(sql: Sql, log: Log): void {
  const beat = async (): Promise<void> => {
    await sql`select 1`;
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, new Date().toISOString());
  };
  const tryToBeat = (): void =>
    void beat().catch((error: unknown) => log.warn({ err: error }, 'no heartbeat'));
  tryToBeat();
  setInterval(tryToBeat, BEAT_MS).unref();
}

export function isAlive(now: number): boolean {
  const beaten = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return beaten !== undefined && now - beaten < DEAD_MS;
}
