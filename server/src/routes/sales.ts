import { z } from 'zod';
import { sightOf } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { channels } from '@zhanggui/shared/contract/words.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { groupings, needsSku, readSpan, readSummary } from '@zhanggui/shared/sales/summary-store.ts';
import { code, day, instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const sums = {
  orders: z.int(),
  units: z.int(),
  placed: z.int(),
  paid: z.int(),
  refunded: z.int(),
  net: z.int().describe('paid − refunded'),
};
const company = { currency: z.string().describe('Money is in minor units of it'), timeZone: z.string() };
const where = {
  channel: z.enum(channels).optional(),
  location: code.optional(),
  region: code.optional(),
};

/** Minutes of more days than this are too many rows for one answer. */
const MAX_MINUTE_DAYS = 7;
const MAX_DAYS = 3700;

/** Sales in sums, from the rollups. */
export const salesRoutes = ({ sql, settings }: Parts) => {
  const { currency, timeZone } = settings;
  const time = new BusinessTime(timeZone);
  const sightFilter = (who: Parameters<typeof sightOf>[0]) => {
    const sight = sightOf(who);
    return sight === 'all' ? null : sight;
  };

  return [
    route({
      method: 'get',
      path: '/api/v1/sales/summary',
      permission: 'sales.read',
      tag: 'sales',
      summary: 'Sum sales over business days',
      description:
        'Rows are sorted by key; what nobody told is under `unknown`. By `sku` and `category` an order’s total is shared out over its lines. `minute` and `hour` keys are RFC 3339 instants.',
      query: z.object({
        from: day,
        to: day.describe('Business day, inclusive'),
        groupBy: z.enum(groupings),
        ...where,
        category: code.optional(),
        sku: code.optional(),
      }),
      answer: z.object({ ...company, rows: z.array(z.object({ key: z.string(), ...sums })) }),
      handler: async ({ query: { groupBy, ...filter }, who }) => {
        checkRange(filter.from, filter.to, groupBy === 'minute' ? MAX_MINUTE_DAYS : MAX_DAYS);
        if ((groupBy === 'minute' || groupBy === 'hour') && needsSku(groupBy, filter))
          throw invalid('groupBy', 'SKUs and categories are summed by day: not with minute or hour');
        const rows = await readSummary(sql, groupBy, { ...filter, sight: sightFilter(who) }, timeZone);
        return { currency, timeZone, rows };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/sales/compare',
      permission: 'sales.read',
      tag: 'sales',
      summary: 'Compare today with yesterday and last week at the same time of day',
      description: 'All three run from the start of the business day through the last full minute.',
      query: z.object(where),
      answer: z.object({
        ...company,
        at: instant,
        today: z.object(sums),
        yesterday: z.object(sums),
        lastWeek: z.object(sums),
      }),
      handler: async ({ query, who }) => {
        const at = time.minute(Date.now());
        const today = time.day(at);
        const elapsed = at - time.start(today);
        const span = (days: number) => {
          const start = time.start(time.shift(today, days));
          return readSpan(sql, { start, until: start + elapsed }, { ...query, sight: sightFilter(who) });
        };
        const [now, yesterday, lastWeek] = await Promise.all([span(0), span(-1), span(-7)]);
        return { currency, timeZone, at: new Date(at), today: now, yesterday, lastWeek };
      },
    }),
  ];
};

function checkRange(from: string, to: string, maxDays: number): void {
  const days = (Date.parse(to) - Date.parse(from)) / 86_400_000 + 1;
  if (days < 1) throw invalid('to', 'is before `from`');
  if (days > maxDays) throw invalid('to', `at most ${maxDays} days at a time for this grouping`);
}

const invalid = (field: string, detail: string) =>
  new AppError('invalid_request', `${field}: ${detail}`, { errors: [{ field, detail }] });
