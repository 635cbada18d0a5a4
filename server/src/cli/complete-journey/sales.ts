/** Sales lines of The Complete Journey as orders, and what they say of SKUs. Pure. */
import type { OutgoingEvent } from '../event-body.ts';
import { CliError } from '../errors.ts';
import { instantOf } from '../local-time.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import type { JourneyRow } from './files.ts';

/** CloudEvents source of all its facts, and who tells of its campaigns. */
export const SOURCE = 'complete-journey';
export const CURRENCY = 'USD';
/** The files write no zone; the days of campaigns and sales are of this one. */
export const TIME_ZONE = 'UTC';

const zone = new BusinessTime(TIME_ZONE);

type Line = {
  sku: string;
  qty: number;
  /** Cents: before all discounts, what the loyalty card and the shop's own part of a coupon took off, and what the shop got. */
  regular: number;
  amount: number;
  /** Cents that a maker's coupon paid for the customer. */
  byMaker: number;
  withCoupon: boolean;
};

type Basket = { id: string; household: string; store: string; at: number; lines: Line[] };

/** Coupons that a household redeemed on a day, with what they were for: `household day` → coupon → SKUs. */
export type Redeemed = ReadonlyMap<string, ReadonlyMap<string, ReadonlySet<string>>>;

export class Sales {
  readonly #baskets = new Map<string, Basket>();
  readonly #prices = new Map<string, Map<number, number>>();
  /** Lines with no piece: weighed goods and the like. They count as one. */
  withoutPieces = 0;
  lines = 0;

  /** Takes a line. Throws CliError for one that is none. */
  add(row: JourneyRow<'transactions'> & { line: number }): void {
    const cents = (name: 'sales_value' | 'retail_disc' | 'coupon_disc' | 'coupon_match_disc') => {
      const value = centsOf(row[name] || '0');
      if (value === null || (name === 'sales_value' && value < 0)) throw wrong(row.line, name, row[name]);
      // Discounts stand with a minus in some editions.
      return Math.abs(value);
    };
    const qty = Number(row.quantity);
    if (!Number.isSafeInteger(qty) || qty < 0) throw wrong(row.line, 'quantity', row.quantity);
    const at = timeOf(row.transaction_timestamp);
    if (at === null) throw wrong(row.line, 'transaction_timestamp', row.transaction_timestamp);
    const amount = cents('sales_value');
    const regular = amount + cents('retail_disc') + cents('coupon_match_disc');
    const byMaker = cents('coupon_disc');
    const pieces = Math.max(1, qty);
    this.lines += 1;
    if (qty === 0) this.withoutPieces += 1;
    const basket = this.#baskets.get(row.basket_id) ?? {
      id: row.basket_id,
      household: row.household_id,
      store: row.store_id,
      at,
      lines: [],
    };
    this.#baskets.set(row.basket_id, basket);
    basket.at = Math.min(basket.at, at);
    const withCoupon = byMaker > 0 || cents('coupon_match_disc') > 0;
    basket.lines.push({ sku: row.product_id, qty: pieces, regular, amount, byMaker, withCoupon });
    if (regular === 0) return;
    const prices = this.#prices.get(row.product_id) ?? new Map<number, number>();
    this.#prices.set(row.product_id, prices);
    const price = Math.ceil(regular / pieces);
    prices.set(price, (prices.get(price) ?? 0) + 1);
  }

  /** Different stores and SKUs, sorted. */
  get stores(): string[] {
    return [...new Set([...this.#baskets.values()].map(({ store }) => store))].sort();
  }

  get skus(): Set<string> {
    return new Set([...this.#baskets.values()].flatMap(({ lines }) => lines.map(({ sku }) => sku)));
  }

  /** What a piece costs mostly before discounts, cents; of prices that are as frequent the higher one. Null where nothing says. */
  priceOf(sku: string): number | null {
    let best: [price: number, times: number] | null = null;
    for (const [price, times] of this.#prices.get(sku) ?? [])
      if (best === null || times > best[1] || (times === best[1] && price > best[0])) best = [price, times];
    return best && best[0];
  }

  /**
   * An order for each basket, in order of time. A coupon is named with an order where the household redeemed it on that day and it is for
   * a line that was paid with a coupon: which till took it, the files do not say.
   */
  *orders(redeemed: Redeemed): Generator<OutgoingEvent> {
    for (const { id, household, store, at, lines } of [...this.#baskets.values()].sort(
      (a, b) => a.at - b.at,
    )) {
      const day = new Date(at).toISOString().slice(0, 10);
      const paidWith = lines.filter(({ withCoupon }) => withCoupon);
      const couponCodes = [...(redeemed.get(`${household} ${day}`) ?? [])]
        .filter(([, skus]) => paidWith.some(({ sku }) => skus.has(sku)))
        .map(([coupon]) => coupon)
        .sort();
      yield {
        id,
        source: SOURCE,
        type: 'order.placed',
        time: new Date(at).toISOString(),
        data: {
          orderId: id,
          channel: 'pos',
          location: store,
          memberId: household,
          lines: lines.map(({ sku, qty, regular, amount, byMaker }) => {
            const unitPrice = Math.ceil(regular / qty);
            const discount = unitPrice * qty - amount;
            return {
              sku,
              qty,
              unitPrice,
              ...(discount > 0 && { discount }),
              // No field of ours: what is not ours to read stays in the ledger.
              ...(byMaker > 0 && { paidByMaker: byMaker }),
            };
          }),
          total: lines.reduce((sum, { amount }) => sum + amount, 0),
          currency: CURRENCY,
          fulfilment: { method: 'carry', location: store },
          ...(couponCodes.length > 0 && { couponCodes }),
        },
      };
    }
  }
}

/** Dollars in cents. Some are what the arithmetic of whoever made the files left over: 4.440892e-16 is nothing. Null for no whole cents. */
function centsOf(text: string): number | null {
  const cents = Number(text) * 100;
  const whole = Math.round(cents);
  return Math.abs(cents - whole) < 1e-6 ? whole : null;
}

function timeOf(text: string): number | null {
  const at = /(Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : instantOf(text, zone);
  return at === null || Number.isNaN(at) ? null : at;
}

const wrong = (line: number, column: string, text: string) =>
  new CliError(`transactions, line ${line}: ${text || 'nothing'} cannot be ${column}`);
