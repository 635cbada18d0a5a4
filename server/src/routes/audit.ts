import { z } from 'zod';
import { listAudit } from '@zhanggui/shared/access/audit-store.ts';
import { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { cutPage, day, decodeCursor, instant, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const auditRow = z.object({
  no: z.int(),
  at: instant,
  actorKind: z.enum(['user', 'key', 'operator']),
  actorId: z.uuid().nullable(),
  actorName: z.string().describe('As it was then'),
  action: z.string().describe('`noun.verb`'),
  target: z.string().nullable(),
  details: z.record(z.string(), z.unknown()),
});

/** What people changed, for administrators. */
export const auditRoutes = ({ sql, settings }: Parts) => {
  const time = new BusinessTime(settings.timeZone);
  return [
    route({
      method: 'get',
      path: '/api/v1/audit',
      permission: 'audit.read',
      tag: 'audit',
      summary: 'List changes, newest first',
      query: z.object({
        ...pageQuery,
        actor: z.uuid().optional(),
        action: z.string().max(64).optional(),
        from: day.optional(),
        to: day.optional().describe('Last business day, included'),
      }),
      answer: pageOf(auditRow),
      async handler({ query }) {
        const position = decodeCursor(query.cursor, z.tuple([z.int()]));
        const rows = await listAudit(sql, {
          before: position?.[0] ?? null,
          limit: query.limit + 1,
          actorId: query.actor,
          action: query.action,
          from: query.from === undefined ? undefined : new Date(time.start(query.from)),
          to: query.to === undefined ? undefined : new Date(time.start(time.shift(query.to, 1))),
        });
        return cutPage(rows, query.limit, (row) => [row.no]);
      },
    }),
  ];
};
