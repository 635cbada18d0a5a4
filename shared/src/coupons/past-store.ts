/** Campaigns of the past that other systems ran. See campaign-store.ts for the order of locks. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { listMembers } from './campaign-store.ts';
import { introduceMembers } from './claim-store.ts';
import { rightsOf, type PastCampaign, type PastRight } from './past.ts';

/** Who tells of it, with a digest of all that is told, and when its days are. */
export type PastTold = {
  digest: Buffer;
  by: { name: string; ref: string };
  /** Midnight of a business day, epoch ms. */
  startOf: (day: string) => number;
  /** The first moment after its last day. */
  end: Date;
};

/**
 * Writes a campaign as it is told, in the place of what was told before. Answers its id, and false where the same was told already:
 * then nothing is written.
 */
export async function putPastCampaign(
  sql: Sql,
  past: PastCampaign,
  told: PastTold,
): Promise<{ id: string; changed: boolean }> {
  // Two that tell of the same campaign at once come one after the other, also the first time.
  await sql`select pg_advisory_xact_lock(hashtextextended(${`${past.source}\n${past.sourceId}`}, 7204))`;
  const [known] = await sql<{ no: number; id: string; digest: Buffer }[]>`
    select c.no, c.id, p.digest from past_campaign p join campaign c on c.no = p.campaign_no
    where p.source = ${past.source} and p.source_id = ${past.sourceId}`;
  if (known && told.digest.equals(known.digest)) return { id: known.id, changed: false };
  if (known) await takeBack(sql, known.no);
  const rights = rightsOf(past);
  const { no, id } = await writeCampaign(sql, past, told, rights, known);
  await listMembers(sql, no, past.members);
  await introduceMembers(
    sql,
    rights.map(({ memberId }) => memberId),
  );
  await writeGoods(sql, no, past);
  await writeRights(sql, no, rights, told);
  await sql`update campaign set targeted = (select count(*) from campaign_member where campaign_no = ${no}) where no = ${no}`;
  return { id, changed: true };
}

/** Forgets what was told before of the same campaign. */
async function takeBack(sql: Sql, no: number): Promise<void> {
  await sql`
    delete from coupon_use u using coupon p where p.campaign_no = ${no} and u.order_id = p.order_id and not u.decided`;
  await sql`delete from coupon where campaign_no = ${no}`;
  await sql`delete from campaign where no = ${no}`;
}

async function writeCampaign(
  sql: Sql,
  { source, sourceId, name, type, fromDay }: PastCampaign,
  { digest, by, startOf, end }: PastTold,
  rights: readonly PastRight[],
  known: { no: number; id: string } | undefined,
): Promise<{ no: number; id: string }> {
  const start = new Date(startOf(fromDay));
  const template = {
    title: name.slice(0, 60),
    offer: { kind: 'told' },
    // What its coupons were for is in past_coupon_sku.
    scope: {},
    validity: { kind: 'fixed', from: start.toISOString(), to: end.toISOString() },
    stacking: { class: 'order', alone: false },
    returned: false,
  };
  const members = new Set(rights.map(({ memberId }) => memberId)).size;
  const redeemed = rights.filter(({ used }) => used !== null).length;
  const [row] = await sql<[{ no: number; id: string }]>`
    insert into campaign (no, id, kind, name, state, template, audience, give, per_member, starts_at, ends_at, created_by, created_by_ref,
      launched_at, planned_at, ended_at, settled_at, issued, redeemed)
    overriding system value
    values (coalesce(${known?.no ?? null}, nextval(pg_get_serial_sequence('campaign', 'no'))::int), coalesce(${known?.id ?? null}, uuidv7()),
      'coupon', ${name}, 'finished', ${sql.json(template)}, ${sql.json({ kind: 'members', count: members, holdoutPercent: 0 })}, 'push',
      ${Math.max(1, ...new Set(rights.map(({ nth }) => nth)))}, ${start}, ${end}, ${by.name}, ${by.ref}, ${start}, ${start}, ${end}, ${end},
      ${rights.length}, ${redeemed})
    returning no, id`;
  await sql`
    insert into past_campaign (campaign_no, source, source_id, type, digest)
    values (${row.no}, ${source}, ${sourceId}, ${type}, ${digest})`;
  return row;
}

/** Its coupons with what they were for; the caller has made SKUs that nobody named before. */
async function writeGoods(sql: Sql, no: number, { coupons }: PastCampaign): Promise<void> {
  await sql`
    insert into past_coupon (campaign_no, code)
    select ${no}, code from unnest(${column(coupons, ({ code }) => code)}::text[]) as w (code)`;
  const goods = coupons.flatMap(({ code, skus }) => skus.map((sku) => ({ code, sku })));
  await sql`
    insert into past_coupon_sku (coupon_no, sku_no, times)
    select k.no, s.no, count(*) from unnest(${column(goods, ({ code }) => code)}::text[], ${column(goods, ({ sku }) => sku)}::text[]) as w (code, sku)
    join past_coupon k on k.campaign_no = ${no} and k.code = w.code join sku s on s.code = w.sku
    group by 1, 2`;
}

/** Coupons in members' hands, and their uses. What they took off nobody told. */
async function writeRights(
  sql: Sql,
  no: number,
  rights: readonly PastRight[],
  { startOf }: PastTold,
): Promise<void> {
  const at = (day: string) => new Date(startOf(day)).toISOString();
  await sql`
    insert into coupon (campaign_no, member_no, nth, state, issued_at, valid_from, valid_to, redeemed_at, order_id, open)
    select c.no, m.no, w.nth, case when w.ref is null then 'expired' else 'redeemed' end, c.starts_at, c.starts_at, c.ends_at, w.at, w.ref,
      false
    from unnest(${column(rights, ({ memberId }) => memberId)}::text[], ${column(rights, ({ nth }) => nth)}::smallint[],
      ${column(rights, ({ used }) => used && used.ref)}::text[], ${column(rights, ({ used }) => used && at(used.day))}::timestamptz[])
      as w (member_id, nth, ref, at)
    join member m on m.id = w.member_id cross join campaign c where c.no = ${no}`;
  const uses = rights.flatMap(({ used }) => used ?? []);
  await sql`
    insert into coupon_use (code, order_id, at, verdict, dirty)
    select code, ref, at, 'counted', false from unnest(${column(uses, ({ coupon }) => coupon)}::text[],
      ${column(uses, ({ ref }) => ref)}::text[], ${column(uses, ({ day }) => at(day))}::timestamptz[]) as w (code, ref, at)`;
}

export type PastCampaignRow = {
  no: number;
  id: string;
  source: string;
  sourceId: string;
  type: string | null;
  name: string;
  startsAt: Date;
  endsAt: Date;
  targeted: number;
  redeemed: number;
  redeemers: number;
  coupons: number;
  couponSkus: number;
};

/** Newest told first, at most `limit` with a number below `before`. */
export const listPastCampaigns = (
  sql: Sql,
  source: string | undefined,
  before: number | null,
  limit: number,
): Promise<PastCampaignRow[]> => sql<PastCampaignRow[]>`
  select c.no, c.id, p.source, p.source_id as "sourceId", p.type, c.name, c.starts_at as "startsAt", c.ends_at as "endsAt", c.targeted,
    c.redeemed,
    (select count(distinct member_no) from coupon r where r.campaign_no = c.no and r.state = 'redeemed')::int as redeemers,
    (select count(*) from past_coupon k where k.campaign_no = c.no)::int as coupons,
    (select coalesce(sum(times), 0) from past_coupon k join past_coupon_sku s on s.coupon_no = k.no where k.campaign_no = c.no)::int as "couponSkus"
  from past_campaign p join campaign c on c.no = p.campaign_no
  where true ${source === undefined ? sql`` : sql`and p.source = ${source}`} ${before === null ? sql`` : sql`and c.no < ${before}`}
  order by c.no desc limit ${limit}`;

/** `told`: rows about its goods, of which several may be the same. */
export type PastCouponRow = { code: string; skus: number; told: number; redeemed: number };

/** The coupons of a campaign by code, at most `limit` after `after`; null where there is no such campaign. */
export async function listPastCoupons(
  sql: Sql,
  campaignId: string,
  after: string | null,
  limit: number,
): Promise<PastCouponRow[] | null> {
  const [campaign] = await sql<{ no: number }[]>`
    select c.no from campaign c join past_campaign p on p.campaign_no = c.no where c.id = ${campaignId}`;
  if (!campaign) return null;
  return sql<PastCouponRow[]>`
    select k.code, g.skus, g.told, coalesce(u.redeemed, 0)::int as redeemed
    from past_coupon k
    cross join lateral (
      select count(*)::int as skus, coalesce(sum(times), 0)::int as told from past_coupon_sku s where s.coupon_no = k.no) g
    left join (
      select u.code, count(*) as redeemed from coupon p join coupon_use u on u.order_id = p.order_id
      where p.campaign_no = ${campaign.no} and p.state = 'redeemed' group by 1) u using (code)
    where k.campaign_no = ${campaign.no} ${after === null ? sql`` : sql`and k.code > ${after}`}
    order by k.code limit ${limit}`;
}

/** SKUs of one coupon by code, at most `limit` after `after`. */
export const listPastCouponSkus = async (
  sql: Sql,
  campaignId: string,
  code: string,
  after: string | null,
  limit: number,
): Promise<string[]> => {
  const rows = await sql<{ code: string }[]>`
    select s.code from campaign c join past_coupon k on k.campaign_no = c.no join past_coupon_sku g on g.coupon_no = k.no
    join sku s on s.no = g.sku_no
    where c.id = ${campaignId} and k.code = ${code} ${after === null ? sql`` : sql`and s.code > ${after}`}
    order by s.code limit ${limit}`;
  return rows.map((row) => row.code);
};
