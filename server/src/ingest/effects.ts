/** From facts to effects: what each fact means for orders, stock, traffic and the ticker. No I/O; codes come resolved. */
import type { SpendRow } from '@zhanggui/shared/campaigns/spend-store.ts';
import { normalCode, readCode } from '@zhanggui/shared/coupons/code.ts';
import type { CouponTouch, ToldUse } from '@zhanggui/shared/coupons/use-store.ts';
import type { CheckedFact } from '@zhanggui/shared/ingest/event.ts';
import type { LiveChanges } from '@zhanggui/shared/live/changes.ts';
import { notable, type FeedDraft } from '@zhanggui/shared/ingest/notable.ts';
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { lineAmounts, type OrderFact } from '@zhanggui/shared/sales/order.ts';
import type { TrafficRow } from '@zhanggui/shared/sales/rollup-store.ts';
import type { StockChanges } from '@zhanggui/shared/stock/changes.ts';
import type { Codes, Resolver } from './resolver.ts';

/** Collects every code that the facts name. */
export function codesOf(facts: readonly CheckedFact[]): Codes {
  const codes: Codes = { sources: new Set(), skus: new Set(), locations: new Set() };
  for (const { fact } of facts) {
    codes.sources.add(fact.source);
    switch (fact.type) {
      case 'order.placed':
        if (fact.data.location !== undefined) codes.locations.add(fact.data.location);
        codes.locations.add(fact.data.fulfilment.location);
        for (const line of fact.data.lines) codes.skus.add(line.sku);
        break;
      case 'order.refunded':
        if (fact.data.returnTo !== undefined) codes.locations.add(fact.data.returnTo);
        for (const line of fact.data.lines) codes.skus.add(line.sku);
        break;
      case 'stock.received':
      case 'stock.counted':
      case 'stock.adjusted':
        codes.locations.add(fact.data.location);
        for (const line of fact.data.lines) codes.skus.add(line.sku);
        break;
      case 'stock.transferred':
        codes.locations.add(fact.data.from);
        codes.locations.add(fact.data.to);
        for (const line of fact.data.lines) codes.skus.add(line.sku);
        break;
      case 'traffic.store':
        codes.locations.add(fact.data.location);
        break;
      case 'member.visited':
        if (fact.data.location !== undefined) codes.locations.add(fact.data.location);
        if (fact.data.sku !== undefined) codes.skus.add(fact.data.sku);
        break;
      case 'feedback.received':
        if (fact.data.location !== undefined) codes.locations.add(fact.data.location);
        break;
      case 'live.pulse':
        for (const { sku } of fact.data.bySku ?? []) codes.skus.add(sku);
        break;
      case 'live.featured':
        codes.skus.add(fact.data.sku);
        break;
      default:
        // The other types name no SKU and no location that is booked.
        break;
    }
  }
  return codes;
}

/** `time source id`: sorts by time first, and the same on every server. */
export const factKey = ({ fact }: CheckedFact) => `${fact.time} ${fact.source} ${fact.id}`;

/** What a fact says about an order, or null where it is about something else. */
export function orderFactOf(
  checked: CheckedFact,
  resolver: Resolver,
): { orderId: string; fact: OrderFact } | null {
  const { fact, at } = checked;
  switch (fact.type) {
    case 'order.placed': {
      const { data } = fact;
      const stockLocationNo = resolver.location(data.fulfilment.location);
      return {
        orderId: data.orderId,
        fact: {
          kind: 'placed',
          placed: {
            key: factKey(checked),
            at,
            channel: data.channel,
            locationNo: data.location === undefined ? stockLocationNo : resolver.location(data.location),
            stockLocationNo,
            method: data.fulfilment.method,
            memberId: data.memberId ?? null,
            total: data.total,
            sessionId: data.sessionId ?? null,
            groupId: data.groupId ?? null,
            bargainId: data.bargainId ?? null,
            touch: data.touch ?? null,
            couponCodes: data.couponCodes ?? null,
            lineSku: data.lines.map((line) => resolver.sku(line.sku)),
            lineQty: data.lines.map((line) => line.qty),
            lineAmount: lineAmounts(data.total, data.lines),
          },
        },
      };
    }
    case 'order.paid':
      return { orderId: fact.data.orderId, fact: { kind: 'paid', at } };
    case 'order.cancelled':
      return { orderId: fact.data.orderId, fact: { kind: 'cancelled', at } };
    case 'order.picked_up':
    case 'order.shipped':
      return { orderId: fact.data.orderId, fact: { kind: 'gone', at } };
    case 'order.delivered':
      return { orderId: fact.data.orderId, fact: { kind: 'delivered', at } };
    case 'order.refunded': {
      const { orderId, amount, lines, returnTo } = fact.data;
      return {
        orderId,
        fact: {
          kind: 'refunded',
          refund: {
            key: factKey(checked),
            at,
            amount,
            lines: lines.map((line) => [resolver.sku(line.sku), line.qty]),
            returnTo: returnTo === undefined ? null : resolver.location(returnTo),
          },
        },
      };
    }
    default:
      return null;
  }
}

/** Books a fact that is about stock itself. The cause must be set before. */
export function addStockFact(checked: CheckedFact, resolver: Resolver, stock: StockChanges): void {
  const { fact, at } = checked;
  switch (fact.type) {
    case 'stock.received':
      for (const { sku, qty } of fact.data.lines)
        stock.move(
          resolver.sku(sku),
          resolver.location(fact.data.location),
          'received',
          qty,
          at,
          fact.data.ref,
        );
      break;
    case 'stock.adjusted':
      for (const { sku, delta } of fact.data.lines)
        stock.move(
          resolver.sku(sku),
          resolver.location(fact.data.location),
          'adjusted',
          delta,
          at,
          fact.data.reason,
        );
      break;
    case 'stock.transferred':
      for (const { sku, qty } of fact.data.lines) {
        stock.move(
          resolver.sku(sku),
          resolver.location(fact.data.from),
          'transfer_out',
          -qty,
          at,
          fact.data.ref,
        );
        stock.move(resolver.sku(sku), resolver.location(fact.data.to), 'transfer_in', qty, at, fact.data.ref);
      }
      break;
    case 'stock.counted':
      for (const [i, { sku, onHand }] of fact.data.lines.entries())
        // The line's place in the fact settles a SKU that one fact counts twice.
        stock.count(
          resolver.sku(sku),
          resolver.location(fact.data.location),
          onHand,
          at,
          `${factKey(checked)} ${String(i).padStart(4, '0')}`,
        );
      break;
    default:
      // Not about stock itself.
      break;
  }
}

/** Adds what a livestream reports of itself. */
export function addLiveFact(checked: CheckedFact, resolver: Resolver, live: LiveChanges): void {
  const { fact, at } = checked;
  switch (fact.type) {
    case 'live.started': {
      const { sessionId, roomId, host = null, platform = null, title = null, skus = null } = fact.data;
      live.started(sessionId, { key: factKey(checked), at, roomId, host, platform, title, skus });
      break;
    }
    case 'live.ended':
      live.ended(fact.data.sessionId, at);
      break;
    case 'live.pulse': {
      const { sessionId, bySku = [], ...counts } = fact.data;
      live.pulse(sessionId, {
        key: factKey(checked),
        at,
        ...counts,
        bySku: bySku.map(({ sku, clicks }) => [resolver.sku(sku), clicks]),
      });
      break;
    }
    case 'live.featured': {
      const { sessionId, sku, price = null } = fact.data;
      live.featured(sessionId, { key: factKey(checked), at, skuNo: resolver.sku(sku), price });
      break;
    }
    default:
      // Not about a livestream.
      break;
  }
}

/** Footfall and web traffic of a group, summed by hour and sorted in lock order. */
export function trafficOf(
  facts: readonly CheckedFact[],
  resolver: Resolver,
  time: BusinessTime,
): TrafficRow[] {
  const rows = new Map<string, TrafficRow>();
  const add = (hour: number, locationNo: number, channel: string, more: Partial<TrafficRow>) => {
    const key = `${hour}|${locationNo}|${channel}`;
    const row = rows.get(key) ?? {
      hour,
      locationNo,
      channel,
      entered: 0,
      sessions: 0,
      views: 0,
      carts: 0,
      checkouts: 0,
    };
    row.entered += more.entered ?? 0;
    row.sessions += more.sessions ?? 0;
    row.views += more.views ?? 0;
    row.carts += more.carts ?? 0;
    row.checkouts += more.checkouts ?? 0;
    rows.set(key, row);
  };
  for (const { fact, at } of facts)
    if (fact.type === 'traffic.store')
      add(time.hour(at), resolver.location(fact.data.location), '', { entered: fact.data.entered });
    else if (fact.type === 'traffic.online') {
      const { sessions, views, carts, checkouts } = fact.data;
      add(time.hour(at), 0, fact.data.channel, { sessions, views, carts, checkouts });
    }
  return [...rows.values()].sort(
    (a, b) =>
      a.hour - b.hour ||
      a.locationNo - b.locationNo ||
      (a.channel < b.channel ? -1 : a.channel > b.channel ? 1 : 0),
  );
}

/** Advertising for campaigns, summed and sorted in lock order. What names no campaign belongs to none. */
export function spendOf(facts: readonly CheckedFact[]): SpendRow[] {
  const rows = new Map<string, SpendRow>();
  for (const { fact } of facts) {
    if (fact.type !== 'spend.recorded' || fact.data.campaignId === undefined) continue;
    const { campaignId, channel, amount } = fact.data;
    const key = `${campaignId}|${channel}`;
    const row = rows.get(key);
    if (row) row.amount += amount;
    else rows.set(key, { campaignId, channel, amount });
  }
  return [...rows.values()].sort((a, b) =>
    a.campaignId !== b.campaignId ? (a.campaignId < b.campaignId ? -1 : 1) : a.channel < b.channel ? -1 : 1,
  );
}

/** Lines for the ticker. */
export function feedOf(facts: readonly CheckedFact[], resolver: Resolver, now: number): FeedDraft[] {
  return facts.flatMap(({ fact, at }) => {
    const line = notable(fact, at, now);
    if (!line) return [];
    const locationNo = line.location === undefined ? undefined : resolver.location(line.location);
    return [{ kind: line.kind, at, params: line.params, locationNo }];
  });
}

/** Uses of our coupons that facts tell of, and orders whose end may bring coupons back. Codes of others are left alone. */
export function couponTouchOf(facts: readonly CheckedFact[]): CouponTouch {
  const uses: ToldUse[] = [];
  const ended = new Set<string>();
  for (const { fact, at } of facts)
    switch (fact.type) {
      case 'order.placed': {
        const { orderId, couponCodes, channel, location, lines } = fact.data;
        for (const text of couponCodes ?? []) {
          const code = readCode(text) && normalCode(text);
          if (code === null) continue;
          const told = lines.map(
            ({ sku, qty, unitPrice, discount = 0 }): [string, number, number, number] => [
              sku,
              qty,
              unitPrice,
              discount,
            ],
          );
          uses.push({ code, orderId, at, lines: told, channel, location: location ?? null });
        }
        break;
      }
      case 'coupon.redeemed': {
        const code = readCode(fact.data.code) && normalCode(fact.data.code);
        if (code !== null)
          uses.push({ code, orderId: fact.data.orderId, at, lines: null, channel: null, location: null });
        break;
      }
      case 'order.cancelled':
      case 'order.refunded':
        ended.add(fact.data.orderId);
        break;
      default:
        break;
    }
  return { uses, orderIds: [...ended] };
}
