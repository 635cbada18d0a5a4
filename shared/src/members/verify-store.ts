/**
 * Checks of members against orders and points, in one view of the database. Members whose touch is still waiting are left out;
 * a touch that waits for long is found itself.
 */
import type { PendingQuery, Row } from 'postgres';
import type { Sql } from '../platform/database.ts';
import { differences, type Differences } from '../platform/differences.ts';
import { pointsOff, profilesOf } from './profile-store.ts';
import { minorPerUnit } from './refresh-store.ts';

/** Touches are worked off in seconds; after an import of millions of orders, in minutes. */
const TOUCH_MINUTES = 30;

/** Members that no touch waits for, as `no` and `id`. */
const settled = (sql: Sql): PendingQuery<Row[]> => sql`
  select no, id from member where id not in (select unnest(member_ids) from member_touch)`;

/** Balances that are not the sum of their entries. */
export function compareBalances(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select member_no, sum(delta)::bigint as points from point_entry group by 1 having sum(delta) <> 0`,
      found: sql`select no as member_no, points from member where points <> 0`,
      keys: ['member_no'],
      values: ['points'],
    },
    limit,
  );
}

/** Orders that have earned more or fewer points than they should have. */
export async function compareEarned(sql: Sql, limit: number): Promise<Differences> {
  const [company] = await sql<{ currency: string }[]>`select currency from company`;
  const minor = minorPerUnit(company!.currency);
  return differences(
    sql,
    {
      expected: sql`select null::int as member_no, null::text as ref, null::bigint as points where false`,
      found: sql`select member_no, ref, had as points, due from (${pointsOff(sql, settled(sql), minor)}) o`,
      keys: ['member_no', 'ref'],
      values: ['points'],
    },
    limit,
  );
}

/** Profiles that are not what the orders add up to. */
export function compareProfiles(sql: Sql, limit: number): Promise<Differences> {
  const values = sql`orders, units, net, refunded, first_order_at, last_order_at, favourite_channel, channels`;
  return differences(
    sql,
    {
      expected: sql`select no as member_no, ${values} from (${profilesOf(sql, settled(sql))}) p`,
      found: sql`select no as member_no, ${values} from member where id not in (select unnest(member_ids) from member_touch)`,
      keys: ['member_no'],
      values: [
        'orders',
        'units',
        'net',
        'refunded',
        'first_order_at',
        'last_order_at',
        'favourite_channel',
        'channels',
      ],
    },
    limit,
  );
}

/** Members that orders name and nobody knows, touches that nobody takes, and what of members the database refuses. */
export function compareTouches(sql: Sql, limit: number): Promise<Differences> {
  return differences(
    sql,
    {
      expected: sql`select null::text as id, null::text as trouble where false`,
      found: sql`
        select distinct member_id as id, 'unknown' as trouble from orders o
        where member_id is not null and not exists (select from member m where m.id = o.member_id)
          and member_id not in (select unnest(member_ids) from member_touch)
        union all
        select no::text, 'waits' from member_touch
        where error is null and at < now() - ${TOUCH_MINUTES} * interval '1 minute'
        union all
        select about, coalesce('fact ' || fact_seqs[1] || ': ', '') || error from member_touch where error is not null`,
      keys: ['id'],
      values: ['trouble'],
    },
    limit,
  );
}
