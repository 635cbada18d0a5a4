/** The company's rule for proposals that nobody has to look at. */
import type { SourceKind } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';
import type { ApprovalRule } from './supply-order.ts';

export type KeptRule = ApprovalRule & { updatedAt: Date | null; updatedBy: string | null };

/** Until somebody sets one, nothing is approved by rule. */
export async function readRule(sql: Sql): Promise<KeptRule> {
  const [row] = await sql<(KeptRule & { kinds: SourceKind[] })[]>`
    select kinds, max_cost as "maxCost", max_qty as "maxQty", updated_at as "updatedAt", updated_by as "updatedBy"
    from approval_rule`;
  return row ?? { kinds: [], maxCost: 0, maxQty: 1, updatedAt: null, updatedBy: null };
}

export async function setRule(
  sql: Sql,
  { kinds, maxCost, maxQty }: ApprovalRule,
  by: string,
): Promise<KeptRule> {
  await sql`
    insert into approval_rule (kinds, max_cost, max_qty, updated_by)
    values (${kinds as string[]}::text[], ${maxCost}, ${maxQty}, ${by})
    on conflict (one) do update set kinds = excluded.kinds, max_cost = excluded.max_cost, max_qty = excluded.max_qty,
      updated_at = now(), updated_by = excluded.updated_by`;
  return readRule(sql);
}
