/** What a campaign meets: its goods on the shelves, who it is for, and what else is running. */
import type { PendingQuery, Row } from 'postgres';
import type { LocationKind } from '../contract/words.ts';
import type { CampaignState } from '../coupons/campaign.ts';
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import type { Goods, ScopedSku } from './goods.ts';
import type { Need } from './moves.ts';

type Fragment = PendingQuery<Row[]>;

/**
 * SKUs in scope, those that sell most first, at most `most`; how many there are in all; and codes that the catalog does not know.
 */
export async function readScope(
  sql: Sql,
  { skus, categories }: Goods,
  most: number,
): Promise<{ skus: ScopedSku[]; total: number; unknown: number }> {
  const named = [...new Set(skus ?? [])];
  const where =
    skus || categories
      ? sql`k.code = any(${named}::text[]) or k.category = any(${[...(categories ?? [])]}::text[])`
      : sql`true`;
  const [rows, [{ total, known }]] = await Promise.all([
    sql<ScopedSku[]>`
      select k.no, k.code, k.name_zh as "nameZh", k.name_en as "nameEn", k.category, k.cost, k.list_price as "listPrice",
        coalesce(f.rate, 0)::float8 as rate
      from sku k left join forecast f on f.sku_no = k.no where ${where}
      order by f.rate desc nulls last, k.no limit ${most}`,
    sql<[{ total: number; known: number }]>`
      select count(*)::int as total, (count(*) filter (where k.known and k.code = any(${named}::text[])))::int as known
      from sku k where ${where}`,
  ]);
  return { skus: rows, total, unknown: named.length - known };
}

/** Where extra pieces leave the shelves; null: anywhere. */
export type Places = { kinds: readonly LocationKind[] | null; codes: readonly string[] | null };

export type StockAsk = {
  skus: readonly { no: number; extra: number }[];
  places: Places;
  /** Days for which there must be enough. */
  days: number;
};

/**
 * What each balance is going to need: what it sells anyway in these days, by the forecast, and its share of the campaign's pieces, as
 * it sells today. `need` is a fraction in sums, and rounded where it is held against pieces.
 */
const balances = (sql: Sql, { skus, places, days }: StockAsk) => sql`
  wanted as materialized (
    select * from unnest(${column(skus, ({ no }) => no)}::int[], ${column(skus, ({ extra }) => extra)}::float8[]) as w (sku_no, extra)
  ), sold as materialized (
    select f.sku_no, u.location_no, u.rate::float8 as rate
    from wanted join forecast f using (sku_no), unnest(f.location_nos, f.location_rate) as u (location_no, rate)
  ), place as materialized (
    select no, code, name_zh, name_en,
      ${places.kinds === null ? sql`true` : sql`kind = any(${[...places.kinds]}::text[])`}
      and ${places.codes === null ? sql`true` : sql`code = any(${[...places.codes]}::text[])`} as open
    from location
  ), balance as materialized (
    select s.sku_no, s.location_no, greatest(0, s.on_hand - s.reserved) as have, s.inbound, coalesce(r.rate, 0) as rate, p.open, w.extra
    from wanted w join stock s using (sku_no) join place p on p.no = s.location_no left join sold r using (sku_no, location_no)
  ), share as (
    select sku_no, sum(rate) as rate, count(*) as places from balance where open group by sku_no
  ), need as materialized (
    select b.sku_no, b.location_no, b.have, b.inbound,
      b.rate * ${days}::float8 + case when not b.open then 0 when a.rate > 0 then b.extra * b.rate / a.rate
        else b.extra / a.places end as need
    from balance b left join share a using (sku_no)
  ), lack as materialized (
    select n.*, greatest(0, round(n.need) - n.have - n.inbound)::int as short from need n
  )`;

export type LocationNeed = {
  location: string;
  nameZh: string;
  nameEn: string;
  need: number;
  have: number;
  inbound: number;
  short: number;
  /** SKUs that are short there. */
  skus: number;
};

export type StockFound = {
  need: number;
  have: number;
  inbound: number;
  short: number;
  locations: LocationNeed[];
  /** The balances that lack most. */
  worst: Need[];
};

/** What the campaign needs and finds, in all, by location, and the `most` balances that lack most. */
export async function readStock(sql: Sql, ask: StockAsk, most: number): Promise<StockFound> {
  const [row] = await sql<[StockFound]>`
    with ${balances(sql, ask)}
    select coalesce(sum(need), 0)::float8 as need, coalesce(sum(have), 0)::int as have, coalesce(sum(inbound), 0)::int as inbound,
      coalesce(sum(short), 0)::int as short,
      (select coalesce(json_agg(l order by l.short desc, l.location), '[]') from (
        select p.code as location, p.name_zh as "nameZh", p.name_en as "nameEn", round(sum(n.need))::int as need,
          sum(n.have)::int as have, sum(n.inbound)::int as inbound, sum(n.short)::int as short,
          (count(*) filter (where n.short > 0))::int as skus
        from lack n join place p on p.no = n.location_no group by p.code, p.name_zh, p.name_en) l) as locations,
      (select coalesce(json_agg(w order by w.short desc), '[]') from (
        select sku_no as "skuNo", location_no as "locationNo", round(need)::int as need, short from lack
        where short > 0 order by short desc, sku_no, location_no limit ${most}) w) as worst
    from lack`;
  return row;
}

/** What all balances of some of these SKUs are going to need. */
export const readNeeds = (sql: Sql, ask: StockAsk): Promise<Need[]> =>
  sql<Need[]>`
    with ${balances(sql, ask)}
    select sku_no as "skuNo", location_no as "locationNo", round(need)::int as need, short from lack`;

/** Pieces of SKUs at one location that can be held; those without a balance are missing. */
export async function readAvailable(
  sql: Sql,
  location: string,
  skus: readonly string[],
): Promise<Map<string, number>> {
  const rows = await sql<{ code: string; available: number }[]>`
    select k.code, s.on_hand - s.reserved as available from stock s join sku k on k.no = s.sku_no
    where s.location_no = (select no from location where code = ${location}) and k.code = any(${[...skus]}::text[])`;
  return new Map(rows.map(({ code, available }) => [code, available]));
}

export type OpenCampaign = {
  no: number;
  id: string;
  name: string;
  kind: 'coupon' | 'group' | 'bargain';
  state: CampaignState;
  template: unknown;
  audience: unknown;
};

/** Campaigns that run, stand still or wait for their time, newest first. */
export const listOpen = (sql: Sql, without: number, most: number): Promise<OpenCampaign[]> =>
  sql<OpenCampaign[]>`
    select no, id, name, kind, state, template, audience from campaign
    where state in ('scheduled', 'running', 'paused') and no <> ${without} order by no desc limit ${most}`;

/** Receivers of coupons, with the medium that each needs consent for. */
export const listMedia = (sql: Sql, event: string): Promise<{ medium: string | null }[]> =>
  sql<{ medium: string | null }[]>`
    select medium from delivery_endpoint
    where enabled and deleted_at is null and kind = 'webhook' and ${event} = any(events)`;

/**
 * Members whom a campaign is for, and of them those who may be written to by each medium and those who are in other audiences too; and
 * how many are held out. In one look at all members, since that is what takes its time.
 *
 * @param either all of the audience, `held` those of them who are held out (null: nobody)
 */
export async function countMembers(
  sql: Sql,
  { either, held }: { either: { where: Fragment }; held: { where: Fragment } | null },
  media: readonly string[],
  others: readonly { where: Fragment }[],
): Promise<{ members: number; held: number; media: number[]; others: number[] }> {
  const out = held === null ? sql`false` : sql`(${held.where})`;
  const list = [
    ...media.map((medium) => sql`m.consents @> ${sql.json({ [medium]: true })}`),
    ...others.map((other) => sql`(${other.where})`),
  ].reduce(
    (all, fits) => sql`${all}, (count(*) filter (where ${fits} and not ${out}))::int`,
    sql`(count(*) filter (where not ${out}))::int, (count(*) filter (where ${out}))::int`,
  );
  const [row] = await sql<[{ counts: number[] }]>`
    select array[${list}] as counts from member m where ${either.where}`;
  const [members = 0, heldOut = 0, ...rest] = row.counts;
  return { members, held: heldOut, media: rest.slice(0, media.length), others: rest.slice(media.length) };
}

/** Codes and names of SKUs and locations by their numbers. */
export async function readNames(sql: Sql, skuNos: readonly number[], locationNos: readonly number[]) {
  type Named = { no: number; code: string; nameZh: string; nameEn: string };
  const [skus, locations] = await Promise.all([
    sql<Named[]>`
      select no, code, name_zh as "nameZh", name_en as "nameEn" from sku
      where no = any(${column(skuNos, (no) => no)}::int[])`,
    sql<Named[]>`
      select no, code, name_zh as "nameZh", name_en as "nameEn" from location
      where no = any(${column(locationNos, (no) => no)}::int[])`,
  ]);
  return {
    skus: new Map(skus.map((row) => [row.no, row])),
    locations: new Map(locations.map((row) => [row.no, row])),
  };
}

/** Keeps what was expected of a campaign when it was launched. */
export async function keepExpected(sql: Sql, campaignNo: number, expected: object): Promise<void> {
  await sql`update campaign set expected = ${sql.json(expected as never)} where no = ${campaignNo}`;
}
