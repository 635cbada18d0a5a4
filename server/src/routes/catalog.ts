import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import {
  upsertLocations,
  upsertNames,
  upsertSkus,
  upsertSuppliers,
  type Upserted,
} from '@zhanggui/shared/catalog/catalog-store.ts';
import {
  listLocations,
  listNames,
  listSkus,
  listSuppliers,
  type CatalogFilter,
} from '@zhanggui/shared/catalog/lookup-store.ts';
import { catalogLimits, catalogRows, checkRows, type CatalogBook } from '@zhanggui/shared/catalog/rows.ts';
import { topics } from '@zhanggui/shared/contract/board.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { bulkAnswer, bulkBody, demandFewRows, describeBulk } from './bulk.ts';
import { locationRecord, nameRecord, skuRecord, supplierRecord } from './catalog-fields.ts';

const filters = z.object({
  ...pageQuery,
  q: z
    .string()
    .trim()
    .min(1)
    .max(100)
    .optional()
    .describe('Start of a code, or part of a name, brand or city'),
  category: code.optional(),
  supplier: code.optional(),
  region: code.optional(),
  known: z.stringbool().optional().describe('false: named by facts, not yet by the catalog'),
});

type FilterName = 'category' | 'supplier' | 'region' | 'known';

/** One of the catalog's books: what its rows look like on the way in and out, and how they are kept. */
type Book<Row, Record> = {
  name: CatalogBook;
  row: z.ZodType<Row>;
  record: z.ZodType<Record>;
  /** Beyond `q`. */
  filters: readonly FilterName[];
  upsert: (sql: Sql, rows: readonly Row[]) => Promise<Upserted>;
  list: (sql: Sql, filter: CatalogFilter) => Promise<Record[]>;
};

/** SKUs, locations, suppliers, regions and categories: the same three routes for each. */
export const catalogRoutes = (parts: Parts) => [
  ...bookRoutes(parts, {
    name: 'skus',
    row: catalogRows.skus,
    record: skuRecord,
    filters: ['category', 'supplier', 'known'],
    upsert: upsertSkus,
    list: listSkus,
  }),
  ...bookRoutes(parts, {
    name: 'locations',
    row: catalogRows.locations,
    record: locationRecord,
    filters: ['region', 'known'],
    upsert: upsertLocations,
    list: listLocations,
  }),
  ...bookRoutes(parts, {
    name: 'suppliers',
    row: catalogRows.suppliers,
    record: supplierRecord,
    filters: [],
    upsert: upsertSuppliers,
    list: listSuppliers,
  }),
  ...bookRoutes(parts, {
    name: 'regions',
    row: catalogRows.regions,
    record: nameRecord,
    filters: [],
    upsert: (sql, rows) => upsertNames(sql, 'region', rows),
    list: (sql, filter) => listNames(sql, 'region', filter),
  }),
  ...bookRoutes(parts, {
    name: 'categories',
    row: catalogRows.categories,
    record: nameRecord,
    filters: [],
    upsert: (sql, rows) => upsertNames(sql, 'category', rows),
    list: (sql, filter) => listNames(sql, 'category', filter),
  }),
];

function bookRoutes<Row extends { code: string }, Record extends { code: string }>(
  { sql, catalogChanged }: Parts,
  book: Book<Row, Record>,
) {
  const path = `/api/v1/catalog/${book.name}` as const;
  return [
    route({
      method: 'put',
      path,
      permission: 'catalog.write',
      tag: 'catalog',
      summary: `Add or replace ${book.name}, by code`,
      description:
        `At most ${catalogLimits.rows} rows and 1 MiB. A row is taken whole: a field left out is empty afterwards. ` +
        'Rows that fit are taken, also when others do not.',
      body: bulkBody,
      describeBody: describeBulk(book.row),
      bodyLimit: catalogLimits.bodyBytes,
      answer: bulkAnswer,
      errors: ['cross_site'],
      async handler({ body, who }) {
        demandFewRows(body.rows);
        const { valid, rejected } = checkRows(book.row, body.rows, (row) => ({
          key: row.code,
          field: 'code',
        }));
        const changed = await sql.begin(async (tx) => {
          const result = await book.upsert(tx, valid);
          if (result.changed === 0) return 0;
          // Names, regions and categories are on every board: whatever changed, screens look again.
          await noteChange(tx, {
            topics: [...topics],
            minutes: [],
            locationNos: result.locationNos,
          });
          await writeAudit(tx, actorOf(who), {
            action: 'catalog.upsert',
            target: book.name,
            details: { rows: valid.length, changed: result.changed, rejected: rejected.length },
          });
          return result.changed;
        });
        if (changed > 0) catalogChanged();
        return { upserted: valid.length, rejected };
      },
    }),
    route({
      method: 'get',
      path,
      permission: 'catalog.read',
      tag: 'catalog',
      summary: `List ${book.name}, by code`,
      query: filtersOf(book.filters),
      answer: pageOf(book.record),
      async handler({ query: { limit, cursor, ...filter } }) {
        const position = decodeCursor(cursor, z.tuple([z.string()]));
        const rows = await book.list(sql, { ...filter, after: position?.[0], limit: limit + 1 });
        return cutPage(rows, limit, (row) => [row.code]);
      },
    }),
    route({
      method: 'get',
      path: `${path}/:code`,
      permission: 'catalog.read',
      tag: 'catalog',
      summary: `See one of the ${book.name}`,
      params: z.object({ code }),
      answer: book.record,
      errors: ['not_found'],
      async handler({ params }) {
        const [row] = await book.list(sql, { code: params.code, limit: 1 });
        if (!row) throw new AppError('not_found', `None of the ${book.name} has this code`);
        return row;
      },
    }),
  ];
}

/** The query of a book: a filter that it has no column for is refused as unknown, and reads as undefined in the type. */
function filtersOf(names: readonly FilterName[]): typeof filters {
  const all: readonly FilterName[] = ['category', 'supplier', 'region', 'known'];
  const absent = all.filter((name) => !names.includes(name));
  const mask = Object.fromEntries(absent.map((name) => [name, true])) as { [K in FilterName]?: true };
  return filters.omit(mask) as typeof filters;
}
