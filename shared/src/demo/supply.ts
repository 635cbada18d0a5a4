/**
 * Goods that come in: the opening stock, weekly deliveries, counts and losses.
 *
 * A delivery brings a location exactly what it sold in the week before, so that shelves come back to where they began
 * however long the demo runs and in whatever order its days are told. Only `thin` shelves run out in between.
 */
import { inOrder, timed, type TimedFact } from './facts.ts';
import { locationDay } from './location-day.ts';
import { showsOf } from './live-shows.ts';
import { demoLocations, headWarehouse, tillSource, type DemoLocation } from './places.ts';
import { randomFrom } from './random.ts';
import { HOUR_MS, MINUTE_MS, openHours, type DemoDate } from './rhythm.ts';
import type { World } from './world.ts';

type Lines = { sku: string; qty: number }[];

/** Each location is delivered to once in so many days. */
const CYCLE_DAYS = 7;
/** Lines of a fact; the contract takes at most 1,000. */
const LINES_A_FACT = 500;
/** SKUs counted at a location after its delivery. */
const COUNTED = 20;

/** Fills a location's shelves the evening before the books open. Empty ones are counted, so that they are known to be empty. */
export function openingFacts(world: World, location: DemoLocation): TimedFact[] {
  const at = world.date(world.firstDay).start - 2 * HOUR_MS;
  const slots = world.slots(location);
  const stocked = slots.filter((slot) => slot.par > 0).map(({ sku, par }) => ({ sku: sku.code, qty: par }));
  const empty = slots.filter((slot) => slot.par === 0).map(({ sku }) => ({ sku: sku.code, onHand: 0 }));
  const { code } = location;
  return [
    ...inChunks(stocked).map((lines, n) => {
      const data = { location: code, ref: `OPENING-${code}`, lines };
      return timed(at, 'wms', `opening/${code}/${n}`, 'stock.received', data);
    }),
    ...inChunks(empty).map((lines, n) =>
      timed(at + HOUR_MS, 'wms', `opening/${code}/empty/${n}`, 'stock.counted', { location: code, lines }),
    ),
  ];
}

/** Deliveries, counts and losses of a day. */
export function supplyFacts(world: World, date: DemoDate): TimedFact[] {
  const facts: TimedFact[] = [];
  const fromHead = new Map<string, number>();
  for (const [index, location] of demoLocations.entries()) {
    facts.push(...losses(world, location, date));
    if (location.code === headWarehouse || date.number % CYCLE_DAYS !== index % CYCLE_DAYS) continue;
    const sold = soldBefore(world, location, date);
    facts.push(
      ...(location.kind === 'store'
        ? toStore(world, location, date, sold, fromHead)
        : toOnline(location, date, sold)),
    );
    facts.push(...counts(world, location, date));
  }
  facts.push(...toHead(date, fromHead));
  return inOrder(facts);
}

/** Pieces by SKU that left the location with the orders of the week before, less what came back of them. */
export function soldBefore(world: World, location: DemoLocation, date: DemoDate): Map<string, number> {
  const sold = new Map<string, number>();
  for (let day = Math.max(world.firstDay, date.number - CYCLE_DAYS); day < date.number; day++) {
    const on = world.date(day);
    for (const [sku, qty] of soldIn(locationDay(world, location, on, showsOf(world, on))))
      sold.set(sku, (sold.get(sku) ?? 0) + qty);
  }
  return sold;
}

/** Pieces by SKU that the orders of these facts took from stock for good. */
function soldIn(facts: readonly TimedFact[]): Map<string, number> {
  const left = new Set(
    facts.flatMap(({ fact }) =>
      fact.type === 'order.picked_up' || fact.type === 'order.shipped' ? [fact.data.orderId] : [],
    ),
  );
  const sold = new Map<string, number>();
  const add = (lines: Lines, sign: 1 | -1) => {
    for (const { sku, qty } of lines) sold.set(sku, (sold.get(sku) ?? 0) + sign * qty);
  };
  for (const { fact } of facts) {
    if (fact.type === 'order.placed') {
      const { orderId, lines, fulfilment } = fact.data;
      if (fulfilment.method === 'carry' || left.has(orderId)) add(lines, 1);
    } else if (fact.type === 'order.refunded' && fact.data.returnTo !== undefined) add(fact.data.lines, -1);
  }
  return sold;
}

/** Half of the suppliers send to the store itself, the others' goods come from the head office's warehouse. */
function toStore(
  world: World,
  location: DemoLocation,
  date: DemoDate,
  sold: Map<string, number>,
  fromHead: Map<string, number>,
): TimedFact[] {
  const direct = new Set(world.catalog.suppliers.filter((each) => each.direct).map((each) => each.code));
  const straight: Lines = [];
  const moved: Lines = [];
  for (const [sku, qty] of sold) {
    if (qty <= 0) continue;
    if (direct.has(world.sku(sku).supplier)) straight.push({ sku, qty });
    else {
      moved.push({ sku, qty });
      fromHead.set(sku, (fromHead.get(sku) ?? 0) + qty);
    }
  }
  const name = `${location.code}-${date.text}`;
  return [
    ...inChunks(moved).map((lines, n) =>
      timed(date.start + 7 * HOUR_MS, 'wms', `transfer/${name}/${n}`, 'stock.transferred', {
        from: headWarehouse,
        to: location.code,
        ref: `TR-${name}`,
        lines,
      }),
    ),
    ...inChunks(straight).map((lines, n) =>
      timed(date.start + 8 * HOUR_MS, 'wms', `delivery/${name}/${n}`, 'stock.received', {
        location: location.code,
        ref: `PO-${name}`,
        lines,
      }),
    ),
  ];
}

function toOnline(location: DemoLocation, date: DemoDate, sold: Map<string, number>): TimedFact[] {
  return received(location.code, date, 5 * HOUR_MS + 30 * MINUTE_MS, sold);
}

/** The head office receives in the morning what it sends on the same day. */
function toHead(date: DemoDate, fromHead: Map<string, number>): TimedFact[] {
  return received(headWarehouse, date, 4 * HOUR_MS, fromHead);
}

function received(location: string, date: DemoDate, after: number, pieces: Map<string, number>): TimedFact[] {
  const lines = [...pieces].filter(([, qty]) => qty > 0).map(([sku, qty]) => ({ sku, qty }));
  const name = `${location}-${date.text}`;
  return inChunks(lines).map((chunk, n) =>
    timed(date.start + after, 'wms', `delivery/${name}/${n}`, 'stock.received', {
      location,
      ref: `PO-${name}`,
      lines: chunk,
    }),
  );
}

/** A few shelves are counted after the delivery: full, save for a piece that went missing here and there. */
function counts(world: World, location: DemoLocation, date: DemoDate): TimedFact[] {
  const random = randomFrom(`${world.seed}/counts/${location.code}/${date.text}`);
  const slots = world.slots(location).filter((slot) => slot.depth === 'full');
  const chosen = new Set(Array.from({ length: COUNTED }, () => random.pick(slots)));
  const lines = [...chosen].map(({ sku, par }) => ({
    sku: sku.code,
    onHand: Math.max(0, par - random.poisson(0.15)),
  }));
  const at = date.start + 9 * HOUR_MS + random.int(40 * MINUTE_MS);
  const source = location.kind === 'store' ? tillSource(location) : 'wms';
  const id = `count/${location.code}-${date.text}`;
  return [timed(at, source, id, 'stock.counted', { location: location.code, lines })];
}

/** What breaks, expires or turns up again. */
function losses(world: World, location: DemoLocation, date: DemoDate): TimedFact[] {
  const random = randomFrom(`${world.seed}/losses/${location.code}/${date.text}`);
  const slots = world.slots(location).filter((slot) => slot.depth === 'full');
  return Array.from({ length: random.poisson(0.8) }, (_, n) => {
    const at = date.start + random.between(openHours.from * HOUR_MS, openHours.to * HOUR_MS);
    const found = random.chance(0.15);
    return timed(at, 'wms', `loss/${location.code}-${date.text}/${n}`, 'stock.adjusted', {
      location: location.code,
      reason: found ? '盘盈' : random.pick(['破损', '过期', '样品领用']),
      lines: [{ sku: random.pick(slots).sku.code, delta: found ? 1 : -random.between(1, 2) }],
    });
  });
}

function inChunks<T>(lines: T[]): T[][] {
  const chunks: T[][] = [];
  for (let i = 0; i < lines.length; i += LINES_A_FACT) chunks.push(lines.slice(i, i + LINES_A_FACT));
  return chunks;
}
