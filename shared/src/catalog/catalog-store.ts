/** Bulk upserts of the catalog: one statement a request. Looking things up is in lookup-store.ts. */
import type { Sql } from '../platform/database.ts';
import type { CatalogRow } from './rows.ts';

/**
 * What an upsert changed: how many rows, and the numbers of those that boards show.
 *
 * Rows must have unique codes. A row that stands as it is stays untouched: importing the same file every night writes
 * nothing. A SKU or location that facts had named before becomes known, and keeps its number and all its history.
 * Rows are written in the order of their codes, so that two imports at once never wait for each other in a circle.
 */
export type Upserted = { changed: number; locationNos: number[] };

const unnumbered = (changed: number): Upserted => ({ changed, locationNos: [] });

export async function upsertSkus(sql: Sql, rows: readonly CatalogRow<'skus'>[]): Promise<Upserted> {
  const changed = await sql<{ no: number }[]>`
    insert into sku (code, known, name_zh, name_en, category, brand, cost, list_price, supplier, lead_time_days,
      pack_size, min_order, exclusive_channels, season)
    select code, true, "nameZh", "nameEn", category, brand, cost, "listPrice", supplier, "leadTimeDays",
      "packSize", "minOrder", "exclusiveChannels", season
    from jsonb_to_recordset(${sql.json([...rows])}) as r (code text, "nameZh" text, "nameEn" text, category text,
      brand text, cost bigint, "listPrice" bigint, supplier text, "leadTimeDays" int, "packSize" int, "minOrder" int,
      "exclusiveChannels" text[], season text)
    order by code
    on conflict (code) do update set
      known = true, name_zh = excluded.name_zh, name_en = excluded.name_en, category = excluded.category,
      brand = excluded.brand, cost = excluded.cost, list_price = excluded.list_price, supplier = excluded.supplier,
      lead_time_days = excluded.lead_time_days, pack_size = excluded.pack_size, min_order = excluded.min_order,
      exclusive_channels = excluded.exclusive_channels, season = excluded.season, updated_at = now()
    where (sku.known, sku.name_zh, sku.name_en, sku.category, sku.brand, sku.cost, sku.list_price, sku.supplier,
        sku.lead_time_days, sku.pack_size, sku.min_order, sku.exclusive_channels, sku.season)
      is distinct from (true, excluded.name_zh, excluded.name_en, excluded.category, excluded.brand, excluded.cost,
        excluded.list_price, excluded.supplier, excluded.lead_time_days, excluded.pack_size, excluded.min_order,
        excluded.exclusive_channels, excluded.season)
    returning no`;
  return { changed: changed.length, locationNos: [] };
}

export async function upsertLocations(sql: Sql, rows: readonly CatalogRow<'locations'>[]): Promise<Upserted> {
  const changed = await sql<{ no: number }[]>`
    insert into location (code, known, kind, name_zh, name_en, region, city, area_m2, latitude, longitude)
    select code, true, kind, "nameZh", "nameEn", region, city, "areaM2", latitude, longitude
    from jsonb_to_recordset(${sql.json([...rows])}) as r (code text, kind text, "nameZh" text, "nameEn" text,
      region text, city text, "areaM2" int, latitude double precision, longitude double precision)
    order by code
    on conflict (code) do update set
      known = true, kind = excluded.kind, name_zh = excluded.name_zh, name_en = excluded.name_en,
      region = excluded.region, city = excluded.city, area_m2 = excluded.area_m2, latitude = excluded.latitude,
      longitude = excluded.longitude, updated_at = now()
    where (location.known, location.kind, location.name_zh, location.name_en, location.region, location.city,
        location.area_m2, location.latitude, location.longitude)
      is distinct from (true, excluded.kind, excluded.name_zh, excluded.name_en, excluded.region, excluded.city,
        excluded.area_m2, excluded.latitude, excluded.longitude)
    returning no`;
  return { changed: changed.length, locationNos: changed.map((row) => row.no) };
}

export async function upsertSuppliers(sql: Sql, rows: readonly CatalogRow<'suppliers'>[]): Promise<Upserted> {
  const result = await sql`
    insert into supplier (code, name_zh, name_en, contact, lead_time_days, direct)
    select code, "nameZh", "nameEn", contact, "leadTimeDays", direct
    from jsonb_to_recordset(${sql.json([...rows])})
      as r (code text, "nameZh" text, "nameEn" text, contact text, "leadTimeDays" int, direct boolean)
    order by code
    on conflict (code) do update set
      name_zh = excluded.name_zh, name_en = excluded.name_en, contact = excluded.contact,
      lead_time_days = excluded.lead_time_days, direct = excluded.direct, updated_at = now()
    where (supplier.name_zh, supplier.name_en, supplier.contact, supplier.lead_time_days, supplier.direct)
      is distinct from (excluded.name_zh, excluded.name_en, excluded.contact, excluded.lead_time_days, excluded.direct)`;
  return unnumbered(result.count);
}

/** Regions and categories are a code and two names. */
export async function upsertNames(
  sql: Sql,
  table: 'region' | 'category',
  rows: readonly CatalogRow<'regions' | 'categories'>[],
): Promise<Upserted> {
  const result = await sql`
    insert into ${sql(table)} as t (code, name_zh, name_en)
    select code, "nameZh", "nameEn"
    from jsonb_to_recordset(${sql.json([...rows])}) as r (code text, "nameZh" text, "nameEn" text)
    order by code
    on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en
    where (t.name_zh, t.name_en) is distinct from (excluded.name_zh, excluded.name_en)`;
  return unnumbered(result.count);
}
