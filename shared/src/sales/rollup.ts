/** What a group of facts adds to the sales rollups: sums by minute, by business day, and by SKU and day. Pure. */
import type { BusinessTime } from './business-time.ts';

export type SalesRow = {
  at: number;
  locationNo: number;
  channel: string;
  orders: number;
  units: number;
  placed: number;
  paid: number;
  refunded: number;
};
export type SalesDayRow = Omit<SalesRow, 'at'> & { day: string; lastSaleAt: number | null };
export type SalesSkuRow = Omit<SalesRow, 'at'> & { day: string; skuNo: number };

type Sums = { orders: number; units: number; placed: number; paid: number; refunded: number };
const isZero = (row: Sums) =>
  row.orders === 0 && row.units === 0 && row.placed === 0 && row.paid === 0 && row.refunded === 0;
const plus = (row: Sums, orders: number, units: number, placed: number, paid: number, refunded: number) => {
  row.orders += orders;
  row.units += units;
  row.placed += placed;
  row.paid += paid;
  row.refunded += refunded;
};

/** Collects additions under the keys of the rollup tables. Money in minor units, `at` in epoch ms. */
export class SalesChanges {
  #time: BusinessTime;
  #minutes = new Map<string, SalesRow>();
  #skus = new Map<string, SalesSkuRow>();
  #lastSales = new Map<string, { day: string; locationNo: number; channel: string; at: number }>();

  constructor(time: BusinessTime) {
    this.#time = time;
  }

  add(
    at: number,
    locationNo: number,
    channel: string,
    orders: number,
    units: number,
    placed: number,
    paid: number,
    refunded: number,
  ): void {
    const minute = this.#time.minute(at);
    const key = `${minute}|${locationNo}|${channel}`;
    const row = this.#minutes.get(key);
    if (row) plus(row, orders, units, placed, paid, refunded);
    else this.#minutes.set(key, { at: minute, locationNo, channel, orders, units, placed, paid, refunded });
  }

  addSku(
    at: number,
    skuNo: number,
    locationNo: number,
    channel: string,
    orders: number,
    units: number,
    placed: number,
    paid: number,
    refunded: number,
  ): void {
    const day = this.#time.day(at);
    const key = `${skuNo}|${day}|${locationNo}|${channel}`;
    const row = this.#skus.get(key);
    if (row) plus(row, orders, units, placed, paid, refunded);
    else this.#skus.set(key, { skuNo, day, locationNo, channel, orders, units, placed, paid, refunded });
  }

  /** A sale was made here at this time: kept as the newest of the day. */
  sold(at: number, locationNo: number, channel: string): void {
    const day = this.#time.day(at);
    const key = `${day}|${locationNo}|${channel}`;
    const last = this.#lastSales.get(key);
    if (!last || last.at < at) this.#lastSales.set(key, { day, locationNo, channel, at });
  }

  /** Sorted by (minute, location, channel): the order in which every transaction locks. */
  minutes(): SalesRow[] {
    return [...this.#minutes.values()]
      .filter((row) => !isZero(row))
      .sort((a, b) => a.at - b.at || a.locationNo - b.locationNo || order(a.channel, b.channel));
  }

  /** Sorted by (day, location, channel). */
  days(): SalesDayRow[] {
    const days = new Map<string, SalesDayRow>();
    for (const row of this.minutes()) {
      const day = this.#time.day(row.at);
      const key = `${day}|${row.locationNo}|${row.channel}`;
      const sums = days.get(key);
      if (sums) plus(sums, row.orders, row.units, row.placed, row.paid, row.refunded);
      else {
        const { at: _, ...rest } = row;
        days.set(key, { day, ...rest, lastSaleAt: null });
      }
    }
    for (const [key, last] of this.#lastSales) {
      const row = days.get(key);
      if (row) row.lastSaleAt = last.at;
      else {
        const { day, locationNo, channel, at } = last;
        days.set(key, {
          day,
          locationNo,
          channel,
          orders: 0,
          units: 0,
          placed: 0,
          paid: 0,
          refunded: 0,
          lastSaleAt: at,
        });
      }
    }
    return [...days.values()].sort(
      (a, b) => order(a.day, b.day) || a.locationNo - b.locationNo || order(a.channel, b.channel),
    );
  }

  /** Sorted by (day, SKU, location, channel). */
  skus(): SalesSkuRow[] {
    return [...this.#skus.values()]
      .filter((row) => !isZero(row))
      .sort(
        (a, b) =>
          order(a.day, b.day) ||
          a.skuNo - b.skuNo ||
          a.locationNo - b.locationNo ||
          order(a.channel, b.channel),
      );
  }
}

/** By code unit, unlike localeCompare: the same everywhere, and fast. */
const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
