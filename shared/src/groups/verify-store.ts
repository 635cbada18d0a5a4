/** Checks of promise 5: a group never exceeds its size, forms or expires once, and each refund is asked for once. */
import type { PendingQuery, Row } from 'postgres';
import type { Sql } from '../platform/database.ts';
import { differences, type Difference, type Differences } from '../platform/differences.ts';
import { cutsOf } from './bargain.ts';
import { owed } from './refund-store.ts';
import { isPaid, paidIn } from './seat-order-store.ts';

type Fragment = PendingQuery<Row[]>;

/** Members are the seats that are taken, and the first of them leads. */
export function compareSeats(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select g.no, count(s.group_no)::int as members, (array_agg(s.member_no order by s.position))[1] as leader_no
        from group_buy g left join group_seat s on s.group_no = g.no and s.left_at is null group by g.no`,
      found: sql`select no, members, leader_no from group_buy`,
      keys: ['no'],
      values: ['members', 'leader_no'],
    },
    limit,
  );
}

/** Groups of ours are never over-full; those that formed are full, and those that are full have formed. */
export function compareSizes(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select g.no, least(count(s.group_no), g.size)::int as members, g.size = count(s.group_no) + g.virtual as formed
        from group_buy g left join group_seat s on s.group_no = g.no and s.left_at is null where g.source = 'ours' group by g.no`,
      found: sql`
        select g.no, count(s.group_no)::int as members, g.state = 'formed' as formed
        from group_buy g left join group_seat s on s.group_no = g.no and s.left_at is null where g.source = 'ours' group by g.no`,
      keys: ['no'],
      values: ['members', 'formed'],
    },
    limit,
  );
}

/**
 * What campaigns of group-buys and bargains count is what their groups and bargains are: each was counted once when it was opened and
 * joined, and once when it formed, was bought or ended.
 */
export function compareCounts(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select c.no, coalesce(g.issued, b.issued, 0)::int as issued, coalesce(g.redeemed, b.redeemed, 0)::int as redeemed,
          coalesce(g.reserved, b.reserved, 0)::bigint as reserved, coalesce(g.spent, b.spent, 0)::bigint as spent
        from campaign c
        left join (
          select campaign_no, sum(members) filter (where state <> 'expired') as issued,
            coalesce(sum(members) filter (where state = 'formed'), 0) as redeemed, coalesce(sum(bonus) filter (where state = 'open'), 0) as reserved,
            coalesce(sum(bonus) filter (where state = 'formed'), 0) as spent
          from group_buy where source = 'ours' group by 1) g on g.campaign_no = c.no
        left join (
          select campaign_no, count(*) filter (where state <> 'expired') as issued, count(*) filter (where state = 'bought') as redeemed,
            coalesce(sum(start_price - floor_price) filter (where state = 'open'), 0) as reserved,
            coalesce(sum(start_price - bought_price) filter (where state = 'bought'), 0) as spent
          from bargain where source = 'ours' group by 1) b on b.campaign_no = c.no
        where c.kind in ('group', 'bargain')`,
      found: sql`select no, issued, redeemed, reserved, spent from campaign where kind in ('group', 'bargain')`,
      keys: ['no'],
      values: ['issued', 'redeemed', 'reserved', 'spent'],
    },
    limit,
  );
}

/** Seats count for their members while they are in a group that has not expired, and no more often than the campaign allows. */
export function compareSeatLimits(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select s.group_no, s.position, s.left_at is null and g.state <> 'expired' as counts, true as allowed
        from group_seat s join group_buy g on g.no = s.group_no where g.source = 'ours'`,
      found: sql`
        select s.group_no, s.position, s.counts, s.nth <= c.per_member as allowed
        from group_seat s join group_buy g on g.no = s.group_no join campaign c on c.no = g.campaign_no where g.source = 'ours'`,
      keys: ['group_no', 'position'],
      values: ['counts', 'allowed'],
    },
    limit,
  );
}

/**
 * Each paid order of a seat that is over has its refund asked for, and nobody else has: of all seats that it may be of, since a seat holds
 * it or it names their group and member, none stands that holds it (or did when the refund was asked for), and one is over. A payment
 * that has just come may wait for some minutes.
 */
export function compareRefunds(sql: Sql, limit: number): Promise<Differences> {
  const stood = (seat: Fragment) => sql`
    ${seat}.left_at is null and g.state <> 'expired' and ${seat}.joined_at < coalesce(r.asked_at, now())`;
  return differences(
    sql,
    {
      expected: sql`
        with mine as (
          select order_id from group_seat where order_id is not null union select order_id from orders where group_id is not null
        ), seat as (
          select o.order_id, s.group_no, s.position, o.order_id = s.order_id as holds
          from mine join orders o using (order_id) join group_seat s on s.order_id = o.order_id
          union
          select o.order_id, s.group_no, s.position, coalesce(o.order_id = s.order_id, false)
          from mine join orders o using (order_id) join group_buy g on g.id = o.group_id join member m on m.id = o.member_id
          join group_seat s on s.group_no = g.no and s.member_no = m.no
        )
        select o.order_id from seat t join orders o using (order_id)
        join group_seat s using (group_no, position) join group_buy g on g.no = t.group_no
        left join refund_request r on r.order_id = o.order_id
        where g.source = 'ours' and ${isPaid(sql)} and (r.id is not null or ${owed(sql)} > 0)
        group by o.order_id, r.id
        having not bool_or(t.holds and ${stood(sql`s`)})
          and bool_or((s.left_at is not null or g.state = 'expired') and (t.holds or ${paidIn(sql, sql`s`)}
            or not exists (select from group_seat x where x.group_no = s.group_no and x.member_no = s.member_no and ${stood(sql`x`)})))
          and (r.id is not null or max(greatest(s.left_at, g.ended_at, o.paid_at)) < now() - interval '5 minutes')`,
      found: sql`select order_id from refund_request`,
      keys: ['order_id'],
      values: ['order_id'],
    },
    limit,
  );
}

/** No group or bargain of ours is open long after its time. */
export function compareDeadlines(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select null::text as id, true as open where false`,
      found: sql`
        select id, true as open from group_buy where state = 'open' and source = 'ours' and expires_at < now() - interval '5 minutes'
        union all
        select id, true from bargain where state = 'open' and source = 'ours' and expires_at < now() - interval '5 minutes'`,
      keys: ['id'],
      values: ['open'],
    },
    limit,
  );
}

/** Bargains read at a time. */
const CHUNK = 2_000;

/** Each cut of ours is what follows from the secret, the bargain and the helper's number, and they add up. */
export async function compareCuts(sql: Sql, limit: number): Promise<Differences> {
  const [secret] = await sql<[{ value: Buffer }]>`select value from bargain_secret`;
  const first: Difference[] = [];
  let total = 0;
  for (let after = 0; ;) {
    const rows = await sql<
      {
        no: number;
        id: string;
        startPrice: number;
        floorPrice: number;
        helpers: number;
        cut: number;
        cuts: number[];
      }[]
    >`
      select b.no, b.id, b.start_price as "startPrice", b.floor_price as "floorPrice", b.helpers, b.cut, coalesce(h.cuts, '{}')::float8[] as cuts
      from bargain b
      left join lateral (select array_agg(cut order by nth) as cuts from bargain_help h where h.bargain_no = b.no) h on true
      where b.source = 'ours' and b.no > ${after} order by b.no limit ${CHUNK}`;
    for (const row of rows) {
      const cuts = cutsOf(row, secret.value, row.id).slice(0, row.cuts.length);
      const cut = cuts.reduce((sum, each) => sum + each, 0);
      if (cut === row.cut && cuts.every((each, i) => each === row.cuts[i])) continue;
      total += 1;
      if (first.length < limit)
        first.push({
          expected: { id: row.id, cut, cuts },
          found: { id: row.id, cut: row.cut, cuts: row.cuts },
        });
    }
    const last = rows.at(-1);
    if (!last || rows.length < CHUNK) return { total, first };
    after = last.no;
  }
}

/** Every fact about groups and bargains is kept by what it names, or waits to be. Only where no partition was dropped. */
export function compareTold(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`
        select seq, true as told from ledger
        where type in ('group.opened', 'group.joined', 'group.left', 'bargain.opened', 'bargain.helped')`,
      found: sql`
        select seq, true as told from group_told
        union select unnest(fact_seqs), true from group_touch`,
      keys: ['seq'],
      values: ['told'],
    },
    limit,
  );
}

/** Nothing that shops tell of groups and bargains, and no order of those, had to be set aside. */
export function compareSetAside(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select null::bigint as no where false`,
      found: sql`select no, fact_seqs, order_ids, error from group_touch where error is not null`,
      keys: ['no'],
      values: ['no'],
    },
    limit,
  );
}
