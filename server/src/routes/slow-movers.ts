import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { maySee, sightOf } from '@zhanggui/shared/access/permissions.ts';
import { visibleLocationNos } from '@zhanggui/shared/catalog/place-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import {
  draftPromotion,
  readSlowBalances,
  readStagnantDays,
  type SlowMoverRow,
} from '@zhanggui/shared/restock/slow-mover-store.ts';
import { assessSlowMover, slownesses, type SlowMoverOption } from '@zhanggui/shared/restock/slow-movers.ts';
import { assumptions } from '@zhanggui/shared/restock/sourcing.ts';
import { resolveOrderLines } from '@zhanggui/shared/supply/draft-store.ts';
import { placeOrders } from '@zhanggui/shared/supply/supply-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, decodeCursor, encodeCursor, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { supplyDoor } from '../supply/door.ts';

const name = z.string().nullable();
const DAY_MS = 86_400_000;
/** Days of the curve. */
const SUMMARY_DAYS = 90;

const option = z.object({
  action: z.enum(['transfer', 'bundle', 'markdown', 'leave']),
  to: name.describe('Transfer: the location that sells it'),
  toNameZh: name,
  toNameEn: name,
  with: name.describe('Bundle: the SKU that it is sold with'),
  withNameZh: name,
  withNameEn: name,
  cut: z.number().nullable().describe('Share taken off the price'),
  price: z.int().nullable().describe('Markdown: the price then'),
  qty: z.int(),
  effect: z.object({
    pieces: z.number().describe('More pieces sold within 90 days than when it is left'),
    money: z.int().nullable().describe('Minor units more than when it is left, all told'),
    coverDays: z.number().nullable().describe('How long the stock here lasts then; null: for ever'),
  }),
});

const slowMover = z.object({
  sku: z.string(),
  skuNameZh: z.string(),
  skuNameEn: z.string(),
  location: z.string(),
  locationNameZh: z.string(),
  locationNameEn: z.string(),
  available: z.int(),
  value: z.int().nullable().describe('At cost'),
  rate: z.number().describe('Expected pieces a day'),
  coverDays: z.number().nullable(),
  ageDays: z.int().nullable().describe('Days since it last sold here, else since it came'),
  class: z.enum(slownesses),
  excess: z.int().describe('What may go'),
  options: z.array(option).describe('Best first'),
});

const choice = z.discriminatedUnion('action', [
  z.strictObject({ action: z.literal('transfer'), to: code }),
  z.strictObject({ action: z.literal('bundle'), with: code }),
  z.strictObject({ action: z.literal('markdown'), cut: z.number().min(0.01).max(0.9) }),
]);

const accepted = z.object({
  order: name.describe('Code of the transfer'),
  promotionDraft: z.uuid().nullable(),
});

function shown(row: SlowMoverRow, each: SlowMoverOption): z.output<typeof option> {
  const to =
    each.action === 'transfer' ? row.others.find((o) => o.locationNo === each.toLocationNo) : undefined;
  const partner = each.action === 'bundle' ? row.partners.find((p) => p.skuNo === each.withSkuNo) : undefined;
  return {
    action: each.action,
    to: to?.code ?? null,
    toNameZh: to?.nameZh ?? null,
    toNameEn: to?.nameEn ?? null,
    with: partner?.code ?? null,
    withNameZh: partner?.nameZh ?? null,
    withNameEn: partner?.nameEn ?? null,
    cut: each.action === 'bundle' || each.action === 'markdown' ? each.cut : null,
    price: each.action === 'markdown' ? each.price : null,
    qty: each.qty,
    effect: each.effect,
  };
}

/** What lies too long, and what is done about it. */
export const slowMoverRoutes = ({ sql, hints, signalled }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/slow-movers',
    permission: 'restock.read',
    tag: 'restock',
    summary: 'List what lasts for more than a quarter, the dearest first, with what could be done',
    description: 'A page may have fewer rows than `limit`, and another after it, where a class is asked for.',
    query: z.object({ location: code.optional(), class: z.enum(slownesses).optional(), ...pageQuery }),
    answer: pageOf(slowMover),
    async handler({ query: { limit, cursor, location, class: wanted }, who }) {
      const after = decodeCursor(cursor, z.tuple([z.int(), z.int(), z.int()]));
      const sight = location === undefined ? sightOf(who) : { locations: [location], regions: [] };
      const own = await visibleLocationNos(sql, sightOf(who));
      const asked =
        (await visibleLocationNos(sql, sight))?.filter((no) => own === null || own.includes(no)) ?? null;
      const found = await readSlowBalances(
        sql,
        { locationNos: asked },
        after && { worth: after[0], skuNo: after[1], locationNo: after[2] },
        limit + 1,
      );
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const rows = page
        .map((row) => ({ row, slow: assessSlowMover(row) }))
        .filter(({ slow }) => (wanted === undefined ? slow.slowness !== 'fresh' : slow.slowness === wanted))
        .map(({ row, slow }) => ({
          ...row,
          ...slow,
          class: slow.slowness,
          options: slow.options.map((each) => shown(row, each)),
        }));
      const nextCursor =
        found.length > limit && last ? encodeCursor([last.worth, last.skuNo, last.locationNo]) : null;
      return { rows, nextCursor };
    },
  }),
  route({
    method: 'get',
    path: '/api/v1/slow-movers/summary',
    permission: 'restock.read',
    tag: 'restock',
    summary: 'Share of the stock’s value that lies too long, by day',
    answer: z.object({
      share: z.number().nullable(),
      value: z.int(),
      stagnantValue: z.int(),
      days: z.array(
        z.object({ day: z.string(), value: z.int(), stagnantValue: z.int(), share: z.number().nullable() }),
      ),
    }),
    async handler({ who }) {
      const days = await readStagnantDays(sql, await visibleLocationNos(sql, sightOf(who)), SUMMARY_DAYS);
      const { share = null, value = 0, stagnantValue = 0 } = days.at(-1) ?? {};
      return { share, value, stagnantValue, days };
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/slow-movers/accept',
    permission: 'stock.command',
    tag: 'restock',
    summary: 'Do one of the things that are offered: makes a transfer, or the draft of a promotion',
    headers: idempotencyHeaders,
    body: z.strictObject({ sku: code, location: code, option: choice }),
    status: 201,
    answer: accepted,
    errors: ['not_found', 'outside_scope', 'conflict', 'insufficient_stock', 'cross_site'],
    async handler({ body, who, req }) {
      const actor = actorOf(who);
      const answer = await once(sql, { req, who }, accepted, async (tx) => {
        const found = await resolveOrderLines(tx, { to: body.location, lines: [{ sku: body.sku, qty: 1 }] });
        if (found.missing !== null)
          throw new AppError('not_found', `There is no ${found.missing.what} ${found.missing.code}`);
        if (!maySee(who, found.to))
          throw new AppError('outside_scope', `${body.location} is not one of yours`);
        const balance = { skuNo: found.lines[0]!.skuNo, locationNo: found.to.no };
        const [row] = await readSlowBalances(tx, { locationNos: null, balance }, null, 1);
        const slow = row && assessSlowMover(row);
        // Reckoned anew: what was offered an hour ago may be sold by now.
        const chosen = slow?.options.find((each) => fits(shown(row!, each), body.option));
        if (row === undefined || slow === undefined || chosen === undefined)
          throw new AppError('conflict', 'This is not offered any more');
        const { action } = body.option;
        let result: z.output<typeof accepted>;
        if (chosen.action === 'transfer') {
          const to = row.others.find((each) => each.locationNo === chosen.toLocationNo)!;
          const days = assumptions.parcelDays + (to.km ?? assumptions.unknownKm) / assumptions.parcelKmADay;
          const { made } = await placeOrders(
            tx,
            [
              {
                kind: 'transfer',
                fromLocationNo: row.locationNo,
                supplier: null,
                toLocationNo: chosen.toLocationNo,
                expectedAt: new Date(Date.now() + days * DAY_MS),
                wantedAt: null,
                note: null,
                by: actor.name,
                lines: [{ skuNo: row.skuNo, qty: chosen.qty, proposalId: null }],
              },
            ],
            supplyDoor,
          );
          if (made[0] === undefined) throw new AppError('insufficient_stock');
          result = { order: made[0].code, promotionDraft: null };
        } else {
          const id = await draftPromotion(tx, {
            kind: chosen.action === 'bundle' ? 'bundle' : 'markdown',
            skuNo: row.skuNo,
            locationNo: row.locationNo,
            partnerSkuNo: chosen.action === 'bundle' ? chosen.withSkuNo : null,
            percentOff: chosen.action === 'markdown' ? Math.round(chosen.cut * 100) : null,
            qty: chosen.qty,
            why: { slowness: slow.slowness, coverDays: slow.coverDays, effect: chosen.effect },
            by: actor.name,
          });
          result = { order: null, promotionDraft: id };
        }
        await writeAudit(tx, actor, {
          action: 'slow_mover.accept',
          target: `${body.sku}@${body.location}`,
          details: { action, ...result },
        });
        return result;
      });
      hints.publish('stock', 'alerts');
      signalled();
      return answer;
    },
  }),
];

function fits(offered: z.output<typeof option>, asked: z.output<typeof choice>): boolean {
  switch (asked.action) {
    case 'transfer':
      return offered.action === 'transfer' && offered.to === asked.to;
    case 'bundle':
      return offered.action === 'bundle' && offered.with === asked.with;
    case 'markdown':
      return offered.action === 'markdown' && offered.cut === asked.cut;
  }
}
