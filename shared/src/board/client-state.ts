/**
 * The screen's half of the board protocol, as decisions only: given where a topic stands and what came in, what is to
 * be done. No clock, no socket and no values kept here, so that every order of arrival can be tried in a test.
 */
import type { BoardValue, Delta, Snapshot } from '../contract/board.ts';

/** Where a topic stands. `at` is the server's clock when the ledger was looked at. */
export type Cursor = { epoch: string; seq: number; at: string };

/** What to do to the values held: drop all that is not in `put` first when `replace` is set. */
export type Patch = { replace: boolean; put: Record<string, BoardValue>; del: readonly string[] };

export type Step =
  | { do: 'apply'; cursor: Cursor; patch: Patch }
  /** It says nothing new: a repeated delta, or a snapshot that the deltas have overtaken. */
  | { do: 'ignore' }
  /** Something was missed: ask for a snapshot, and keep showing what there is until it comes. */
  | { do: 'resync' };

/**
 * A snapshot is taken unless it is older than what is shown. One of another epoch is always taken: that server counts
 * anew, and the only connection there is brings its messages in order.
 */
export function onSnapshot(cursor: Cursor | null, snapshot: Snapshot): Step {
  if (cursor !== null && cursor.epoch === snapshot.epoch && snapshot.seq < cursor.seq)
    return { do: 'ignore' };
  return {
    do: 'apply',
    cursor: { epoch: snapshot.epoch, seq: snapshot.seq, at: snapshot.at },
    patch: { replace: true, put: snapshot.data, del: [] },
  };
}

/**
 * A delta is applied only on exactly the state it was made from. One that arrives before the first snapshot is ignored:
 * the snapshot is on its way and holds it already, or the delta after it will show the gap.
 */
export function onDelta(cursor: Cursor | null, delta: Delta): Step {
  if (cursor === null) return { do: 'ignore' };
  if (delta.epoch !== cursor.epoch) return { do: 'resync' };
  if (delta.to <= cursor.seq) return { do: 'ignore' };
  if (delta.from !== cursor.seq) return { do: 'resync' };
  return {
    do: 'apply',
    cursor: { epoch: delta.epoch, seq: delta.to, at: delta.at },
    patch: { replace: false, put: delta.put ?? {}, del: delta.del ?? [] },
  };
}
