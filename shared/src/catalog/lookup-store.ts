/** Reading the catalog: searched, filtered, in pages by code. */
import type { Channel, LocationKind } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';

export type SkuRow = {
  code: string;
  /** False: facts have named it, the catalog has not. */
  known: boolean;
  nameZh: string;
  nameEn: string;
  category: string | null;
  brand: string | null;
  /** Minor units. */
  cost: number | null;
  listPrice: number | null;
  supplier: string | null;
  leadTimeDays: number | null;
  packSize: number;
  /** The least that its supplier sends. */
  minOrder: number;
  exclusiveChannels: Channel[];
  season: string | null;
  firstSeenAt: Date;
  updatedAt: Date;
};

export type LocationRow = {
  code: string;
  known: boolean;
  kind: LocationKind;
  nameZh: string;
  nameEn: string;
  region: string | null;
  city: string | null;
  areaM2: number | null;
  latitude: number | null;
  longitude: number | null;
  firstSeenAt: Date;
  updatedAt: Date;
};

export type SupplierRow = {
  code: string;
  nameZh: string;
  nameEn: string;
  contact: string | null;
  leadTimeDays: number | null;
  /** Sends to stores itself, not to warehouses only. */
  direct: boolean;
  updatedAt: Date;
};

export type NameRow = { code: string; nameZh: string; nameEn: string };

/** What a page is made of. A book without the column that a filter is about must not be given that filter. */
export type CatalogFilter = {
  /** Start of the code, or part of a name, brand or city, in any letter case. */
  q?: string | undefined;
  category?: string | undefined;
  supplier?: string | undefined;
  region?: string | undefined;
  known?: boolean | undefined;
  /** Exactly this code. */
  code?: string | undefined;
  /** Last code of the page before. */
  after?: string | null | undefined;
  limit: number;
};

/** A page of SKUs, by code. */
export async function listSkus(sql: Sql, filter: CatalogFilter): Promise<SkuRow[]> {
  return sql<SkuRow[]>`
    select code, name_zh as "nameZh", name_en as "nameEn", known, category, brand, cost, list_price as "listPrice",
      supplier, lead_time_days as "leadTimeDays", pack_size as "packSize", min_order as "minOrder",
      exclusive_channels as "exclusiveChannels", season, first_seen_at as "firstSeenAt", updated_at as "updatedAt"
    from sku ${page(sql, filter, ['name_zh', 'name_en', 'brand'])}`;
}

/** A page of locations, by code. */
export async function listLocations(sql: Sql, filter: CatalogFilter): Promise<LocationRow[]> {
  return sql<LocationRow[]>`
    select code, name_zh as "nameZh", name_en as "nameEn", known, kind, region, city, area_m2 as "areaM2",
      latitude, longitude, first_seen_at as "firstSeenAt", updated_at as "updatedAt"
    from location ${page(sql, filter, ['name_zh', 'name_en', 'city'])}`;
}

/** A page of suppliers, by code. */
export async function listSuppliers(sql: Sql, filter: CatalogFilter): Promise<SupplierRow[]> {
  return sql<SupplierRow[]>`
    select code, name_zh as "nameZh", name_en as "nameEn", contact, lead_time_days as "leadTimeDays", direct,
      updated_at as "updatedAt"
    from supplier ${page(sql, filter, ['name_zh', 'name_en'])}`;
}

/** A page of regions or categories, by code. */
export async function listNames(
  sql: Sql,
  table: 'region' | 'category',
  filter: CatalogFilter,
): Promise<NameRow[]> {
  return sql<NameRow[]>`
    select code, name_zh as "nameZh", name_en as "nameEn"
    from ${sql(table)} ${page(sql, filter, ['name_zh', 'name_en'])}`;
}

/**
 * Where, order and limit of a page. A search reads all rows that the filters leave (30,000 SKUs: some 15 ms): a trigram
 * index would need an extension that not every Postgres has.
 */
function page(
  sql: Sql,
  { q, category, supplier, region, known, code, after, limit }: CatalogFilter,
  searched: string[],
) {
  return sql`
    where true
      ${code === undefined ? sql`` : sql`and code = ${code}`}
      ${after == null ? sql`` : sql`and code > ${after}`}
      ${category === undefined ? sql`` : sql`and category = ${category}`}
      ${supplier === undefined ? sql`` : sql`and supplier = ${supplier}`}
      ${region === undefined ? sql`` : sql`and region = ${region}`}
      ${known === undefined ? sql`` : sql`and known = ${known}`}
      ${q === undefined ? sql`` : search(sql, q, searched)}
    order by code
    limit ${limit}`;
}

function search(sql: Sql, q: string, columns: string[]) {
  const literal = q.replace(/[\\%_]/g, '\\$&');
  const inNames = columns.map((column) => sql`or ${sql(column)} ilike ${`%${literal}%`}`);
  return sql`and (code ilike ${`${literal}%`} ${inNames})`;
}
