import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { maySee, sightOf } from '@zhanggui/shared/access/permissions.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { explain } from '@zhanggui/shared/restock/explain.ts';
import {
  changeByHand,
  listPolicies,
  resolvePolicyCodes,
  type HandChange,
} from '@zhanggui/shared/restock/hand-policy-store.ts';
import { MAX_QTY } from '@zhanggui/shared/restock/sourcing.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const MAX_ROWS = 1_000;

const level = z.int().min(0).max(MAX_QTY);
const text = z.string();
const number = z.number();
const unknown = number.nullable();

const handRow = z
  .strictObject({
    sku: code,
    location: code,
    min: level.optional().describe('Another word for reorderPoint'),
    max: level.optional().describe('Another word for orderUpTo'),
    reorderPoint: level.optional().describe('At this many pieces, or fewer, it is restocked'),
    orderUpTo: level.optional().describe('What it is restocked up to'),
    clear: z.literal(true).optional().describe('Back to what the plan says'),
  })
  .superRefine((row, check) => {
    const miss = (field: keyof typeof row, message: string) =>
      check.addIssue({ code: 'custom', path: [field], message });
    const [low, high] = row.min !== undefined || row.max !== undefined ? minMax : points;
    const others = low === 'min' ? points : minMax;
    for (const field of others)
      if (low === 'min' && row[field] !== undefined) miss(field, 'goes with neither min nor max');
    if (row.clear) {
      for (const field of [...minMax, ...points])
        if (row[field] !== undefined) miss(field, 'goes with no clear');
    } else {
      if (row[low] === undefined) miss(low, 'is missing');
      if (row[high] === undefined) miss(high, 'is missing');
      if (row[low] !== undefined && row[high] !== undefined && row[high] < row[low])
        miss(high, `must not be less than ${low}`);
    }
  });
const minMax = ['min', 'max'] as const;
const points = ['reorderPoint', 'orderUpTo'] as const;

const why = z
  .object({
    inputs: z.object({
      rate: number.describe('Expected units a day'),
      sd: number.describe('Standard deviation of one day'),
      leadDays: number,
      leadSd: number,
      reviewDays: z.int(),
      packSize: z.int(),
      minOrder: z.int(),
      unitCost: unknown.describe('Minor units'),
      orderCost: number.describe('Minor units an order line'),
      holdingPerYear: number.describe('Share of the unit cost'),
      abc: z.enum(['A', 'B', 'C']),
      xyz: z.enum(['X', 'Y', 'Z']),
    }),
    exposureDays: number.describe('Lead time and review'),
    exposureDemand: number.describe('Expected over these days'),
    exposureSd: number,
    service: z.object({
      least: number.describe('What the class allows'),
      most: number,
      keeping: unknown.describe('Keeping one more piece from one order to the next, minor units'),
      missed: unknown.describe('What a missed piece is worth, minor units'),
      even: unknown.describe('The service level at which both are even'),
      by: z.enum(['money', 'class_least', 'class_most', 'class_usual', 'not_worth', 'no_demand']),
    }),
    covered: number.describe('Demand that the reorder point covers, before rounding'),
    order: z.object({
      economic: unknown,
      wanted: number,
      rounded: z.int(),
      raisedBy: z.enum(['min_order', 'pack']).nullable(),
    }),
    planned: z.object({ reorderPoint: z.int(), orderUpTo: z.int() }).describe('At today’s costs'),
    byHand: z.boolean(),
  })
  .describe('Every input and every step from it to the numbers');

const policyRow = z.object({
  sku: text,
  skuNameZh: text,
  skuNameEn: text,
  location: text,
  locationNameZh: text,
  locationNameEn: text,
  reorderPoint: z.int(),
  orderUpTo: z.int(),
  byHand: z.boolean(),
  handBy: text.nullable(),
  handAt: instant.nullable(),
  serviceLevel: unknown.describe('As planned; null: never planned'),
  safetyStock: z.int().nullable(),
  updatedAt: instant,
  why: why.nullable().describe('null: never planned, only set by hand'),
});

const answer = z.object({ updated: z.int().describe('Policies that are different now') });

/** When a location restocks a SKU, and up to what. */
export const policyRoutes = ({ sql, hints, queues }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/policies',
    permission: 'restock.read',
    tag: 'restock',
    summary: 'List reorder points and order-up-to levels, each with why it is what it is',
    query: z.object({
      sku: code.optional(),
      location: code.optional(),
      byHand: z
        .enum(['true', 'false'])
        .transform((flag) => flag === 'true')
        .optional(),
      ...pageQuery,
    }),
    answer: pageOf(policyRow),
    async handler({ query: { limit, cursor, ...filter }, who }) {
      const after = decodeCursor(cursor, z.tuple([z.int(), z.int()]));
      const sight = sightOf(who);
      const found = await listPolicies(
        sql,
        { ...filter, sight: sight === 'all' ? null : sight },
        after && { skuNo: after[0], locationNo: after[1] },
        limit + 1,
      );
      const page = cutPage(found, limit, (row) => [row.skuNo, row.locationNo]);
      return {
        ...page,
        rows: page.rows.map((row) => ({
          ...row,
          byHand: row.handAt !== null,
          why: explain(row)?.why ?? null,
        })),
      };
    },
  }),
  route({
    method: 'put',
    path: '/api/v1/policies',
    permission: 'stock.command',
    tag: 'restock',
    summary: 'Set reorder points and order-up-to levels by hand, or give them back to the plan',
    description: `Each row has \`min\` and \`max\`, or \`reorderPoint\` and \`orderUpTo\`, or \`clear\`. At most ${MAX_ROWS} rows, all or none.
They are in force at once and stay so through every plan. A manager sets those of their own stores.`,
    headers: idempotencyHeaders,
    body: z.strictObject({ rows: z.array(handRow).min(1).max(MAX_ROWS) }),
    bodyLimit: 512 * 1024,
    answer,
    errors: ['not_found', 'outside_scope', 'cross_site', 'conflict'],
    async handler({ body: { rows }, who, req }) {
      const known = await resolvePolicyCodes(
        sql,
        rows.map(({ sku }) => sku),
        rows.map(({ location }) => location),
      );
      const changes = new Map<string, HandChange>();
      for (const [at, row] of rows.entries()) {
        const refuse = (
          reason: 'not_found' | 'invalid_request' | 'outside_scope',
          field: string,
          detail: string,
        ) =>
          new AppError(reason, `rows.${at}.${field}: ${detail}`, {
            errors: [{ field: `rows.${at}.${field}`, detail }],
          });
        const place = known.places.get(row.location);
        const skuNo = known.skus.get(row.sku);
        if (skuNo === undefined) throw refuse('not_found', 'sku', 'there is no such SKU');
        if (place === undefined) throw refuse('not_found', 'location', 'there is no such location');
        if (!maySee(who, place)) throw refuse('outside_scope', 'location', 'is not one of yours');
        const key = `${skuNo}|${place.no}`;
        if (changes.has(key))
          throw refuse('invalid_request', 'sku', 'is in this request already for this location');
        const point = row.reorderPoint ?? row.min;
        const upTo = row.orderUpTo ?? row.max;
        changes.set(key, {
          skuNo,
          locationNo: place.no,
          levels: point === undefined || upTo === undefined ? null : { reorderPoint: point, orderUpTo: upTo },
        });
      }
      const actor = actorOf(who);
      const done = await once(sql, { req, who }, answer, async (tx) => {
        const updated = await changeByHand(tx, [...changes.values()], actor.name);
        if (updated === 0) return { updated };
        await noteChange(tx, { topics: ['stock'], minutes: [], locationNos: [] });
        const [first] = rows;
        await writeAudit(tx, actor, {
          action: 'policy.set',
          target: rows.length === 1 ? `${first!.sku} ${first!.location}` : `${rows.length} policies`,
          details: { updated, rows },
        });
        return { updated };
      });
      if (done.updated > 0) {
        hints.publish('stock');
        // Lost, the sweeper finds the signals.
        await queues.add('assess-stock', { payload: {} }).catch(() => undefined);
      }
      return done;
    },
  }),
];
