import { z } from 'zod';
import { sightOf, type Who } from '@zhanggui/shared/access/permissions.ts';
import { listSkus } from '@zhanggui/shared/catalog/lookup-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { movementKinds } from '@zhanggui/shared/contract/words.ts';
import { readBalances, readMovements } from '@zhanggui/shared/stock/stock-store.ts';
import { code, cutPage, decodeCursor, instant, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const quantities = {
  onHand: z.int(),
  reserved: z.int(),
  available: z.int().describe('onHand − reserved'),
  inbound: z.int(),
};
const place = { location: z.string(), locationNameZh: z.string(), locationNameEn: z.string() };
const balance = z.object({
  sku: z.string(),
  skuNameZh: z.string(),
  skuNameEn: z.string(),
  ...place,
  ...quantities,
  oversold: z.boolean(),
  countedAt: instant.nullable(),
});
const movement = z.object({
  seq: z.int().describe('Number of the fact in the ledger'),
  at: instant,
  ...place,
  kind: z.enum(movementKinds),
  qty: z.int().describe('What the fact says; for `counted`, what was seen'),
  delta: z.int().describe('What it did to the book: 0 where a newer count had seen it'),
  ref: z.string().nullable(),
  source: z.string().nullable(),
  eventId: z.string().nullable(),
  eventType: z.string().nullable(),
});

/** More locations than a SKU can be at in one answer. */
const MAX_LOCATIONS = 10_000;

const filterOf = (who: Who) => {
  const sight = sightOf(who);
  return sight === 'all' ? null : sight;
};

/** Balances, and the movements that they are the sum of. */
export const stockRoutes = ({ sql }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/stock',
    permission: 'stock.read',
    tag: 'stock',
    summary: 'List balances by SKU and location',
    query: z.object({
      sku: code.optional(),
      location: code.optional(),
      flag: z.enum(['sold_out', 'oversold']).optional(),
      ...pageQuery,
    }),
    answer: pageOf(balance),
    handler: async ({ query: { limit, cursor, ...filter }, who }) => {
      const after = decodeCursor(cursor, z.tuple([z.int(), z.int()]));
      const rows = await readBalances(
        sql,
        { ...filter, sight: filterOf(who) },
        after && { skuNo: after[0], locationNo: after[1] },
        limit + 1,
      );
      return cutPage(rows, limit, (row) => [row.skuNo, row.locationNo]);
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/stock/:sku',
    permission: 'stock.read',
    tag: 'stock',
    summary: 'Show one SKU at all its locations',
    params: z.object({ sku: code }),
    answer: z.object({
      sku: z.string(),
      nameZh: z.string(),
      nameEn: z.string(),
      known: z.boolean(),
      totals: z.object(quantities),
      rows: z.array(balance),
    }),
    handler: async ({ params: { sku }, who }) => {
      const [found] = await listSkus(sql, { code: sku, limit: 1 });
      if (!found) throw new AppError('not_found', `There is no SKU ${sku}`);
      const rows = await readBalances(sql, { sku, sight: filterOf(who) }, null, MAX_LOCATIONS);
      const totals = { onHand: 0, reserved: 0, available: 0, inbound: 0 };
      for (const row of rows)
        for (const field of ['onHand', 'reserved', 'available', 'inbound'] as const)
          totals[field] += row[field];
      return { sku, nameZh: found.nameZh, nameEn: found.nameEn, known: found.known, totals, rows };
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/stock/:sku/movements',
    permission: 'stock.read',
    tag: 'stock',
    summary: 'List movements of one SKU, newest first, with the fact that caused each',
    params: z.object({ sku: code }),
    query: z.object({ location: code.optional(), ...pageQuery }),
    answer: pageOf(movement),
    handler: async ({ params, query: { limit, cursor, location }, who }) => {
      const before = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.int()]));
      const rows = await readMovements(
        sql,
        { ...params, location, sight: filterOf(who) },
        before && { at: new Date(before[0]), seq: before[1] },
        limit + 1,
      );
      return cutPage(rows, limit, (row) => [row.at.toISOString(), row.seq]);
    },
  }),
];
