import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { readRequests } from '@zhanggui/shared/board/board-live-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import {
  readProducts,
  readSpares,
  type SessionRow,
  type SpareRow,
} from '@zhanggui/shared/live/live-store.ts';
import { readPlaces, type PlaceRow } from '@zhanggui/shared/live/places-store.ts';
import {
  firstOut,
  movesOf,
  neededPieces,
  runwaysOf,
  wantedPieces,
  type Move,
  type Runway,
} from '@zhanggui/shared/live/runway.ts';
import { plannedMinutes } from '@zhanggui/shared/live/session.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { resolveOrderLines } from '@zhanggui/shared/supply/draft-store.ts';
import { placeOrders } from '@zhanggui/shared/supply/supply-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, instant } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { supplyDoor } from '../supply/door.ts';
import { byId, move, name, place, request, shownPlace } from './live-fields.ts';
import { ask, demandOnAir, demandSku, findSession, lastOf } from './live-session.ts';

const MINUTE = 60_000;
/** Days until goods that follow a show are there, where nobody says otherwise. */
const MOVE_MS = 24 * 60 * MINUTE;

type Ways = {
  /** Where the product is sold from, the place that ends first before the others. */
  runways: Runway<PlaceRow>[];
  /** Where goods are to go; null: nobody knows where the show sells from. */
  target: Runway<PlaceRow> | null;
  wanted: number;
  skuNo: number;
  packSize: number;
  rows: Move<SpareRow>[];
};

/**
 * What could be sent after a product: to `to`, or to where it ends first, and whence. Pieces are wanted until the show ends, as far as
 * that is known; its other places keep what they need themselves. Throws `conflict` where it does not sell from `to`.
 */
async function waysOf(db: Sql, row: SessionRow, sku: string, to: string | undefined): Promise<Ways> {
  const now = Date.now();
  const of = (await readProducts(db, row.id)).find((each) => each.sku === sku);
  if (!of) throw new AppError('not_found', `${sku} is not in this livestream`);
  const [places, curves, { no, packSize }] = await Promise.all([
    readPlaces(db, [{ session: row.id, sku }], new Date(now)),
    lastOf(db, row.id),
    demandSku(db, sku),
  ]);
  const runways = runwaysOf(places, { featuredAt: of.featuredAt?.getTime() ?? 0, now });
  const target = to === undefined ? firstOut(runways) : runways.find(({ location }) => location === to);
  if (target === undefined) throw new AppError('conflict', `This show does not sell ${sku} from ${to}`);
  const passed = (now - (row.startedAt?.getTime() ?? now)) / MINUTE;
  const left = (row.planMinutes ?? plannedMinutes(curves)) - passed;
  const wanted = target === null ? 0 : wantedPieces(target, left);
  const spares = await readSpares(db, sku, target?.location ?? null);
  const needs = new Map(runways.map((each) => [each.location, neededPieces(each.perHour, left)]));
  return { runways, target, wanted, skuNo: no, packSize, rows: movesOf(spares, { wanted, packSize, needs }) };
}

/** Goods that are sent after a show which runs out. */
export const liveMoveRoutes = ({ sql, hints, signalled }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/live/sessions/:id/moves',
    permission: 'live.read',
    tag: 'live',
    summary: 'List where goods could be sent from, best first, to go on selling a product',
    description:
      'To the place that decides when it is out, or to another one that the show sells it from: `to`. Places that sell it themselves keep what they need until the show ends.',
    params: byId,
    query: z.object({ sku: code, to: code.optional() }),
    answer: z.object({
      to: name.describe('Null: nobody knows where the show sells from'),
      wanted: z.int().describe('Pieces that are missing there until the show ends, at the present rate'),
      places: z.array(place).describe('Where it is sold from, the one that ends first before the others'),
      rows: z.array(move),
    }),
    errors: ['not_found', 'conflict'],
    async handler({ params: { id }, query: { sku, to } }) {
      const { runways, target, wanted, rows } = await waysOf(sql, await findSession(sql, id), sku, to);
      return {
        to: target?.location ?? null,
        wanted,
        places: runways.map((each) => shownPlace(each)),
        rows: rows.slice(0, 10),
      };
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/live/sessions/:id/moves',
    permission: 'live.command',
    tag: 'live',
    summary: 'Send goods after a show that runs out: makes a transfer to where it sells from',
    description:
      'Whoever runs a show may send goods to the places that it sells from, and nowhere else. Without `to` it is the place that decides when the product is out; without `from` and `qty` it is the best of `GET …/moves`.',
    params: byId,
    headers: idempotencyHeaders,
    body: z.strictObject({
      sku: code,
      to: code.optional(),
      from: code.optional(),
      qty: z.int().min(1).max(1_000_000).optional(),
      expectedAt: instant.optional(),
    }),
    status: 201,
    answer: request,
    errors: ['not_found', 'conflict', 'insufficient_stock', 'cross_site'],
    async handler({ params: { id }, body: { sku, to, from, qty, expectedAt }, who, req }) {
      const actor = actorOf(who);
      const answer = await once(sql, { req, who }, request, async (tx) => {
        const row = await demandOnAir(tx, id);
        const { target, skuNo, packSize, rows } = await waysOf(tx, row, sku, to);
        if (target === null) throw new AppError('conflict', 'Nobody knows where this show sells from');
        const source = from ?? rows[0]?.location;
        if (source === undefined) throw new AppError('insufficient_stock', 'No other place has any to spare');
        if (source === target.location) throw new AppError('conflict', `${source} is where it is to go`);
        const pieces = qty ?? rows.find(({ location }) => location === source)?.qty ?? packSize;
        const found = await resolveOrderLines(tx, {
          from: source,
          to: target.location,
          lines: [{ sku, qty: pieces }],
        });
        if (found.missing !== null)
          throw new AppError('not_found', `There is no ${found.missing.what} ${found.missing.code}`);
        const { made, short } = await placeOrders(
          tx,
          [
            {
              kind: 'transfer',
              fromLocationNo: found.from?.no ?? null,
              supplier: null,
              toLocationNo: found.to.no,
              expectedAt: expectedAt ?? new Date(Date.now() + MOVE_MS),
              wantedAt: null,
              note: row.title ?? row.id,
              by: actor.name,
              lines: [{ skuNo, qty: pieces, proposalId: null }],
            },
          ],
          supplyDoor,
        );
        const [lack] = short;
        if (lack)
          throw new AppError(
            'insufficient_stock',
            `${source} has ${lack.shortages[0]?.available ?? 0} available`,
          );
        const orderCode = made[0]!.code;
        const requestId = await ask(
          tx,
          row,
          { session: row.id, kind: 'move', skuNo, orderCode, qty: pieces, note: null, by: actor.name },
          sku,
        );
        await writeAudit(tx, actor, {
          action: 'supply_order.create',
          target: orderCode,
          details: { kind: 'transfer', lines: 1, session: row.id },
        });
        return (await readRequests(tx, [row.id])).find((each) => each.id === requestId)!;
      });
      hints.publish('live', 'stock', 'alerts');
      signalled();
      return answer;
    },
  }),
];
