import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { MAX_QTY } from '@zhanggui/shared/restock/sourcing.ts';
import {
  beginShipping,
  bookArrivals,
  keepReceipt,
  markShipped,
  OUR_SOURCE,
  receiptFactId,
  shipFactId,
} from '@zhanggui/shared/supply/arrival-store.ts';
import { listLines, type SupplyOrderRow } from '@zhanggui/shared/supply/order-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, instant } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { supplyDoor } from '../supply/door.ts';
import { demandOrder, showOrder } from '../supply/orders.ts';
import { orderByCode, pieces, supplyOrderDetail } from './supply-order-fields.ts';

const receipt = z.strictObject({
  deliveryId: z
    .string()
    .regex(/^[\w.:-]{1,64}$/, 'letters, digits and . : _ - only')
    .describe('Chosen by the caller: the same delivery sent again is taken in once'),
  lines: z
    .array(
      z
        .strictObject({
          sku: code,
          qty: pieces.describe('Arrived, damaged ones included'),
          damaged: z.int().min(0).max(MAX_QTY).default(0),
        })
        .refine((each) => each.damaged <= each.qty, { path: ['damaged'], message: 'is more than arrived' }),
    )
    .max(1000),
  final: z.boolean().default(false).describe('What is still outstanding will not come'),
});

/** What is ordered leaves and arrives: facts like any other, told by our screens. */
export const supplyDeliveryRoutes = ({ sql, hints, signalled, committer }: Parts) => {
  const told = () => {
    hints.publish('stock', 'alerts');
    signalled();
  };

  /** A transfer's goods leave the book of its source. */
  async function bookOut({ no, code: orderCode, from }: SupplyOrderRow): Promise<void> {
    const lines = await listLines(sql, no);
    await tell(shipFactId(orderCode), 'stock.adjusted', {
      location: from,
      reason: orderCode,
      lines: lines.map((each) => ({ sku: each.sku, delta: -each.qty })),
    });
  }

  /** Tells a fact of ours. One that was told before is a duplicate, which is as good. */
  async function tell(id: string, type: string, data: object): Promise<void> {
    const event = { specversion: '1.0', id, source: OUR_SOURCE, type, time: new Date().toISOString(), data };
    const { rejected } = await committer.submit([event]);
    const [misfit] = rejected;
    if (misfit) throw new AppError('invalid_request', misfit.detail);
  }

  return [
    route({
      method: 'post',
      path: '/api/v1/supply-orders/:code/ship',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Book the goods out: they are on their way',
      description:
        'A transfer’s goods leave the book of its source (`stock.adjusted`). Sent again, nothing happens again.',
      params: orderByCode,
      body: z
        .strictObject({ expectedAt: instant.optional().describe('When they now should arrive') })
        .optional(),
      answer: supplyOrderDetail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site', 'overloaded'],
      async handler({ params, body, who }) {
        const row = await demandOrder(sql, who, params.code, { atSource: true });
        if (!(await beginShipping(sql, row.code, body?.expectedAt ?? null))) {
          const after = await showOrder(sql, row.code);
          if (after.status === 'cancelled') throw new AppError('conflict', `${row.code} was called off`);
          return after;
        }
        if (row.kind === 'transfer') await bookOut(row);
        const answer = await sql.begin(async (tx) => {
          if (row.kind === 'transfer') await bookArrivals(tx, [row.code], supplyDoor);
          else await markShipped(tx, row.code);
          await writeAudit(tx, actorOf(who), { action: 'supply_order.ship', target: row.code });
          return showOrder(tx, row.code);
        });
        told();
        return answer;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/supply-orders/:code/receive',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Take a delivery in: wholly, in part, with what is damaged',
      description:
        'What is whole goes on hand (`stock.received`). The order closes when everything came, or with `final`.',
      params: orderByCode,
      body: receipt,
      bodyLimit: 256 * 1024,
      answer: supplyOrderDetail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site', 'overloaded'],
      async handler({ params, body, who }) {
        const row = await demandOrder(sql, who, params.code, { atSource: false });
        if (row.status === 'cancelled') throw new AppError('conflict', `${row.code} was called off`);
        if (body.lines.length === 0 && !body.final) throw nothingReceived();
        const known = new Map((await listLines(sql, row.no)).map((each) => [each.sku, each.skuNo]));
        const sums = new Map<string, { skuNo: number; qty: number; damaged: number }>();
        for (const [i, { sku, qty: pieces, damaged }] of body.lines.entries()) {
          const skuNo = known.get(sku);
          if (skuNo === undefined) throw notOrdered(row.code, sku, i);
          const sum = sums.get(sku) ?? { skuNo, qty: 0, damaged: 0 };
          sums.set(sku, { skuNo, qty: sum.qty + pieces, damaged: sum.damaged + damaged });
        }
        const whole = [...sums].flatMap(([sku, { qty: pieces, damaged }]) =>
          pieces > damaged ? [{ sku, qty: pieces - damaged }] : [],
        );
        // What arrives has left, also if nobody said so: or it would be in the books of both places.
        if (row.kind === 'transfer' && (await beginShipping(sql, row.code, null))) {
          await bookOut(row);
          await sql.begin((tx) => bookArrivals(tx, [row.code], supplyDoor));
        }
        // The fact first: should this process die here, what arrived is booked by the job, and the caller asks again.
        if (whole.length > 0)
          await tell(receiptFactId(row.code, body.deliveryId), 'stock.received', {
            location: row.to,
            ref: row.code,
            lines: whole,
          });
        const actor = actorOf(who);
        const answer = await sql.begin(async (tx) => {
          const isNew = await keepReceipt(tx, {
            orderNo: row.no,
            deliveryId: body.deliveryId,
            by: actor.name,
            final: body.final,
            lines: [...sums.values()],
          });
          if (isNew) {
            const pieces = [...sums.values()].reduce((sum, each) => sum + each.qty, 0);
            await writeAudit(tx, actor, {
              action: 'supply_order.receive',
              target: row.code,
              details: { delivery: body.deliveryId, pieces, final: body.final },
            });
          }
          await bookArrivals(tx, [row.code], supplyDoor);
          return showOrder(tx, row.code);
        });
        told();
        return answer;
      },
    }),
  ];
};

const nothingReceived = () =>
  new AppError('invalid_request', 'lines: nothing arrived and nothing is given up', {
    errors: [{ field: 'lines', detail: 'nothing arrived and nothing is given up' }],
  });

const notOrdered = (order: string, sku: string, index: number) =>
  new AppError('invalid_request', `${sku} is not on ${order}`, {
    errors: [{ field: `lines.${index}.sku`, detail: `is not on ${order}` }],
  });
