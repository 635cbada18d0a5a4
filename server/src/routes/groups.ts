import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { noteChange } from '@zhanggui/shared/board/change-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import {
  groupEnds,
  groupFlags,
  groupStates,
  promotionSources,
  refundReasons,
} from '@zhanggui/shared/contract/words.ts';
import {
  findGroup,
  listGroups,
  listRefunds,
  listSeats,
  refundStates,
} from '@zhanggui/shared/groups/list-store.ts';
import { confirmRefund } from '@zhanggui/shared/groups/refund-store.ts';
import { memberId } from '@zhanggui/shared/members/rows.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import type { GroupAnswer, GroupAsk, GroupCommand, GroupOutcome } from '../groups/command.ts';
import { decideGroups } from '../groups/decide-groups.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { Grouped } from '../http/grouped.ts';
import { answeredBefore, idempotencyHeaders, keyedCommand, once } from '../http/idempotency.ts';
import { route, type Call } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { Places } from '../stock/places.ts';

const orderId = line(128)
  .optional()
  .describe(
    'Of the order that the member has placed, or will: its payment, its refund and its goods belong to the seat',
  );

const groupFields = {
  id: z.string(),
  campaignId: z.uuid().nullable(),
  source: z.enum(promotionSources).describe('`theirs`: a shop that runs its own engine tells of it by facts'),
  state: z.enum(groupStates),
  because: z.enum(groupEnds).nullable().describe('Why it is not open any more'),
  size: z.int().nullable().describe('null: theirs, and nobody told'),
  members: z.int().describe('Who is in, without virtual ones'),
  virtual: z.int().describe('How many of its size were filled up at the deadline; they are nobody'),
  leader: z.string().nullable(),
  openedAt: instant,
  expiresAt: instant.nullable(),
  formedAt: instant.nullable(),
  endedAt: instant.nullable(),
  flags: z.array(z.enum(groupFlags)).describe('What facts tell of it and what should not be'),
};
const group = z.object(groupFields);
const named = z.object({
  ...groupFields,
  campaign: z.string().nullable(),
  campaignRef: z.string().nullable().describe('The campaign as their facts name it'),
  bonus: z.int().describe('What its leader gets when it forms, minor units; the shop pays it'),
});
const groupDetail = named.extend({
  seats: z
    .array(
      z.object({
        position: z.int(),
        memberId: z.string(),
        joinedAt: instant,
        leftAt: instant.nullable(),
        orderId: z.string().nullable(),
        refund: z
          .object({ id: z.uuid(), amount: z.int(), confirmed: z.boolean() })
          .nullable()
          .describe('Of the seat’s order, else the latest; GET /refund-requests lists all'),
      }),
    )
    .describe('Also of those who left, in order of joining'),
});

const refund = z.object({
  id: z.uuid(),
  state: z
    .enum(refundStates)
    .describe(
      '`untold`: no receiver takes `refund.asked`; `late`: not confirmed half an hour after it was told',
    ),
  groupId: z.string(),
  memberId: z.string(),
  orderId: z.string(),
  amount: z.int().describe('What was owed when it was asked for, minor units'),
  left: z
    .int()
    .describe('What the order’s facts say is still owed; messages say this. 0 when it is confirmed'),
  reason: z.enum(refundReasons),
  askedAt: instant,
  toldAt: instant.nullable(),
  deliveryId: z.uuid().nullable(),
  receiver: z
    .string()
    .nullable()
    .default(null)
    .describe('The endpoint that it is asked of; only that one is reminded'),
  reminders: z.int(),
  confirmedAt: instant.nullable(),
  confirmedBy: z.string().nullable().describe('`fact`: the order’s refund arrived'),
});

const byGroup = z.object({ id: line(128) });
const byRefund = z.object({ id: z.uuid() });
/** `?flagged=true`, and not any text. */
export const flag = z.stringbool().optional();

/** Group-buys: opened, joined and left by command; and the refunds that those which expire ask for. */
export const groupRoutes = ({ sql, hints, settings, signalled }: Parts) => {
  const places = new Places(sql);
  const time = new BusinessTime(settings.timeZone);
  const grouped = new Grouped<GroupCommand, GroupOutcome>({
    decide: (commands) =>
      decideGroups(
        {
          sql,
          time,
          places,
          now: () => new Date(),
          encode: (made) => z.encode(group, made),
          onCommit: ({ topics, signals }) => {
            hints.publish(...topics);
            if (signals > 0) signalled();
          },
        },
        commands,
      ),
    mostWaiting: 10_000,
  });

  type Asked = Pick<Call<undefined, undefined, undefined>, 'req' | 'who'>;
  /** Has a command decided. Throws what refuses it. */
  async function submit({ req, who }: Asked, wish: GroupAsk): Promise<GroupAnswer> {
    const command = keyedCommand({ req, who });
    const outcome = await grouped.submit({ ...wish, command, by: actorOf(who) });
    switch (outcome.kind) {
      case 'done':
        return outcome.group;
      case 'answered':
        return answeredBefore(command!, outcome.kept, group) as GroupAnswer;
      case 'refused':
        throw outcome.error;
    }
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/groups',
      permission: 'groups.read',
      tag: 'groups',
      summary: 'List group-buys, newest first',
      query: z.object({
        campaignId: z.uuid().optional(),
        state: z.enum(groupStates).optional(),
        source: z.enum(promotionSources).optional(),
        flagged: flag,
        memberId: memberId.optional().describe('Groups that this member is in'),
        ...pageQuery,
      }),
      answer: pageOf(named),
      async handler({ query: { limit, cursor, ...filter } }) {
        const before = decodeCursor(cursor, z.tuple([z.int()]));
        const rows = await listGroups(sql, filter, before && before[0], limit + 1);
        return cutPage(rows, limit, ({ no }) => [no]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/groups',
      permission: 'groups.command',
      tag: 'groups',
      summary: 'Open a group-buy',
      description: `The member who opens it leads it. 409 says why not: \`campaign_not_running\`, \`not_eligible\`, \`limit_reached\` (the member is in as many
groups of the campaign as one may), \`sold_out\` (the seats or the money of the campaign are used up), \`insufficient_stock\` (where the campaign
holds pieces: each seat's are held from now on, for a day beyond the deadline).`,
      headers: idempotencyHeaders,
      body: z.strictObject({ campaignId: z.uuid(), memberId, orderId }),
      answer: group,
      status: 201,
      errors: [
        'campaign_not_running',
        'not_eligible',
        'limit_reached',
        'sold_out',
        'insufficient_stock',
        'not_found',
        'conflict',
        'overloaded',
        'cross_site',
      ],
      handler: (call) => submit(call, { kind: 'open', ...call.body, orderId: call.body.orderId ?? null }),
    }),
    route({
      method: 'get',
      path: '/api/v1/groups/:id',
      permission: 'groups.read',
      tag: 'groups',
      summary: 'Show a group-buy',
      params: byGroup,
      answer: groupDetail,
      errors: ['not_found'],
      async handler({ params: { id } }) {
        const row = await findGroup(sql, id);
        if (!row) throw new AppError('not_found', `There is no group ${id}`);
        return { ...row, seats: await listSeats(sql, row.no) };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/groups/:id/joins',
      permission: 'groups.command',
      tag: 'groups',
      summary: 'Join a group-buy',
      description: `With the last seat it forms. Webhooks that take \`group.formed\` and \`group.expired\` are told of it some seconds later, the oldest
one only: \`{groups: [{groupId, campaignId, because, at, size, virtual, leader, bonus, members: [{memberId, orderId}]}]}\`, each group once. 409 says why not: \`group_full\` (it has formed), \`group_over\` (its time is up), \`already_joined\`, and as for
opening one; a group that is open fills until its own deadline, also when its campaign's time is over (not while it is paused).
\`newcomersOnly\` campaigns let in who has not bought anything yet; what they pay for this seat (by \`orderId\`, or an order that names the
group) does not count.`,
      headers: idempotencyHeaders,
      params: byGroup,
      body: z.strictObject({ memberId, orderId }),
      answer: group,
      status: 201,
      errors: [
        'group_full',
        'group_over',
        'already_joined',
        'campaign_not_running',
        'not_eligible',
        'limit_reached',
        'sold_out',
        'insufficient_stock',
        'not_found',
        'conflict',
        'overloaded',
        'cross_site',
      ],
      handler: (call) =>
        submit(call, {
          kind: 'join',
          groupId: call.params.id,
          ...call.body,
          orderId: call.body.orderId ?? null,
        }),
    }),
    route({
      method: 'post',
      path: '/api/v1/groups/:id/leaves',
      permission: 'groups.command',
      tag: 'groups',
      summary: 'Leave a group-buy that is still open',
      description: `The next one leads on; when the last one leaves, it is over. If the member's order is paid, its refund is asked for. 409:
\`group_full\` (it has formed), \`group_over\`, \`not_joined\`.`,
      headers: idempotencyHeaders,
      params: byGroup,
      body: z.strictObject({ memberId }),
      answer: group,
      errors: ['group_full', 'group_over', 'not_joined', 'not_found', 'conflict', 'overloaded', 'cross_site'],
      handler: (call) =>
        submit(call, { kind: 'leave', groupId: call.params.id, memberId: call.body.memberId }),
    }),
    route({
      method: 'get',
      path: '/api/v1/refund-requests',
      permission: 'groups.read',
      tag: 'groups',
      summary: 'List the refunds that group-buys ask for, newest first',
      description: `One for each paid order of a seat whose group expired or that its member left, also where a member paid twice; never two for an
order. Webhooks that take \`refund.asked\` are
told of them, up to a hundred in a message; \`id\` is what they are known by. Not confirmed after half an hour, they are told again as
\`refund.reminded\`, under the same ids and to the same receiver. Where that one was removed, the present one takes over: its reminders name
the former one as \`insteadOf\`.`,
      query: z.object({
        state: z.enum(refundStates).optional(),
        groupId: line(128).optional(),
        orderId: line(128).optional(),
        ...pageQuery,
      }),
      answer: pageOf(refund),
      async handler({ query: { limit, cursor, ...filter } }) {
        const before = decodeCursor(cursor, z.tuple([z.uuid()]));
        const rows = await listRefunds(sql, filter, before && before[0], limit + 1);
        return cutPage(rows, limit, ({ id }) => [id]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/refund-requests/:id/confirm',
      permission: 'groups.command',
      tag: 'groups',
      summary: 'Say that a refund is paid back',
      description:
        'Also `order.refunded` of its order does. One that is confirmed already is answered as it is.',
      headers: idempotencyHeaders,
      params: byRefund,
      answer: refund,
      errors: ['not_found', 'conflict', 'cross_site'],
      async handler(call) {
        const { id } = call.params;
        const actor = actorOf(call.who);
        const answer = await once(sql, call, refund, async (tx) => {
          const confirmed = await confirmRefund(tx, id, actor.name);
          const [row] = await listRefunds(tx, { id }, null, 1);
          if (!row) throw new AppError('not_found', `There is no refund request ${id}`);
          if (confirmed) {
            await noteChange(tx, { topics: ['groups'], minutes: [], locationNos: [] });
            await writeAudit(tx, actor, {
              action: 'refund.confirm',
              target: row.orderId,
              details: { id, amount: row.amount },
            });
          }
          return row;
        });
        hints.publish('groups');
        return answer;
      },
    }),
  ];
};
