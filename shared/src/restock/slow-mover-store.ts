/** Reads what lies too long, and keeps what people decide about it and how its share goes. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { slowLimits, type SlowMoverInput, type SlowMoverPlace } from './slow-movers.ts';
import { assumptions } from './sourcing.ts';

/** Other locations that are weighed for a transfer: those that sell most and have room. */
const PLACES_WEIGHED = 8;

export type SlowPlace = SlowMoverPlace & { code: string; nameZh: string; nameEn: string; km: number | null };
export type SlowPartner = {
  skuNo: number;
  rate: number;
  price: number;
  code: string;
  nameZh: string;
  nameEn: string;
};

export type SlowMoverRow = Omit<SlowMoverInput, 'others' | 'partners'> & {
  sku: string;
  skuNameZh: string;
  skuNameEn: string;
  location: string;
  locationNameZh: string;
  locationNameEn: string;
  region: string | null;
  category: string | null;
  /** At cost, minor units; 0 where it is unknown. What pages are ordered by. */
  worth: number;
  others: SlowPlace[];
  partners: SlowPartner[];
};

/**
 * Balances that last for more than a quarter at their expected rate, the dearest first. Only those that the plan knows: of
 * the others nobody can say how long they last. `after` is where the page before ended.
 */
export async function readSlowBalances(
  sql: Sql,
  filter: {
    locationNos: readonly number[] | null;
    balance?: { skuNo: number; locationNo: number } | undefined;
  },
  after: { worth: number; skuNo: number; locationNo: number } | null,
  limit: number,
): Promise<SlowMoverRow[]> {
  const { locationNos, balance } = filter;
  const rows = await sql<SlowMoverRow[]>`
    with slow as materialized (
      select s.sku_no, s.location_no, s.on_hand - s.reserved as available, coalesce(p.rate, 0)::float8 as rate,
        p.reorder_point, (s.on_hand - s.reserved) * coalesce(k.cost, 0) as worth
      from stock s join policy p using (sku_no, location_no) join sku k on k.no = s.sku_no
      where s.on_hand - s.reserved > 0 and s.on_hand - s.reserved > coalesce(p.rate, 0) * ${slowLimits.slowCoverDays}
        ${locationNos === null ? sql`` : sql`and s.location_no = any(${locationNos as number[]}::int[])`}
        ${balance === undefined ? sql`` : sql`and s.sku_no = ${balance.skuNo} and s.location_no = ${balance.locationNo}`}
        ${
          after === null
            ? sql``
            : sql`and (-((s.on_hand - s.reserved) * coalesce(k.cost, 0)), s.sku_no, s.location_no)
                > (${-after.worth}::bigint, ${after.skuNo}::int, ${after.locationNo}::int)`
        }
      order by worth desc, s.sku_no, s.location_no limit ${limit}
    )
    select s.sku_no as "skuNo", s.location_no as "locationNo", s.available, s.rate, s.worth,
      greatest(0, s.reorder_point) as needed, k.cost as "unitCost", k.list_price as price, k.category,
      k.code as sku, k.name_zh as "skuNameZh", k.name_en as "skuNameEn", l.code as location,
      l.name_zh as "locationNameZh", l.name_en as "locationNameEn", l.region,
      (select floor(extract(epoch from now() - m.at) / 86400)::int from stock_movement m
        where m.sku_no = s.sku_no and m.location_no = s.location_no and m.kind = 'sale'
        order by m.at desc limit 1) as "daysSinceSale",
      (select floor(extract(epoch from now() - m.at) / 86400)::int from stock_movement m
        where m.sku_no = s.sku_no and m.location_no = s.location_no and m.kind in ('received', 'transfer_in')
        order by m.at desc limit 1) as "daysSinceArrival",
      coalesce(o.list, '[]') as others, '[]'::jsonb as partners
    from slow s join sku k on k.no = s.sku_no join location l on l.no = s.location_no
    left join lateral (
      select jsonb_agg(jsonb_build_object('locationNo', o.location_no, 'rate', o.rate, 'available', o.available,
        'inbound', o.inbound, 'orderUpTo', o.order_up_to, 'code', o.code, 'nameZh', o.name_zh, 'nameEn', o.name_en, 'km', o.km,
        'wayCost', ${assumptions.parcel}::int,
        'pieceCost', coalesce(o.km, ${assumptions.unknownKm}) * ${assumptions.parcelPieceKm}::float8)) as list
      from (
        select t.location_no, t.on_hand - t.reserved as available, t.inbound, y.order_up_to, y.rate::float8 as rate,
          f.code, f.name_zh, f.name_en, 111.2 * sqrt(power(f.latitude - l.latitude, 2)
            + power((f.longitude - l.longitude) * cos(radians((f.latitude + l.latitude) / 2)), 2)) as km
        from stock t join policy y using (sku_no, location_no) join location f on f.no = t.location_no
        where t.sku_no = s.sku_no and t.location_no <> s.location_no and y.rate > s.rate
          and t.on_hand - t.reserved + t.inbound < y.order_up_to
        order by y.rate desc, t.location_no limit ${PLACES_WEIGHED}) o
    ) o on true
    order by s.worth desc, s.sku_no, s.location_no`;
  const partners = await bestSellers(sql, rows);
  for (const row of rows) row.partners = partners(row);
  return rows;
}

type Best = SlowPartner & { locationNo: number; category: string | null };

/** What sells best at these locations, by category: what a slow one of that category may be bundled with. */
async function bestSellers(
  sql: Sql,
  rows: readonly SlowMoverRow[],
): Promise<(row: SlowMoverRow) => SlowPartner[]> {
  if (rows.length === 0) return () => [];
  const nos = [...new Set(rows.map(({ locationNo }) => locationNo))];
  const best = await sql<Best[]>`
    select distinct on (p.location_no, k.category) p.location_no as "locationNo", k.category, k.no as "skuNo", k.code,
      k.name_zh as "nameZh", k.name_en as "nameEn", p.rate::float8 as rate, k.list_price as price
    from policy p join sku k on k.no = p.sku_no
    where p.location_no = any(${column(nos, (no) => no)}::int[]) and p.rate > 0 and k.list_price is not null
    order by p.location_no, k.category, p.rate desc, k.no`;
  return ({ locationNo, category, skuNo }) =>
    best
      .filter((row) => row.locationNo === locationNo && row.category === category && row.skuNo !== skuNo)
      .map(({ locationNo: _, category: __, ...partner }) => partner);
}

export type PromotionDraft = {
  kind: 'bundle' | 'markdown';
  skuNo: number;
  locationNo: number;
  partnerSkuNo: number | null;
  percentOff: number | null;
  qty: number;
  why: object;
  by: string;
};

/** Keeps a promotion that somebody thought of. Answers its id. */
export async function draftPromotion(sql: Sql, draft: PromotionDraft): Promise<string> {
  const [row] = await sql<{ id: string }[]>`
    insert into promotion_draft (kind, sku_no, location_no, partner_sku_no, percent_off, qty, why, created_by)
    values (${draft.kind}, ${draft.skuNo}, ${draft.locationNo}, ${draft.partnerSkuNo}, ${draft.percentOff}, ${draft.qty},
      ${JSON.stringify(draft.why)}::text::jsonb, ${draft.by})
    returning id`;
  return row!.id;
}

/**
 * Notes for a business day how much of the stock is stagnant, by location: what lasts for more than half a year at its
 * expected rate and did not come within the last month. Once a day; answers false where it was noted already.
 */
export async function noteStagnant(sql: Sql, day: string): Promise<boolean> {
  const [there] = await sql`select from stagnant_day where day = ${day}::date limit 1`;
  if (there) return false;
  const { count } = await sql`
    insert into stagnant_day (day, location_no, balances, stagnant_balances, value, stagnant_value)
    select ${day}::date, s.location_no, count(*), count(*) filter (where b.stagnant), sum(b.value),
      coalesce(sum(b.value) filter (where b.stagnant), 0)
    from stock s join sku k on k.no = s.sku_no
    left join policy p on p.sku_no = s.sku_no and p.location_no = s.location_no
    cross join lateral (
      select ((s.on_hand - s.reserved) * coalesce(k.cost, 0))::bigint as value,
        -- The movements are looked at only where the rest says stagnant.
        case when p.rate is not null and s.on_hand - s.reserved > p.rate * ${slowLimits.stagnantCoverDays} then not exists (
          select from stock_movement m where m.sku_no = s.sku_no and m.location_no = s.location_no
            and m.kind in ('received', 'transfer_in') and m.at > now() - ${slowLimits.freshDays} * interval '1 day')
        else false end as stagnant) b
    where s.on_hand - s.reserved > 0
    group by s.location_no
    on conflict do nothing`;
  return count > 0;
}

export type StagnantDay = { day: string; value: number; stagnantValue: number; share: number | null };

/** By day, oldest first. @param locationNos null for all */
export const readStagnantDays = (
  sql: Sql,
  locationNos: readonly number[] | null,
  days: number,
): Promise<StagnantDay[]> => sql<StagnantDay[]>`
  select day, sum(value)::bigint as value, sum(stagnant_value)::bigint as "stagnantValue",
    sum(stagnant_value)::float8 / nullif(sum(value), 0) as share
  from stagnant_day
  where day > current_date - ${days}::int
    ${locationNos === null ? sql`` : sql`and location_no = any(${locationNos as number[]}::int[])`}
  group by day order by day`;
