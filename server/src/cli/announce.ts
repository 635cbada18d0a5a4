/** Tells running servers that somebody's access changed: they believe what they know for seconds otherwise. */
import { createHints, postgresCarrier, redisCarrier } from '@zhanggui/shared/platform/hints.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import { createLog } from '@zhanggui/shared/platform/log.ts';
import { parseSettings } from '@zhanggui/shared/platform/settings.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import { hintOf, type AccessChange } from '../http/identity.ts';
import type { Io } from './io.ts';

/** A hint leaves at once, but nothing says when it has left: closing the door in the same moment may lose it. */
const LEAVE_MS = 50;

/** Announces a change after its transaction. A lost announcement costs seconds, so that it never fails a command. */
export async function announceAccess(io: Io, sql: SqlPool, change: AccessChange): Promise<void> {
  const { redisUrl } = parseSettings(io.env);
  const log = createLog('zg', 'silent');
  try {
    const hints = await createHints(
      redisUrl === undefined ? postgresCarrier(sql) : redisCarrier(redisUrl, log),
      log,
    );
    hints.publish(hintOf(change));
    await sleep(LEAVE_MS);
    await hints.close();
  } catch (error) {
    io.note(`The servers could not be told; they will notice in a few seconds (${String(error)}).`);
  }
}
