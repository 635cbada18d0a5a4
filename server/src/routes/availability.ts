import { z } from 'zod';
import { listSkus } from '@zhanggui/shared/catalog/lookup-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { channels, fulfilmentMethods, locationKinds } from '@zhanggui/shared/contract/words.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import {
  availabilityAt,
  hasEnough,
  MOVE_DAYS,
  type AvailabilityRow,
} from '@zhanggui/shared/stock/availability.ts';
import { readPromisable, type Place } from '@zhanggui/shared/stock/promise-store.ts';
import { code, day } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { Places } from '../stock/places.ts';

const row = z.object({
  location: z.string(),
  nameZh: z.string(),
  nameEn: z.string(),
  kind: z.enum(locationKinds),
  city: z.string().nullable(),
  distanceKm: z.number().nullable().describe('null: without `near`, or where a position is unknown'),
  available: z.int().describe('On hand − reserved'),
  promise: z
    .object({ carry: z.int(), pickup: z.int(), ship: z.int() })
    .describe('Pieces that can be promised, by method: available less the channel’s buffer'),
  earliestPickup: day
    .nullable()
    .describe(
      `First day on which all pieces can be collected here. Where they must be moved here, ${MOVE_DAYS.near} day from the surroundings, ${MOVE_DAYS.far} from afar; null: never`,
    ),
});

const DAY_MS = 86_400_000;

/** Where a SKU can be had. */
export const availabilityRoutes = ({ sql, settings }: Parts) => {
  const places = new Places(sql);
  const time = new BusinessTime(settings.timeZone);
  const rowOf = ({ place, distanceKm, available, promise, pickupInDays }: AvailabilityRow<Place>) => ({
    location: place.code,
    nameZh: place.nameZh,
    nameEn: place.nameEn,
    kind: place.kind,
    city: place.city,
    distanceKm: distanceKm === null ? null : Math.round(distanceKm * 10) / 10,
    available,
    promise,
    earliestPickup: pickupInDays === null ? null : time.day(Date.now() + pickupInDays * DAY_MS),
  });
  return [
    route({
      method: 'get',
      path: '/api/v1/availability',
      permission: 'restock.read',
      tag: 'stock',
      summary: 'Find where a SKU can be had, nearest first',
      description: `Everyone sees every location here, managers too: the point is where else it is. \`here\` is the location of \`near\`,
also when it has run out; \`rows\` are those that have all of \`qty\` for the method.`,
      query: z.object({
        sku: code,
        channel: z.enum(channels).optional().describe('Without it neither buffers nor exclusivity count'),
        near: code
          .optional()
          .describe('A location’s code, or `lat,lon`; without it warehouses come before stores'),
        method: z.enum(fulfilmentMethods).optional().describe('Stores for carry and pickup, all for ship'),
        qty: z.coerce.number().int().min(1).max(100_000).default(1),
        limit: z.coerce.number().int().min(1).max(500).default(20),
      }),
      answer: z.object({
        sku: z.string(),
        nameZh: z.string(),
        nameEn: z.string(),
        qty: z.int(),
        here: row.nullable(),
        rows: z.array(row),
      }),
      errors: ['not_found'],
      async handler({ query: { sku, channel, near, method, qty, limit } }) {
        const [ranked, [found], [named]] = await Promise.all([
          places.ranked(near),
          readPromisable(sql, [{ sku, channel: channel ?? '', locationNo: null }]),
          listSkus(sql, { code: sku, limit: 1 }),
        ]);
        if (!found || !named) throw new AppError('not_found', `There is no SKU ${sku}`);
        const shelves = new Map(found.shelves);
        const question = {
          qty,
          method: method ?? null,
          buffer: channel !== undefined && !found.sold ? Infinity : found.buffer,
          available: (locationNo: number) => shelves.get(locationNo) ?? 0,
        };
        const all = availabilityAt(ranked, question);
        const here = all.find(({ place }) => place.code === near);
        return {
          sku,
          nameZh: named.nameZh,
          nameEn: named.nameEn,
          qty,
          here: here ? rowOf(here) : null,
          rows: all
            .filter((one) => hasEnough(one, question))
            .slice(0, limit)
            .map(rowOf),
        };
      },
    }),
  ];
};
