/**
 * What became of a campaign, read from its coupons, groups and bargains and from the orders that used them. Orders count as with
 * members: paid for, and not called off; net is paid − refunded.
 */
import type { PendingQuery, Row } from 'postgres';
import type { CampaignKind, GiveMode } from '../coupons/campaign.ts';
import { GRACE_DAYS } from '../coupons/use.ts';
import type { Sql } from '../platform/database.ts';
import type { Expectation } from './expect.ts';
import { upliftOf, type CampaignReport, type Measured, type Uplift, type WithoutUplift } from './report.ts';
import { readSpend } from './spend-store.ts';

type Fragment = PendingQuery<Row[]>;

/** Of all members. */
const MOST_NO = 2_147_483_647;

type Reported = {
  no: number;
  kind: CampaignKind;
  from: Date;
  until: Date;
  targeted: number;
  issued: number;
  redeemed: number;
  returned: number;
  failed: number;
  spent: number;
  give: GiveMode | null;
  holdoutPercent: number;
  /** Members held out. */
  held: number;
  /** Its coupons are given by a rule that holds members out itself. */
  byRule: boolean;
  expected: Expectation | null;
};

/** Null: no such campaign, or it was never launched. */
async function findReported(sql: Sql, id: string, now: Date): Promise<Reported | null> {
  const [row] = await sql<Reported[]>`
    select c.no, c.kind, greatest(c.launched_at, c.starts_at) as "from",
      least(${now}::timestamptz, campaign_over_at(c)) as until, c.targeted, c.issued, c.redeemed, c.returned, c.failed, c.spent,
      c.give, coalesce((c.audience->>'holdoutPercent')::int, 0) as "holdoutPercent", c.expected,
      (select coalesce(sum(cardinality(h.member_nos)), 0)::int from campaign_holdout h where h.campaign_no = c.no) as held,
      exists (select from automation a where a.campaign_no = c.no and a.holdout_percent > 0) as "byRule"
    from campaign c where c.id = ${id} and c.launched_at is not null`;
  return row ?? null;
}

/** Paid and not called off, with what was given back of them. */
const paidOrders = (sql: Sql) => sql`
  select o.order_id, o.member_id, o.placed_at, o.total, o.line_sku, o.line_qty, o.line_amount,
    coalesce((select sum((r->>'amount')::bigint) from jsonb_array_elements(o.refunds) r), 0)::bigint as refunded
  from orders o
  where o.placed_at is not null and o.cancelled_at is null and (o.method = 'carry' or o.paid_at is not null)`;

/** Orders that used a campaign, each once: of group-buys those that formed, the others are paid back. */
function usedBy(sql: Sql, { no, kind }: Reported): Fragment {
  switch (kind) {
    case 'coupon':
      return sql`select distinct order_id from coupon where campaign_no = ${no} and state = 'redeemed' and order_id is not null`;
    case 'group':
      // An order belongs to the seat that gave its id; one that only names the group, and nobody's seat, to the group.
      return sql`
        with formed as (
          select no, id from group_buy where campaign_no = ${no} and source = 'ours' and state = 'formed')
        select s.order_id from formed g join group_seat s on s.group_no = g.no where s.left_at is null and s.order_id is not null
        union select o.order_id from formed g join orders o on o.group_id = g.id
        where not exists (select from group_seat s where s.group_no = g.no and s.order_id = o.order_id)`;
    case 'bargain':
      return sql`
        with mine as (select id, order_id from bargain where campaign_no = ${no} and source = 'ours')
        select order_id from mine where order_id is not null
        union select o.order_id from mine b join orders o on o.bargain_id = b.id`;
  }
}

type Sales = Omit<CampaignReport['sales'], 'discount' | 'spend' | 'margin'>;

/** What was sold with it. Of an order that was refunded in part its goods count in that part. */
async function readSales(sql: Sql, campaign: Reported): Promise<Sales> {
  const [row] = await sql<[Sales]>`
    with used as materialized (${usedBy(sql, campaign)}),
    told as (
      select p.total, p.refunded, g.known, g.cost,
        case when p.total > 0 then greatest(0, p.total - p.refunded)::float8 / p.total else 0 end as kept
      from (${paidOrders(sql)}) p join used using (order_id) cross join lateral (
        select coalesce(sum(l.amount) filter (where s.cost is not null), 0) as known, coalesce(sum(l.qty * s.cost), 0) as cost
        from unnest(p.line_sku, p.line_qty, p.line_amount) as l (sku, qty, amount) join sku s on s.no = l.sku) g
    )
    select count(*)::int as orders, coalesce(sum(total - refunded), 0)::bigint as net, coalesce(sum(refunded), 0)::bigint as refunded,
      coalesce(round(sum(known * kept)), 0)::bigint as "costedNet", coalesce(round(sum(cost * kept)), 0)::bigint as cost
    from told`;
  return row;
}

/**
 * What those whom it was for bought beside those who were held out, whether they took part or not: both as they were chosen at the launch, since who still fits a rule when their turn comes depends on what they did meanwhile. Where number or money
 * ran out, or not everybody had their turn yet, only as far as coupons reached: they are given in order of members' numbers, the lot
 * does not know of those.
 */
async function readUplift(sql: Sql, { no, from, until, failed }: Reported): Promise<Uplift | null> {
  const reached = sql`no <= (
    select case when ${failed > 0}::boolean or bool_or(state = 'waiting')
      then coalesce(max(to_member) filter (where issued > 0), 0) else ${MOST_NO}::int end
    from fan_out_chunk where campaign_no = ${no})`;
  const rows = await sql<(Measured & { part: 'given' | 'held' })[]>`
    with held as materialized (
      select no from campaign_holdout h, unnest(h.member_nos) as no where h.campaign_no = ${no} and ${reached}
    ), given as materialized (
      select no from campaign_given g, unnest(g.member_nos) as no where g.campaign_no = ${no} and ${reached}
      -- Of campaigns that were cut before this was noted only those who did get one are known.
      union all select member_no from coupon where campaign_no = ${no} and nth = 1
        and not exists (select from campaign_given where campaign_no = ${no})
    ), bought as materialized (
      select m.no, count(*) as orders, sum(o.total - o.refunded) as net
      from (${paidOrders(sql)} and o.member_id is not null and o.placed_at >= ${from} and o.placed_at < ${until}) o
      join member m on m.id = o.member_id group by m.no
    ), compared as (
      select 'given' as part, b.orders, b.net
      from bought b join given g using (no)
      union all select 'held', b.orders, b.net from bought b join held h using (no)
    ), size as (
      select 'given' as part, count(*)::int as members from given
      union all select 'held', count(*)::int from held
    )
    select part, members, count(orders)::int as buyers, coalesce(sum(orders), 0)::int as orders,
      coalesce(sum(net), 0)::bigint as net, coalesce(sum(orders * orders), 0)::float8 as "ordersSquared",
      coalesce(sum(net::float8 * net::float8), 0)::float8 as "netSquared"
    from size left join compared using (part) group by part, members`;
  const [given, held] = (['given', 'held'] as const).map((part) => rows.find((row) => row.part === part));
  return given && held && given.members > 0 && held.members > 0 ? upliftOf(given, held) : null;
}

function whyNoUplift({ kind, give, holdoutPercent, byRule }: Reported): WithoutUplift {
  if (byRule) return 'automation';
  if (holdoutPercent === 0) return 'nobody_held';
  return kind === 'coupon' && give === 'push' ? 'nobody_yet' : 'not_noted';
}

async function readGroups(sql: Sql, no: number): Promise<NonNullable<CampaignReport['group']>> {
  const [row] = await sql<[NonNullable<CampaignReport['group']>]>`
    select count(*)::int as opened, (count(*) filter (where g.state = 'formed'))::int as formed,
      (count(*) filter (where g.state = 'expired'))::int as expired, coalesce(sum(s.joins), 0)::int as joins,
      coalesce(sum(s.gone), 0)::int as left, coalesce(sum(r.refunds), 0)::int as refunds,
      coalesce(sum(r.amount), 0)::bigint as refunded, coalesce(sum(r.confirmed), 0)::int as confirmed
    from group_buy g
    left join lateral (
      select count(*) as joins, count(left_at) as gone from group_seat s where s.group_no = g.no) s on true
    left join lateral (
      select count(*) as refunds, sum(amount) as amount, count(confirmed_at) as confirmed
      from refund_request r where r.group_no = g.no) r on true
    where g.campaign_no = ${no} and g.source = 'ours'`;
  return row;
}

async function readBargains(sql: Sql, no: number): Promise<NonNullable<CampaignReport['bargain']>> {
  const [row] = await sql<[NonNullable<CampaignReport['bargain']>]>`
    select count(*)::int as opened, (count(*) filter (where state = 'bought'))::int as bought,
      (count(*) filter (where state = 'expired'))::int as expired, coalesce(sum(helps), 0)::int as helps
    from bargain where campaign_no = ${no} and source = 'ours'`;
  return row;
}

/** Makes the report as things are now. Null: no such campaign, or it was never launched. */
export async function makeReport(
  sql: Sql,
  id: string,
  now: Date,
): Promise<{ no: number; report: CampaignReport } | null> {
  const campaign = await findReported(sql, id, now);
  if (campaign === null) return null;
  const { no, kind, spent: discount } = campaign;
  const [sales, spend, uplift, group, bargain] = await Promise.all([
    readSales(sql, campaign),
    readSpend(sql, id),
    campaign.held > 0 ? readUplift(sql, campaign) : null,
    kind === 'group' ? readGroups(sql, no) : null,
    kind === 'bargain' ? readBargains(sql, no) : null,
  ]);
  return {
    no,
    report: {
      kind,
      from: campaign.from.toISOString(),
      until: (campaign.until < campaign.from ? campaign.from : campaign.until).toISOString(),
      reach: {
        targeted: campaign.targeted,
        held: campaign.held,
        taken: campaign.issued,
        used: campaign.redeemed,
        returned: campaign.returned,
      },
      group,
      bargain,
      sales: {
        ...sales,
        discount,
        spend,
        // A coupon is off the total that was paid; what a leader gets is not.
        margin: sales.costedNet - sales.cost - (kind === 'group' ? discount : 0),
      },
      uplift,
      withoutUplift: uplift === null ? whyNoUplift(campaign) : null,
      expected: campaign.expected,
    },
  };
}

export type KeptReport = { madeAt: Date; final: boolean; report: CampaignReport };

/** The report that was kept last; null: none yet. */
export async function readReport(sql: Sql, id: string): Promise<KeptReport | null> {
  const [row] = await sql<KeptReport[]>`
    select r.made_at as "madeAt", r.final, r.report from campaign_report r
    where r.campaign_no = (select no from campaign where id = ${id})`;
  return row ?? null;
}

/** Keeps a report; one that is final stays as it is. */
export async function keepReport(
  sql: Sql,
  { no, report }: { no: number; report: CampaignReport },
  { now, final }: { now: Date; final: boolean },
): Promise<void> {
  await sql`
    insert into campaign_report as r (campaign_no, made_at, final, report)
    values (${no}, ${now}, ${final}, ${sql.json(report as never)})
    on conflict (campaign_no) do update set made_at = excluded.made_at, final = excluded.final, report = excluded.report
    where not r.final`;
}

/**
 * Campaigns of which nothing changes any more and whose report is not final yet. Days are left for orders and refunds that are told
 * late, as for coupons.
 */
export const reportsToClose = (sql: Sql, now: Date): Promise<{ id: string }[]> =>
  sql<{ id: string }[]>`
    select c.id from campaign c
    where c.launched_at is not null and c.state in ('running', 'paused', 'finished', 'cancelled')
      and campaign_over_at(c) + ${GRACE_DAYS}::int * interval '1 day' < ${now} and c.reserved = 0
      and not exists (select from campaign_report r where r.campaign_no = c.no and r.final)
    order by c.no limit 20`;
