/** The calendar of what is promoted: promotions past, from which their effect is learnt, and planned. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

/** Of which SKUs: those listed, else those of the category, else all. Business days, both inclusive. */
export type Promotion = {
  id: string;
  name: string;
  fromDay: string;
  toDay: string;
  skus: string[] | null;
  category: string | null;
  createdAt: Date;
  createdBy: string;
};

export type PromotionChange = {
  name: string;
  fromDay: string;
  toDay: string;
  skuNos: readonly number[] | null;
  category: string | null;
};

/** By first day and name, of those that touch `from` through `to`. */
export function listPromotions(
  sql: Sql,
  {
    from,
    to,
    after,
    limit,
  }: {
    from?: string | undefined;
    to?: string | undefined;
    after: { fromDay: string; name: string } | null;
    limit: number;
  },
): Promise<Promotion[]> {
  return sql<Promotion[]>`
    select id, name, from_day::text as "fromDay", to_day::text as "toDay",
      case when sku_nos is not null then array(select code from sku where no = any(sku_nos) order by code) end as skus,
      category, created_at as "createdAt", created_by as "createdBy"
    from promotion
    where true
      ${from === undefined ? sql`` : sql`and to_day >= ${from}::date`}
      ${to === undefined ? sql`` : sql`and from_day <= ${to}::date`}
      ${after === null ? sql`` : sql`and (from_day, name) > (${after.fromDay}::date, ${after.name})`}
    order by from_day, name limit ${limit}`;
}

/** Adds promotions, or replaces those of the same name and first day; rows must be unique by both. Answers how many changed. */
export async function putPromotions(sql: Sql, rows: readonly PromotionChange[], by: string): Promise<number> {
  if (rows.length === 0) return 0;
  // Sorted, so that two requests at once never wait for each other in a circle. Lists go as text: arrays of arrays must be even.
  const sorted = rows.toSorted((a, b) => compare(a.fromDay, b.fromDay) || compare(a.name, b.name));
  const result = await sql`
    insert into promotion as p (name, from_day, to_day, sku_nos, category, created_by)
    select name, from_day, to_day, skus::int[], category, ${by} from unnest(
      ${column(sorted, (r) => r.name)}::text[], ${column(sorted, (r) => r.fromDay)}::date[],
      ${column(sorted, (r) => r.toDay)}::date[],
      ${column(sorted, (r) => r.skuNos && `{${[...r.skuNos].sort((a, b) => a - b).join(',')}}`)}::text[],
      ${column(sorted, (r) => r.category)}::text[])
    as r (name, from_day, to_day, skus, category)
    on conflict (name, from_day) do update set to_day = excluded.to_day, sku_nos = excluded.sku_nos,
      category = excluded.category
    where (p.to_day, p.sku_nos, p.category) is distinct from (excluded.to_day, excluded.sku_nos, excluded.category)`;
  return result.count;
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** Takes one off the calendar; null: there is none. */
export async function deletePromotion(
  sql: Sql,
  id: string,
): Promise<{ name: string; fromDay: string } | null> {
  const [row] = await sql<{ name: string; fromDay: string }[]>`
    delete from promotion where id = ${id} returning name, from_day::text as "fromDay"`;
  return row ?? null;
}

/** Which of these codes the catalog knows: numbers of SKUs, and categories. */
export async function resolvePromoted(
  sql: Sql,
  { skus, categories }: { skus: readonly string[]; categories: readonly string[] },
): Promise<{ skuNos: Map<string, number>; categories: Set<string> }> {
  const [found, known] = await Promise.all([
    sql<{ code: string; no: number }[]>`
      select code, no from sku where code = any(${[...new Set(skus)]}::text[])`,
    sql<{ code: string }[]>`select code from category where code = any(${[...new Set(categories)]}::text[])`,
  ]);
  return {
    skuNos: new Map(found.map(({ code, no }) => [code, no])),
    categories: new Set(known.map(({ code }) => code)),
  };
}
