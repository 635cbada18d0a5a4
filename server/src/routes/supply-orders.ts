import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { maySee, sightOf } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { supplyOrderKinds, supplyOrderStates } from '@zhanggui/shared/contract/words.ts';
import { queueDelivery } from '@zhanggui/shared/delivery/delivery-store.ts';
import { cancelOrder, markSent, markSentByWebhook } from '@zhanggui/shared/supply/arrival-store.ts';
import { resolveOrderLines } from '@zhanggui/shared/supply/draft-store.ts';
import { listLines, listOrders } from '@zhanggui/shared/supply/order-store.ts';
import { csvFile } from '@zhanggui/shared/supply/supply-order.ts';
import { placeOrders } from '@zhanggui/shared/supply/supply-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { supplyDoor } from '../supply/door.ts';
import { demandOrder, findOrder, isTheirs, owed, sendsIt, showOrder } from '../supply/orders.ts';
import { orderByCode, pieces, supplyOrder, supplyOrderDetail } from './supply-order-fields.ts';

/** What a webhook says of an order: what its supplier or warehouse needs to know. */
const sentOrder = supplyOrder
  .pick({
    code: true,
    kind: true,
    from: true,
    to: true,
    toNameZh: true,
    toNameEn: true,
    expectedAt: true,
    note: true,
  })
  .extend({
    lines: z.array(z.object({ sku: z.string(), nameZh: z.string(), nameEn: z.string(), qty: z.int() })),
  });

const draft = z
  .strictObject({
    kind: z.enum(supplyOrderKinds),
    from: code.optional().describe('Transfer: the location that sends'),
    supplier: code.optional().describe('Purchase: the supplier'),
    to: code,
    lines: z
      .array(z.strictObject({ sku: code, qty: pieces }))
      .min(1)
      .max(1000),
    expectedAt: instant,
    note: line(500).optional(),
  })
  .refine(({ kind, from }) => (kind === 'transfer') === (from !== undefined), {
    path: ['from'],
    message: 'is needed for a transfer, and for no purchase',
  })
  .refine(({ kind, supplier }) => kind === 'purchase' || supplier === undefined, {
    path: ['supplier'],
    message: 'is for purchases only',
  })
  .refine(({ from, to }) => from !== to, { path: ['to'], message: 'must not be where it comes from' });

/** Transfers and purchases: listed, made, sent and called off. How they leave and arrive: supply-deliveries.ts. */
export const supplyOrderRoutes = ({ sql, hints, signalled }: Parts) => {
  const told = () => {
    hints.publish('stock', 'alerts');
    signalled();
  };

  return [
    route({
      method: 'get',
      path: '/api/v1/supply-orders',
      permission: 'restock.read',
      tag: 'restock',
      summary: 'List transfers and purchases, newest first',
      query: z.object({
        status: z.enum([...supplyOrderStates, 'under_way', 'late']).optional(),
        kind: z.enum(supplyOrderKinds).optional(),
        location: code.optional().describe('Where it goes or comes from'),
        sku: code.optional(),
        ...pageQuery,
      }),
      answer: pageOf(supplyOrder),
      async handler({ query: { limit, cursor, ...filter }, who }) {
        const sight = sightOf(who);
        const before = decodeCursor(cursor, z.tuple([z.int()]));
        const rows = await listOrders(
          sql,
          { ...filter, sight: sight === 'all' ? null : sight },
          before?.[0] ?? null,
          limit + 1,
        );
        return cutPage(rows, limit, (row) => [row.no]);
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/supply-orders/:code.csv',
      permission: 'restock.read',
      tag: 'restock',
      summary: 'Download an order for its supplier or warehouse',
      params: orderByCode,
      answer: z.string().describe('order, sku, names, qty, received, damaged, outstanding'),
      answerType: 'text/csv',
      errors: ['not_found', 'outside_scope'],
      async handler({ params, who, res }) {
        const row = await findOrder(sql, params.code);
        if (!isTheirs(who, row) && !sendsIt(who, row)) throw new AppError('outside_scope');
        const lines = await listLines(sql, row.no);
        const header =
          'order,kind,from,to,expectedAt,sku,nameZh,nameEn,qty,received,damaged,outstanding'.split(',');
        const text = csvFile(
          header,
          lines.map((each) => [
            row.code,
            row.kind,
            row.from,
            row.to,
            row.expectedAt.toISOString(),
            each.sku,
            each.nameZh,
            each.nameEn,
            each.qty,
            each.received,
            each.damaged,
            owed(row, each),
          ]),
        );
        res.setHeader('Content-Disposition', `attachment; filename="${row.code}.csv"`);
        res.type('text/csv; charset=utf-8').send(text);
        return undefined;
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/supply-orders/:code',
      permission: 'restock.read',
      tag: 'restock',
      summary: 'See an order with its lines and deliveries',
      params: orderByCode,
      answer: supplyOrderDetail,
      errors: ['not_found', 'outside_scope'],
      async handler({ params, who }) {
        const row = await showOrder(sql, params.code);
        if (!isTheirs(who, row) && !sendsIt(who, row)) throw new AppError('outside_scope');
        return row;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/supply-orders',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Make a transfer or a purchase',
      description: 'A transfer holds its goods at the source until they leave. Lines of the same SKU add up.',
      headers: idempotencyHeaders,
      body: draft,
      bodyLimit: 256 * 1024,
      status: 201,
      answer: supplyOrderDetail,
      errors: ['not_found', 'outside_scope', 'insufficient_stock', 'cross_site', 'conflict'],
      async handler({ body, who, req }) {
        const actor = actorOf(who);
        const made = await once(sql, { req, who }, supplyOrderDetail, async (tx) => {
          const found = await resolveOrderLines(tx, body);
          if (found.missing !== null)
            throw new AppError('not_found', `There is no ${found.missing.what} ${found.missing.code}`);
          if (!maySee(who, found.to)) throw new AppError('outside_scope', `${body.to} is not one of yours`);
          const { made: orders, short } = await placeOrders(
            tx,
            [
              {
                kind: body.kind,
                fromLocationNo: found.from?.no ?? null,
                supplier: body.supplier ?? null,
                toLocationNo: found.to.no,
                expectedAt: body.expectedAt,
                wantedAt: null,
                note: body.note ?? null,
                by: actor.name,
                lines: found.lines.map((each) => ({ ...each, proposalId: null })),
              },
            ],
            supplyDoor,
          );
          const lacking = short[0]?.shortages ?? [];
          if (lacking.length > 0) {
            const codeOf = new Map(found.codes);
            throw new AppError('insufficient_stock', undefined, {
              errors: lacking.map(({ skuNo, available }) => ({
                field: `lines.${codeOf.get(skuNo)}`,
                detail: `${available} available`,
              })),
            });
          }
          const [{ code: orderCode } = { code: '' }] = orders;
          await writeAudit(tx, actor, {
            action: 'supply_order.create',
            target: orderCode,
            details: { kind: body.kind, lines: found.lines.length },
          });
          return showOrder(tx, orderCode);
        });
        told();
        return made;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/supply-orders/:code/send',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Send an order to whoever sends the goods',
      description:
        'Endpoints that hear of `supply_order.sent` are told; without one it is noted that a person handed the file over.',
      params: orderByCode,
      answer: supplyOrderDetail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      async handler({ params, who }) {
        const row = await demandOrder(sql, who, params.code, { atSource: true });
        const answer = await sql.begin(async (tx) => {
          const done = await markSent(tx, row.code);
          const after = await showOrder(tx, row.code);
          if (done) {
            const told = await queueDelivery(tx, {
              event: 'supply_order.sent',
              data: z.encode(sentOrder, after),
              supplier: row.supplier,
            });
            if (told.length > 0) await markSentByWebhook(tx, row.code);
            await writeAudit(tx, actorOf(who), {
              action: 'supply_order.send',
              target: row.code,
              details: { endpoints: told.length },
            });
          }
          if (!done && after.status !== 'sent')
            throw new AppError('conflict', `${row.code} is ${after.status} already`);
          return after;
        });
        told();
        return answer;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/supply-orders/:code/cancel',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Call an order off, while nothing of it has left',
      params: orderByCode,
      answer: supplyOrderDetail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      async handler({ params, who }) {
        const row = await demandOrder(sql, who, params.code, { atSource: false });
        const answer = await sql.begin(async (tx) => {
          const done = await cancelOrder(tx, row.code, supplyDoor);
          const after = await showOrder(tx, row.code);
          if (!done && after.status !== 'cancelled')
            throw new AppError('conflict', `${row.code} has left or arrived already`);
          if (done) await writeAudit(tx, actorOf(who), { action: 'supply_order.cancel', target: row.code });
          return after;
        });
        told();
        return answer;
      },
    }),
  ];
};
