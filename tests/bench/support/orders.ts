/** Orders for benches: two lines, 53 places, 30,000 SKUs of which few sell often. A function of the number alone. */

export const SKUS = 30_000;
export const PLACES = 53;

export const skuCode = (no: number): string => `SKU-${String(no).padStart(5, '0')}`;
export const placeCode = (no: number): string => `L${String(no).padStart(2, '0')}`;

/** A cheap generator of equally distributed numbers in [0, 1). */
export function random(seed: number): () => number {
  let state = (seed * 2_654_435_761 + 1) >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Stores; the last three places are a warehouse for the web, and HQ's. */
const STORES = PLACES - 3;

/** `members`: each order is one of so many members'; else nobody's. `stores`: only the first so many sell. */
export type OrderOptions = { members?: number | undefined; stores?: number | undefined };

/** The `no`-th order of a run, as a CloudEvent. `run` keeps the ids of two runs apart. */
export function orderEvent(
  run: string,
  no: number,
  at: number,
  { members = 0, stores = STORES }: OrderOptions = {},
): Record<string, unknown> {
  const next = random(no);
  const place = placeCode(1 + Math.floor(next() * stores));
  const line = () => ({
    sku: skuCode(1 + Math.floor(next() ** 3 * SKUS)),
    qty: 1 + Math.floor(next() * 3),
    unitPrice: 500 + Math.floor(next() * 5000),
  });
  const lines = [line(), line()];
  const memberId = members > 0 ? `M${String(1 + Math.floor(next() * members)).padStart(8, '0')}` : undefined;
  return {
    specversion: '1.0',
    id: `${run}-${no}`,
    source: `pos/${place}`,
    type: 'order.placed',
    time: new Date(at).toISOString(),
    data: {
      orderId: `${run}-${no}`,
      channel: 'pos',
      location: place,
      ...(memberId !== undefined && { memberId }),
      lines,
      total: lines.reduce((sum, { qty, unitPrice }) => sum + qty * unitPrice, 0),
      currency: 'CNY',
      fulfilment: { method: 'carry', location: place },
    },
  };
}

/** `count` orders from number `first` on, as one request's body. */
export const orderBatch = (
  run: string,
  first: number,
  count: number,
  at: number,
  options: OrderOptions = {},
): Record<string, unknown>[] =>
  Array.from({ length: count }, (_, i) => orderEvent(run, first + i, at, options));
