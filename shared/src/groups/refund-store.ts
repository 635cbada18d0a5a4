/** Refunds that are due: asked for, told, asked about again, confirmed. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { LATE_MINUTES, MOST_REMINDERS, REMIND_AGAIN_HOURS, type AskedRefund } from './refund.ts';

/** What was paid for an order and not refunded yet, minor units. */
const owed = (sql: Sql) => sql`
  (o.total - coalesce((select sum((r->>'amount')::bigint) from jsonb_array_elements(o.refunds) r), 0))`;

/**
 * Asks for the refund of each seat that is over and whose order is paid: one row for each order and seat, written with what says that
 * the seat owes nothing any more. Of these groups, or of `most` seats anywhere. Answers how many seats it was.
 */
export async function askRefunds(
  sql: Sql,
  scope: { groupNos: readonly number[] } | { most: number },
): Promise<number> {
  const which =
    'most' in scope ? sql`` : sql`and s.group_no = any(${column(scope.groupNos, (no) => no)}::bigint[])`;
  const limit = 'most' in scope ? sql`limit ${scope.most} for update of s skip locked` : sql`for update of s`;
  const { count } = await sql`
    with due as materialized (
      select s.group_no, s.position, s.order_id, ${owed(sql)} as amount,
        case when s.left_at is not null then 'left' when g.because = 'cancelled' then 'cancelled' else 'expired' end as reason
      from group_seat s join group_buy g on g.no = s.group_no join orders o on o.order_id = s.order_id
      where s.owes and s.order_id is not null and g.source = 'ours' ${which}
        and (o.paid_at is not null or o.method = 'carry') and ${owed(sql)} > 0
      order by s.group_no, s.position ${limit}
    ), asked as (
      insert into refund_request (order_id, group_no, position, amount, reason)
      select order_id, group_no, position, amount, reason from due
      on conflict do nothing
    )
    update group_seat s set owes = false from due where s.group_no = due.group_no and s.position = due.position`;
  return count;
}

const told = (sql: Sql) => sql`
  r.id, g.id as "groupId", m.id as "memberId", r.order_id as "orderId", r.amount, r.reason
  from refund_request r join group_buy g on g.no = r.group_no
  join group_seat s on s.group_no = r.group_no and s.position = r.position join member m on m.no = s.member_no`;

/** Refunds that nobody was told of yet, locked; two that look at once share them out. */
export const claimUntold = (sql: Sql, most: number) =>
  sql<AskedRefund[]>`
    select ${told(sql)} where r.told_at is null and r.confirmed_at is null order by r.id limit ${most} for update of r skip locked`;

/** Refunds that are late and have not been asked about lately, locked. */
export const claimLate = (sql: Sql, now: Date, most: number) =>
  sql<AskedRefund[]>`
    select ${told(sql)}
    where r.confirmed_at is null and r.told_at < ${now}::timestamptz - ${LATE_MINUTES}::int * interval '1 minute'
      and (r.reminded_at is null or r.reminded_at < ${now}::timestamptz - ${REMIND_AGAIN_HOURS}::int * interval '1 hour')
      and r.reminders < ${MOST_REMINDERS}
    order by r.id limit ${most} for update of r skip locked`;

export async function markTold(
  sql: Sql,
  ids: readonly string[],
  deliveryId: string,
  now: Date,
): Promise<void> {
  await sql`
    update refund_request set told_at = ${now}, delivery_id = ${deliveryId} where id = any(${column(ids, (id) => id)}::uuid[])`;
}

export async function markReminded(sql: Sql, ids: readonly string[], now: Date): Promise<void> {
  await sql`
    update refund_request set reminders = reminders + 1, reminded_at = ${now} where id = any(${column(ids, (id) => id)}::uuid[])`;
}

/** The webhook that refunds are asked of: the oldest one that takes them. One only, so that nothing is paid back by two. */
export async function findRefundEndpoint(sql: Sql, event: string): Promise<string | null> {
  const [row] = await sql<{ id: string }[]>`
    select id from delivery_endpoint where enabled and deleted_at is null and kind = 'webhook' and ${event} = any(events)
    order by id limit 1`;
  return row?.id ?? null;
}

/** False where it is confirmed already, or there is none. */
export async function confirmRefund(sql: Sql, id: string, by: string): Promise<boolean> {
  const { count } = await sql`
    update refund_request set confirmed_at = now(), confirmed_by = ${by} where id = ${id} and confirmed_at is null`;
  return count === 1;
}

/** Confirms what the facts of its orders say is paid back in full. Answers how many. */
export async function confirmByFacts(sql: Sql): Promise<number> {
  const { count } = await sql`
    update refund_request q set confirmed_at = now(), confirmed_by = 'fact'
    from orders o where q.confirmed_at is null and o.order_id = q.order_id and ${owed(sql)} <= 0`;
  return count;
}
