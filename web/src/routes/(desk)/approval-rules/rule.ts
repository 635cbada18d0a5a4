import type { SourceKind } from '@zhanggui/shared/contract/words.ts';
import { MAX_QTY, type SourcingWarning } from '@zhanggui/shared/restock/sourcing.ts';
import { approves, type ApprovalRule } from '@zhanggui/shared/supply/supply-order.ts';

/** The company's rule. No kinds: nothing is approved by rule. Amounts in minor units. */
export type Rule = {
  kinds: SourceKind[];
  maxCost: number;
  maxQty: number;
  updatedAt: string | null;
  updatedBy: string | null;
};

/** What the rule looks at in a proposal. */
export type Weighed = {
  sourceKind: SourceKind;
  qty: number;
  cost: number;
  why: { warnings: SourcingWarning[] };
};

/** How many of these the rule would approve, and what they cost together. */
export function wouldApprove(
  rule: ApprovalRule,
  proposals: readonly Weighed[],
): { count: number; cost: number } {
  const fit = proposals.filter(
    (proposal) => approves(rule, proposal) && !proposal.why.warnings.includes('over_replenishment'),
  );
  return { count: fit.length, cost: fit.reduce((sum, { cost }) => sum + cost, 0) };
}

/** A number of pieces as typed; null when it is none that a proposal can have. */
export function piecesOf(typed: string): number | null {
  const plain = typed.replace(/[\s,，]/g, '');
  const pieces = Number(plain);
  return /^\d+$/.test(plain) && pieces >= 1 && pieces <= MAX_QTY ? pieces : null;
}
