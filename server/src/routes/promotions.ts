import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { catalogLimits, checkRows, type RowRejection } from '@zhanggui/shared/catalog/rows.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import {
  deletePromotion,
  listPromotions,
  putPromotions,
  resolvePromoted,
  type PromotionChange,
} from '@zhanggui/shared/forecast/promotion-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, day, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { bulkAnswer, bulkBody, demandFewRows, describeBulk } from './bulk.ts';

const name = line(100);

const promotionRow = z
  .strictObject({
    name,
    fromDay: day,
    toDay: day.describe('Inclusive'),
    skus: z.array(code).min(1).max(2000).optional(),
    category: code.optional(),
    all: z.boolean().default(false).describe('Everything that the company sells'),
  })
  .superRefine(({ fromDay, toDay, skus, category, all }, context) => {
    if (toDay < fromDay)
      context.addIssue({ code: 'custom', path: ['toDay'], message: 'must not be before fromDay' });
    if (Number(skus !== undefined) + Number(category !== undefined) + Number(all) !== 1)
      context.addIssue({
        code: 'custom',
        path: ['skus'],
        message: 'give one of skus, category and all',
      });
  });

const promotion = z.object({
  id: z.uuid(),
  name: z.string(),
  fromDay: day,
  toDay: day,
  skus: z.array(z.string()).nullable(),
  category: z.string().nullable().describe('Neither skus nor category: everything'),
  createdAt: instant,
  createdBy: z.string(),
});

type PromotionRejection = Omit<RowRejection, 'code'> & { code: RowRejection['code'] | 'not_found' };

/** What was promoted when, and what will be: the forecast learns from the one and foresees the other. */
export const promotionRoutes = ({ sql }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/promotions',
    permission: 'promotions.read',
    tag: 'forecast',
    summary: 'List promotions past and planned, by first day',
    query: z.object({
      ...pageQuery,
      from: day.optional().describe('Leaves out those that ended before'),
      to: day.optional().describe('Leaves out those that begin after'),
    }),
    answer: pageOf(promotion),
    async handler({ query: { limit, cursor, from, to } }) {
      const position = decodeCursor(cursor, z.tuple([z.iso.date(), z.string()]));
      const after = position && { fromDay: position[0], name: position[1] };
      const rows = await listPromotions(sql, { from, to, after, limit: limit + 1 });
      return cutPage(rows, limit, (row) => [row.fromDay, row.name]);
    },
  }),
  route({
    method: 'put',
    path: '/api/v1/promotions',
    permission: 'promotions.write',
    tag: 'forecast',
    summary: 'Add or replace promotions, by name and first day',
    description:
      `At most ${catalogLimits.rows} rows. Rows that fit are taken, also when others do not. The next planning counts with ` +
      'them; POST /api/v1/plans asks for it at once.',
    body: bulkBody,
    describeBody: describeBulk(promotionRow),
    bodyLimit: catalogLimits.bodyBytes,
    answer: bulkAnswer,
    errors: ['cross_site'],
    async handler({ body, who }) {
      demandFewRows(body.rows);
      const { valid, rejected, indexes } = checkRows(promotionRow, body.rows, (row) => ({
        key: `${row.name} ${row.fromDay}`,
        field: 'name',
      }));
      const known = await resolvePromoted(sql, {
        skus: valid.flatMap(({ skus = [] }) => skus),
        categories: valid.flatMap(({ category }) => category ?? []),
      });
      const missing: PromotionRejection[] = [];
      const changes = valid.flatMap(({ name, fromDay, toDay, skus, category }, at): PromotionChange[] => {
        const miss = (field: string, detail: string) => {
          const key = `${name} ${fromDay}`;
          missing.push({ index: indexes[at] ?? at, key, code: 'not_found', field, detail });
          return [];
        };
        const unknown = skus?.find((sku) => !known.skuNos.has(sku));
        if (unknown !== undefined) return miss('skus', `there is no SKU ${unknown}`);
        if (category !== undefined && !known.categories.has(category))
          return miss('category', 'there is no such category');
        const skuNos = skus === undefined ? null : [...new Set(skus.map((sku) => known.skuNos.get(sku)!))];
        return [{ name, fromDay, toDay, skuNos, category: category ?? null }];
      });
      await sql.begin(async (tx) => {
        const actor = actorOf(who);
        const changed = await putPromotions(tx, changes, actor.name);
        if (changed === 0) return;
        await writeAudit(tx, actor, {
          action: 'promotion.put',
          target: changes.length === 1 ? changes[0]!.name : null,
          details: { rows: changes.length, changed },
        });
      });
      const all: PromotionRejection[] = [...rejected, ...missing].sort((a, b) => a.index - b.index);
      return { upserted: changes.length, rejected: all };
    },
  }),
  route({
    method: 'delete',
    path: '/api/v1/promotions/:id',
    permission: 'promotions.write',
    tag: 'forecast',
    summary: 'Take a promotion off the calendar',
    description:
      'One that is over taught the forecast what promotions do: the next planning learns without it, and takes its sales for ordinary ones.',
    params: z.object({ id: z.uuid() }),
    errors: ['not_found', 'cross_site'],
    async handler({ params: { id }, who }) {
      await sql.begin(async (tx) => {
        const gone = await deletePromotion(tx, id);
        if (gone === null) throw new AppError('not_found', 'There is no such promotion');
        await writeAudit(tx, actorOf(who), {
          action: 'promotion.delete',
          target: gone.name,
          details: { fromDay: gone.fromDay },
        });
      });
    },
  }),
];
