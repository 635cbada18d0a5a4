/**
 * Judges the balances that signals point at: opens, changes and ends their alerts and proposals, in the transaction that
 * takes the signals.
 */
import {
  groupAlerts,
  openAlerts,
  resolveAlerts,
  type AlertDraft,
  type AlertKey,
} from '@zhanggui/shared/alerts/alert-store.ts';
import {
  lockBalances,
  readBalanceStates,
  takeSignals,
  type Balance,
  type BalanceOf,
  type Lane,
  type Signal,
} from '@zhanggui/shared/alerts/balance-store.ts';
import {
  clearLevel,
  needsProposal,
  wantedAlert,
  wantedBookAlert,
} from '@zhanggui/shared/alerts/stock-alert.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import type { Topic } from '@zhanggui/shared/contract/board.ts';
import type { SqlPool, SqlTransaction } from '@zhanggui/shared/platform/database.ts';
import { draftProposals } from '@zhanggui/shared/restock/sourcing.ts';
import { insertProposals, readSourcing, withdrawProposals } from '@zhanggui/shared/restock/proposal-store.ts';

/** Balances a transaction: some ten milliseconds of work, and few enough locks. */
export const ASSESSED_AT_ONCE = 200;

/** One transaction's worth of signals. Answers how many it took and how many alerts and proposals that changed. */
export const assessOnce = (
  sql: SqlPool,
  now: Date,
  lane: Lane,
): Promise<{ taken: number; changed: number }> =>
  sql.begin(async (tx) => {
    const signals = await takeSignals(tx, ASSESSED_AT_ONCE, lane);
    if (signals.length === 0) return { taken: 0, changed: 0 };
    const balances = distinct(signals);
    await lockBalances(tx, balances);
    const states = await readBalanceStates(tx, balances, now.getTime());
    const [alerts, proposals] = [
      await judgeAlerts(tx, signals, states, now),
      await judgeRestock(tx, states, now),
    ];
    const topics: Topic[] = [];
    if (alerts + proposals > 0) topics.push('alerts');
    if (proposals > 0) topics.push('stock');
    if (topics.length > 0) await noteChange(tx, { topics, minutes: [], locationNos: [] });
    return { taken: signals.length, changed: alerts + proposals };
  });

/** Sorted by (SKU, location), the lock order. */
function distinct(signals: readonly Signal[]): Balance[] {
  const balances = new Map(
    signals.map(({ skuNo, locationNo }) => [`${skuNo}|${locationNo}`, { skuNo, locationNo }]),
  );
  return [...balances.values()].sort((a, b) => a.skuNo - b.skuNo || a.locationNo - b.locationNo);
}

const keyOf = ({ skuNo, locationNo }: Balance, family: AlertKey['family']): AlertKey => ({
  family,
  skuNo,
  locationNo,
  supplyOrderNo: 0,
});

/** Answers how many alerts were opened, changed or ended. */
async function judgeAlerts(
  tx: SqlTransaction,
  signals: readonly Signal[],
  states: readonly BalanceOf[],
  now: Date,
): Promise<number> {
  const drafts: AlertDraft[] = [];
  const over: AlertKey[] = [];
  for (const state of states) {
    const wanted = wantedAlert(state, now.getTime());
    if (wanted) drafts.push({ ...keyOf(state, 'stock'), ...wanted });
    else if (state.open !== null) over.push(keyOf(state, 'stock'));
    const book = wantedBookAlert(state);
    if (book) drafts.push({ ...keyOf(state, 'book'), ...book });
    // That a count was far off stays so whatever the shelf does: a person ends that one.
    else if (state.openBook === 'negative_stock') over.push(keyOf(state, 'book'));
  }
  for (const signal of signals)
    if (signal.kind === 'count')
      drafts.push({
        ...keyOf(signal, 'book'),
        kind: 'count_gap',
        severity: 'warning',
        params: { ...signal.params },
      });
  const opened = await openAlerts(tx, drafts, now);
  const ended = await resolveAlerts(tx, over, 'cause', now);
  const skus = [
    ...new Set([...opened, ...ended].filter(({ family }) => family === 'stock').map(({ skuNo }) => skuNo)),
  ];
  if (skus.length > 0) await groupAlerts(tx, skus, now);
  return opened.length + ended.length;
}

/** Proposes a restock where one is needed, withdraws what is not needed any more. Answers how many that changed. */
async function judgeRestock(tx: SqlTransaction, states: readonly BalanceOf[], now: Date): Promise<number> {
  const needy = states.filter(needsProposal);
  const healthy = states.filter(
    ({ available, reorderPoint, orderUpTo }) =>
      reorderPoint === null || available >= clearLevel(reorderPoint, orderUpTo),
  );
  const drafts = needy.length === 0 ? [] : draftProposals(await readSourcing(tx, needy), now);
  const inserted = await insertProposals(tx, drafts);
  const withdrawn = await withdrawProposals(tx, healthy);
  return inserted.length + withdrawn;
}
