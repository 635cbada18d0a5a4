/**
 * Stock that stands: how long it will last, since when it stands, and what could be done with it, each way with what it would
 * bring. Pure. Quantities in pieces, money in minor units, times in days.
 */

/** One SKU at one location. */
export type SlowMoverInput = {
  skuNo: number;
  locationNo: number;
  available: number;
  /** Minor units; null: unknown, and then nothing is said about money. */
  unitCost: number | null;
  /** What it sells for now. */
  price: number | null;
  /** Expected units a day here. */
  rate: number;
  /** Days since the last sale here, and since goods last arrived; null: never, as far as is known. */
  daysSinceSale: number | null;
  daysSinceArrival: number | null;
  /** Pieces that are needed here until the next restock would arrive: never given away. */
  needed: number;
  /** Other locations of the SKU, for a transfer. */
  others: readonly SlowMoverPlace[];
  /** What is bought here together with it, or else what sells best here: the best partner first. */
  partners: readonly { skuNo: number; rate: number; price: number }[];
};

export type SlowMoverPlace = {
  locationNo: number;
  /** Expected units a day there. */
  rate: number;
  available: number;
  inbound: number;
  orderUpTo: number;
  /** Of bringing so many pieces there: for the way, and for each piece. */
  wayCost: number;
  pieceCost: number;
};

/**
 * `fresh`: sells, or came lately. `slow`: lasts for more than a quarter. `stagnant`: lasts for more than half a year, or has not
 * sold for three months. `dead`: has not sold for half a year and is not expected to.
 */
export const slownesses = ['fresh', 'slow', 'stagnant', 'dead'] as const;
export type Slowness = (typeof slownesses)[number];

export const slowLimits = {
  slowCoverDays: 90,
  stagnantCoverDays: 180,
  stagnantSilentDays: 90,
  deadSilentDays: 180,
  /** What arrived within so many days has not had its time yet. */
  freshDays: 30,
} as const;

/** What an effect is reckoned with. A company that has measured its own gives these. */
export type SlowMoverAssumptions = {
  /** How demand answers to price: a price lower by 1 % sells so many per cent more. */
  elasticity: number;
  markdowns: readonly number[];
  /** In a bundle, the price falls by this share, and so many of the partner's buyers take it along. */
  bundleCut: number;
  bundleTake: number;
  /** Share of the cost that keeping a piece for a year costs, and what it brings in the end when nobody buys it. */
  holdingPerYear: number;
  salvage: number;
  /** After so many years on a shelf half of the pieces no longer sell at their price. */
  halfLifeYears: number;
  /** Effects are reckoned over so many days. */
  horizonDays: number;
  /** Even with demand that seems dead, a lower price finds somebody: the rate that elasticity works on is at least this. */
  leastRate: number;
};

export const slowMoverAssumptions: SlowMoverAssumptions = {
  elasticity: 2,
  markdowns: [0.1, 0.2, 0.3, 0.5],
  bundleCut: 0.15,
  bundleTake: 0.05,
  holdingPerYear: 0.25,
  salvage: 0.1,
  halfLifeYears: 1,
  horizonDays: 90,
  leastRate: 0.02,
};

export type SlowMoverEffect = {
  /** More pieces sold within the horizon than when it is left. */
  pieces: number;
  /** Minor units more than when it is left, all told: revenue, keeping, and what is left in the end; null: the cost or price is unknown. */
  money: number | null;
  /** Days that the stock here lasts afterwards; null: for ever. */
  coverDays: number | null;
};

export type SlowMoverOption = { effect: SlowMoverEffect } & (
  | { action: 'transfer'; toLocationNo: number; qty: number }
  | { action: 'bundle'; withSkuNo: number; cut: number; qty: number }
  | { action: 'markdown'; cut: number; price: number; elasticity: number; qty: number }
  | { action: 'leave'; qty: 0 }
);

export type SlowMover = {
  skuNo: number;
  locationNo: number;
  available: number;
  /** At cost; null: unknown. */
  value: number | null;
  /** Days that it lasts at the present rate; null: for ever. */
  coverDays: number | null;
  /** Days since it last sold here, else since it came; null: nobody knows. */
  ageDays: number | null;
  slowness: Slowness;
  /** What may go: above what is needed, and above a quarter's demand. */
  excess: number;
  /** Best first; `leave` is always among them. Where money is unknown, by pieces. */
  options: SlowMoverOption[];
};

const YEAR_DAYS = 365;

/** How slow something is. Pieces that are not there are never slow. */
export function slownessOf(
  row: Pick<SlowMoverInput, 'available' | 'rate' | 'daysSinceSale' | 'daysSinceArrival'>,
): Slowness {
  const { available, rate, daysSinceSale, daysSinceArrival } = row;
  const l = slowLimits;
  if (available <= 0 || (daysSinceArrival !== null && daysSinceArrival < l.freshDays)) return 'fresh';
  const silent = daysSinceSale ?? daysSinceArrival ?? 0;
  const cover = coverOf(available, rate);
  if (silent >= l.deadSilentDays && (cover === null || cover > YEAR_DAYS)) return 'dead';
  if (cover === null || cover > l.stagnantCoverDays) return 'stagnant';
  if (silent >= l.stagnantSilentDays) return 'stagnant';
  return cover > l.slowCoverDays ? 'slow' : 'fresh';
}

const coverOf = (pieces: number, rate: number): number | null =>
  rate > 0 ? Math.max(0, pieces) / rate : pieces > 0 ? null : 0;

/** What stands at one location, and what could be done with it. */
export function assessSlowMover(
  row: SlowMoverInput,
  assumed: SlowMoverAssumptions = slowMoverAssumptions,
): SlowMover {
  const { skuNo, locationNo, rate, unitCost, daysSinceSale, daysSinceArrival } = row;
  const available = Math.max(0, row.available);
  const slowness = slownessOf(row);
  const excess =
    slowness === 'fresh'
      ? 0
      : Math.max(0, Math.floor(available - Math.max(row.needed, rate * slowLimits.slowCoverDays)));
  const leave: SlowMoverOption = {
    action: 'leave',
    qty: 0,
    effect: { pieces: 0, money: 0, coverDays: coverOf(available, rate) },
  };
  const others =
    excess === 0
      ? []
      : [
          ...transfers(row, excess, assumed),
          ...bundles(row, excess, assumed),
          ...markdowns(row, excess, assumed),
        ];
  const worth = ({ effect }: SlowMoverOption) => effect.money ?? effect.pieces * 1e-6;
  return {
    skuNo,
    locationNo,
    available,
    value: unitCost === null ? null : available * unitCost,
    coverDays: coverOf(available, rate),
    ageDays: daysSinceSale ?? daysSinceArrival,
    slowness,
    excess,
    options: [...others, leave].sort((a, b) => worth(b) - worth(a) || b.effect.pieces - a.effect.pieces),
  };
}

/** Pieces that sell of `stock` at a rate within the horizon. */
const sellable = (stock: number, rate: number, { horizonDays }: SlowMoverAssumptions): number =>
  Math.min(Math.max(0, stock), rate * horizonDays);

/**
 * What a piece is worth that does not sell within the horizon: its price when its turn comes, unless it has grown too old by
 * then, less its keeping until then; or what it brings in the end, when that is more.
 */
function later(row: SlowMoverInput, price: number, unitCost: number, a: SlowMoverAssumptions): number {
  const cover = coverOf(row.available, row.rate);
  if (cover === null) return unitCost * a.salvage;
  const years = (a.horizonDays + Math.max(a.horizonDays, cover)) / 2 / YEAR_DAYS;
  return Math.max(
    unitCost * a.salvage,
    price * 0.5 ** (years / a.halfLifeYears) - unitCost * a.holdingPerYear * years,
  );
}

/** To each place that would sell it, what fits under its own order-up-to level. */
function transfers(row: SlowMoverInput, excess: number, a: SlowMoverAssumptions): SlowMoverOption[] {
  return row.others.flatMap((place): SlowMoverOption[] => {
    const room = Math.floor(place.orderUpTo - place.available - Math.max(0, place.inbound));
    const qty = Math.min(excess, room);
    if (place.locationNo === row.locationNo || qty < 1 || place.rate <= row.rate) return [];
    const there = place.available + Math.max(0, place.inbound);
    const here = sellable(row.available, row.rate, a);
    const pieces =
      sellable(there + qty, place.rate, a) -
      sellable(there, place.rate, a) +
      sellable(row.available - qty, row.rate, a) -
      here;
    if (pieces <= 0) return [];
    const { price, unitCost } = row;
    const cost = place.wayCost + qty * place.pieceCost;
    const money =
      price === null || unitCost === null
        ? null
        : Math.round(pieces * (price - later(row, price, unitCost, a)) - cost);
    const coverDays = coverOf(row.available - qty, row.rate);
    return [
      { action: 'transfer', toLocationNo: place.locationNo, qty, effect: { pieces, money, coverDays } },
    ];
  });
}

/** With the best partner: some of its buyers take it along, at a lower price; those who buy it anyway do too. */
function bundles(row: SlowMoverInput, excess: number, a: SlowMoverAssumptions): SlowMoverOption[] {
  const [partner] = row.partners;
  if (partner === undefined || partner.rate <= 0) return [];
  const rate = row.rate + partner.rate * a.bundleTake;
  return [
    {
      action: 'bundle',
      withSkuNo: partner.skuNo,
      cut: a.bundleCut,
      qty: excess,
      effect: cheaper(row, rate, a.bundleCut, a, 0),
    },
  ];
}

/** At each cut, demand grows with the power of the elasticity: half the price, at 2, sells four times as much. */
function markdowns(row: SlowMoverInput, excess: number, a: SlowMoverAssumptions): SlowMoverOption[] {
  const { price } = row;
  if (price === null) return [];
  return a.markdowns.map((cut) => ({
    action: 'markdown',
    cut,
    price: Math.round(price * (1 - cut)),
    elasticity: a.elasticity,
    qty: excess,
    effect: cheaper(row, Math.max(row.rate, a.leastRate) * (1 - cut) ** -a.elasticity, cut, a, 1),
  }));
}

/** Sold at a lower price and a higher rate. `regulars`: share of those who would buy anyway and now pay less. */
function cheaper(
  row: SlowMoverInput,
  rate: number,
  cut: number,
  a: SlowMoverAssumptions,
  regulars: number,
): SlowMoverEffect {
  const before = sellable(row.available, row.rate, a);
  const pieces = sellable(row.available, rate, a) - before;
  const { price, unitCost } = row;
  const money =
    price === null || unitCost === null
      ? null
      : Math.round(
          pieces * (price * (1 - cut) - later(row, price, unitCost, a)) - before * regulars * price * cut,
        );
  return { pieces, money, coverDays: coverOf(row.available, rate) };
}

/**
 * Share of the stock's value that is stagnant or dead, 0 to 1; null where no value is known. What has no known cost counts in
 * neither part.
 */
export function stagnantShare(rows: Iterable<Pick<SlowMover, 'slowness' | 'value'>>): {
  value: number;
  stagnant: number;
  share: number | null;
} {
  let [value, stagnant] = [0, 0];
  for (const row of rows) {
    value += row.value ?? 0;
    if (row.slowness === 'stagnant' || row.slowness === 'dead') stagnant += row.value ?? 0;
  }
  return { value, stagnant, share: value > 0 ? stagnant / value : null };
}
