/** Which order belongs to which seat of a group of ours. Callers hold the locks of the groups. */
import type { PendingQuery, Row } from 'postgres';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

type Fragment = PendingQuery<Row[]>;

/** Whether order `o` is paid. */
export const isPaid = (sql: Sql): Fragment => sql`(o.paid_at is not null or o.method = 'carry')`;

/** Whether order `o` was paid while its member was in this seat, which they left: then it is that seat's for good. */
export const paidIn = (sql: Sql, seat: Fragment): Fragment => sql`
  coalesce(case when o.method = 'carry' then o.placed_at else o.paid_at end between ${seat}.joined_at and ${seat}.left_at, false)`;

/**
 * Gives seats the orders that name their group and member: each order to one seat, and each seat the earliest that was placed for it. One
 * that was never placed, or was called off before it was paid, makes room for another. Answers the references under which pieces are
 * still held for seats whose orders have come under another name.
 */
export async function linkOrders(sql: Sql, groupNos: readonly number[]): Promise<string[]> {
  if (groupNos.length === 0) return [];
  const list = sql`${column(groupNos, (no) => no)}::bigint[]`;
  // An order whose seat another one took may belong to an earlier seat of its member: each round fills seats, until none wants one.
  while ((await linkSome(sql, list)) > 0);
  // What a member takes along to the seat that they are in now is no business of the one that they left.
  await sql`
    update group_seat was set order_id = null from group_seat s
    where was.group_no = any(${list}) and was.left_at is not null and was.order_id is not null
      and s.group_no = was.group_no and s.member_no = was.member_no and s.left_at is null and s.order_id = was.order_id
      and not exists (select from refund_request r where r.order_id = was.order_id)`;
  const held = await sql<{ held: string }[]>`
    update group_seat s set held = null from orders o
    where s.group_no = any(${list}) and s.held is not null and o.order_id = s.order_id and o.placed_at is not null
    returning old.held`;
  return held.map((row) => row.held);
}

/**
 * One round: the seat that each order prefers, then the order that each seat prefers. An order is of the seat in which it was paid;
 * else of the one that its member is in; where they are in none, of the latest that was there when it was placed.
 */
async function linkSome(sql: Sql, list: Fragment): Promise<number> {
  const same = sql`x.group_no = s.group_no and x.member_no = s.member_no`;
  const { count } = await sql`
    update group_seat s set order_id = l.order_id
    from (
      select distinct on (c.group_no, c.position) c.group_no, c.position, c.order_id
      from (
        select distinct on (o.order_id) o.order_id, o.placed_at, s.group_no, s.position, s.joined_at > o.placed_at as early,
          ${isPaid(sql)} as paid
        from group_seat s join group_buy g on g.no = s.group_no join member m on m.no = s.member_no
        join orders o on o.group_id = g.id and o.member_id = m.id and o.placed_at is not null and o.cancelled_at is null
        where s.group_no = any(${list}) and g.source = 'ours'
          and not exists (select from orders o where o.order_id = s.order_id and o.placed_at is not null
            and (o.cancelled_at is null or ${isPaid(sql)}))
          -- Another seat has it, and not one that its member left before they came to this one.
          and not exists (select from group_seat x where x.order_id = o.order_id
            and not (${same} and x.left_at is not null and s.left_at is null))
          and case when s.left_at is null
            then not exists (select from group_seat x where ${same} and ${paidIn(sql, sql`x`)})
              and (g.state = 'expired' or not exists (select from refund_request r where r.order_id = o.order_id))
            else ${paidIn(sql, sql`s`)} or not exists (select from group_seat x where ${same} and x.left_at is null) end
        order by o.order_id, ${paidIn(sql, sql`s`)} desc, s.left_at is not null, early, s.position desc
      ) c
      order by c.group_no, c.position, c.early, c.paid desc, c.placed_at, c.order_id
    ) l
    where s.group_no = l.group_no and s.position = l.position`;
  return count;
}
