/**
 * Company R as a function of a seed: its catalog, its places, what stands on which shelf and how fast it sells there.
 * Whatever day is asked for, the same world answers the same: that is what lets the demo stop anywhere and go on.
 */
import { UNITS_A_BASKET, type Offer, type Shelf } from './basket.ts';
import { DEMO_SKUS, makeCatalog, type DemoCatalog, type DemoSku } from './catalog.ts';
import { demoLocations, headWarehouse, type DemoLocation } from './places.ts';
import { share, type Random } from './random.ts';
import { channelShare, demoDate, ORDERS_A_DAY, seasonFactor, type DemoDate } from './rhythm.ts';

export type WorldOptions = {
  seed: string;
  /** Day number on which the company's books open: stock arrives that night, sales begin in the morning. */
  firstDay: number;
  /** Midnight of a business day (YYYY-MM-DD), in ms since the epoch. */
  startOf: (day: string) => number;
  /** A smaller company, for tests. */
  skus?: number;
  ordersADay?: number;
};

export type World = {
  seed: string;
  firstDay: number;
  catalog: DemoCatalog;
  ordersADay: number;
  date: (number: number) => DemoDate;
  /** What stands at a location. Made when first asked for, then kept. */
  slots: (location: DemoLocation) => readonly Slot[];
  /** What a location sells in a month (1…12), each SKU as often as people want it then. Kept for the latest month. */
  shelf: (location: DemoLocation, month: number) => Shelf;
  sku: (code: string) => DemoSku;
};

/** `gone`: the shelf is empty and nobody refills it. `thin`: refilled as the others, but with too little in reserve. */
export type Depth = 'full' | 'thin' | 'gone';

export type Slot = {
  sku: DemoSku;
  depth: Depth;
  /** Pieces expected to be sold here on an average day of the year. */
  demand: number;
  /** Pieces on the shelf when it is freshly filled. */
  par: number;
};

/** Shares of a location's slots. */
const GONE = 0.012;
const THIN = 0.008;

/** Of the mini-program's orders, these are collected in a store, or sent from one. */
export const miniappShare = { pickup: 0.42, shipFromStore: 0.1 } as const;

export function makeWorld(options: WorldOptions): World {
  const { seed, firstDay, startOf, ordersADay = ORDERS_A_DAY } = options;
  const catalog = makeCatalog(`${seed}/catalog`, options.skus ?? DEMO_SKUS);
  const byCode = new Map(catalog.skus.map((sku) => [sku.code, sku]));
  const popular = [...catalog.skus].sort((a, b) => b.pull - a.pull);
  const stocked = new Map<string, readonly Slot[]>();
  const shelves = new Map<string, { month: number; shelf: Shelf }>();
  const dates = new Map<number, DemoDate>();
  const slots = (location: DemoLocation) => {
    const known = stocked.get(location.code) ?? stock(location, popular, { seed, ordersADay });
    stocked.set(location.code, known);
    return known;
  };
  return {
    seed,
    firstDay,
    catalog,
    ordersADay,
    date: (number) => {
      const known = dates.get(number) ?? demoDate(number, startOf);
      dates.set(number, known);
      return known;
    },
    slots,
    shelf: (location, month) => {
      const kept = shelves.get(location.code);
      if (kept?.month === month) return kept.shelf;
      const shelf = shelfOf(slots(location), month);
      shelves.set(location.code, { month, shelf });
      return shelf;
    },
    sku: (code) => {
      const sku = byCode.get(code);
      if (sku === undefined) throw new RangeError(`SKU ${code} is not in the catalog`);
      return sku;
    },
  };
}

/** Orders that a location fulfils on an average day, of all channels. */
export function ordersOf(location: DemoLocation, ordersADay: number): number {
  const stores = demoLocations.filter((each) => each.kind === 'store').length;
  const fromStores = channelShare.miniapp * (miniappShare.pickup + miniappShare.shipFromStore);
  if (location.kind === 'store')
    return (ordersADay * (channelShare.pos + fromStores) * location.pull) / stores;
  if (location.kind === 'online_warehouse')
    return ordersADay * (1 - channelShare.pos - fromStores) * location.pull;
  return 0;
}

/**
 * Which SKUs a store carries: the thousand and a half that sell best, and by its size a part of the others; never what
 * is exclusive to other channels. Warehouses hold all. `popular` is the catalog, best sellers first.
 */
function carries(
  location: DemoLocation,
  sku: DemoSku,
  rank: number,
  skuCount: number,
  seed: string,
): boolean {
  if (location.kind !== 'store') return true;
  if (sku.exclusiveChannels.length > 0) return false;
  const core = skuCount / 20;
  const wanted = skuCount * (0.1 + location.areaM2 / 8000);
  return (
    rank < core || share(`${seed}/carries/${sku.code}/${location.code}`) < (wanted - core) / (skuCount - core)
  );
}

function stock(
  location: DemoLocation,
  popular: readonly DemoSku[],
  { seed, ordersADay }: { seed: string; ordersADay: number },
): readonly Slot[] {
  const skus = popular.filter((sku, rank) => carries(location, sku, rank, popular.length, seed));
  const whole = skus.reduce((sum, sku) => sum + sku.pull, 0);
  const units = ordersOf(location, ordersADay) * UNITS_A_BASKET;
  // The head office sends what the stores that it supplies have sold, roughly once a day.
  const daily = location.code === headWarehouse ? ordersADay * channelShare.pos * UNITS_A_BASKET : units;
  return skus.map((sku): Slot => {
    const demand = (daily * sku.pull) / whole;
    const depth = depthOf(location, sku, seed);
    return { sku, depth, demand, par: parOf(sku, demand, depth) };
  });
}

function depthOf(location: DemoLocation, sku: DemoSku, seed: string): Depth {
  if (location.code === headWarehouse) return 'full';
  const x = share(`${seed}/depth/${sku.code}/${location.code}`);
  return x < GONE ? 'gone' : x < GONE + THIN ? 'thin' : 'full';
}

/**
 * Pieces of a full shelf: three weeks' sales (a delivery comes each week), a margin for luck, and two for the look of it,
 * in whole packs where a week sells several. Seasons change what sells: half as much again.
 */
function parOf(sku: DemoSku, demand: number, depth: Depth): number {
  if (depth === 'gone') return 0;
  if (depth === 'thin') return Math.max(1, Math.ceil(demand * 6));
  const weeks = demand * 21 * 1.5;
  const pieces = Math.ceil(weeks + 3 * Math.sqrt(weeks) + 2);
  return demand * 7 < sku.packSize ? pieces : Math.ceil(pieces / sku.packSize) * sku.packSize;
}

/** Draws by weight, in a few steps of halving; what is `gone` is not sold. */
function shelfOf(slots: readonly Slot[], month: number): Shelf {
  const sold = slots.filter((slot) => slot.depth !== 'gone').map((slot) => slot.sku);
  const limits = new Float64Array(sold.length);
  let whole = 0;
  for (const [i, sku] of sold.entries()) limits[i] = whole += sku.pull * seasonFactor(sku.season, month);
  const pick = (random: Random): Offer => {
    const x = random.next() * whole;
    let low = 0;
    let high = limits.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((limits[middle] ?? 0) <= x) low = middle + 1;
      else high = middle;
    }
    const found = sold[low];
    if (found === undefined) throw new RangeError('nothing stands on this shelf');
    return found;
  };
  return { pick };
}
