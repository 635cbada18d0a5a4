/** Refunds that are due: asked for, told, asked about again, confirmed. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { isPaid, paidIn } from './seat-order-store.ts';
import {
  LATE_MINUTES,
  MOST_REMINDERS,
  REMIND_AGAIN_HOURS,
  REMINDER_EVENT,
  type AskedRefund,
} from './refund.ts';

/** What was paid for an order and not refunded yet, minor units. */
export const owed = (sql: Sql) => sql`
  (o.total - coalesce((select sum((r->>'amount')::bigint) from jsonb_array_elements(o.refunds) r), 0))`;

/** Groups with a seat that is over and whose order is paid, so many seats at most, locked. What another one is at is left to it. */
export async function claimOwing(sql: Sql, most: number): Promise<number[]> {
  const rows = await sql<{ no: number }[]>`
    select no from group_buy where no in (
      select s.group_no from group_seat s join orders o on o.order_id = s.order_id
      where s.owes and s.order_id is not null and ${isPaid(sql)} and ${owed(sql)} > 0 limit ${most})
    order by no for update skip locked`;
  return rows.map(({ no }) => no);
}

/**
 * Asks for the refund of each paid order of these groups whose seat is over: which a seat holds that was left or whose group expired,
 * or which names the group and one who is not in it any more. A member may have several: each is asked for once, whatever the seats
 * say. An order of a seat that stands is never asked for. The groups are locked. Answers how many it was.
 */
export async function askRefunds(sql: Sql, groupNos: readonly number[]): Promise<number> {
  if (groupNos.length === 0) return 0;
  const list = sql`${column(groupNos, (no) => no)}::bigint[]`;
  const { count } = await sql`
    with seat as materialized (
      select s.*, g.id, g.because, g.state = 'expired' as expired,
        g.state = 'expired' or not exists (select from group_seat x
          where x.group_no = s.group_no and x.member_no = s.member_no and x.left_at is null) as gone
      from group_seat s join group_buy g on g.no = s.group_no
      where s.group_no = any(${list}) and g.source = 'ours'
    ), belongs as (
      select o.order_id, s.group_no, s.position, s.left_at, s.because, true as held
      from seat s join orders o on o.order_id = s.order_id
      where s.expired or s.left_at is not null
      union all
      select o.order_id, s.group_no, s.position, s.left_at, s.because, false
      from seat s join member m on m.no = s.member_no join orders o on o.group_id = s.id and o.member_id = m.id
      where s.gone or ${paidIn(sql, sql`s`)}
    )
    insert into refund_request (order_id, group_no, position, amount, reason)
    select distinct on (o.order_id) o.order_id, b.group_no, b.position, ${owed(sql)},
      case when b.left_at is not null then 'left' when b.because = 'cancelled' then 'cancelled' else 'expired' end
    from belongs b join orders o using (order_id)
    where ${isPaid(sql)} and ${owed(sql)} > 0
      and not exists (select from group_seat x join group_buy g on g.no = x.group_no
        where x.order_id = o.order_id and x.left_at is null and g.state <> 'expired')
    order by o.order_id, b.held desc, b.left_at is not null, b.position desc
    on conflict do nothing`;
  await sql`
    update group_seat s set owes = false from orders o
    where s.group_no = any(${list}) and s.owes and o.order_id = s.order_id and ${isPaid(sql)} and ${owed(sql)} > 0`;
  return count;
}

/** As it is told: of what is still owed, since a part may have come back by itself. */
const told = (sql: Sql) => sql`
  r.id, g.id as "groupId", m.id as "memberId", r.order_id as "orderId", ${owed(sql)} as amount, r.reason`;
const toldFrom = (sql: Sql) => sql`
  refund_request r join group_buy g on g.no = r.group_no join orders o on o.order_id = r.order_id
  join group_seat s on s.group_no = r.group_no and s.position = r.position join member m on m.no = s.member_no`;

/** Refunds that nobody was told of yet, locked; two that look at once share them out. */
export const claimUntold = (sql: Sql, most: number) =>
  sql<AskedRefund[]>`
    select ${told(sql)} from ${toldFrom(sql)}
    where r.told_at is null and r.confirmed_at is null and ${owed(sql)} > 0
    order by r.id limit ${most} for update of r skip locked`;

/**
 * Refunds that are late and have not been asked about lately, locked, with whom they were asked of: where that one takes no reminders or
 * is switched off, nobody is. `insteadOf`: whom they were asked of first, where that one is gone.
 */
export const claimLate = (sql: Sql, now: Date, most: number) =>
  sql<(AskedRefund & { endpointId: string; insteadOf: string | null })[]>`
    select ${told(sql)}, e.id as "endpointId", f.name as "insteadOf"
    from ${toldFrom(sql)}
    join delivery_endpoint e on e.id = r.endpoint_id and e.enabled and e.deleted_at is null and ${REMINDER_EVENT} = any(e.events)
    left join delivery d on d.id = r.delivery_id left join delivery_endpoint f on f.id = d.endpoint_id and f.id <> e.id
    where r.confirmed_at is null and r.told_at < ${now}::timestamptz - ${LATE_MINUTES}::int * interval '1 minute'
      and (r.reminded_at is null or r.reminded_at < ${now}::timestamptz - ${REMIND_AGAIN_HOURS}::int * interval '1 hour')
      and r.reminders < ${MOST_REMINDERS} and ${owed(sql)} > 0
    order by r.id limit ${most} for update of r skip locked`;

/** Whoever is asked now takes over what is open of receivers that are gone. Answers how many refunds. */
export async function takeOverRefunds(sql: Sql, endpointId: string): Promise<number> {
  const { count } = await sql`
    update refund_request r set endpoint_id = ${endpointId}
    where r.confirmed_at is null and r.told_at is not null and (r.endpoint_id is null
      or exists (select from delivery_endpoint e where e.id = r.endpoint_id and e.deleted_at is not null))`;
  return count;
}

export async function markTold(
  sql: Sql,
  ids: readonly string[],
  { deliveryId, endpointId, now }: { deliveryId: string; endpointId: string; now: Date },
): Promise<void> {
  await sql`
    update refund_request set told_at = ${now}, delivery_id = ${deliveryId}, endpoint_id = ${endpointId}
    where id = any(${column(ids, (id) => id)}::uuid[])`;
}

export async function markReminded(sql: Sql, ids: readonly string[], { now }: { now: Date }): Promise<void> {
  await sql`
    update refund_request set reminders = reminders + 1, reminded_at = ${now} where id = any(${column(ids, (id) => id)}::uuid[])`;
}

/** The webhook that is told of this: the oldest one that takes it. One only, so that nothing is paid by two. */
export async function findReceiver(sql: Sql, event: string): Promise<string | null> {
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
