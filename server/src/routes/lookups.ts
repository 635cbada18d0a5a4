import { z } from 'zod';
import { sightOf } from '@zhanggui/shared/access/permissions.ts';
import { visibleLocationNos } from '@zhanggui/shared/catalog/place-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { insertLookup, lookupOutcomes, sumLookups } from '@zhanggui/shared/stock/lookup-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, day, instant } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { demandOwn, Places } from '../stock/places.ts';

const sums = {
  lookups: z.int(),
  followed: z.int().describe('Something was reserved for the customer'),
  saved: z.int().describe('The order was placed, and not cancelled'),
  savedAmount: z.int().describe('Minor units: what the saved orders came to'),
  lost: z.int(),
};
const lookup = z.object({ id: z.uuid(), at: instant });

/** Customers who asked in a shop for what it had not got. */
export const lookupRoutes = ({ sql, settings }: Parts) => {
  const places = new Places(sql);
  const time = new BusinessTime(settings.timeZone);
  return [
    route({
      method: 'post',
      path: '/api/v1/lookups',
      permission: 'stock.command',
      tag: 'stock',
      summary: 'Note that a customer asked in a shop for what it had not got',
      description:
        'Reserve with its id as `lookupId`, and the sale counts as saved once the order with that reference is placed.',
      headers: idempotencyHeaders,
      body: z.strictObject({
        sku: code,
        location: code.describe('Where the customer stands'),
        qty: z.int().min(1).max(100_000).default(1),
        outcome: z
          .enum(lookupOutcomes)
          .optional()
          .describe('Where it is known at once: sent to another store, ordered online, or lost'),
      }),
      answer: lookup,
      status: 201,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      async handler({ body, who, req }) {
        demandOwn(who, [await places.find(body.location)]);
        return once(sql, { req, who }, lookup, async (tx) => {
          const row = await insertLookup(tx, {
            ...body,
            outcome: body.outcome ?? null,
            createdBy: actorOf(who).name,
          });
          if (!row) throw new AppError('not_found', `There is no SKU ${body.sku}`);
          return row;
        });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/lookups/summary',
      permission: 'restock.read',
      tag: 'stock',
      summary: 'Count look-ups and the sales that they saved, by store',
      query: z.object({ from: day, to: day.describe('Inclusive') }),
      answer: z.object({
        totals: z.object(sums),
        rows: z.array(z.object({ location: z.string(), ...sums })),
      }),
      async handler({ query: { from, to }, who }) {
        if (from > to) {
          const detail = 'must not be after to';
          throw new AppError('invalid_request', `from: ${detail}`, { errors: [{ field: 'from', detail }] });
        }
        const next = new Date(Date.parse(`${to}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
        const rows = await sumLookups(sql, {
          from: new Date(time.start(from)),
          to: new Date(time.start(next)),
          locationNos: await visibleLocationNos(sql, sightOf(who)),
        });
        const totals = { lookups: 0, followed: 0, saved: 0, savedAmount: 0, lost: 0 };
        for (const one of rows)
          for (const field of Object.keys(totals) as (keyof typeof totals)[]) totals[field] += one[field];
        return { totals, rows };
      },
    }),
  ];
};
