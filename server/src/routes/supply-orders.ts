import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { maySee, sightOf, type Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { supplyOrderKinds, supplyOrderStates } from '@zhanggui/shared/contract/words.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { queueDelivery } from '@zhanggui/shared/delivery/delivery-store.ts';
import { MAX_QTY } from '@zhanggui/shared/restock/sourcing.ts';
import {
  beginShipping,
  bookArrivals,
  cancelOrder,
  keepReceipt,
  markSent,
  markSentByWebhook,
  markShipped,
  OUR_SOURCE,
  receiptFactId,
  shipFactId,
} from '@zhanggui/shared/supply/arrival-store.ts';
import { resolveOrderLines } from '@zhanggui/shared/supply/draft-store.ts';
import {
  listLines,
  listOrders,
  listReceipts,
  type SupplyLineRow,
  type SupplyOrderRow,
} from '@zhanggui/shared/supply/order-store.ts';
import { csvFile, outstanding } from '@zhanggui/shared/supply/supply-order.ts';
import { placeOrders } from '@zhanggui/shared/supply/supply-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { supplyDoor } from '../supply/door.ts';

const name = z.string().nullable();
const qty = z.int().min(1).max(MAX_QTY);

const order = z.object({
  code: z.string().describe('What the facts that move the goods carry as `ref`'),
  kind: z.enum(supplyOrderKinds),
  status: z.enum(supplyOrderStates),
  from: name.describe('Code of the location or supplier that sends'),
  fromNameZh: name,
  fromNameEn: name,
  to: z.string(),
  toNameZh: z.string(),
  toNameEn: z.string(),
  lineCount: z.int(),
  qty: z.int(),
  received: z.int(),
  damaged: z.int(),
  outstanding: z.int(),
  value: z.int().nullable().describe('At cost'),
  late: z.boolean(),
  expectedAt: instant,
  createdAt: instant,
  createdBy: z.string(),
  wantedAt: instant.describe('First signal that led to it'),
  sentAt: instant.nullable(),
  shippedAt: instant.nullable(),
  receivedAt: instant.nullable(),
  closedShort: z.boolean().describe('It was closed although not everything came'),
  note: name,
});

const detail = order.extend({
  lines: z.array(
    z.object({
      sku: z.string(),
      nameZh: z.string(),
      nameEn: z.string(),
      qty: z.int(),
      received: z.int(),
      damaged: z.int(),
      outstanding: z.int(),
      cost: z.int().nullable(),
      packSize: z.int(),
      proposalId: z.uuid().nullable(),
    }),
  ),
  receipts: z.array(
    z.object({
      deliveryId: z.string(),
      at: instant,
      by: z.string(),
      final: z.boolean(),
      qty: z.int(),
      damaged: z.int(),
    }),
  ),
});

/** What a webhook says of an order: what its supplier or warehouse needs to know. */
const sentOrder = order
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
      .array(z.strictObject({ sku: code, qty }))
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
          qty: qty.describe('Arrived, damaged ones included'),
          damaged: z.int().min(0).max(MAX_QTY).default(0),
        })
        .refine((each) => each.damaged <= each.qty, { path: ['damaged'], message: 'is more than arrived' }),
    )
    .max(1000),
  final: z.boolean().default(false).describe('What is still outstanding will not come'),
});

const byCode = z.object({ code });

/** Transfers and purchases, from the order to the shelf. */
export const supplyOrderRoutes = ({ sql, hints, signalled, committer }: Parts) => {
  const told = () => {
    hints.publish('stock', 'alerts');
    signalled();
  };

  const isAt = (who: Who, place: string | null, region: string | null): boolean =>
    place !== null && maySee(who, { code: place, region });
  const isTheirs = (who: Who, row: SupplyOrderRow): boolean => isAt(who, row.to, row.toRegion);
  const sendsIt = (who: Who, row: SupplyOrderRow): boolean =>
    row.kind === 'transfer' && isAt(who, row.from, row.fromRegion);

  async function find(db: Sql, orderCode: string): Promise<SupplyOrderRow> {
    const [row] = await listOrders(db, { code: orderCode, sight: null }, null, 1);
    if (!row) throw new AppError('not_found', `There is no order ${orderCode}`);
    return row;
  }

  async function show(db: Sql, orderCode: string) {
    const row = await find(db, orderCode);
    const [lines, receipts] = await Promise.all([listLines(db, row.no), listReceipts(db, row.no)]);
    return { ...row, lines: lines.map((each) => ({ ...each, outstanding: owed(row, each) })), receipts };
  }

  const owed = ({ status }: SupplyOrderRow, each: SupplyLineRow): number =>
    status === 'received' || status === 'cancelled' ? 0 : outstanding(each);

  /** The order, for who may change it: at its destination, or at its source as well. */
  async function demand(
    who: Who,
    orderCode: string,
    { atSource }: { atSource: boolean },
  ): Promise<SupplyOrderRow> {
    const row = await find(sql, orderCode);
    if (!isTheirs(who, row) && !(atSource && sendsIt(who, row)))
      throw new AppError('outside_scope', `${row.code} goes to ${row.to}, which is not one of yours`);
    return row;
  }

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
      answer: pageOf(order),
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
      params: byCode,
      answer: z.string().describe('order, sku, names, qty, received, damaged, outstanding'),
      answerType: 'text/csv',
      errors: ['not_found', 'outside_scope'],
      async handler({ params, who, res }) {
        const row = await find(sql, params.code);
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
      params: byCode,
      answer: detail,
      errors: ['not_found', 'outside_scope'],
      async handler({ params, who }) {
        const row = await show(sql, params.code);
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
      answer: detail,
      errors: ['not_found', 'outside_scope', 'insufficient_stock', 'cross_site', 'conflict'],
      async handler({ body, who, req }) {
        const actor = actorOf(who);
        const made = await once(sql, { req, who }, detail, async (tx) => {
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
          return show(tx, orderCode);
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
      params: byCode,
      answer: detail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      async handler({ params, who }) {
        const row = await demand(who, params.code, { atSource: true });
        const answer = await sql.begin(async (tx) => {
          const done = await markSent(tx, row.code);
          const after = await show(tx, row.code);
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
      path: '/api/v1/supply-orders/:code/ship',
      permission: 'stock.command',
      tag: 'restock',
      summary: 'Book the goods out: they are on their way',
      description:
        'A transfer’s goods leave the book of its source (`stock.adjusted`). Sent again, nothing happens again.',
      params: byCode,
      body: z
        .strictObject({ expectedAt: instant.optional().describe('When they now should arrive') })
        .optional(),
      answer: detail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site', 'overloaded'],
      async handler({ params, body, who }) {
        const row = await demand(who, params.code, { atSource: true });
        if (!(await beginShipping(sql, row.code, body?.expectedAt ?? null))) {
          const after = await show(sql, row.code);
          if (after.status === 'cancelled') throw new AppError('conflict', `${row.code} was called off`);
          return after;
        }
        if (row.kind === 'transfer') await bookOut(row);
        const answer = await sql.begin(async (tx) => {
          if (row.kind === 'transfer') await bookArrivals(tx, [row.code], supplyDoor);
          else await markShipped(tx, row.code);
          await writeAudit(tx, actorOf(who), { action: 'supply_order.ship', target: row.code });
          return show(tx, row.code);
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
      params: byCode,
      body: receipt,
      bodyLimit: 256 * 1024,
      answer: detail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site', 'overloaded'],
      async handler({ params, body, who }) {
        const row = await demand(who, params.code, { atSource: false });
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
          return show(tx, row.code);
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
      params: byCode,
      answer: detail,
      errors: ['not_found', 'outside_scope', 'conflict', 'cross_site'],
      async handler({ params, who }) {
        const row = await demand(who, params.code, { atSource: false });
        const answer = await sql.begin(async (tx) => {
          const done = await cancelOrder(tx, row.code, supplyDoor);
          const after = await show(tx, row.code);
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

const nothingReceived = () =>
  new AppError('invalid_request', 'lines: nothing arrived and nothing is given up', {
    errors: [{ field: 'lines', detail: 'nothing arrived and nothing is given up' }],
  });

const notOrdered = (order: string, sku: string, index: number) =>
  new AppError('invalid_request', `${sku} is not on ${order}`, {
    errors: [{ field: `lines.${index}.sku`, detail: `is not on ${order}` }],
  });
