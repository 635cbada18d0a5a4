/** Reads where livestreams sell their products from, what lies there, and how fast it goes. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';
import { PACE_MINUTES } from '../stock/pace.ts';
import { latelyFrom, type Place } from './runway.ts';
import { rateFrom } from './session.ts';

export type PlaceRow = Place & {
  session: string;
  sku: string;
  locationNameZh: string;
  locationNameEn: string;
};

/** Of a product that is picked up in hundreds of shops, those that send most. */
const MOST_PLACES = 20;

/**
 * The places of each of these products: those that have sent it in its session, else those that have sent anything of the session, else
 * the online warehouses.
 */
export async function readPlaces(
  sql: Sql,
  products: readonly { session: string; sku: string }[],
  now: Date,
): Promise<PlaceRow[]> {
  if (products.length === 0) return [];
  const at = now.getTime();
  return sql<PlaceRow[]>`
    with asked as materialized (
      select a.session_id, k.no as sku_no, k.code as sku
      from unnest(${column(products, ({ session }) => session)}::text[], ${column(products, ({ sku }) => sku)}::text[])
        as a (session_id, sku) join sku k on k.code = a.sku
    ),
    own as materialized (
      select a.session_id, a.sku_no, p.location_no, p.units
      from asked a join live_product p using (session_id, sku_no) where p.location_no <> 0 and p.units > 0
    ),
    bare as materialized (
      select a.session_id, a.sku_no from asked a
      where not exists (select from own o where o.session_id = a.session_id and o.sku_no = a.sku_no)
    ),
    of_session as materialized (
      select p.session_id, p.location_no, sum(p.units) as units from live_product p
      where p.session_id in (select session_id from bare) and p.location_no <> 0 and p.units > 0 group by 1, 2
    ),
    place as (
      select * from own
      union all
      select b.session_id, b.sku_no, s.location_no, s.units from bare b join of_session s using (session_id)
      union all
      select b.session_id, b.sku_no, l.no, 0 from bare b join location l on l.kind = 'online_warehouse'
      where not exists (select from of_session s where s.session_id = b.session_id)
    ),
    sent as (
      select m.session_id, m.sku_no, m.location_no, sum(m.units) as lately,
        sum(m.units) filter (where m.minute >= ${new Date(rateFrom(at))}::timestamptz) as recent
      from asked a join live_product_minute m using (session_id, sku_no)
      where m.minute >= ${new Date(latelyFrom(at))}::timestamptz group by 1, 2, 3
    ),
    ranked as (
      select p.*, coalesce(s.lately, 0) as lately, coalesce(s.recent, 0) as recent,
        row_number() over (partition by session_id, sku_no order by coalesce(s.lately, 0) desc, p.units desc, location_no) as nth
      from place p left join sent s using (session_id, sku_no, location_no)
    )
    select r.session_id as session, a.sku, l.code as location, l.name_zh as "locationNameZh", l.name_en as "locationNameEn",
      coalesce(b.on_hand - b.reserved, 0)::int as available, coalesce(b.inbound, 0)::int as inbound, r.units::int as units,
      r.lately::int as lately, r.recent::int as recent,
      coalesce(c.per_hour * exp(least(0, extract(epoch from c.at - ${now}::timestamptz)) / ${PACE_MINUTES * 60}::float8),
        0)::float8 as pace
    from ranked r join asked a using (session_id, sku_no) join location l on l.no = r.location_no
    left join stock b on b.sku_no = r.sku_no and b.location_no = r.location_no
    left join sale_pace c on c.sku_no = r.sku_no and c.location_no = r.location_no
    where r.nth <= ${MOST_PLACES}::int
    order by 1, 2, r.nth`;
}
