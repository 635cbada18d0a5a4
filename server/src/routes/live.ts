import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import {
  readDrops,
  readLastSessions,
  readMarks,
  readRequests,
  type RequestRow,
} from '@zhanggui/shared/board/board-live-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { lastCurves, marksOf } from '@zhanggui/shared/board/live-tiles.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { queueDelivery } from '@zhanggui/shared/delivery/delivery-store.ts';
import {
  addRequest,
  findSku,
  listSessions,
  readChannels,
  readCurve,
  readLast,
  readProducts,
  readSpares,
  seeRequest,
  setPlan,
  type ProductRow,
  type SessionRow,
} from '@zhanggui/shared/live/live-store.ts';
import {
  change,
  lastByNow,
  movesOf,
  perHour,
  placedBy,
  planByNow,
  plannedMinutes,
  stateOf,
  wantedPieces,
  type Curve,
} from '@zhanggui/shared/live/session.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { resolveOrderLines } from '@zhanggui/shared/supply/draft-store.ts';
import { placeOrders } from '@zhanggui/shared/supply/supply-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { supplyDoor } from '../supply/door.ts';
import {
  asked,
  byId,
  detail,
  heardOf,
  move,
  name,
  plan,
  request,
  session,
  sessionId,
  share,
  shown,
  shownProduct,
} from './live-fields.ts';

const MINUTE = 60_000;
/** Days until goods that follow a show are there, where nobody says otherwise. */
const MOVE_MS = 24 * 60 * MINUTE;

/** Livestreams: on air, past and planned; what they sell and how long it lasts; what is asked of their hosts. */
export const liveRoutes = ({ sql, hints, signalled }: Parts) => {
  const told = () => hints.publish('live');

  async function find(db: Sql, id: string): Promise<SessionRow> {
    const [row] = await listSessions(db, { id }, null, { now: new Date(), limit: 1 });
    if (!row) throw new AppError('not_found', `There is no livestream ${id}`);
    return row;
  }

  async function demandOnAir(db: Sql, id: string): Promise<SessionRow> {
    const row = await find(db, id);
    if (stateOf(heardOf(row), Date.now()) === 'ended') throw new AppError('conflict', `${id} is not on air`);
    return row;
  }

  async function demandSku(db: Sql, sku: string) {
    const found = await findSku(db, sku);
    if (!found) throw new AppError('not_found', `There is no SKU ${sku}`);
    return found;
  }

  async function findProduct(db: Sql, id: string, sku: string): Promise<ProductRow> {
    const row = (await readProducts(db, id, new Date())).find((each) => each.sku === sku);
    if (!row) throw new AppError('not_found', `${sku} is not in this livestream`);
    return row;
  }

  const lastOf = async (db: Sql, id: string): Promise<Curve[]> =>
    lastCurves(await readLastSessions(db, [id])).get(id) ?? [];

  /** Pieces wanted until the show ends, as far as that is known. */
  async function wantedOf(db: Sql, row: SessionRow, of: ProductRow): Promise<number> {
    const now = Date.now();
    const length = row.planMinutes ?? plannedMinutes(await lastOf(db, row.id));
    const passed = (now - (row.startedAt?.getTime() ?? now)) / MINUTE;
    const rate = perHour(of.recent, of.featuredAt?.getTime() ?? 0, now, of.pace);
    return wantedPieces({ available: of.available, perHour: rate }, length - passed);
  }

  async function show(db: Sql, id: string): Promise<z.output<typeof detail>> {
    const row = await find(db, id);
    const at = Date.now();
    const head = shown(row, at);
    const isOver = head.state === 'ended';
    const from = row.startedAt ?? row.sortAt;
    const to = head.endedAt ?? new Date(at);
    const passed = Math.max(0, to.getTime() - from.getTime()) / MINUTE;
    const [curve, ofChannels, products, marks, requests, drops, curves, before] = await Promise.all([
      readCurve(db, id, { from, to }),
      readChannels(db, id),
      readProducts(db, id, new Date(at)),
      readMarks(db, [id]),
      readRequests(db, [id]),
      readDrops(db, [id]),
      lastOf(db, id),
      row.room === null || row.startedAt === null ? [] : readLast(db, { id, room: row.room }, row.startedAt),
    ]);
    const minutes = row.planMinutes ?? plannedMinutes(curves);
    const planAt = (passedBy: number) =>
      row.planAmount === null
        ? null
        : planByNow({ amount: row.planAmount, minutes: row.planMinutes }, curves, passedBy);
    const byNow = planAt(passed);
    const lastPlaced = lastByNow(curves, passed);
    const up = marks.at(-1)?.sku ?? null;
    return {
      ...head,
      funnel: {
        entered: row.entered,
        clicks: row.clicks,
        orders: row.orders,
        clickRate: share(row.clicks, row.entered),
        orderRate: share(row.orders, row.clicks),
        conversion: share(row.orders, row.entered),
      },
      plan:
        row.planAmount === null || byNow === null
          ? null
          : { amount: row.planAmount, minutes, byNow, vsPlan: change(row.placed, byNow) },
      last: {
        byNow: lastPlaced,
        vsLast: change(row.placed, lastPlaced),
        sessions: before.map((each, i) => ({
          ...each,
          byNow: curves[i] ? Math.round(placedBy(curves[i], passed)) : 0,
        })),
      },
      curve: curve.map((each) => {
        const until = Math.max(0, each.minute.getTime() + MINUTE - from.getTime()) / MINUTE;
        return { ...each, peak: each.viewers, planned: planAt(until), last: lastByNow(curves, until) };
      }),
      channels: ofChannels,
      products: products.map((each) => shownProduct(each, { now: at, isOver, up })),
      marks: marksOf(marks, requests, drops),
      requests: requests.map((each: RequestRow) => each),
    };
  }

  /** Notes a request and tells whoever listens: the host's screen by the board, machines and groups by message. */
  async function ask(tx: Sql, row: SessionRow, wanted: Parameters<typeof addRequest>[1], sku: string | null) {
    const id = await addRequest(tx, wanted);
    await queueDelivery(tx, {
      event: 'live.asked',
      data: {
        session: row.id,
        room: row.room,
        title: row.title,
        request: id,
        kind: wanted.kind,
        sku,
        qty: wanted.qty ?? null,
        note: wanted.note,
        by: wanted.by,
      },
    });
    await noteChange(tx, { topics: ['live'], minutes: [], locationNos: [] });
    return id;
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/live/sessions',
      permission: 'live.read',
      tag: 'live',
      summary: 'List livestreams, newest first',
      query: z.object({
        state: z.enum(['running', 'past', 'planned']).optional(),
        room: sessionId.optional(),
        ...pageQuery,
      }),
      answer: pageOf(session),
      async handler({ query: { limit, cursor, state, room } }) {
        const before = decodeCursor(cursor, z.tuple([z.iso.datetime(), z.string()]));
        const now = new Date();
        const rows = await listSessions(
          sql,
          { which: state, room },
          before && { at: new Date(before[0]), id: before[1] },
          { now, limit: limit + 1 },
        );
        const page = cutPage(rows, limit, (row) => [row.sortAt.toISOString(), row.id]);
        return { ...page, rows: page.rows.map((row) => shown(row, now.getTime())) };
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/live/sessions/:id',
      permission: 'live.read',
      tag: 'live',
      summary: 'See a livestream: its curve, funnel, products, marks, and how it compares',
      params: byId,
      answer: detail,
      errors: ['not_found'],
      handler: ({ params: { id } }) => show(sql, id),
    }),
    route({
      method: 'put',
      path: '/api/v1/live/sessions/:id/plan',
      permission: 'live.command',
      tag: 'live',
      summary: 'Set what a livestream is to bring in, also before it begins',
      params: byId,
      body: plan,
      answer: detail,
      errors: ['cross_site'],
      async handler({ params: { id }, body, who }) {
        const actor = actorOf(who);
        const answer = await sql.begin(async (tx) => {
          const { amount, minutes = null, room = null, title = null, startsAt = null } = body;
          await setPlan(tx, id, { amount, minutes, room, title, startsAt }, actor.name);
          await writeAudit(tx, actor, { action: 'live.plan', target: id, details: { amount } });
          await noteChange(tx, { topics: ['live'], minutes: [], locationNos: [] });
          return show(tx, id);
        });
        told();
        return answer;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/live/sessions/:id/requests',
      permission: 'live.command',
      tag: 'live',
      summary: 'Ask the host to pause a product, to sell it again, to feature one, or tell them something',
      params: byId,
      headers: idempotencyHeaders,
      body: asked,
      status: 201,
      answer: request,
      errors: ['not_found', 'conflict', 'cross_site'],
      async handler({ params: { id }, body, who, req }) {
        const actor = actorOf(who);
        const answer = await once(sql, { req, who }, request, async (tx) => {
          const row = await demandOnAir(tx, id);
          const { kind, sku = null, note = null } = body;
          const skuNo = sku === null ? null : (await demandSku(tx, sku)).no;
          const requestId = await ask(tx, row, { session: id, kind, skuNo, note, by: actor.name }, sku);
          await writeAudit(tx, actor, { action: `live.${kind}`, target: id, details: { sku, note } });
          return (await readRequests(tx, [id])).find((each) => each.id === requestId)!;
        });
        told();
        return answer;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/live/sessions/:id/requests/:request/seen',
      permission: 'live.command',
      tag: 'live',
      summary: 'Say that the host has seen what was asked',
      params: z.object({ id: sessionId, request: z.uuid() }),
      errors: ['not_found', 'cross_site'],
      async handler({ params, who }) {
        const actor = actorOf(who);
        await sql.begin(async (tx) => {
          if (!(await seeRequest(tx, params.id, params.request, actor.name))) {
            const known = await readRequests(tx, [params.id]);
            if (!known.some((each) => each.id === params.request))
              throw new AppError('not_found', 'Nothing such was asked');
            return;
          }
          await noteChange(tx, { topics: ['live'], minutes: [], locationNos: [] });
        });
        told();
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/live/sessions/:id/moves',
      permission: 'live.read',
      tag: 'live',
      summary: 'List where goods could be sent from, best first, to go on selling a product',
      params: byId,
      query: z.object({ sku: code }),
      answer: z.object({ to: name, wanted: z.int(), rows: z.array(move) }),
      errors: ['not_found'],
      async handler({ params: { id }, query: { sku } }) {
        const row = await find(sql, id);
        const of = await findProduct(sql, id, sku);
        const [spares, { packSize }, wanted] = await Promise.all([
          readSpares(sql, sku, of.locations),
          demandSku(sql, sku),
          wantedOf(sql, row, of),
        ]);
        return {
          to: of.locations[0] ?? null,
          wanted,
          rows: movesOf(spares, { wanted, packSize }).slice(0, 10),
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
        'Whoever runs a show may send goods to the places that it sells from, and nowhere else. Without `from` and `qty` it is the best of `GET …/moves`.',
      params: byId,
      headers: idempotencyHeaders,
      body: z.strictObject({
        sku: code,
        from: code.optional(),
        qty: z.int().min(1).max(1_000_000).optional(),
        expectedAt: instant.optional(),
      }),
      status: 201,
      answer: request,
      errors: ['not_found', 'conflict', 'insufficient_stock', 'cross_site'],
      async handler({ params: { id }, body: { sku, from, qty, expectedAt }, who, req }) {
        const actor = actorOf(who);
        const answer = await once(sql, { req, who }, request, async (tx) => {
          const row = await demandOnAir(tx, id);
          const of = await findProduct(tx, id, sku);
          const [to] = of.locations;
          if (to === undefined) throw new AppError('conflict', 'Nobody knows where this show sells from');
          const { no: skuNo, packSize } = await demandSku(tx, sku);
          const moves = movesOf(await readSpares(tx, sku, of.locations), {
            wanted: await wantedOf(tx, row, of),
            packSize,
          });
          const source = from ?? moves[0]?.location;
          if (source === undefined)
            throw new AppError('insufficient_stock', 'No other place has any to spare');
          const pieces = qty ?? moves.find(({ location }) => location === source)?.qty ?? packSize;
          const found = await resolveOrderLines(tx, { from: source, to, lines: [{ sku, qty: pieces }] });
          if (found.missing !== null)
            throw new AppError('not_found', `There is no ${found.missing.what} ${found.missing.code}`);
          if (of.locations.includes(source))
            throw new AppError('conflict', `${source} is where this show sells from`);
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
            { session: id, kind: 'move', skuNo, orderCode, qty: pieces, note: null, by: actor.name },
            sku,
          );
          await writeAudit(tx, actor, {
            action: 'supply_order.create',
            target: orderCode,
            details: { kind: 'transfer', lines: 1, session: id },
          });
          return (await readRequests(tx, [id])).find((each) => each.id === requestId)!;
        });
        hints.publish('live', 'stock', 'alerts');
        signalled();
        return answer;
      },
    }),
  ];
};
