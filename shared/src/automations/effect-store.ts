/** What members did after their draw: measured once, when the window is over. */
import type { Sql } from '../platform/database.ts';
import type { Outcome } from './automation.ts';

/**
 * Measures draws whose window is over: orders that were placed in it, paid for and not called off, and their money less what was given back
 * so far. At most `size`; answers how many.
 */
export async function measureDraws(sql: Sql, now: Date, size: number): Promise<number> {
  const { count } = await sql`
    with due as materialized (
      select o.automation_no, o.member_no, o.occasion, m.id, o.decided_at as from_at, o.decided_at + a.window_days * interval '1 day' as to_at
      from automation a
      join automation_occasion o on o.automation_no = a.no and o.first and o.measured_at is null
        and o.decided_at + a.window_days * interval '1 day' <= ${now}
      join member m on m.no = o.member_no
      limit ${size} for update of o skip locked
    )
    update automation_occasion o set orders = r.orders, net = r.net, measured_at = ${now}
    from due, lateral (
      select count(*)::int as orders, coalesce(sum(b.total - coalesce(
        (select sum((f->>'amount')::bigint) from jsonb_array_elements(b.refunds) f), 0)), 0)::bigint as net
      from orders b
      where b.member_id = due.id and b.placed_at >= due.from_at and b.placed_at < due.to_at and b.cancelled_at is null
        and (b.method = 'carry' or b.paid_at is not null)) r
    where o.automation_no = due.automation_no and o.member_no = due.member_no and o.occasion = due.occasion`;
  return count;
}

/** A group. A member counts once, by their first draw, when their window is over. */
export type Arm = {
  members: number;
  /** Of them bought in the window. */
  buyers: number;
  orders: number;
  /** Minor units: paid − refunded; and the squares of what single members spent. */
  net: number;
  netSquares: number;
};
type ArmRow = Arm & { outcome: 'given' | 'holdout' };
const nobody: Arm = { members: 0, buyers: 0, orders: 0, net: 0, netSquares: 0 };

/** The two groups as far as they are measured, and how many members' windows are not over yet. */
export async function readArms(
  sql: Sql,
  no: number,
): Promise<{ treated: Arm; holdout: Arm; unmeasured: number }> {
  const rows = await sql<(ArmRow & { unmeasured: number })[]>`
    select outcome, (count(*) filter (where measured_at is not null))::int as members, (count(*) filter (where orders > 0))::int as buyers,
      coalesce(sum(orders), 0)::int as orders, coalesce(sum(net), 0)::bigint as net,
      coalesce(sum(net::float8 * net), 0)::float8 as "netSquares", (count(*) filter (where measured_at is null))::int as unmeasured
    from automation_occasion where automation_no = ${no} and first group by outcome`;
  const armOf = (wanted: ArmRow['outcome']) => rows.find(({ outcome }) => outcome === wanted) ?? nobody;
  return {
    treated: armOf('given'),
    holdout: armOf('holdout'),
    unmeasured: rows.reduce((sum, row) => sum + row.unmeasured, 0),
  };
}

/** How occasions ended lately, by outcome; `waiting` are those whose time has not come. */
export async function countOutcomes(
  sql: Sql,
  no: number,
  days: number,
): Promise<{ outcome: Outcome | 'waiting'; count: number }[]> {
  return sql<{ outcome: Outcome | 'waiting'; count: number }[]>`
    select coalesce(outcome, 'waiting') as outcome, count(*)::int as count from automation_occasion
    where automation_no = ${no} and (outcome is null or decided_at > now() - ${days}::int * interval '1 day')
    group by 1`;
}
