/**
 * One ledger transaction: keys, ledger rows, orders, stock, rollups, counters, ticker, change note: all or nothing.
 * It crosses slices, which is why it lives here and not in a store. Every step writes in sorted order and the steps have
 * one order, so that two servers never wait for each other in a circle.
 */
import {
  addFeed,
  addSignals,
  crossingKind,
  noteChange,
  type Change,
} from '@zhanggui/shared/board/change-store.ts';
import type { Topic } from '@zhanggui/shared/contract/board.ts';
import type { CheckedFact } from '@zhanggui/shared/ingest/event.ts';
import {
  appendLedger,
  countSources,
  keepRejected,
  ledgerKey,
  takeKeys,
  type RejectedRow,
  type SourceCounts,
} from '@zhanggui/shared/ingest/ledger-store.ts';
import { limitPerKind, NEWS_MS, type FeedDraft } from '@zhanggui/shared/ingest/notable.ts';
import type { SqlPool } from '@zhanggui/shared/platform/database.ts';
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
import { bookStock } from '@zhanggui/shared/stock/booking-store.ts';
import { StockChanges } from '@zhanggui/shared/stock/changes.ts';
import { addStockFact, codesOf, feedOf, orderFactOf, trafficOf } from './effects.ts';
import type { Discoveries, Resolver } from './resolver.ts';

export type Group = { facts: CheckedFact[]; rejected: RejectedRow[] };
/** For each fact of the group, in order: true if it is new, false if it is a duplicate. */
export type Outcome = { taken: boolean[]; topics: Topic[] };
export type Books = { sql: SqlPool; resolver: Resolver; time: BusinessTime };

/** Writes a group. Throws what the database throws; then nothing of the group was written. */
export async function commitGroup({ sql, resolver, time }: Books, group: Group): Promise<Outcome> {
  const { facts, rejected } = group;
  const codes = codesOf(facts);
  for (const row of rejected) if (row.source !== null) codes.sources.add(row.source);
  const discovered = await resolver.learn(sql, codes);
  return sql.begin(async (tx) => {
    const news = feedOf(facts, resolver, Date.now()).concat(discoveryFeed(discovered, Date.now()));
    const { fresh, taken } = await takeFresh(tx, facts, resolver);
    const sales = new SalesChanges(time);
    const stock = new StockChanges();
    if (fresh.length > 0) {
      await Promise.all([
        appendLedger(
          tx,
          fresh.map(({ seq, sourceNo, checked }) => ({
            seq,
            sourceNo,
            id: checked.fact.id,
            type: checked.fact.type,
            time: checked.fact.time,
            data: JSON.stringify(checked.raw),
          })),
        ),
        foldOrders(tx, fresh, resolver, sales, stock),
      ]);
      for (const { seq, checked } of fresh) {
        stock.cause(seq);
        addStockFact(checked, resolver, stock);
      }
    }
    const freshFacts = fresh.map(({ checked }) => checked);
    const [crossings] = await Promise.all([
      bookStock(tx, stock),
      addSales(tx, sales),
      addTraffic(tx, trafficOf(freshFacts, resolver, time)),
    ]);
    // An import of old facts empties shelves that were refilled long ago: signals, but no news.
    const isNews = facts.some(({ at }) => Date.now() - at < NEWS_MS);
    const flagged: FeedDraft[] = !isNews
      ? []
      : crossings.map((crossing) => ({
          kind: crossingKind(crossing),
          at: Date.now(),
          skuNo: crossing.skuNo,
          locationNo: crossing.locationNo,
          params: { qty: crossing.after },
        }));
    // Restocking is news only where it ends an absence, and never at a balance's first receipt.
    const feed = limitPerKind(fresh.length > 0 ? [...news, ...flagged] : []);
    const change = changeOf(sales, stock, feed);
    await Promise.all([
      addSignals(tx, crossings),
      countSources(tx, sourceCounts(facts, taken, rejected, resolver)),
      keepRejected(tx, rejected),
      addFeed(tx, feed),
      noteChange(tx, change),
    ]);
    return { taken, topics: change.topics };
  });
}

type Fresh = { seq: number; sourceNo: number; checked: CheckedFact };

/** Takes the keys; a key that the group holds twice counts for its first fact. */
async function takeFresh(
  tx: Parameters<typeof takeKeys>[0],
  facts: readonly CheckedFact[],
  resolver: Resolver,
): Promise<{ fresh: Fresh[]; taken: boolean[] }> {
  const first = new Map<string, { sourceNo: number; id: string; index: number }>();
  facts.forEach(({ fact }, index) => {
    const sourceNo = resolver.source(fact.source);
    const key = ledgerKey(sourceNo, fact.id);
    if (!first.has(key)) first.set(key, { sourceNo, id: fact.id, index });
  });
  const rows = [...first.values()].sort((a, b) => a.sourceNo - b.sourceNo || (a.id < b.id ? -1 : 1));
  const taken = facts.map(() => false);
  if (rows.length === 0) return { fresh: [], taken };
  const seqs = await takeKeys(tx, rows);
  const fresh: Fresh[] = [];
  for (const [key, { sourceNo, index }] of first) {
    const seq = seqs.get(key);
    if (seq === undefined) continue;
    taken[index] = true;
    fresh.push({ seq, sourceNo, checked: facts[index]! });
  }
  return { fresh, taken };
}

/** Folds the group's order facts into `orders` and collects the difference they make. */
async function foldOrders(
  tx: Parameters<typeof takeKeys>[0],
  fresh: readonly Fresh[],
  resolver: Resolver,
  sales: SalesChanges,
  stock: StockChanges,
): Promise<void> {
  const byOrder = new Map<string, { seq: number; fact: OrderFact }[]>();
  for (const { seq, checked } of fresh) {
    const step = orderFactOf(checked, resolver);
    if (!step) continue;
    if (step.fact.kind === 'placed')
      sales.sold(step.fact.placed.at, step.fact.placed.locationNo, step.fact.placed.channel);
    const steps = byOrder.get(step.orderId);
    if (steps) steps.push({ seq, fact: step.fact });
    else byOrder.set(step.orderId, [{ seq, fact: step.fact }]);
  }
  if (byOrder.size === 0) return;
  const orderIds = [...byOrder.keys()].sort();

  // Most orders are new: insert them all as if they were; what is not inserted exists and is folded onto its state.
  const asNew: OrderRow[] = orderIds.map((orderId) => ({
    orderId,
    state: byOrder.get(orderId)!.reduce((state, step) => foldOrder(state, step.fact), emptyOrder),
  }));
  const inserted = await insertOrders(tx, asNew);
  const existing = orderIds.filter((orderId) => !inserted.has(orderId));
  const states = existing.length > 0 ? await lockOrders(tx, existing) : new Map<string, never>();
  const updated: OrderRow[] = [];
  for (const orderId of orderIds) {
    let state = states.get(orderId) ?? emptyOrder;
    // Fact by fact, so that each movement points at the fact that caused it.
    for (const { seq, fact } of byOrder.get(orderId)!) {
      const next = foldOrder(state, fact);
      stock.cause(seq);
      if (state !== emptyOrder) {
        addOrderSales(state, -1, sales);
        addStock(state, -1, orderId, stock);
      }
      addOrderSales(next, 1, sales);
      addStock(next, 1, orderId, stock);
      state = next;
    }
    if (!inserted.has(orderId)) updated.push({ orderId, state });
  }
  await updateOrders(tx, updated);
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

function changeOf(sales: SalesChanges, stock: StockChanges, feed: readonly FeedDraft[]): Change {
  const minutes = sales.minutes();
  const balances = stock.balances();
  const topics: Topic[] = ['health'];
  if (minutes.length > 0) topics.push('sales', 'stores');
  if (balances.length > 0) topics.push('stock');
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
