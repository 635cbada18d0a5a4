/**
 * One ledger transaction: keys, ledger rows, orders, stock, rollups, counters, ticker, change note: all or nothing.
 * It crosses slices, which is why it lives here and not in a store. Every step writes in sorted order and the steps have
 * one order, so that two servers never wait for each other in a circle.
 */
import {
  addArrivals,
  addFeed,
  addSignals,
  crossingKind,
  noteChange,
  type Change,
} from '@zhanggui/shared/board/change-store.ts';
import { addSpend } from '@zhanggui/shared/campaigns/spend-store.ts';
import type { Topic } from '@zhanggui/shared/contract/board.ts';
import { touchCoupons } from '@zhanggui/shared/coupons/use-store.ts';
import type { CheckedFact } from '@zhanggui/shared/ingest/event.ts';
import {
  appendLedger,
  countSources,
  keepRejected,
  ledgerKey,
  type RejectedRow,
  type SourceCounts,
} from '@zhanggui/shared/ingest/ledger-store.ts';
import { limitPerKind, NEWS_MS, type FeedDraft } from '@zhanggui/shared/ingest/notable.ts';
import { touchGroups, type GroupTouch } from '@zhanggui/shared/groups/told-store.ts';
import { touchMembers, type Touch } from '@zhanggui/shared/members/touch-store.ts';
import { addOrder as addLiveOrder, LiveChanges } from '@zhanggui/shared/live/changes.ts';
import { bookLive } from '@zhanggui/shared/live/fold-store.ts';
import { inOneGo, type Sql, type SqlPool } from '@zhanggui/shared/platform/database.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { insertOrders, lockOrders, updateOrders, type OrderRow } from '@zhanggui/shared/sales/order-store.ts';
import {
  addSales as addOrderSales,
  addStock,
  emptyOrder,
  foldOrder,
  type OrderFact,
} from '@zhanggui/shared/sales/order.ts';
import { addSales, addTraffic } from '@zhanggui/shared/sales/rollup-store.ts';
import { SalesChanges } from '@zhanggui/shared/sales/rollup.ts';
import { bookStock, isNews } from '@zhanggui/shared/stock/booking-store.ts';
import { StockChanges } from '@zhanggui/shared/stock/changes.ts';
import { takeOver } from '@zhanggui/shared/stock/reservation-store.ts';
import { isOrderCode } from '@zhanggui/shared/supply/supply-order.ts';
import {
  addLiveFact,
  addStockFact,
  codesOf,
  couponTouchOf,
  feedOf,
  orderFactOf,
  spendOf,
  trafficOf,
} from './effects.ts';
import type { Discoveries, Resolver } from './resolver.ts';

export type Group = { facts: CheckedFact[]; rejected: RejectedRow[] };
/** For each fact of the group, in order: true if it is new, false if it is a duplicate. */
export type Outcome = {
  taken: boolean[];
  topics: Topic[];
  /** Signals that were written. */ signals: number;
};
export type Books = { sql: SqlPool; resolver: Resolver; time: BusinessTime };

/**
 * Writes a group, in three steps that are sent as a whole each: keys, ledger and orders; what they add up to; signals,
 * ticker and change note; then the commit. Throws what the database throws; then nothing of the group was written.
 */
export async function commitGroup({ sql, resolver, time }: Books, group: Group): Promise<Outcome> {
  const { facts, rejected } = group;
  const codes = codesOf(facts);
  for (const row of rejected) if (row.source !== null) codes.sources.add(row.source);
  const discovered = await resolver.learn(sql, codes);
  return inOneGo(sql, async (tx) => {
    const news = feedOf(facts, resolver, Date.now()).concat(discoveryFeed(discovered, Date.now()));
    const first = withoutRepeats(facts, resolver);
    const steps = orderSteps(first, resolver);
    const [seqs, inserted, freed] = await Promise.all([
      appendLedger(
        tx,
        first.map(({ sourceNo, checked: { fact, raw } }) => ({
          sourceNo,
          id: fact.id,
          type: fact.type,
          time: fact.time,
          data: JSON.stringify(raw),
        })),
      ),
      insertOrders(tx, newOrders(steps)),
      // Also for a fact that turns out to be known: then its order is placed, and nothing needs to be held for it.
      takeOver(tx, [...placedOrders(steps), ...leavingTransfers(first)]),
    ]);
    const { fresh, taken } = sortOut(facts, first, seqs);
    const sales = new SalesChanges(time);
    const stock = new StockChanges();
    const live = new LiveChanges();
    for (const { skuNo, locationNo, qty } of freed) stock.reserve(skuNo, locationNo, -qty);
    const joint = new Set<string>();
    const buyers = await foldOrders(tx, steps, inserted, sales, stock, live, joint);
    for (const { seq, checked } of fresh) {
      stock.cause(seq);
      addStockFact(checked, resolver, stock);
      addLiveFact(checked, resolver, live);
    }
    const [crossings] = await Promise.all([
      bookStock(tx, stock),
      addSales(tx, sales),
      addTraffic(
        tx,
        trafficOf(
          fresh.map(({ checked }) => checked),
          resolver,
          time,
        ),
      ),
      addSpend(tx, spendOf(fresh.map(({ checked }) => checked))),
      bookLive(tx, live),
      countSources(tx, sourceCounts(facts, taken, rejected, resolver)),
      keepRejected(tx, rejected),
    ]);
    // An import of old facts empties shelves that were refilled long ago: signals, but no news.
    const areNews = facts.some(({ at }) => Date.now() - at < NEWS_MS);
    const flagged: FeedDraft[] = !areNews
      ? []
      : crossings.filter(isNews).map((crossing) => ({
          kind: crossingKind(crossing),
          at: Date.now(),
          skuNo: crossing.skuNo,
          locationNo: crossing.locationNo,
          params: { qty: crossing.after },
        }));
    // Restocking is news only where it ends an absence, and never at a balance's first receipt.
    const feed = limitPerKind(fresh.length > 0 ? [...news, ...flagged] : []);
    const change = changeOf(sales, stock, live, feed);
    const arrivals = supplyRefs(fresh);
    await Promise.all([
      addSignals(tx, crossings),
      addArrivals(tx, arrivals),
      touchMembers(tx, touchOf(buyers, fresh)),
      touchGroups(tx, jointOf(joint, fresh)),
      touchCoupons(tx, couponTouchOf(fresh.map(({ checked }) => checked))),
      addFeed(tx, feed),
      noteChange(tx, change),
    ]);
    return { taken, topics: change.topics, signals: crossings.length + arrivals.length };
  });
}

/** Members whose orders changed, and new facts about members. */
const touchOf = (buyers: ReadonlySet<string>, fresh: readonly Fresh[]): Touch => ({
  memberIds: [...buyers],
  factSeqs: fresh.flatMap(({ seq, checked: { fact } }) =>
    fact.type === 'member.updated' || fact.type === 'member.visited' ? [seq] : [],
  ),
});

/** New facts about group-buys and bargains, and orders of those. */
const jointOf = (orderIds: ReadonlySet<string>, fresh: readonly Fresh[]): GroupTouch => ({
  orderIds: [...orderIds],
  factSeqs: fresh.flatMap(({ seq, checked: { fact } }) =>
    fact.type.startsWith('group.') || fact.type.startsWith('bargain.') ? [seq] : [],
  ),
});

/** Codes of transfers whose goods these facts take away: nothing needs to be held for them any more. */
const leavingTransfers = (first: readonly First[]): string[] =>
  first.flatMap(({ checked: { fact } }) => {
    const code =
      fact.type === 'stock.adjusted'
        ? fact.data.reason
        : fact.type === 'stock.transferred'
          ? fact.data.ref
          : '';
    return isOrderCode(code) ? [code] : [];
  });

/** Codes of transfers and purchases that new facts moved goods for, each once. */
function supplyRefs(fresh: readonly Fresh[]): string[] {
  const refs = new Set(leavingTransfers(fresh));
  for (const {
    checked: { fact },
  } of fresh)
    if (fact.type === 'stock.received' && isOrderCode(fact.data.ref)) refs.add(fact.data.ref);
  return [...refs];
}

/** One fact of a group, at its first occurrence in it. `seq` is set when its key was taken: then it is new. */
type First = { sourceNo: number; index: number; checked: CheckedFact; seq: number | undefined };
type Fresh = First & { seq: number };

/** A key that the group holds twice counts for its first fact. Sorted by key, the lock order. */
function withoutRepeats(facts: readonly CheckedFact[], resolver: Resolver): First[] {
  const first = new Map<string, First>();
  facts.forEach((checked, index) => {
    const sourceNo = resolver.source(checked.fact.source);
    const key = ledgerKey(sourceNo, checked.fact.id);
    if (!first.has(key)) first.set(key, { sourceNo, index, checked, seq: undefined });
  });
  return [...first.values()].sort(
    (a, b) => a.sourceNo - b.sourceNo || (a.checked.fact.id < b.checked.fact.id ? -1 : 1),
  );
}

/** Notes which facts are new; `fresh` has them in the order in which they came. */
function sortOut(
  facts: readonly CheckedFact[],
  first: readonly First[],
  seqs: ReadonlyMap<string, number>,
): { fresh: Fresh[]; taken: boolean[] } {
  const taken = facts.map(() => false);
  const fresh: Fresh[] = [];
  for (const entry of first) {
    entry.seq = seqs.get(ledgerKey(entry.sourceNo, entry.checked.fact.id));
    if (entry.seq === undefined) continue;
    taken[entry.index] = true;
    fresh.push(entry as Fresh);
  }
  return { fresh: fresh.sort((a, b) => a.index - b.index), taken };
}

/** The steps of each order that a group brings, by order id in lock order. */
type OrderSteps = Map<string, { of: First; fact: OrderFact }[]>;

function orderSteps(first: readonly First[], resolver: Resolver): OrderSteps {
  const byOrder = new Map<string, { of: First; fact: OrderFact }[]>();
  for (const of of first.toSorted((a, b) => a.index - b.index)) {
    const step = orderFactOf(of.checked, resolver);
    if (!step) continue;
    const steps = byOrder.get(step.orderId);
    if (steps) steps.push({ of, fact: step.fact });
    else byOrder.set(step.orderId, [{ of, fact: step.fact }]);
  }
  return new Map([...byOrder].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/**
 * Most orders are new: they are inserted as if all were, together with the keys of their facts and before it is known which
 * of these are new. An order that is inserted had no row, so no fact of it was ever taken, so all of them are new.
 */
const newOrders = (steps: OrderSteps): OrderRow[] =>
  [...steps].map(([orderId, facts]) => ({
    orderId,
    state: facts.reduce((state, { fact }) => foldOrder(state, fact), emptyOrder),
  }));

const placedOrders = (steps: OrderSteps): string[] =>
  [...steps].flatMap(([orderId, facts]) =>
    facts.some(({ fact }) => fact.kind === 'placed') ? [orderId] : [],
  );

/**
 * Folds the new facts into the orders that were there already, and collects the difference that all of them make. Answers the
 * members whose orders they are, or were; `joint` gets those of group-buys and bargains.
 */
async function foldOrders(
  tx: Sql,
  steps: OrderSteps,
  inserted: ReadonlySet<string>,
  sales: SalesChanges,
  stock: StockChanges,
  live: LiveChanges,
  joint: Set<string>,
): Promise<Set<string>> {
  const orders = [...steps]
    .map(([orderId, facts]) => ({ orderId, facts: facts.filter(({ of }) => of.seq !== undefined) }))
    .filter(({ facts }) => facts.length > 0);
  const existing = orders.map(({ orderId }) => orderId).filter((orderId) => !inserted.has(orderId));
  const states = existing.length > 0 ? await lockOrders(tx, existing) : new Map<string, never>();
  const updated: OrderRow[] = [];
  const buyers = new Set<string>();
  for (const { orderId, facts } of orders) {
    let state = states.get(orderId) ?? emptyOrder;
    if (state.placed?.memberId != null) buyers.add(state.placed.memberId);
    // Fact by fact, so that each movement points at the fact that caused it.
    for (const { of, fact } of facts) {
      const next = foldOrder(state, fact);
      if (fact.kind === 'placed') sales.sold(fact.placed.at, fact.placed.locationNo, fact.placed.channel);
      stock.cause(of.seq!);
      if (state !== emptyOrder) {
        addOrderSales(state, -1, sales);
        addStock(state, -1, orderId, stock);
        addLiveOrder(state, -1, live);
      }
      addOrderSales(next, 1, sales);
      addStock(next, 1, orderId, stock);
      addLiveOrder(next, 1, live);
      state = next;
    }
    if (state.placed?.memberId != null) buyers.add(state.placed.memberId);
    if (state.placed && (state.placed.groupId !== null || state.placed.bargainId !== null))
      joint.add(orderId);
    if (!inserted.has(orderId)) updated.push({ orderId, state });
  }
  await updateOrders(tx, updated);
  return buyers;
}

function discoveryFeed(discovered: Discoveries, at: number): FeedDraft[] {
  return [
    ...discovered.sources.map((text): FeedDraft => ({ kind: 'new_source', at, params: { text } })),
    ...discovered.skus.map((skuNo): FeedDraft => ({ kind: 'unknown_sku', at, skuNo, params: {} })),
    ...discovered.locations.map((locationNo): FeedDraft => ({
      kind: 'unknown_location',
      at,
      locationNo,
      params: {},
    })),
  ];
}

function changeOf(
  sales: SalesChanges,
  stock: StockChanges,
  live: LiveChanges,
  feed: readonly FeedDraft[],
): Change {
  const minutes = sales.minutes();
  const topics: Topic[] = ['health'];
  if (minutes.length > 0) topics.push('sales', 'stores');
  if (!stock.empty) topics.push('stock');
  if (!live.empty) topics.push('live');
  if (feed.length > 0) topics.push('feed');
  return {
    topics,
    minutes: [...new Set(minutes.map((row) => row.at))],
    locationNos: [...new Set(minutes.map((row) => row.locationNo))],
  };
}

function sourceCounts(
  facts: readonly CheckedFact[],
  taken: readonly boolean[],
  rejected: readonly RejectedRow[],
  resolver: Resolver,
): SourceCounts[] {
  const counts = new Map<number, SourceCounts>();
  const of = (sourceNo: number) => {
    let row = counts.get(sourceNo);
    if (!row)
      counts.set(sourceNo, (row = { sourceNo, accepted: 0, duplicates: 0, rejected: 0, lastEventAt: null }));
    return row;
  };
  facts.forEach(({ fact, at }, index) => {
    const row = of(resolver.source(fact.source));
    if (taken[index]) row.accepted += 1;
    else row.duplicates += 1;
    if (row.lastEventAt === null || at > row.lastEventAt) row.lastEventAt = at;
  });
  for (const { source } of rejected) if (source !== null) of(resolver.source(source)).rejected += 1;
  return [...counts.values()].sort((a, b) => a.sourceNo - b.sourceNo);
}
