import { statSync, writeFileSync } from 'node:fs';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import type { Log } from '@zhanggui/shared/platform/log.ts';
import { logOutage } from '@zhanggui/shared/platform/outage-log.ts';

const BEAT_MS = 5_000;
/** Some beats may be late on a busy machine. */
const DEAD_MS = 6 * BEAT_MS;

/**
 * Touches a file as long as the event loop turns and the database answers. Workers have no port that a container's health
 * check could ask; a file's age tells as much. The image says which file; elsewhere there is none.
 */
export function startHeartbeat(sql: Sql, log: Log, file = process.env['HEARTBEAT_FILE']): void {
  if (!file) return;
  const note = logOutage(log, 'no heartbeat');
  const beat = async (): Promise<void> => {
    await sql`select 1`;
    writeFileSync(file, new Date().toISOString());
  };
  beat().catch(note);
  setInterval(() => void beat().catch(note), BEAT_MS).unref();
}

export function isAlive(now: number, file = process.env['HEARTBEAT_FILE'] ?? ''): boolean {
  const beaten = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
  return beaten !== undefined && now - beaten < DEAD_MS;
}
