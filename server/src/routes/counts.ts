import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { maySee, sightOf, type Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import {
  draftCount,
  listCountLines,
  listCounts,
  lockCount,
  settleCount,
  type StockCountRow,
} from '@zhanggui/shared/stock/count-store.ts';
import { resolveOrderLines } from '@zhanggui/shared/supply/draft-store.ts';
import { OUR_SOURCE } from '@zhanggui/shared/supply/arrival-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

/** Lines of a `stock.counted` fact. */
const LINES_A_FACT = 1000;
const MOST_LINES = 5000;
const states = ['open', 'booked', 'discarded'] as const;

const count = z.object({
  id: z.uuid(),
  location: z.string(),
  locationNameZh: z.string(),
  locationNameEn: z.string(),
  ref: z.string(),
  status: z.enum(states),
  countedAt: instant,
  createdAt: instant,
  createdBy: z.string(),
  decidedAt: instant.nullable(),
  decidedBy: z.string().nullable(),
  lineCount: z.int(),
  differing: z.int().describe('Lines where the book said something else'),
  surplus: z.int().describe('Pieces beyond the book'),
  missing: z.int().describe('Pieces that the book has and nobody found'),
  value: z.int().describe('Of all differences at cost'),
});

const detail = count.extend({
  lines: z.array(
    z.object({
      sku: z.string(),
      nameZh: z.string(),
      nameEn: z.string(),
      book: z.int().describe('What the book said when the count was handed in'),
      counted: z.int(),
      difference: z.int(),
      value: z.int().nullable(),
    }),
  ),
});

const byId = z.object({ id: z.uuid() });

/** Counts by file: looked through first, booked then. */
export const countRoutes = ({ sql, hints, committer }: Parts) => {
  async function find(db: Sql, id: string, who: Who): Promise<StockCountRow> {
    const [row] = await listCounts(db, { id, sight: null }, null, 1);
    if (!row) throw new AppError('not_found', 'There is no such count');
    if (!maySee(who, { code: row.location, region: row.region })) throw new AppError('outside_scope');
    return row;
  }
  const show = async (db: Sql, id: string, who: Who) => ({
    ...(await find(db, id, who)),
    lines: await listCountLines(db, id),
  });

  return [
    route({
      method: 'get',
      path: '/api/v1/counts',
      permission: 'restock.read',
      tag: 'stock',
      summary: 'List counts that were handed in, newest first',
      query: z.object({ status: z.enum(states).optional(), location: code.optional(), ...pageQuery }),
      answer: pageOf(count),
      async handler({ query: { limit, cursor, ...filter }, who }) {
        const sight = sightOf(who);
        const before = decodeCursor(cursor, z.tuple([z.uuid()]));
        const rows = await listCounts(
          sql,
          { ...filter, sight: sight === 'all' ? null : sight },
          before?.[0] ?? null,
          limit + 1,
        );
        return cutPage(rows, limit, (row) => [row.id]);
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/counts/:id',
      permission: 'restock.read',
      tag: 'stock',
      summary: 'See a count with its differences, the dearest first',
      params: byId,
      answer: detail,
      errors: ['not_found', 'outside_scope'],
      handler: ({ params, who }) => show(sql, params.id, who),
    }),
    route({
      method: 'post',
      path: '/api/v1/counts',
      permission: 'stock.command',
      tag: 'stock',
      summary: 'Hand a count in: nothing is booked until somebody has looked at the differences',
      description: 'What is counted of a SKU in several lines adds up.',
      headers: idempotencyHeaders,
      body: z.strictObject({
        location: code,
        ref: line(100),
        countedAt: instant
          .refine((at) => at.getTime() <= Date.now() + 60_000, 'must not be in the future')
          .optional()
          .describe('What has moved since stays on top of it; absent: now'),
        lines: z
          .array(z.strictObject({ sku: code, onHand: z.int().min(0).max(100_000) }))
          .min(1)
          .max(MOST_LINES),
      }),
      bodyLimit: 1024 * 1024,
      status: 201,
      answer: detail,
      errors: ['not_found', 'outside_scope', 'cross_site', 'conflict'],
      async handler({ body, who, req }) {
        const actor = actorOf(who);
        return once(sql, { req, who }, detail, async (tx) => {
          const found = await resolveOrderLines(tx, { to: body.location, lines: [] });
          if (found.missing !== null)
            throw new AppError('not_found', `There is no location ${body.location}`);
          if (!maySee(who, found.to))
            throw new AppError('outside_scope', `${body.location} is not one of yours`);
          const made = await draftCount(tx, {
            locationNo: found.to.no,
            ref: body.ref,
            countedAt: body.countedAt ?? new Date(),
            by: actor.name,
            lines: body.lines,
          });
          if ('unknown' in made)
            throw new AppError('invalid_request', `unknown SKUs: ${made.unknown.slice(0, 5).join(', ')}`, {
              errors: made.unknown
                .slice(0, 20)
                .map((sku) => ({ field: `lines.${sku}`, detail: 'there is no such SKU' })),
            });
          await writeAudit(tx, actor, {
            action: 'count.draft',
            target: body.location,
            details: { ref: body.ref, lines: body.lines.length },
          });
          return show(tx, made.id, who);
        });
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/counts/:id/book',
      permission: 'stock.command',
      tag: 'stock',
      summary: 'Book a count: the book says what was seen, and what has moved since',
      params: byId,
      answer: detail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site', 'overloaded'],
      async handler({ params: { id }, who }) {
        const actor = actorOf(who);
        const row = await find(sql, id, who);
        const answer = await sql.begin(async (tx) => {
          const state = await lockCount(tx, id);
          if (state === 'discarded') throw new AppError('conflict', 'This count was discarded');
          if (state === 'open') {
            const lines = await listCountLines(tx, id);
            // While the count is locked, so that nobody discards it meanwhile. Told again after a crash, these are duplicates.
            for (let from = 0; from < lines.length; from += LINES_A_FACT) {
              const part = lines.slice(from, from + LINES_A_FACT);
              const { rejected } = await committer.submit([
                {
                  specversion: '1.0',
                  id: `count/${id}/${from / LINES_A_FACT}`,
                  source: OUR_SOURCE,
                  type: 'stock.counted',
                  time: row.countedAt.toISOString(),
                  data: {
                    location: row.location,
                    lines: part.map(({ sku, counted }) => ({ sku, onHand: counted })),
                  },
                },
              ]);
              if (rejected[0]) throw new AppError('invalid_request', rejected[0].detail);
            }
            await settleCount(tx, id, { state: 'booked', by: actor.name });
            await writeAudit(tx, actor, {
              action: 'count.book',
              target: row.location,
              details: { ref: row.ref, differing: row.differing, value: row.value },
            });
          }
          return show(tx, id, who);
        });
        hints.publish('stock');
        return answer;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/counts/:id/discard',
      permission: 'stock.command',
      tag: 'stock',
      summary: 'Give a count up: it is not booked',
      params: byId,
      answer: detail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      async handler({ params: { id }, who }) {
        const actor = actorOf(who);
        const row = await find(sql, id, who);
        return sql.begin(async (tx) => {
          if ((await lockCount(tx, id)) === 'booked') throw new AppError('conflict', 'This count is booked');
          await settleCount(tx, id, { state: 'discarded', by: actor.name });
          if (row.status === 'open')
            await writeAudit(tx, actor, {
              action: 'count.discard',
              target: row.location,
              details: { ref: row.ref },
            });
          return show(tx, id, who);
        });
      },
    }),
  ];
};
