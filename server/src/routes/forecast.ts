import { z } from 'zod';
import { sightOf } from '@zhanggui/shared/access/permissions.ts';
import { visibleLocationNos } from '@zhanggui/shared/catalog/place-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import {
  findSkuNo,
  readDailyUnits,
  readForecast,
  readPastForecast,
} from '@zhanggui/shared/forecast/forecast-store.ts';
import { compare, daysOf } from '@zhanggui/shared/forecast/view.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { locationNosOf } from '@zhanggui/shared/sales/target-store.ts';
import { code, instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const HISTORY_DAYS = 60;

const units = z.number().min(0).describe('Units, with fractions');
const ahead = {
  day: z.iso.date(),
  mean: units,
  low: units.describe('Four of five days are expected between low and high'),
  high: units,
};
const share = z.number().nullable();

/** What is going to be sold, and how well it was foreseen. */
export const forecastRoutes = ({ sql, settings }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  return [
    route({
      method: 'get',
      path: '/api/v1/forecasts/:sku',
      permission: 'stock.read',
      tag: 'stock',
      summary: 'Show what is going to be sold of a SKU, by day, and how the last forecast did',
      description:
        'For the company, or for one location. Whoever sees some stores only gets those together. `forecast` and `last` are null until one was made.',
      params: z.object({ sku: code }),
      query: z.object({ location: code.optional() }),
      answer: z.object({
        sku: z.string(),
        location: z.string().nullable(),
        history: z
          .array(z.object({ day: z.iso.date(), units: z.int() }))
          .describe('Units sold on each of the last 60 business days; today is not among them'),
        forecast: z
          .object({
            madeAt: instant,
            method: z.string(),
            rate: units.describe('Expected units per day over the horizon'),
            days: z.array(z.object(ahead)),
          })
          .nullable(),
        last: z
          .object({
            madeAt: instant,
            method: z.string(),
            days: z.array(z.object({ ...ahead, units: z.int().describe('What was sold') })),
            units: z.int(),
            expected: units,
            error: share.describe('Sum of the days’ absolute errors, of the units sold'),
            bias: share.describe('Units expected too many, of the units sold'),
            within: share.describe('Share of days between low and high; 0.8 is expected'),
          })
          .nullable()
          .describe(
            'The last forecast whose days are over, else the oldest under way, against what happened',
          ),
      }),
      handler: async ({ params: { sku }, query: { location = null }, who }) => {
        const skuNo = await findSkuNo(sql, sku);
        if (skuNo === null) throw new AppError('not_found', `There is no SKU ${sku}`);
        const locationNos = await inSight(location, who);
        const today = time.day(Date.now());
        const from = time.shift(today, -HISTORY_DAYS);
        const [made, past] = await Promise.all([
          readForecast(sql, skuNo),
          readPastForecast(sql, skuNo, today),
        ]);
        const since = past !== null && past.firstDay < from ? past.firstDay : from;
        const sold = await readDailyUnits(sql, skuNo, { from: since, until: today, locationNos });
        const days = made && daysOf(made, locationNos);
        return {
          sku,
          location,
          history: Array.from({ length: HISTORY_DAYS }, (_, at) => {
            const day = time.shift(from, at);
            return { day, units: sold.get(day) ?? 0 };
          }),
          forecast: made &&
            days && {
              madeAt: made.madeAt,
              method: made.method,
              rate: days.reduce((sum, { mean }) => sum + mean, 0) / Math.max(1, days.length),
              days,
            },
          last: past && {
            madeAt: past.madeAt,
            method: past.method,
            ...compare(daysOf(past, locationNos), sold, today),
          },
        };
      },
    }),
  ];

  /** Numbers of the locations asked for, as far as `who` sees them; null: the company. */
  async function inSight(
    location: string | null,
    who: Parameters<typeof sightOf>[0],
  ): Promise<number[] | null> {
    const seen = await visibleLocationNos(sql, sightOf(who));
    if (location === null) return seen;
    const no = (await locationNosOf(sql, [location])).get(location);
    if (no === undefined || (seen !== null && !seen.includes(no)))
      throw new AppError('not_found', `There is no location ${location}`);
    return [no];
  }
};
