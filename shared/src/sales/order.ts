/**
 * An order as the facts about it add up. Its state is a function of the *set* of its facts (earliest time wins, larger
 * sets only add), so facts may come late, twice or in any order and end the same. What an order does to sales and stock
 * is a function of its state; a fact's effect is the difference between the state after it and before it.
 */
import type { FulfilmentMethod } from '../contract/words.ts';
import { shareOut } from './share-out.ts';
import type { SalesChanges } from './rollup.ts';
import type { StockChanges } from '../stock/changes.ts';

/** What the winning `order.placed` said, with codes resolved to their numbers. Times are epoch ms, money minor units. */
export type Placed = {
  /** `time source id` of the fact: of two facts that place the same order the smaller key counts. */
  key: string;
  at: number;
  channel: string;
  locationNo: number;
  stockLocationNo: number;
  method: FulfilmentMethod;
  memberId: string | null;
  total: number;
  sessionId: string | null;
  groupId: string | null;
  bargainId: string | null;
  touch: string | null;
  couponCodes: string[] | null;
  lineSku: number[];
  lineQty: number[];
  /** Of the whole line; they add up to `total`. */
  lineAmount: number[];
};

export type Refund = {
  key: string;
  at: number;
  amount: number;
  lines: [skuNo: number, qty: number][];
  returnTo: number | null;
};

export type OrderState = {
  placed: Placed | null;
  paidAt: number | null;
  cancelledAt: number | null;
  /** When the goods left, by pick-up or shipment. */
  goneAt: number | null;
  deliveredAt: number | null;
  /** Sorted by key. */
  refunds: Refund[];
};

export type OrderFact =
  | { kind: 'placed'; placed: Placed }
  | { kind: 'paid' | 'cancelled' | 'gone' | 'delivered'; at: number }
  | { kind: 'refunded'; refund: Refund };

export const emptyOrder: OrderState = {
  placed: null,
  paidAt: null,
  cancelledAt: null,
  goneAt: null,
  deliveredAt: null,
  refunds: [],
};

const earliest = (a: number | null, b: number) => (a === null || b < a ? b : a);

/** The state after one more fact. Never changes `state`. */
export function foldOrder(state: OrderState, fact: OrderFact): OrderState {
  switch (fact.kind) {
    case 'placed':
      if (state.placed && state.placed.key <= fact.placed.key) return state;
      return { ...state, placed: fact.placed };
    case 'paid':
      return { ...state, paidAt: earliest(state.paidAt, fact.at) };
    case 'cancelled':
      return { ...state, cancelledAt: earliest(state.cancelledAt, fact.at) };
    case 'gone':
      return { ...state, goneAt: earliest(state.goneAt, fact.at) };
    case 'delivered':
      return { ...state, deliveredAt: earliest(state.deliveredAt, fact.at) };
    case 'refunded': {
      const refunds = [...state.refunds, fact.refund].sort((a, b) => (a.key < b.key ? -1 : 1));
      return { ...state, refunds };
    }
  }
}

/** Adds what an order in this state contributes to the sales rollups, `sign` times (−1 takes it out again). */
export function addSales(state: OrderState, sign: 1 | -1, sales: SalesChanges): void {
  const { placed } = state;
  if (placed) {
    const { at, channel, locationNo, total, lineSku, lineQty, lineAmount } = placed;
    let units = 0;
    for (let i = 0; i < lineSku.length; i++) {
      const sku = lineSku[i]!;
      const qty = lineQty[i]!;
      units += qty;
      // An order with two lines of one SKU is still one order that holds it.
      const orders = lineSku.indexOf(sku) === i ? sign : 0;
      sales.addSku(at, sku, locationNo, channel, orders, sign * qty, sign * lineAmount[i]!, 0, 0);
    }
    sales.add(at, locationNo, channel, sign, sign * units, sign * total, 0, 0);

    const paidAt = placed.method === 'carry' ? at : state.paidAt;
    if (paidAt !== null) {
      sales.add(paidAt, locationNo, channel, 0, 0, 0, sign * total, 0);
      for (let i = 0; i < lineSku.length; i++)
        sales.addSku(paidAt, lineSku[i]!, locationNo, channel, 0, 0, 0, sign * lineAmount[i]!, 0);
    }
  }
  for (const refund of state.refunds) {
    const channel = placed?.channel ?? '';
    const locationNo = placed?.locationNo ?? 0;
    sales.add(refund.at, locationNo, channel, 0, 0, 0, 0, sign * refund.amount);
    for (const [sku, amount] of refundBySku(placed, refund))
      sales.addSku(refund.at, sku, locationNo, channel, 0, 0, 0, 0, sign * amount);
  }
}

/** A refund's amount by SKU: by what the lines had cost where the order tells, else by pieces; SKU 0 without lines. */
export function refundBySku(placed: Placed | null, refund: Refund): [skuNo: number, amount: number][] {
  if (refund.lines.length === 0) return [[0, refund.amount]];
  const pieces = refund.lines.map(([, qty]) => qty);
  const values = refund.lines.map(([sku, qty]) => {
    let amount = 0;
    let bought = 0;
    placed?.lineSku.forEach((lineSku, i) => {
      if (lineSku !== sku) return;
      amount += placed.lineAmount[i]!;
      bought += placed.lineQty[i]!;
    });
    return bought === 0 ? null : Number((BigInt(amount) * BigInt(qty)) / BigInt(bought));
  });
  const weights = values.every((value) => value !== null) ? values : pieces;
  const shares = shareOut(refund.amount, weights, pieces);
  return refund.lines.map(([sku], i) => [sku, shares[i]!]);
}

/** Adds what an order in this state does to stock, `sign` times. */
export function addStock(state: OrderState, sign: 1 | -1, orderId: string, stock: StockChanges): void {
  const { placed } = state;
  if (placed) {
    const leftAt = placed.method === 'carry' ? placed.at : state.goneAt;
    const reserved = leftAt === null && state.cancelledAt === null;
    for (let i = 0; i < placed.lineSku.length; i++) {
      const sku = placed.lineSku[i]!;
      const qty = placed.lineQty[i]!;
      if (leftAt !== null) stock.move(sku, placed.stockLocationNo, 'sale', -sign * qty, leftAt, orderId);
      else if (reserved) stock.reserve(sku, placed.stockLocationNo, sign * qty);
    }
  }
  for (const refund of state.refunds)
    if (refund.returnTo !== null)
      for (const [sku, qty] of refund.lines)
        stock.move(sku, refund.returnTo, 'return', sign * qty, refund.at, orderId);
}

/** Amounts by line of an order whose customer owes `total`. */
export function lineAmounts(
  total: number,
  lines: readonly { qty: number; unitPrice: number; discount?: number | undefined }[],
): number[] {
  const amounts = lines.map((line) => Math.max(0, line.qty * line.unitPrice - (line.discount ?? 0)));
  const pieces = lines.map((line) => line.qty);
  return shareOut(total, amounts, pieces);
}
