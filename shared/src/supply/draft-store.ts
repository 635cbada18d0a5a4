/** Codes of an order that somebody writes, looked up. */
import type { Sql } from '../platform/database.ts';

type Place = { no: number; code: string; region: string | null };

type Written = {
  from?: string | undefined;
  supplier?: string | undefined;
  to: string;
  lines: readonly { sku: string; qty: number }[];
};

export type ResolvedOrder =
  | {
      missing: null;
      from: Place | null;
      to: Place;
      lines: { skuNo: number; qty: number }[];
      /** SKU numbers with their codes. */
      codes: [number, string][];
    }
  | { missing: { what: 'location' | 'supplier' | 'SKU'; code: string } };

/** Looks the codes up and adds up lines of the same SKU; says what is missing where the catalog does not know one. */
export async function resolveOrderLines(
  sql: Sql,
  { from, supplier, to, lines }: Written,
): Promise<ResolvedOrder> {
  const skus = [...new Set(lines.map(({ sku }) => sku))];
  const [places, suppliers, found] = await Promise.all([
    sql<Place[]>`select no, code, region from location where code in (${to}, ${from ?? to})`,
    supplier === undefined ? [] : sql`select from supplier where code = ${supplier}`,
    sql<{ no: number; code: string }[]>`select no, code from sku where code = any(${skus}::text[])`,
  ]);
  for (const code of from === undefined ? [to] : [from, to])
    if (!places.some((place) => place.code === code)) return { missing: { what: 'location', code } };
  if (supplier !== undefined && suppliers.length === 0)
    return { missing: { what: 'supplier', code: supplier } };
  const nos = new Map(found.map(({ no, code }) => [code, no]));
  const sums = new Map<number, number>();
  for (const { sku, qty } of lines) {
    const no = nos.get(sku);
    if (no === undefined) return { missing: { what: 'SKU', code: sku } };
    sums.set(no, (sums.get(no) ?? 0) + qty);
  }
  return {
    missing: null,
    from: places.find(({ code }) => code === from) ?? null,
    to: places.find(({ code }) => code === to)!,
    lines: [...sums].map(([skuNo, qty]) => ({ skuNo, qty })),
    codes: found.map(({ no, code }) => [no, code]),
  };
}
