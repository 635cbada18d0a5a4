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
import { renewalOf } from '@zhanggui/shared/restock/renewal.ts';
import { putBackProposals, readStanding, takeBackProposals } from '@zhanggui/shared/restock/renewal-store.ts';
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

const balanceOf = ({ skuNo, locationNo }: Balance): string => `${skuNo}|${locationNo}`;

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

/**
 * Proposes a restock where one is needed, renews what does not fit any more and withdraws what is not needed. Answers how many
 * that changed. At most one is open for a balance: what is renewed is taken back first, so it promises nothing meanwhile.
 */
async function judgeRestock(tx: SqlTransaction, states: readonly BalanceOf[], now: Date): Promise<number> {
  const needy = states.filter(needsProposal);
  const covered = states.filter(
    ({ available, inbound, reorderPoint, orderUpTo }) =>
      reorderPoint === null || available + Math.max(0, inbound) >= clearLevel(reorderPoint, orderUpTo),
  );
  const withdrawn = await withdrawProposals(tx, covered);
  const standing = new Map((await readStanding(tx, needy)).map((open) => [balanceOf(open), open]));
  const due = [...standing.values()].flatMap((open) => {
    const renewal = renewalOf(open, now);
    return renewal === null ? [] : [{ ...open, renewal }];
  });
  const taken = await takeBackProposals(
    tx,
    due.map(({ id }) => id),
  );
  const wanting = needy.filter((state) => {
    const open = standing.get(balanceOf(state));
    return open === undefined || taken.has(open.id);
  });
  const inserted = await insertProposals(tx, draftProposals(await readSourcing(tx, wanting), now));
  const made = new Set(inserted.map(balanceOf));
  const left = due.filter((open) => taken.has(open.id) && !made.has(balanceOf(open)));
  // There is nothing better, and its source can still send it: so it stays.
  const kept = left.filter(({ renewal }) => renewal !== 'source_gone');
  await putBackProposals(
    tx,
    kept.map(({ id }) => id),
  );
  return inserted.length + withdrawn + left.length - kept.length;
}
