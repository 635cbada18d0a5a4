import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { channels } from '@zhanggui/shared/contract/words.ts';
import { readMember } from '@zhanggui/shared/members/member-store.ts';
import { memberId } from '@zhanggui/shared/members/rows.ts';
import { bookPoints, listPoints, listRates, setRate } from '@zhanggui/shared/members/point-store.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { idempotencyHeaders, once } from '../http/idempotency.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { sightOn } from './member-fields.ts';

const params = z.object({ id: memberId });
const amount = z.int().min(1).max(1_000_000_000);
const ref = line(128).describe(
  'Your own name for it: the same one again books nothing, and answers the balance',
);
const balance = z.object({ points: z.int().describe('Balance after it') });

const entry = z.object({
  no: z.int(),
  kind: z.enum(['order', 'spent', 'given']),
  ref: z.string().describe('The order, or what the command was called'),
  delta: z.int(),
  reason: z.string().nullable(),
  channel: z.string().nullable(),
  at: instant,
  createdBy: z.string().nullable(),
});

const rate = z.object({
  fromAt: instant.nullable().describe('null: from the beginning'),
  perUnit: z.number().describe('Points for each whole unit of the currency that was paid'),
  createdBy: z.string().nullable(),
});

const rates = z.object({ rows: z.array(rate) });

/** Points: earned by orders of any channel by themselves, spent and given by command, in one ledger. */
export const pointRoutes = ({ sql }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/members/:id/points',
    permission: 'members.read',
    tag: 'members',
    summary: 'List a member’s points, newest first',
    params,
    query: z.object(pageQuery),
    answer: pageOf(entry),
    errors: ['not_found'],
    async handler({ params: { id }, query: { limit, cursor }, who }) {
      if ((await readMember(sql, id, sightOn(who))) === null)
        throw new AppError('not_found', 'There is no such member');
      const position = decodeCursor(cursor, z.tuple([z.int()]));
      const rows = await listPoints(sql, id, { before: position?.[0], limit: limit + 1 });
      return cutPage(rows, limit, (row) => [row.no]);
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/members/:id/points/spend',
    permission: 'points.spend',
    tag: 'members',
    summary: 'Spend points',
    description:
      'Never below zero. Tills and shops of any channel spend from the same balance; a manager also that of members who never bought in their stores.',
    params,
    headers: idempotencyHeaders,
    body: z.strictObject({
      points: amount,
      ref,
      reason: line(200).optional(),
      channel: z.enum(channels).optional(),
    }),
    answer: balance,
    errors: ['not_found', 'insufficient_points', 'conflict', 'cross_site'],
    handler: (call) =>
      once(sql, call, balance, async (tx) => {
        const { points, ref, reason = null, channel = null } = call.body;
        const actor = actorOf(call.who);
        const booked = await bookPoints(tx, {
          memberId: call.params.id,
          kind: 'spent',
          ref,
          delta: -points,
          reason,
          channel,
          by: actor.name,
        });
        if (!booked.repeated)
          await writeAudit(tx, actor, {
            action: 'points.spend',
            target: call.params.id,
            details: { points, ref },
          });
        return { points: booked.points };
      }),
  }),
  route({
    method: 'post',
    path: '/api/v1/members/:id/points/give',
    permission: 'points.give',
    tag: 'members',
    summary: 'Give points, or take back what was given wrongly',
    description:
      'For opening balances, apologies and corrections. Below zero takes back, but never more than is there.',
    params,
    headers: idempotencyHeaders,
    body: z.strictObject({
      points: z
        .int()
        .min(-1_000_000_000)
        .max(1_000_000_000)
        .refine((points) => points !== 0, 'must not be 0'),
      ref,
      reason: line(200),
    }),
    answer: balance,
    errors: ['not_found', 'insufficient_points', 'conflict', 'cross_site'],
    handler: (call) =>
      once(sql, call, balance, async (tx) => {
        const { points, ref, reason } = call.body;
        const actor = actorOf(call.who);
        const booked = await bookPoints(tx, {
          memberId: call.params.id,
          kind: 'given',
          ref,
          delta: points,
          reason,
          channel: null,
          by: actor.name,
        });
        if (!booked.repeated)
          await writeAudit(tx, actor, {
            action: 'points.give',
            target: call.params.id,
            details: { points, ref, reason },
          });
        return { points: booked.points };
      }),
  }),
  route({
    method: 'get',
    path: '/api/v1/point-rates',
    permission: 'members.read',
    tag: 'members',
    summary: 'List the rates at which orders earn points, newest first',
    answer: rates,
    handler: async () => ({ rows: await listRates(sql) }),
  }),
  route({
    method: 'post',
    path: '/api/v1/point-rates',
    permission: 'points.give',
    tag: 'members',
    summary: 'Set the rate for orders paid from now on',
    description: 'Orders paid before keep the rate of their time.',
    headers: idempotencyHeaders,
    body: z.strictObject({ perUnit: z.number().min(0).max(1000).multipleOf(0.0001) }),
    answer: rates,
    errors: ['conflict', 'cross_site'],
    handler: (call) =>
      once(sql, call, rates, async (tx) => {
        const { perUnit } = call.body;
        const actor = actorOf(call.who);
        await setRate(tx, perUnit, actor.name);
        await writeAudit(tx, actor, { action: 'points.rate', details: { perUnit } });
        return { rows: await listRates(tx) };
      }),
  }),
];
