/** Checks that the board shows what the rollups say, once it is quiet. */
import { readBoardSums, type BoardSums } from '@zhanggui/shared/board/verify-store.ts';
import type { BoardValue, Snapshot, Topic } from '@zhanggui/shared/contract/board.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { Difference, Differences } from '@zhanggui/shared/platform/differences.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Api } from '../api.ts';

export type BoardOptions = {
  api: Pick<Api, 'get'>;
  sql: SqlPool;
  /** The current business day, YYYY-MM-DD. */
  today: () => string;
  /** Differences to show. */
  limit: number;
  /** How long the board may take to follow, and how long to wait for a quiet moment, ms. */
  settleMs: number;
  signal: AbortSignal;
};

const topics = [
  'sales', 'stores', 'stock', 'live', 'groups', 'coupons', 'alerts', 'health',
] as const satisfies Topic[]; // prettier-ignore
const RETRY_MS = 250;

/**
 * Compares the snapshot of the company's board with the rollups. Facts that stream in change both; so a difference counts
 * only if it stands while the rollups are the same before and after the board was read, or longer than `settleMs`.
 * `null` where it was never quiet and nothing can be said for certain: every look differed, and no two in the same way.
 */
export async function verifyBoard(options: BoardOptions): Promise<Differences | null> {
  const { sql, today, limit, settleMs, signal } = options;
  const until = performance.now() + settleMs;
  for (;;) {
    const day = today();
    const before = await readBoardSums(sql, day);
    const shown = await readBoard(options);
    const after = await readBoardSums(sql, day);
    const found = compareBoard(after, shown);
    if (found.length === 0) return { total: 0, first: [] };
    const quiet = JSON.stringify(before) === JSON.stringify(after);
    if (performance.now() > until)
      return quiet ? { total: found.length, first: found.slice(0, limit) } : null;
    await sleep(RETRY_MS, undefined, { signal });
  }
}

async function readBoard({ api }: BoardOptions): Promise<Record<string, Record<string, BoardValue>>> {
  const snapshots = await Promise.all(
    topics.map((topic) => api.get<Snapshot>(`/api/v1/board/${topic}`, { scope: 'all' })),
  );
  return Object.fromEntries(snapshots.map(({ topic, data }) => [topic, data]));
}

/**
 * Every sum that the board should show and does not, and every channel, store and place that it shows and should not.
 * A tile without sales may be there or not.
 */
export function compareBoard(
  expected: BoardSums,
  shown: Record<string, Record<string, BoardValue>>,
): Difference[] {
  const found: Difference[] = [];
  for (const topic of topics) {
    const tiles = shown[topic] ?? {};
    const keys = new Set([
      ...Object.keys(expected[topic]),
      ...Object.keys(tiles).filter((key) => isSum(topic, key)),
    ]);
    for (const key of keys) {
      const wanted = expected[topic][key] ?? null;
      const tile = tiles[key];
      const fields = Object.keys(wanted ?? zeroFields[topic]);
      const seen =
        typeof tile === 'object' ? Object.fromEntries(fields.map((field) => [field, tile[field]])) : null;
      const same = fields.every((field) => (seen?.[field] ?? 0) === (wanted?.[field] ?? 0));
      if (same) continue;
      found.push({
        expected: wanted === null ? null : { topic, key, ...wanted },
        found: seen === null ? null : { topic, key, ...seen },
      });
    }
  }
  return found;
}

/** Keys whose values are sums of the rollups; others (curves, flags, single alerts, sources) are not compared here. */
function isSum(topic: (typeof topics)[number], key: string): boolean {
  if (topic === 'sales') return key === 'today' || key.startsWith('channel:');
  if (topic === 'stock') return key === 'summary' || key === 'restock' || key.startsWith('location:');
  if (topic === 'live') return key === 'summary' || key.startsWith('session:');
  // Of campaigns that ended lately the board tells a while longer.
  if (topic === 'alerts' || topic === 'groups' || topic === 'coupons') return key === 'summary';
  return topic === 'stores';
}

/** Fields to look at where nothing is expected. */
const zeroFields = {
  sales: { orders: 0, units: 0, placed: 0, paid: 0, refunded: 0, net: 0 },
  stores: { orders: 0, units: 0, net: 0 },
  stock: { balances: 0, soldOut: 0, oversold: 0, low: 0 },
  live: { viewers: 0, orders: 0, placed: 0 },
  groups: { open: 0, members: 0, refunds: 0 },
  coupons: { running: 0, paused: 0 },
  alerts: { open: 0, acknowledged: 0, critical: 0 },
  health: { events: 0 },
} as const;
