/** How a transfer or purchase looks on the wire, for the routes of orders and of deliveries. */
import { z } from 'zod';
import { supplyOrderKinds, supplyOrderStates } from '@zhanggui/shared/contract/words.ts';
import { MAX_QTY } from '@zhanggui/shared/restock/sourcing.ts';
import { code, instant } from '../http/fields.ts';

const name = z.string().nullable();

export const pieces = z.int().min(1).max(MAX_QTY);
export const orderByCode = z.object({ code });

export const supplyOrder = z.object({
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

export const supplyOrderDetail = supplyOrder.extend({
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
