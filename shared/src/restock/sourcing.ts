/**
 * Where a restock comes from: every source that could send the pieces is weighed by what moving them costs, what sales
 * are lost until they arrive and what they cost to keep; the cheapest is proposed. Pure: the clock and the balances are
 * passed in. Quantities in pieces, amounts in minor units, distances in kilometres, rates in pieces a day.
 *
 * A new kind of source is one more function in `candidatesOf`.
 */
import type { LocationKind, SourceKind } from '../contract/words.ts';
import { WARN_COVER_DAYS } from './policy.ts';

/** What the weighing assumes. Amounts in minor units; change them here, every explanation shows the result. */
export const assumptions = {
  /** A parcel between two stores: someone packs it, someone brings it. */
  parcel: 1_200,
  parcelPieceKm: 0.2,
  /** A line on the lorry that goes from a warehouse anyway. */
  lorryLine: 300,
  lorryPieceKm: 0.05,
  /** An order line at a supplier: ordering, receiving, paying. */
  supplierLine: 2_000,
  /** Days to pack, and kilometres a day on the road. */
  parcelDays: 1,
  parcelKmADay: 400,
  lorryDays: 1,
  lorryKmADay: 600,
  /** Where the catalog has no coordinates. */
  unknownKm: 300,
  supplierDays: 7,
  /** What keeping a piece costs in a year, as a share of its cost: money, room, loss. */
  holdingShare: 0.2,
  /** Margin as a share of cost, where the list price is not known; and where nothing is. */
  marginShare: 0.3,
  margin: 500,
  /** A location gives away only what it does not need for so many days beyond its own reorder point. */
  keepDays: 14,
  /** Dead stock elsewhere is worth moving, but not more than this many days of keeping it. */
  reliefDays: 180,
} as const;

/** Limits of sense: more is a wrong number somewhere, not a restock. */
export const MAX_QTY = 100_000;
export const MAX_COVER_DAYS = 365;
/** A handful is never nonsense: what sells twice a year has to lie on the shelf too. */
const HANDFUL = 10;
/** A manager who rejected a proposal is not asked again so soon. */
export const REJECTED_REST_HOURS = 24;
/** Rejected sources that an explanation keeps. */
const REJECTED_SHOWN = 5;
const DAY_MS = 86_400_000;

/** A location that holds, or could hold, the SKU. `promised` pieces are in open proposals that take from it. */
export type Stocked = {
  locationNo: number;
  code: string;
  kind: LocationKind;
  available: number;
  inbound: number;
  /** Null: it has no policy, so nobody knows what it needs. */
  reorderPoint: number | null;
  orderUpTo: number | null;
  rate: number;
  promised: number;
  /** From the location that is to be restocked; null where unknown. */
  km: number | null;
};

export type SourcingPolicy = { reorderPoint: number; orderUpTo: number; rate: number };

/** Everything that a restock of one SKU at one location is decided by. */
export type SourcingRow = {
  skuNo: number;
  locationNo: number;
  kind: LocationKind;
  available: number;
  inbound: number;
  policy: SourcingPolicy | null;
  packSize: number;
  /** Least quantity that the supplier sends. */
  minOrder: number;
  unitCost: number | null;
  listPrice: number | null;
  supplier: { code: string; leadTimeDays: number | null; direct: boolean } | null;
  /** Other locations with something available. */
  sources: readonly Stocked[];
  /** The HQ warehouse, whatever it has; null where there is none, or where it is the location itself. */
  warehouse: Stocked | null;
};

/** A source as an explanation shows it. `total` = handling + lost + holding − relief: the smallest was chosen. */
export type SourceOption = {
  kind: SourceKind;
  locationNo: number | null;
  location: string | null;
  supplier: string | null;
  qty: number;
  /** RFC 3339. */
  expectedAt: string;
  /** What the company pays: handling, and the goods where they are bought. */
  cost: number;
  handling: number;
  /** Margin of the sales that are lost until the pieces are there. */
  lost: number;
  /** Keeping what goes beyond the order-up-to level. */
  holding: number;
  /** What keeping these pieces where they lie now would have cost. */
  relief: number;
  total: number;
  /** Why it was out of the question; null where it was only dearer. */
  outOfQuestion: OutOfQuestion | null;
};

export type OutOfQuestion = 'no_surplus' | 'less_than_a_pack' | 'minimum_order_too_large' | 'not_direct';
export type SourcingWarning = 'over_replenishment' | 'partial' | 'late';

/** The explanation that is kept with a proposal (`proposal.why`). */
export type Why = {
  available: number;
  inbound: number;
  reorderPoint: number;
  orderUpTo: number;
  rate: number;
  packSize: number;
  minOrder: number;
  /** Order-up-to level less what is there and on its way. */
  wanted: number;
  /** Days of sales that are covered once it has arrived; null where nothing sells. */
  coverDays: number | null;
  /** Stores that wait for a purchase of the warehouse, and how much they lack. */
  waiting: { locations: number; qty: number } | null;
  chosen: SourceOption;
  rejected: SourceOption[];
  warnings: SourcingWarning[];
};

export type ProposalDraft = {
  skuNo: number;
  locationNo: number;
  sourceKind: SourceKind;
  sourceLocationNo: number | null;
  supplier: string | null;
  qty: number;
  cost: number;
  expectedAt: Date;
  why: Why;
};

/**
 * `covered`: there, or on its way. `nonsense`: more than a year of sales or 100,000 pieces. `no_source`: nobody has it,
 * and no supplier brings it here; the warehouse may have to buy it.
 */
export type Refusal = { refused: 'no_policy' | 'covered' | 'nonsense' | 'no_source'; wanted: number };

/** Pieces that a location can give away: never what it needs itself, nor what is proposed to leave it already. */
export function surplusOf(source: Stocked): number {
  const left = source.available - source.promised;
  // The HQ warehouse holds stock for the others; what it needs for itself it buys.
  if (source.kind === 'hq_warehouse') return Math.max(0, left);
  if (source.reorderPoint === null || source.orderUpTo === null) return 0;
  return Math.max(0, left - ownNeed(source.reorderPoint, source.orderUpTo, source.rate));
}

function ownNeed(reorderPoint: number, orderUpTo: number, rate: number): number {
  return Math.max(orderUpTo, Math.ceil(reorderPoint + rate * assumptions.keepDays));
}

const roundUp = (qty: number, pack: number): number => Math.ceil(qty / pack) * pack;
const roundDown = (qty: number, pack: number): number => Math.floor(qty / pack) * pack;

/** Weighs the sources of one restock and proposes the best, or says why none is proposed. */
export function propose(row: SourcingRow, now: Date): ProposalDraft | Refusal {
  const { policy } = row;
  if (policy === null) return { refused: 'no_policy', wanted: 0 };
  const position = row.available + row.inbound;
  const wanted = policy.orderUpTo - position;
  if (position > policy.reorderPoint || wanted <= 0)
    return { refused: 'covered', wanted: Math.max(0, wanted) };
  const least = roundUp(Math.max(1, row.minOrder), row.packSize);
  if (tooMuch(roundUp(wanted, row.packSize), policy.rate, Math.max(row.packSize, least)))
    return { refused: 'nonsense', wanted };
  return (
    chosenOf(row, policy, wanted, candidatesOf(row, policy, wanted), null, now) ?? {
      refused: 'no_source',
      wanted,
    }
  );
}

/**
 * Every source that could be asked for `wanted` pieces, the cheapest first, those out of the question last: what a person
 * chooses among. Without a policy nobody knows what the shelf needs, so only moving counts.
 */
export function sourceOptions(row: SourcingRow, wanted: number, now: Date): SourceOption[] {
  const policy = row.policy ?? { reorderPoint: 0, orderUpTo: row.available + row.inbound + wanted, rate: 0 };
  // What the HQ warehouse needs it buys.
  const candidates =
    row.kind === 'hq_warehouse' ? fromSupplier(row, policy, wanted) : candidatesOf(row, policy, wanted);
  return weighAll(row, policy, wanted, candidates, now).map(({ option }) => option);
}

/** One pack is never too much of a thing that hardly sells: the shelf would stay empty. */
const tooMuch = (qty: number, rate: number, least: number): boolean =>
  qty > MAX_QTY || (rate > 0 && qty > Math.max(least, HANDFUL) && qty > rate * MAX_COVER_DAYS);

type Candidate = {
  kind: SourceKind;
  source: Stocked | null;
  supplier: string | null;
  qty: number;
  days: number;
  handling: number;
  goods: number;
  relief: number;
  outOfQuestion: OutOfQuestion | null;
};

function candidatesOf(row: SourcingRow, policy: SourcingPolicy, wanted: number): Candidate[] {
  return [
    ...row.sources.map((source) => fromLocation(row, source, wanted)),
    ...fromSupplier(row, policy, wanted),
  ];
}

/** A store sends a parcel; what a warehouse sends goes on the lorry. */
function fromLocation(row: SourcingRow, source: Stocked, wanted: number): Candidate {
  const byLorry = source.kind === 'hq_warehouse' || source.kind === 'online_warehouse';
  const surplus = surplusOf(source);
  const qty = Math.min(roundUp(wanted, row.packSize), roundDown(surplus, row.packSize));
  const km = source.km ?? assumptions.unknownKm;
  const a = assumptions;
  const daysThere = source.rate > 0 ? Math.min(a.reliefDays, surplus / source.rate) : a.reliefDays;
  return {
    kind: byLorry ? 'warehouse' : 'transfer',
    source,
    supplier: null,
    qty,
    days: byLorry ? a.lorryDays + km / a.lorryKmADay : a.parcelDays + km / a.parcelKmADay,
    handling: byLorry ? a.lorryLine + qty * km * a.lorryPieceKm : a.parcel + qty * km * a.parcelPieceKm,
    goods: 0,
    // The HQ warehouse keeps its stock for this: it lies nowhere in the way.
    relief: source.kind === 'hq_warehouse' ? 0 : qty * keepingADay(row) * daysThere,
    outOfQuestion: surplus === 0 ? 'no_surplus' : qty < row.packSize ? 'less_than_a_pack' : null,
  };
}

/** Suppliers send to warehouses, and straight to stores where they can; without a warehouse they have to. */
function fromSupplier(row: SourcingRow, policy: SourcingPolicy, wanted: number): Candidate[] {
  const { supplier } = row;
  if (supplier === null) return [];
  const least = roundUp(Math.max(1, row.minOrder), row.packSize);
  const qty = Math.max(roundUp(wanted, row.packSize), least);
  const isWarehouse = row.kind === 'hq_warehouse' || row.kind === 'online_warehouse';
  const reaches = supplier.direct || isWarehouse || row.warehouse === null;
  return [
    {
      kind: row.kind === 'hq_warehouse' ? 'purchase' : 'supplier',
      source: null,
      supplier: supplier.code,
      qty,
      days: supplier.leadTimeDays ?? assumptions.supplierDays,
      handling: assumptions.supplierLine,
      goods: qty * (row.unitCost ?? 0),
      relief: 0,
      outOfQuestion: !reaches
        ? 'not_direct'
        : tooMuch(qty, policy.rate, row.packSize)
          ? 'minimum_order_too_large'
          : null,
    },
  ];
}

const keepingADay = (row: SourcingRow): number => ((row.unitCost ?? 0) * assumptions.holdingShare) / 365;

function marginOf({ unitCost, listPrice }: SourcingRow): number {
  if (unitCost !== null && listPrice !== null) return Math.max(0, listPrice - unitCost);
  return unitCost === null ? assumptions.margin : unitCost * assumptions.marginShare;
}

function chosenOf(
  row: SourcingRow,
  policy: SourcingPolicy,
  wanted: number,
  candidates: readonly Candidate[],
  waiting: Why['waiting'],
  now: Date,
): ProposalDraft | null {
  const weighed = weighAll(row, policy, wanted, candidates, now);
  const best = weighed[0];
  if (best === undefined || best.option.outOfQuestion !== null) return null;
  const { option, candidate } = best;
  const after = row.available + row.inbound + option.qty;
  const coverDays = policy.rate > 0 ? Math.round((after / policy.rate) * 10) / 10 : null;
  const warnings: SourcingWarning[] = [];
  if (after > policy.orderUpTo + row.packSize || (coverDays ?? 0) > WARN_COVER_DAYS)
    warnings.push('over_replenishment');
  if (option.qty < wanted) warnings.push('partial');
  if (option.lost > 0) warnings.push('late');
  return {
    skuNo: row.skuNo,
    locationNo: row.locationNo,
    sourceKind: option.kind,
    sourceLocationNo: candidate.source?.locationNo ?? null,
    supplier: option.supplier,
    qty: option.qty,
    cost: option.cost,
    expectedAt: new Date(option.expectedAt),
    why: {
      available: row.available,
      inbound: row.inbound,
      reorderPoint: policy.reorderPoint,
      orderUpTo: policy.orderUpTo,
      rate: policy.rate,
      packSize: row.packSize,
      minOrder: row.minOrder,
      wanted,
      coverDays,
      waiting,
      chosen: option,
      rejected: weighed.slice(1, 1 + REJECTED_SHOWN).map((other) => other.option),
      warnings,
    },
  };
}

function weighAll(
  row: SourcingRow,
  policy: SourcingPolicy,
  wanted: number,
  candidates: readonly Candidate[],
  now: Date,
): { candidate: Candidate; option: SourceOption }[] {
  const possible = candidates.filter((candidate) => candidate.outOfQuestion === null);
  // When somebody could bring all of it: what a source that brings only a part leaves the shelf waiting for.
  const wholeIn = Math.min(...possible.filter(({ qty }) => qty >= wanted).map(({ days }) => days));
  return candidates
    .map((candidate) => ({ candidate, option: weigh(row, policy, wanted, wholeIn, candidate, now) }))
    .sort((a, b) => byTotal(a.option, b.option));
}

/** Those out of the question last; then the cheapest, the earliest, and the same one every time. */
const byTotal = (a: SourceOption, b: SourceOption): number =>
  Number(a.outOfQuestion !== null) - Number(b.outOfQuestion !== null) ||
  a.total - b.total ||
  (a.expectedAt < b.expectedAt ? -1 : a.expectedAt > b.expectedAt ? 1 : 0) ||
  (a.locationNo ?? 0) - (b.locationNo ?? 0);

function weigh(
  row: SourcingRow,
  policy: SourcingPolicy,
  wanted: number,
  wholeIn: number,
  candidate: Candidate,
  now: Date,
): SourceOption {
  const { qty, days } = candidate;
  const { rate } = policy;
  const lastsFor = rate > 0 ? Math.max(0, row.available) / rate : Infinity;
  const late = Math.max(0, days - lastsFor);
  // A part runs out again before the whole could have been here.
  const again =
    qty < wanted && wholeIn < Infinity && rate > 0
      ? Math.max(0, wholeIn - Math.max(days, lastsFor) - qty / rate)
      : 0;
  const lost = Math.round((late + again) * rate * marginOf(row));
  const excess = Math.max(0, row.available + row.inbound + qty - policy.orderUpTo);
  const keptDays = rate > 0 ? Math.min(MAX_COVER_DAYS, excess / rate / 2) : MAX_COVER_DAYS;
  const holding = Math.round(excess * keepingADay(row) * keptDays);
  const handling = Math.round(candidate.handling);
  const relief = Math.round(candidate.relief);
  return {
    kind: candidate.kind,
    locationNo: candidate.source?.locationNo ?? null,
    location: candidate.source?.code ?? null,
    supplier: candidate.supplier,
    qty: Math.max(0, qty),
    expectedAt: new Date(now.getTime() + days * DAY_MS).toISOString(),
    cost: handling + candidate.goods,
    handling,
    lost,
    holding,
    relief,
    total: handling + lost + holding - relief,
    outOfQuestion: candidate.outOfQuestion,
  };
}

export type RestockPlan = {
  drafts: ProposalDraft[];
  refused: { skuNo: number; locationNo: number; reason: Refusal['refused'] | 'awaits_warehouse' }[];
};

/**
 * Proposes for many balances at once. What one of them is to get, the next can't: the surplus of a source is shared out, the
 * emptiest shelf first. Where nobody can send a SKU, the HQ warehouse is proposed to buy it, once for all who wait.
 */
export function planRestock(rows: readonly SourcingRow[], now: Date): RestockPlan {
  const plan: RestockPlan = { drafts: [], refused: [] };
  const promised = new Map<string, number>();
  const short = new Map<number, SourcingRow[]>();
  const wantedOf = new Map<SourcingRow, number>();
  const ordered = rows.toSorted(
    (a, b) => urgency(a) - urgency(b) || a.skuNo - b.skuNo || a.locationNo - b.locationNo,
  );
  const own = new Map<number, SourcingRow>();
  for (const row of ordered) {
    if (row.kind === 'hq_warehouse') {
      own.set(row.skuNo, row);
      continue;
    }
    const answer = propose(
      { ...row, sources: row.sources.map((source) => lessPromised(source, row.skuNo, promised)) },
      now,
    );
    if (!('refused' in answer)) {
      plan.drafts.push(answer);
      if (answer.sourceLocationNo !== null) {
        const key = `${row.skuNo}|${answer.sourceLocationNo}`;
        promised.set(key, (promised.get(key) ?? 0) + answer.qty);
      }
    } else if (answer.refused === 'no_source' && row.warehouse !== null && row.supplier !== null) {
      wantedOf.set(row, answer.wanted);
      const list = short.get(row.skuNo);
      if (list) list.push(row);
      else short.set(row.skuNo, [row]);
    } else plan.refused.push({ skuNo: row.skuNo, locationNo: row.locationNo, reason: answer.refused });
  }
  for (const skuNo of new Set([...own.keys(), ...short.keys()])) {
    const waiting = short.get(skuNo) ?? [];
    const warehouse = own.get(skuNo) ?? asWarehouse(waiting[0]!);
    const wanted = waiting.reduce((sum, row) => sum + (wantedOf.get(row) ?? 0), 0);
    const answer = proposePurchase(warehouse, waiting, wanted, now);
    if (!('refused' in answer)) plan.drafts.push(answer);
    else if (own.has(skuNo))
      plan.refused.push({ skuNo, locationNo: warehouse.locationNo, reason: answer.refused });
    for (const { locationNo } of waiting)
      plan.refused.push({ skuNo, locationNo, reason: 'awaits_warehouse' });
  }
  return plan;
}

/** The drafts alone: what the job that looks at signals inserts. */
export const draftProposals = (rows: readonly SourcingRow[], now: Date): ProposalDraft[] =>
  planRestock(rows, now).drafts;

/** Days that a shelf lasts; the emptiest is served first. */
const urgency = ({ available, policy }: SourcingRow): number =>
  available / Math.max(policy?.rate ?? 0, 0.001);

function lessPromised(source: Stocked, skuNo: number, promised: ReadonlyMap<string, number>): Stocked {
  const more = promised.get(`${skuNo}|${source.locationNo}`) ?? 0;
  return more === 0 ? source : { ...source, promised: source.promised + more };
}

/** The HQ warehouse as a location to be restocked, as far as a store's row knows it. */
function asWarehouse(row: SourcingRow): SourcingRow {
  const { available, promised, inbound, locationNo, reorderPoint, orderUpTo, rate } = row.warehouse!;
  return {
    ...row,
    locationNo,
    kind: 'hq_warehouse',
    available: available - promised,
    inbound,
    policy: reorderPoint === null || orderUpTo === null ? null : { reorderPoint, orderUpTo, rate },
    sources: [],
    warehouse: null,
  };
}

/** What the HQ warehouse has to buy: up to its own level, or what the waiting stores lack, whichever is more. */
function proposePurchase(
  row: SourcingRow,
  waiting: readonly SourcingRow[],
  shortage: number,
  now: Date,
): ProposalDraft | Refusal {
  const position = row.available + row.inbound;
  const lacking = Math.max(0, shortage - Math.max(0, position));
  const ownWanted =
    row.policy !== null && position <= row.policy.reorderPoint ? row.policy.orderUpTo - position : 0;
  const wanted = Math.max(ownWanted, lacking);
  if (wanted <= 0)
    return { refused: row.policy === null && waiting.length === 0 ? 'no_policy' : 'covered', wanted: 0 };
  const rate = Math.max(
    row.policy?.rate ?? 0,
    waiting.reduce((sum, { policy }) => sum + (policy?.rate ?? 0), 0),
  );
  const policy = {
    reorderPoint: row.policy?.reorderPoint ?? 0,
    orderUpTo: Math.max(row.policy?.orderUpTo ?? 0, position + wanted),
    rate,
  };
  if (tooMuch(roundUp(wanted, row.packSize), rate, roundUp(Math.max(1, row.minOrder), row.packSize)))
    return { refused: 'nonsense', wanted };
  const draft = chosenOf(
    row,
    policy,
    wanted,
    fromSupplier(row, policy, wanted),
    waiting.length === 0 ? null : { locations: waiting.length, qty: shortage },
    now,
  );
  return draft ?? { refused: 'no_source', wanted };
}
