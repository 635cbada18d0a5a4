import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import {
  readDrops,
  readMarks,
  readRequests,
  type RequestRow,
} from '@zhanggui/shared/board/board-live-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { marksOf } from '@zhanggui/shared/board/live-tiles.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import {
  listSessions,
  readChannels,
  readCurve,
  findPlanned,
  planShow,
  readLast,
  readPlan,
  readProducts,
  seeRequest,
  setPlan,
  type ProductRow,
} from '@zhanggui/shared/live/live-store.ts';
import { readPlaces, type PlaceRow } from '@zhanggui/shared/live/places-store.ts';
import {
  change,
  lastByNow,
  PLANNED_MINUTES,
  placedBy,
  planByNow,
  plannedMinutes,
} from '@zhanggui/shared/live/session.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import {
  asked,
  byId,
  comingShow,
  detail,
  plan,
  request,
  session,
  sessionId,
  share,
  shown,
  shownProduct,
} from './live-fields.ts';
import { ask, demandOnAir, demandSku, findSession, lastOf } from './live-session.ts';

const MINUTE = 60_000;

/** Livestreams: on air, past and planned; what they sell and how long it lasts; what is asked of their hosts. */
export const liveRoutes = ({ sql, hints }: Parts) => {
  const told = () => hints.publish('live');

  /** Everything in a session with the places that it is sold from. */
  async function readGoods(
    db: Sql,
    id: string,
    now: Date,
  ): Promise<{ of: ProductRow; places: PlaceRow[] }[]> {
    const products = await readProducts(db, id);
    const places = await readPlaces(
      db,
      products.map(({ sku }) => ({ session: id, sku })),
      now,
    );
    const bySku = Map.groupBy(places, ({ sku }) => sku);
    return products.map((of) => ({ of, places: bySku.get(of.sku) ?? [] }));
  }

  async function show(db: Sql, asked: string): Promise<z.output<typeof detail>> {
    const row = await findSession(db, asked);
    const { id } = row;
    const at = Date.now();
    const head = shown(row, at);
    const isOver = head.state === 'ended';
    const from = row.startedAt ?? row.sortAt;
    const to = head.endedAt ?? new Date(at);
    const passed = Math.max(0, to.getTime() - from.getTime()) / MINUTE;
    const [curve, ofChannels, goods, marks, requests, drops, curves, before, asSet] = await Promise.all([
      readCurve(db, id, { from, to }),
      readChannels(db, id),
      readGoods(db, id, new Date(at)),
      readMarks(db, [id]),
      readRequests(db, [id]),
      readDrops(db, [id]),
      lastOf(db, id),
      row.room === null || row.startedAt === null ? [] : readLast(db, { id, room: row.room }, row.startedAt),
      readPlan(db, id),
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
        asSet === null || byNow === null
          ? null
          : { amount: asSet.amount, minutes, asSet, byNow, vsPlan: change(row.placed, byNow) },
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
      products: goods.map(({ of, places }) => shownProduct(of, places, { now: at, isOver, up })),
      marks: marksOf(marks, requests, drops),
      requests: requests.map((each: RequestRow) => each),
    };
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
      method: 'post',
      path: '/api/v1/live/sessions',
      permission: 'live.command',
      tag: 'live',
      summary: 'Plan a livestream whose id nobody knows yet',
      description: `It has an id of its own until a show begins in that room within ${PLANNED_MINUTES} minutes of that time: then the plan is that show’s, and the id leads there.`,
      body: comingShow,
      headers: idempotencyHeaders,
      status: 201,
      answer: detail,
      errors: ['cross_site'],
      async handler({ body, who, req }) {
        const actor = actorOf(who);
        const answer = await once(sql, { req, who }, detail, async (tx) => {
          const { minutes = null, title = null, ...rest } = body;
          const id = await planShow(tx, { ...rest, minutes, title }, actor.name);
          await writeAudit(tx, actor, { action: 'live.plan', target: id, details: { amount: body.amount } });
          await noteChange(tx, { topics: ['live'], minutes: [], locationNos: [] });
          return show(tx, id);
        });
        told();
        return answer;
      },
    }),
    route({
      method: 'put',
      path: '/api/v1/live/sessions/:id/plan',
      permission: 'live.command',
      tag: 'live',
      summary: 'Set what a livestream is to bring in, also before it begins',
      description: 'Replaces the plan as a whole: what is left out, nobody says any more.',
      params: byId,
      body: plan,
      answer: detail,
      errors: ['cross_site'],
      async handler({ params, body, who }) {
        const actor = actorOf(who);
        const answer = await sql.begin(async (tx) => {
          const id = (await findPlanned(tx, params.id)) ?? params.id;
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
          const requestId = await ask(tx, row, { session: row.id, kind, skuNo, note, by: actor.name }, sku);
          await writeAudit(tx, actor, { action: `live.${kind}`, target: row.id, details: { sku, note } });
          return (await readRequests(tx, [row.id])).find((each) => each.id === requestId)!;
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
  ];
};
