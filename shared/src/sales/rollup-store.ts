/** Adds a group's sums to the rollups. Rows come sorted by key (see `SalesChanges`), which is the lock order. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { SalesChanges, SalesDayRow, SalesRow, SalesSkuRow } from './rollup.ts';

type Keyed = Pick<SalesRow, 'locationNo' | 'channel' | 'orders' | 'units' | 'placed' | 'paid' | 'refunded'>;

/** The columns that every rollup has, each as one array. */
const columns = (rows: readonly Keyed[]) => ({
  locations: column(rows, (row) => row.locationNo),
  channels: column(rows, (row) => row.channel),
  orders: column(rows, (row) => row.orders),
  units: column(rows, (row) => row.units),
  placed: column(rows, (row) => row.placed),
  paid: column(rows, (row) => row.paid),
  refunded: column(rows, (row) => row.refunded),
});

export async function addSalesMinutes(sql: Sql, rows: readonly SalesRow[]): Promise<void> {
  if (rows.length === 0) return;
  const c = columns(rows);
  await sql`
    insert into sales_minute as t (minute, location_no, channel, orders, units, placed, paid, refunded)
    select * from unnest(
      ${column(rows, (row) => new Date(row.at).toISOString())}::timestamptz[], ${c.locations}::int[], ${c.channels}::text[],
      ${c.orders}::int[], ${c.units}::int[], ${c.placed}::bigint[], ${c.paid}::bigint[], ${c.refunded}::bigint[])
    on conflict (minute, location_no, channel) do update set
      orders = t.orders + excluded.orders, units = t.units + excluded.units, placed = t.placed + excluded.placed,
      paid = t.paid + excluded.paid, refunded = t.refunded + excluded.refunded`;
}

export async function addSalesDays(sql: Sql, rows: readonly SalesDayRow[]): Promise<void> {
  if (rows.length === 0) return;
  const c = columns(rows);
  const lastSales = column(rows, (row) => row.lastSaleAt && new Date(row.lastSaleAt).toISOString());
  await sql`
    insert into sales_day as t (day, location_no, channel, orders, units, placed, paid, refunded, last_sale_at)
    select * from unnest(
      ${column(rows, (row) => row.day)}::date[], ${c.locations}::int[], ${c.channels}::text[], ${c.orders}::int[],
      ${c.units}::int[], ${c.placed}::bigint[], ${c.paid}::bigint[], ${c.refunded}::bigint[],
      ${lastSales}::timestamptz[])
    on conflict (day, location_no, channel) do update set
      orders = t.orders + excluded.orders, units = t.units + excluded.units, placed = t.placed + excluded.placed,
      paid = t.paid + excluded.paid, refunded = t.refunded + excluded.refunded,
      last_sale_at = greatest(t.last_sale_at, excluded.last_sale_at)`;
}

export async function addSalesSkuDays(sql: Sql, rows: readonly SalesSkuRow[]): Promise<void> {
  if (rows.length === 0) return;
  const c = columns(rows);
  await sql`
    insert into sales_sku_day as t (sku_no, day, location_no, channel, orders, units, placed, paid, refunded)
    select * from unnest(
      ${column(rows, (row) => row.skuNo)}::int[], ${column(rows, (row) => row.day)}::date[], ${c.locations}::int[],
      ${c.channels}::text[], ${c.orders}::int[], ${c.units}::int[], ${c.placed}::bigint[], ${c.paid}::bigint[],
      ${c.refunded}::bigint[])
    on conflict (day, sku_no, location_no, channel) do update set
      orders = t.orders + excluded.orders, units = t.units + excluded.units, placed = t.placed + excluded.placed,
      paid = t.paid + excluded.paid, refunded = t.refunded + excluded.refunded`;
}

/** Books all three rollups; the statements go out together. */
export async function addSales(sql: Sql, changes: SalesChanges): Promise<void> {
  await Promise.all([
    addSalesMinutes(sql, changes.minutes()),
    addSalesDays(sql, changes.days()),
    addSalesSkuDays(sql, changes.skus()),
  ]);
}

export type TrafficRow = {
  hour: number;
  locationNo: number;
  channel: string;
  entered: number;
  sessions: number;
  views: number;
  carts: number;
  checkouts: number;
};

/** Rows must be unique and sorted by (hour, location, channel). */
export async function addTraffic(sql: Sql, rows: readonly TrafficRow[]): Promise<void> {
  if (rows.length === 0) return;
  await sql`
    insert into traffic_hour as t (hour, location_no, channel, entered, sessions, views, carts, checkouts)
    select * from unnest(
      ${column(rows, (row) => new Date(row.hour).toISOString())}::timestamptz[], ${column(rows, (row) => row.locationNo)}::int[],
      ${column(rows, (row) => row.channel)}::text[], ${column(rows, (row) => row.entered)}::bigint[],
      ${column(rows, (row) => row.sessions)}::bigint[], ${column(rows, (row) => row.views)}::bigint[],
      ${column(rows, (row) => row.carts)}::bigint[], ${column(rows, (row) => row.checkouts)}::bigint[])
    on conflict (hour, location_no, channel) do update set
      entered = t.entered + excluded.entered, sessions = t.sessions + excluded.sessions,
      views = t.views + excluded.views, carts = t.carts + excluded.carts,
      checkouts = t.checkouts + excluded.checkouts`;
}
