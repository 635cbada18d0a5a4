/** Why a policy is what it is, from the columns it is kept in and today's costs. Pure. */
import type { LocationKind } from '../contract/words.ts';
import { policyOf, type Abc, type Policy, type PolicyInput, type Xyz } from './policy.ts';
import { assumptions } from './sourcing.ts';

/** What the plan wrote down, and what the catalog says now. */
export type KeptPolicy = {
  abc: Abc | null;
  xyz: Xyz | null;
  rate: number | null;
  sd: number | null;
  leadDays: number | null;
  leadSd: number | null;
  reviewDays: number | null;
  packSize: number;
  minOrder: number;
  handReorderPoint: number | null;
  handOrderUpTo: number | null;
  kind: LocationKind;
  /** Minor units; null: unknown. */
  unitCost: number | null;
  /** The supplier sends to stores itself. */
  direct: boolean;
};

/** What an order line costs a location: at a supplier it is ordered and paid, on our own lorry it only comes along. */
export const orderCostOf = (kind: LocationKind, direct: boolean): number =>
  kind === 'hq_warehouse' || direct ? assumptions.supplierLine : assumptions.lorryLine;

/** The policy with all its steps; null where it was never planned, only set by hand. */
export function explain(kept: KeptPolicy): Policy | null {
  const { abc, xyz, rate, sd, leadDays, leadSd, reviewDays, handReorderPoint, handOrderUpTo } = kept;
  if (
    abc === null ||
    xyz === null ||
    rate === null ||
    sd === null ||
    leadDays === null ||
    leadSd === null ||
    reviewDays === null
  )
    return null;
  const input: PolicyInput = {
    abc,
    xyz,
    rate,
    sd,
    leadDays,
    leadSd,
    reviewDays,
    packSize: kept.packSize,
    minOrder: kept.minOrder,
    unitCost: kept.unitCost,
    orderCost: orderCostOf(kept.kind, kept.direct),
    holdingPerYear: assumptions.holdingShare,
    hand:
      handReorderPoint === null || handOrderUpTo === null
        ? null
        : { reorderPoint: handReorderPoint, orderUpTo: handOrderUpTo },
  };
  return policyOf(input);
}
