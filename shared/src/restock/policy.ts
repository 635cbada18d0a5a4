/**
 * When to restock, and up to what: the reorder point and the order-up-to level of one SKU at one location, and how each
 * number came about. Pure; some microseconds a policy, for there may be millions.
 *
 * The reorder point covers demand over lead time and review with a probability, the service level. How high that is, is a
 * matter of money: one more piece on the shelf costs its keeping from one order to the next, and saves a missed sale each
 * time that demand goes so far. So what is cheap and sells fast is nearly always there, what is dear and slow less often, and
 * the assortment as a whole misses least for its money. The class (ABC by revenue, XYZ by steadiness) says how far that may go.
 */
import { gammaQuantile } from './gamma.ts';

export type Abc = 'A' | 'B' | 'C';
export type Xyz = 'X' | 'Y' | 'Z';

export type PolicyInput = {
  /** Expected units a day. */
  rate: number;
  /** Standard deviation of one day's demand, as it adds up over the lead time. */
  sd: number;
  leadDays: number;
  leadSd: number;
  /** Days between looks. */
  reviewDays: number;
  packSize: number;
  minOrder: number;
  /** Minor units; null: unknown. */
  unitCost: number | null;
  /** Minor units an order line. */
  orderCost: number;
  /** Share of the unit cost that keeping a piece for a year costs. */
  holdingPerYear: number;
  abc: Abc;
  xyz: Xyz;
  /** Set by a person: wins. */
  hand?: { reorderPoint: number; orderUpTo: number } | null;
};

export type Policy = {
  reorderPoint: number;
  orderUpTo: number;
  /** Probability that demand from one order to the arrival of the next stays within the reorder point, as planned. */
  serviceLevel: number;
  /** Planned reorder point less expected demand over lead time and review, at least 0. */
  safetyStock: number;
  why: PolicyWhy;
};

/** Every input and every step, so that a screen can say "why 48?". Quantities in pieces, money in minor units. */
export type PolicyWhy = {
  inputs: Omit<PolicyInput, 'hand'>;
  /** Days that the reorder point has to cover: lead time and review. */
  exposureDays: number;
  /** Expected over these days, and its standard deviation with that of the lead time in it. */
  exposureDemand: number;
  exposureSd: number;
  service: {
    /** What the class allows. */
    least: number;
    most: number;
    /** Keeping one more piece from one order to the next; null: the cost is unknown, or nothing sells. */
    keeping: number | null;
    /** What a missed piece is worth: its margin, and the customer's patience. */
    missed: number | null;
    /** The level at which both are even. Null: `usual` of the class counts. */
    even: number | null;
    /** Which of them decided. `not_worth`: keeping a piece costs more than missing it, so it is not stocked. */
    by: 'money' | 'class_least' | 'class_most' | 'class_usual' | 'not_worth' | 'no_demand';
  };
  /** The covered demand before rounding. */
  covered: number;
  order: {
    /** Pieces for which ordering and keeping cost the least together; null: the cost is unknown. */
    economic: number | null;
    /** The same within a review's demand and a year's. */
    wanted: number;
    /** At least the minimum order, in whole packs. */
    rounded: number;
    /** What made it larger than wanted. */
    raisedBy: 'min_order' | 'pack' | null;
  };
  /** As computed, also where a person's values are in force. */
  planned: { reorderPoint: number; orderUpTo: number };
  byHand: boolean;
};

type Level = { least: number; usual: number; most: number };

/** Service levels by class. Within `least` and `most` money decides; `usual` counts where the cost is unknown. */
export const serviceTable: Record<`${Abc}${Xyz}`, Level> = {
  AX: { least: 0.9, usual: 0.98, most: 0.9995 },
  AY: { least: 0.88, usual: 0.97, most: 0.9995 },
  AZ: { least: 0.85, usual: 0.96, most: 0.9995 },
  BX: { least: 0.85, usual: 0.96, most: 0.999 },
  BY: { least: 0.82, usual: 0.95, most: 0.999 },
  BZ: { least: 0.8, usual: 0.94, most: 0.999 },
  CX: { least: 0.8, usual: 0.95, most: 0.998 },
  CY: { least: 0.75, usual: 0.93, most: 0.998 },
  CZ: { least: 0.7, usual: 0.9, most: 0.998 },
};

/** A missed piece is worth this share of its cost, and as much as an order line for the customer who leaves without it. */
export const MISSED_SHARE = 0.25;
const YEAR_DAYS = 365;
/** Where the cost is unknown, an order is for so many days. */
const USUAL_ORDER_DAYS = 14;

/**
 * The policy of one SKU at one location. What is not a number, or negative, counts as 0; pack size and minimum order as 1.
 *
 * @param dial how much more a missed piece is worth than usual: turns service (and cost) of a whole assortment up or down
 */
export function policyOf(input: PolicyInput, dial = 1): Policy {
  const { hand = null, ...given } = input;
  const inputs = tidy(given);
  const { rate, sd, leadDays, leadSd, reviewDays, packSize, minOrder } = inputs;
  const exposureDays = leadDays + reviewDays;
  const exposureDemand = rate * exposureDays;
  const variance = sd ** 2 * exposureDays + (rate * leadSd) ** 2;
  const order = orderOf(inputs, packSize, minOrder);
  const { level, ...service } = serviceOf(inputs, order.rounded, dial);
  const stocked = service.by !== 'no_demand' && service.by !== 'not_worth';
  const covered = !stocked
    ? 0
    : variance > 1e-9 && exposureDemand > 1e-9
      ? gammaQuantile(level, exposureDemand, variance)
      : exposureDemand;
  // Pieces are whole, and k of them cover what lies below k + ½.
  const reorderPoint = Math.round(covered);
  const planned = { reorderPoint, orderUpTo: stocked ? reorderPoint + order.rounded : 0 };
  const force = hand === null ? planned : tidyHand(hand);
  return {
    ...force,
    serviceLevel: level,
    safetyStock: Math.max(0, Math.round(covered - exposureDemand)),
    why: {
      inputs,
      exposureDays,
      exposureDemand,
      exposureSd: Math.sqrt(variance),
      service,
      covered,
      order,
      planned,
      byHand: hand !== null,
    },
  };
}

const amount = (value: number): number => (Number.isFinite(value) && value > 0 ? value : 0);
const pieces = (value: number): number => Math.max(1, Math.ceil(amount(value)));

/** In the precision of the policy table, so that its columns explain the very numbers that were planned. */
function tidy(input: Omit<PolicyInput, 'hand'>): Omit<PolicyInput, 'hand'> {
  return {
    ...input,
    rate: Math.fround(amount(input.rate)),
    sd: Math.fround(amount(input.sd)),
    leadDays: Math.fround(amount(input.leadDays)),
    leadSd: Math.fround(amount(input.leadSd)),
    reviewDays: Math.max(1, Math.round(amount(input.reviewDays))),
    packSize: pieces(input.packSize),
    minOrder: pieces(input.minOrder),
    unitCost: input.unitCost === null || !(input.unitCost > 0) ? null : input.unitCost,
    orderCost: amount(input.orderCost),
    holdingPerYear: amount(input.holdingPerYear),
  };
}

function tidyHand({ reorderPoint, orderUpTo }: { reorderPoint: number; orderUpTo: number }) {
  const point = Math.round(amount(reorderPoint));
  return { reorderPoint: point, orderUpTo: Math.max(point, Math.round(amount(orderUpTo))) };
}

/** Up to whole packs, and to the minimum order. */
export function inPacks(quantity: number, packSize: number, minOrder: number): number {
  const pack = pieces(packSize);
  return Math.ceil(Math.max(quantity, pieces(minOrder)) / pack - 1e-9) * pack;
}

function orderOf(inputs: Omit<PolicyInput, 'hand'>, packSize: number, minOrder: number): PolicyWhy['order'] {
  const { rate, unitCost, orderCost, holdingPerYear, reviewDays } = inputs;
  const yearly = (unitCost ?? 0) * holdingPerYear;
  const economic = yearly > 0 ? Math.sqrt((2 * rate * YEAR_DAYS * orderCost) / yearly) : null;
  const wanted = Math.min(
    Math.max(economic ?? rate * USUAL_ORDER_DAYS, rate * reviewDays, 1),
    Math.max(rate * YEAR_DAYS, 1),
  );
  const rounded = inPacks(Math.round(wanted), packSize, minOrder);
  const raisedBy = rounded <= Math.round(wanted) ? null : minOrder > wanted ? 'min_order' : 'pack';
  return { economic, wanted, rounded, raisedBy };
}

function serviceOf(
  { rate, unitCost, orderCost, holdingPerYear, abc, xyz }: Omit<PolicyInput, 'hand'>,
  orderSize: number,
  dial: number,
): PolicyWhy['service'] & { level: number } {
  const table = serviceTable[`${abc}${xyz}`];
  const [least, most] = [1 - Math.min(1, (1 - table.least) / dial), 1 - (1 - table.most) / Math.max(1, dial)];
  if (rate <= 0) return { least, most, keeping: null, missed: null, even: null, by: 'no_demand', level: 0 };
  if (unitCost === null || holdingPerYear === 0) {
    const level = 1 - Math.min(1, (1 - table.usual) / dial);
    return { least, most, keeping: null, missed: null, even: null, by: 'class_usual', level };
  }
  const keeping = unitCost * holdingPerYear * (orderSize / (rate * YEAR_DAYS));
  const missed = dial * (orderCost + MISSED_SHARE * unitCost);
  const even = Math.max(0, 1 - keeping / missed);
  if (keeping >= missed && abc !== 'A')
    return { least, most, keeping, missed, even, by: 'not_worth', level: 0 };
  const by = even < least ? 'class_least' : even > most ? 'class_most' : 'money';
  return { least, most, keeping, missed, even, by, level: Math.min(most, Math.max(least, even)) };
}

/** An order or a proposal that makes a shelf last longer than so many days is made, and warns. */
export const WARN_COVER_DAYS = 120;

export type OrderQuantity = {
  /** 0: nothing is needed. */
  qty: number;
  /** Available and inbound before the order. */
  position: number;
  /** Days that available, inbound and this order last; null: nothing sells. */
  coverDays: number | null;
  /** `over_replenishment`: it would last too long, because the pack or the minimum order is larger than the need. */
  warning: 'over_replenishment' | null;
};

/**
 * How much to order now: nothing above the reorder point, else up to the order-up-to level, at least the minimum order, in
 * whole packs.
 *
 * @param warnDays more cover than this is warned of
 */
export function orderQuantity(
  now: {
    available: number;
    inbound: number;
    policy: Pick<Policy, 'reorderPoint' | 'orderUpTo'> & { why?: Pick<PolicyWhy, 'inputs'> };
    packSize: number;
    minOrder: number;
  },
  warnDays = WARN_COVER_DAYS,
): OrderQuantity {
  const { policy } = now;
  const position = now.available + Math.max(0, now.inbound);
  const missing = policy.orderUpTo - position;
  const wanted = Number.isFinite(missing) && position <= policy.reorderPoint && missing > 0;
  const qty = wanted ? inPacks(missing, now.packSize, now.minOrder) : 0;
  const rate = policy.why?.inputs.rate ?? 0;
  const coverDays = rate > 0 ? Math.max(0, position + qty) / rate : null;
  const over = qty > 0 && (coverDays === null ? qty > missing + 1 : coverDays > warnDays);
  return { qty, position, coverDays, warning: over ? 'over_replenishment' : null };
}

/** Shares of all revenue up to which a row is A, and B. */
const A_SHARE = 0.8;
const B_SHARE = 0.95;
/** Variation of a week's demand, its standard deviation by its mean, up to which a row is X, and Y. */
const X_VARIATION = 0.5;
const Y_VARIATION = 1;

export type ClassInput = {
  /** Of a fixed span of time, in minor units; less than nothing counts as nothing. */
  revenue: number;
  /** Expected units a day, and the standard deviation of one day. */
  rate: number;
  sd: number;
};

/**
 * The class of each row, in the order of `rows`. A: the rows of the largest revenue that together make four fifths of it, B up
 * to nineteen twentieths, C the rest, and whatever has no revenue. Rows of equal revenue are taken in the order they come in.
 */
export function classify(rows: readonly ClassInput[]): { abc: Abc; xyz: Xyz }[] {
  const revenue = Float64Array.from(rows, (row) => amount(row.revenue));
  const total = revenue.reduce((sum, value) => sum + value, 0);
  const byRevenue = Uint32Array.from(rows.keys()).sort((a, b) => revenue[b]! - revenue[a]! || a - b);
  const classes = rows.map(({ rate, sd }): { abc: Abc; xyz: Xyz } => ({ abc: 'C', xyz: xyzOf(rate, sd) }));
  let before = 0;
  for (const at of byRevenue) {
    if (revenue[at] === 0) break;
    classes[at]!.abc = before < A_SHARE * total ? 'A' : before < B_SHARE * total ? 'B' : 'C';
    before += revenue[at]!;
  }
  return classes;
}

function xyzOf(rate: number, sd: number): Xyz {
  if (!(rate > 0)) return 'Z';
  const variation = sd / (rate * Math.sqrt(7));
  return variation <= X_VARIATION ? 'X' : variation <= Y_VARIATION ? 'Y' : 'Z';
}
