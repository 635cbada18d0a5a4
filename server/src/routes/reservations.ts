import { createHash } from 'node:crypto';
import { z } from 'zod';
import { hasDone, writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { maySee, sightOf, type Who } from '@zhanggui/shared/access/permissions.ts';
import { visibleLocationNos } from '@zhanggui/shared/catalog/place-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { channels } from '@zhanggui/shared/contract/words.ts';
import type { Sql } from '@zhanggui/shared/platform/database.ts';
import { findReservations, listReservations, type Place } from '@zhanggui/shared/stock/promise-store.ts';
import {
  AWAIT_ORDER_DAYS,
  ELSEWHERE_PIECES,
  ELSEWHERE_SECONDS,
  DEFAULT_TTL_SECONDS,
  MAX_TTL_SECONDS,
  MIN_TTL_SECONDS,
  reservationStates,
  type HeldLine,
} from '@zhanggui/shared/stock/reservation.ts';
import {
  extendReservation,
  fulfilReservation,
  releaseReservation,
} from '@zhanggui/shared/stock/reservation-store.ts';
import { actorOf } from '../http/actor.ts';
import { code, cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { answeredBefore, idempotencyHeaders, keyedCommand, once } from '../http/idempotency.ts';
import { route, type Call } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { bookHolds, nothing, type Booked } from '../stock/book-holds.ts';
import { demandOwn, Places } from '../stock/places.ts';
import { Reserver } from '../stock/reserver.ts';

const MOST_LINES = 100;
const MOST_PIECES = 100_000;

const reference = line(128).describe(
  'Id of the order that is to come: its `order.placed` takes the pieces over',
);

const ttlSeconds = z.int().min(MIN_TTL_SECONDS).max(MAX_TTL_SECONDS).describe('How long it holds, from now');

const wish = z
  .strictObject({
    reference,
    channel: z.enum(channels),
    lines: z
      .array(z.strictObject({ sku: code, qty: z.int().min(1).max(MOST_PIECES) }))
      .min(1)
      .max(MOST_LINES),
    location: code.optional().describe('Exactly there'),
    near: code
      .optional()
      .describe(
        'As near as can be to this location, or to `lat,lon`; without it warehouses come before stores',
      ),
    allowSplit: z
      .boolean()
      .default(false)
      .describe('Whether several locations may give a part each: as few and as near as can be'),
    ttlSeconds: ttlSeconds.default(DEFAULT_TTL_SECONDS),
    lookupId: z.uuid().optional().describe('The look-up that led to it: the sale counts as saved'),
  })
  .refine(({ location, near }) => location === undefined || near === undefined, {
    path: ['near'],
    message: 'not together with location',
  });

const reservation = z.object({
  id: z.uuid(),
  reference: z.string(),
  channel: z.string(),
  state: z.enum(reservationStates),
  holds: z.boolean().describe('Whether its pieces are reserved now'),
  lines: z.array(z.object({ sku: z.string(), location: z.string(), qty: z.int() })),
  createdAt: instant,
  createdBy: z.string(),
  expiresAt: instant.nullable().describe('When it ends by itself; null: never'),
  fulfilledAt: instant.nullable(),
  endedAt: instant.nullable().describe('Since when it holds nothing'),
});

const byId = z.object({ id: z.uuid() });

/** Pieces held for orders to come. */
export const reservationRoutes = ({ sql, hints, signalled }: Parts) => {
  const places = new Places(sql);
  const tell = ({ topics, signals }: Booked): void => {
    hints.publish(...topics);
    if (signals > 0) signalled();
  };
  const reserver = new Reserver({
    sql,
    encode: (made) => z.encode(reservation, made),
    onCommit: tell,
  });

  /**
   * What may give, best first. Managers reserve at their own stores, and a few pieces for a customer at any other that is named:
   * whoever stands at their counter wants an answer, not a telephone number.
   */
  async function candidates(
    { location, near, lines, ttlSeconds: ttl }: z.output<typeof wish>,
    who: Who,
  ): Promise<{ places: Place[]; exact: boolean }> {
    if (location !== undefined) {
      const place = await places.find(location);
      if (!maySee(who, place)) demandLittle(place, lines, ttl);
      return { places: [place], exact: true };
    }
    const ranked = await places.ranked(near);
    const own = ranked.map(({ place }) => place).filter((place) => maySee(who, place));
    return { places: own, exact: false };
  }

  async function find(db: Sql, id: string, who: Who) {
    const [row] = await findReservations(db, [id]);
    if (!row) throw new AppError('not_found', `There is no reservation ${id}`);
    const known = await places.byNo();
    const at = row.locationNos.flatMap((no) => known.get(no) ?? []);
    // Who keeps something at another store may take it back.
    const theirs = async () => {
      const { kind, id: actorId } = actorOf(who);
      return kind === 'user' && hasDone(db, actorId, 'reservation.create', row.reference);
    };
    if (!at.every((place) => maySee(who, place)) && !(await theirs())) demandOwn(who, at);
    return row;
  }

  type Change = Call<typeof byId, undefined, z.ZodType>;

  /** Changes a reservation in a transaction, once for each Idempotency-Key, and answers it as it is then. */
  async function change(
    call: Pick<Change, 'params' | 'who' | 'req'>,
    verb: 'extend' | 'release' | 'fulfil',
    work: (tx: Sql) => Promise<HeldLine[]>,
    fits: (state: (typeof reservationStates)[number]) => boolean,
  ) {
    const { id } = call.params;
    await find(sql, id, call.who);
    let booked = nothing;
    const answer = await once(sql, call, reservation, async (tx) => {
      booked = await bookHolds(tx, { freed: await work(tx) });
      const after = await find(tx, id, call.who);
      if (!fits(after.state)) throw new AppError('conflict', `The reservation is ${after.state}`);
      const actor = actorOf(call.who);
      if (actor.kind === 'user')
        await writeAudit(tx, actor, { action: `reservation.${verb}`, target: after.reference });
      return after;
    });
    tell(booked);
    return answer;
  }

  return [
    route({
      method: 'post',
      path: '/api/v1/reservations',
      permission: 'stock.command',
      tag: 'stock',
      summary: 'Reserve pieces for an order that is to come',
      description: `All or nothing: every line is held in full, or 409 \`insufficient_stock\` says in \`available\` what can be promised.
What a channel can promise is what is available less its buffer (\`/api/v1/stock-buffers\`), and nothing of a SKU that is exclusive to others.

A manager reserves at their own stores; for a customer also at another one that is named as \`location\`, up to ${ELSEWHERE_PIECES} pieces a line for
at most ${ELSEWHERE_SECONDS / 3600} hours.

The reservation ends when it is released, when its time is up, or when \`order.placed\` with \`orderId\` = \`reference\` arrives: the
order then reserves or takes the goods itself, in the same transaction. A reference holds one reservation at a time. The same request sent
again is answered with the same reservation; another one for the same reference is a \`conflict\`.`,
      headers: idempotencyHeaders,
      body: wish,
      answer: reservation,
      status: 201,
      errors: ['insufficient_stock', 'conflict', 'not_found', 'outside_scope', 'overloaded', 'cross_site'],
      async handler({ body, who, req }) {
        const command = keyedCommand({ req, who });
        const outcome = await reserver.submit({
          ...body,
          ...(await candidates(body, who)),
          hash: hashOf(body),
          by: actorOf(who),
          lookupId: body.lookupId ?? null,
          command,
        });
        switch (outcome.kind) {
          case 'reserved':
            return outcome.reservation;
          case 'standing':
            return find(sql, outcome.id, who);
          case 'answered':
            return answeredBefore(command!, outcome.kept, reservation);
          case 'refused':
            throw outcome.error;
        }
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/reservations',
      permission: 'restock.read',
      tag: 'stock',
      summary: 'List reservations, newest first',
      query: z.object({
        reference: reference.optional(),
        state: z.enum(reservationStates).optional(),
        ...pageQuery,
      }),
      answer: pageOf(reservation),
      async handler({ query: { limit, cursor, ...filter }, who }) {
        const before = decodeCursor(cursor, z.tuple([z.uuid()]));
        const locationNos = await visibleLocationNos(sql, sightOf(who));
        const rows = await listReservations(sql, {
          ...filter,
          locationNos,
          before: before && before[0],
          limit: limit + 1,
        });
        return cutPage(rows, limit, ({ id }) => [id]);
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/reservations/:id',
      permission: 'restock.read',
      tag: 'stock',
      summary: 'Show a reservation',
      params: byId,
      answer: reservation,
      errors: ['not_found', 'outside_scope'],
      handler: ({ params: { id }, who }) => find(sql, id, who),
    }),
    route({
      method: 'post',
      path: '/api/v1/reservations/:id/extend',
      permission: 'stock.command',
      tag: 'stock',
      summary: 'Let an open reservation hold longer',
      description: 'It never ends sooner than it would have. `conflict` where it is not open any more.',
      headers: idempotencyHeaders,
      params: byId,
      body: z.strictObject({ ttlSeconds }),
      answer: reservation,
      errors: ['conflict', 'not_found', 'outside_scope', 'cross_site'],
      handler: (call) =>
        change(
          call,
          'extend',
          async (tx) => {
            await extendReservation(tx, call.params.id, call.body.ttlSeconds);
            return [];
          },
          (state) => state === 'open',
        ),
    }),
    route({
      method: 'post',
      path: '/api/v1/reservations/:id/release',
      permission: 'stock.command',
      tag: 'stock',
      summary: 'Release a reservation',
      description: `Its pieces can be sold again. One that ended already is answered as it is; \`conflict\` where an order has
taken the pieces over: that one is to be cancelled.`,
      headers: idempotencyHeaders,
      params: byId,
      answer: reservation,
      errors: ['conflict', 'not_found', 'outside_scope', 'cross_site'],
      handler: (call) =>
        change(
          call,
          'release',
          (tx) => releaseReservation(tx, call.params.id),
          (state) => state === 'released' || state === 'expired',
        ),
    }),
    route({
      method: 'post',
      path: '/api/v1/reservations/:id/fulfil',
      permission: 'stock.command',
      tag: 'stock',
      summary: 'Say that the order is made',
      description: `Facts come when they come. If \`order.placed\` with \`orderId\` = \`reference\` is here already, the order has taken the
pieces over and nothing is left to hold. If not, the reservation is fulfilled but goes on holding (\`holds\` is true) until that fact arrives, so that
nobody buys the pieces in between; for ${AWAIT_ORDER_DAYS} days at most, then they are free again. May be called again. \`conflict\` where it was
released or has expired.`,
      headers: idempotencyHeaders,
      params: byId,
      answer: reservation,
      errors: ['conflict', 'not_found', 'outside_scope', 'cross_site'],
      handler: (call) =>
        change(
          call,
          'fulfil',
          (tx) => fulfilReservation(tx, call.params.id),
          (state) => state === 'fulfilled',
        ),
    }),
  ];
};

/** Throws `outside_scope` for more than may be kept at a store that is not one's own. */
function demandLittle(place: Place, lines: readonly { sku: string; qty: number }[], ttl: number): void {
  const sums = sumOf(lines);
  if (ttl > ELSEWHERE_SECONDS || [...sums.values()].some((qty) => qty > ELSEWHERE_PIECES))
    throw new AppError(
      'outside_scope',
      `${place.code} is not one of yours: up to ${ELSEWHERE_PIECES} pieces of a SKU can be kept there, for ${ELSEWHERE_SECONDS / 3600} hours`,
    );
}

function sumOf(lines: readonly { sku: string; qty: number }[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const { sku, qty } of lines) sums.set(sku, (sums.get(sku) ?? 0) + qty);
  return sums;
}

/** Of what is asked for: the order of the lines, and lines that add up to the same, make no difference. */
function hashOf({
  channel,
  lines,
  location,
  near,
  allowSplit,
  ttlSeconds: ttl,
}: z.output<typeof wish>): string {
  const sorted = [...sumOf(lines)].sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify([channel, sorted, location, near, allowSplit, ttl]))
    .digest('base64url');
}
