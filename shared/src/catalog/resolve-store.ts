/** Short numbers of SKU and location codes. A code that the catalog does not know gets a row with known = false. */
import type { Sql } from '../platform/database.ts';

export type Resolved = { code: string; no: number; isNew: boolean };

/** Codes are exact: letter case counts. Runs outside the ledger's transaction, so that new rows are never waited for in one. */
export async function resolveSkus(sql: Sql, codes: readonly string[]): Promise<Resolved[]> {
  return resolve(sql, 'sku', codes);
}

export async function resolveLocations(sql: Sql, codes: readonly string[]): Promise<Resolved[]> {
  return resolve(sql, 'location', codes);
}

/** The codes that were seen first, `most` of each kind: what is worth knowing before anybody asks. */
export async function listCodes(
  sql: Sql,
  most: number,
): Promise<{ skus: { code: string; no: number }[]; locations: { code: string; no: number }[] }> {
  const list = (table: 'sku' | 'location') =>
    sql<{ code: string; no: number }[]>`select code, no from ${sql(table)} order by no limit ${most}`;
  const [skus, locations] = await Promise.all([list('sku'), list('location')]);
  return { skus, locations };
}

async function resolve(sql: Sql, table: 'sku' | 'location', codes: readonly string[]): Promise<Resolved[]> {
  const known = await sql<{ code: string; no: number }[]>`
    select code, no from ${sql(table)} where code = any(${codes as string[]}::text[])`;
  const found = new Set(known.map((row) => row.code));
  const missing = codes.filter((code) => !found.has(code)).sort();
  const rows = known.map((row) => ({ ...row, isNew: false }));
  if (missing.length === 0) return rows;
  const added = await sql<{ code: string; no: number }[]>`
    insert into ${sql(table)} (code, name_zh, name_en) select code, code, code from unnest(${missing}::text[]) as m (code)
    on conflict do nothing returning code, no`;
  const fresh = new Set(added.map((row) => row.code));
  // What another server added in between is found by looking again.
  const others = missing.filter((code) => !fresh.has(code));
  const late = others.length
    ? await sql<{ code: string; no: number }[]>`
        select code, no from ${sql(table)} where code = any(${others}::text[])`
    : [];
  return [
    ...rows,
    ...added.map((row) => ({ ...row, isNew: true })),
    ...late.map((row) => ({ ...row, isNew: false })),
  ];
}
