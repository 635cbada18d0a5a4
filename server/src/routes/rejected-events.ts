import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { ingestLimits } from '@zhanggui/shared/contract/events.ts';
import { checkEvent } from '@zhanggui/shared/ingest/event.ts';
import {
  findRejected,
  listRejected,
  listSources,
  rejectedStates,
  settleRejected,
  type RejectedEvent,
} from '@zhanggui/shared/ingest/rejected-store.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const rejectedEvent = z.object({
  no: z.int(),
  receivedAt: instant,
  source: z.string().nullable(),
  eventId: z.string().nullable(),
  type: z.string().nullable(),
  code: z.string(),
  field: z.string().nullable(),
  detail: z.string(),
  body: z.string().describe('The event as it came'),
  state: z.enum(rejectedStates),
  settledAt: instant.nullable(),
  settledBy: z.string().nullable(),
});

const sourceRow = z.object({
  name: z.string(),
  firstSeenAt: instant,
  lastReceivedAt: instant.nullable(),
  lastEventAt: instant.nullable().describe('Newest fact time: how far behind the source reports'),
  accepted: z.int(),
  duplicates: z.int(),
  rejected: z.int(),
  openRejections: z.int(),
});

const params = z.object({ no: z.coerce.number().int().min(1) });

/** Where facts come from, and what became of those that did not fit. */
export const rejectedEventRoutes = ({ sql, settings, committer }: Parts) => {
  async function findOpen(no: number): Promise<RejectedEvent> {
    const row = await findRejected(sql, no);
    if (!row) throw new AppError('not_found', 'There is no such rejected event');
    if (row.state !== 'open') throw alreadySettled(row.state);
    return row;
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/sources',
      permission: 'sources.read',
      tag: 'events',
      summary: 'List the sources of facts and how they do',
      query: z.object(pageQuery),
      answer: pageOf(sourceRow),
      async handler({ query }) {
        const position = decodeCursor(query.cursor, z.tuple([z.string()]));
        const rows = await listSources(sql, { after: position?.[0] ?? null, limit: query.limit + 1 });
        return cutPage(rows, query.limit, (row) => [row.name]);
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/events/rejected',
      permission: 'rejected.read',
      tag: 'events',
      summary: 'List rejected events, newest first',
      query: z.object({
        ...pageQuery,
        state: z.enum(rejectedStates).optional(),
        source: z.string().max(256).optional(),
      }),
      answer: pageOf(rejectedEvent),
      async handler({ query }) {
        const position = decodeCursor(query.cursor, z.tuple([z.int()]));
        const rows = await listRejected(sql, {
          state: query.state,
          source: query.source,
          before: position?.[0] ?? null,
          limit: query.limit + 1,
        });
        return cutPage(rows, query.limit, (row) => [row.no]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/events/rejected/:no/replay',
      permission: 'rejected.settle',
      tag: 'events',
      summary: 'Take in a rejected event after all, as it came or mended',
      description: 'What still does not fit is refused with its field, and the rejected event stays open.',
      params,
      body: z
        .strictObject({ event: z.unknown().describe('The mended event; absent: as it came') })
        .optional(),
      bodyLimit: ingestLimits.eventBytes,
      answer: z.object({ result: z.enum(['accepted', 'duplicate']) }),
      errors: [
        'invalid_event',
        'unknown_type',
        'currency_mismatch',
        'not_found',
        'conflict',
        'overloaded',
        'cross_site',
      ],
      async handler({ params: { no }, body, who }) {
        const row = await findOpen(no);
        const event = body?.event ?? parseBody(row.body);
        // Checked before it is submitted: the committer would keep the misfit as one more rejected event.
        const checked = checkEvent(event, settings.currency);
        if (!checked.ok) {
          const { code, field, detail } = checked.failure;
          throw new AppError(code, detail, { errors: [{ field, detail }] });
        }
        const answer = await committer.submit([event]);
        const [misfit] = answer.rejected;
        if (misfit) {
          const errors = [{ field: misfit.field ?? 'event', detail: misfit.detail }];
          throw new AppError('invalid_event', misfit.detail, { errors });
        }
        // The fact is in the ledger now. Should this process die here, replaying again finds a duplicate.
        const actor = actorOf(who);
        await sql.begin(async (tx) => {
          const settled = await settleRejected(tx, no, { state: 'replayed', by: actor.name });
          if (!settled) return;
          const details = { mended: body?.event !== undefined };
          await writeAudit(tx, actor, { action: 'rejected.replay', target: String(no), details });
        });
        return { result: answer.accepted > 0 ? ('accepted' as const) : ('duplicate' as const) };
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/events/rejected/:no/discard',
      permission: 'rejected.settle',
      tag: 'events',
      summary: 'Give a rejected event up',
      description: 'It stays in the list, as discarded.',
      params,
      answer: rejectedEvent,
      errors: ['not_found', 'conflict', 'cross_site'],
      async handler({ params: { no }, who }) {
        await findOpen(no);
        const actor = actorOf(who);
        return sql.begin(async (tx) => {
          const settled = await settleRejected(tx, no, { state: 'discarded', by: actor.name });
          if (!settled) throw alreadySettled('settled');
          await writeAudit(tx, actor, {
            action: 'rejected.discard',
            target: String(no),
            details: { source: settled.source },
          });
          return settled;
        });
      },
    }),
  ];
};

function alreadySettled(state: string): AppError {
  return new AppError('conflict', `This event is ${state} already`);
}

/** Throws `invalid_event` when it was never JSON: such an event can only be replayed mended. */
function parseBody(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch (cause) {
    const detail = 'is not JSON; send a mended event';
    throw new AppError('invalid_event', `event: ${detail}`, { errors: [{ field: 'event', detail }], cause });
  }
}
