/** What a wall celebrates for a moment: a hundred groups more, and a minute that sold more than any of the week. Pure. */
import type { GroupsBoard, RecordMinute } from '@zhanggui/shared/contract/board.ts';

export type Celebration =
  | { kind: 'groups'; id: string; at: number; count: number }
  | { kind: 'record'; id: string; at: number; orders: number; placed: number | null };

/** Later than this it is no news any more, also for a wall that was just switched on. */
export const NEWS_MS = 60_000;
const MINUTE = 60_000;

/** Those of now, each with an id that stays the same however often it is told. `now`: the server's clock. */
export function celebrationsOf(
  { milestone, record }: { milestone: GroupsBoard['milestone']; record: RecordMinute | undefined },
  now: number,
): Celebration[] {
  const all: Celebration[] = [];
  if (milestone)
    all.push({
      kind: 'groups',
      id: `groups ${milestone.at}`,
      at: Date.parse(milestone.at),
      count: milestone.count,
    });
  if (record)
    all.push({
      kind: 'record',
      id: `record ${record.minute}`,
      // A minute is known when it is over.
      at: Date.parse(record.minute) + MINUTE,
      orders: record.orders,
      placed: record.placed,
    });
  // The screen's idea of the server's clock may be a second behind what has just happened.
  return all.filter(({ at }) => now - at < NEWS_MS);
}
