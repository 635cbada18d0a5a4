/** What the board shows of group-buys and bargains. Only reads; absolute values. */
import type { GroupCampaign, GroupSums } from '../contract/board.ts';
import type { GroupEnd, PromotionSource } from '../contract/words.ts';
import { LATE_MINUTES } from '../groups/refund.ts';
import type { Sql } from '../platform/database.ts';
import type { GroupsState } from './group-tiles.ts';

export type OpenGroupRow = {
  id: string;
  name: string | null;
  source: PromotionSource;
  size: number | null;
  members: number;
  openedAt: Date;
  expiresAt: Date;
};
export type FormedGroupRow = Omit<OpenGroupRow, 'expiresAt'> & {
  virtual: number;
  because: GroupEnd;
  formedAt: Date;
};

const ENDING = 12;
const FILLING = 12;
const FORMED = 8;
const CAMPAIGNS = 30;

const open = (sql: Sql) => sql`
  g.id, coalesce(c.name, g.campaign_ref) as name, g.source, g.size, g.members, g.opened_at as "openedAt", g.expires_at as "expiresAt"
  from group_buy g left join campaign c on c.no = g.campaign_no`;

/** Everything at once. Groups of others whose size nobody told are only counted. */
export async function readGroups(
  sql: Sql,
  { now, dayStart }: { now: Date; dayStart: Date },
): Promise<Omit<GroupsState, 'milestone'>> {
  const [[sums], [bargains], [refunds], ending, filling, formed, campaigns] = await Promise.all([
    sql<
      [
        Omit<
          GroupSums,
          'refunds' | 'refundsLate' | 'refundAmount' | 'bargains' | 'helpsToday' | 'boughtToday'
        >,
      ]
    >`
      select o.*, f.*, e.*, x.*
      from (select count(*) as open, coalesce(sum(members), 0) as members,
          coalesce(sum(greatest(0, size - members)), 0) as lacking,
          count(*) filter (where expires_at <= ${now}::timestamptz + interval '1 hour') as ending
        from group_buy where state = 'open') o,
        (select count(*) as "formedToday", coalesce(sum(members), 0) as "membersToday", coalesce(sum(virtual), 0) as "virtualToday"
        from group_buy where state = 'formed' and formed_at >= ${dayStart}) f,
        (select count(*) as "expiredToday" from group_buy where state = 'expired' and ended_at >= ${dayStart} and because <> 'unheard') e,
        (select count(*) + (select count(*) from bargain where flags <> '{}' and opened_at > ${now}::timestamptz - interval '7 days')
          as flagged
        from group_buy where flags <> '{}' and opened_at > ${now}::timestamptz - interval '7 days') x`,
    sql<[Pick<GroupSums, 'bargains' | 'helpsToday' | 'boughtToday'>]>`
      select (select count(*) from bargain where state = 'open') as bargains,
        (select coalesce(sum(helps), 0) from bargain where opened_at >= ${dayStart}) as "helpsToday",
        (select count(*) from bargain where state = 'bought' and bought_at >= ${dayStart}) as "boughtToday"`,
    sql<[Pick<GroupSums, 'refunds' | 'refundsLate'> & { refundAmount: number }]>`
      select count(*) as refunds, coalesce(sum(amount), 0) as "refundAmount",
        count(*) filter (where coalesce(told_at, asked_at) < ${now}::timestamptz - ${LATE_MINUTES}::int * interval '1 minute') as "refundsLate"
      from refund_request where confirmed_at is null`,
    sql<OpenGroupRow[]>`
      select ${open(sql)} where g.state = 'open' and g.size is not null order by g.expires_at, g.no limit ${ENDING}`,
    sql<OpenGroupRow[]>`
      select ${open(sql)} where g.state = 'open' and g.size is not null order by g.size - g.members, g.expires_at, g.no limit ${FILLING}`,
    sql<FormedGroupRow[]>`
      select g.id, coalesce(c.name, g.campaign_ref) as name, g.source, g.size, g.members, g.virtual, g.because, g.opened_at as "openedAt",
        g.formed_at as "formedAt"
      from group_buy g left join campaign c on c.no = g.campaign_no
      where g.state = 'formed' order by g.formed_at desc, g.no desc limit ${FORMED}`,
    sql<(GroupCampaign & { id: string })[]>`
      select c.id, c.name, coalesce(o.open, 0)::int as open, coalesce(o.members, 0)::int as members, coalesce(f.n, 0)::int as "formedToday",
        coalesce(e.n, 0)::int as "expiredToday"
      from campaign c
      left join (select campaign_no, count(*) as open, sum(members) as members from group_buy where state = 'open' group by 1) o
        on o.campaign_no = c.no
      left join (select campaign_no, count(*) as n from group_buy where state = 'formed' and formed_at >= ${dayStart} group by 1) f
        on f.campaign_no = c.no
      left join (select campaign_no, count(*) as n from group_buy where state = 'expired' and ended_at >= ${dayStart} group by 1) e
        on e.campaign_no = c.no
      where c.kind = 'group' and (c.state in ('running', 'paused') or o.open > 0 or f.n > 0 or e.n > 0)
      order by c.no desc limit ${CAMPAIGNS}`,
  ]);
  return { sums: { ...sums, ...bargains, ...refunds }, ending, filling, formed, campaigns };
}

/** When the `nth` group of the business day formed; null: so many have not. */
export async function readNthFormed(sql: Sql, dayStart: Date, nth: number): Promise<Date | null> {
  const [row] = await sql<{ at: Date }[]>`
    select formed_at as at from group_buy where state = 'formed' and formed_at >= ${dayStart} order by formed_at offset ${nth - 1} limit 1`;
  return row?.at ?? null;
}
