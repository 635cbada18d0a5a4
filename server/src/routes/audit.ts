import { z } from 'zod';
import { listAudit } from '@zhanggui/shared/access/audit-store.ts';
import { cutPage, decodeCursor, instant, pageOf, pageQuery } from '../http/fields.ts';
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
export const auditRoutes = ({ sql }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/audit',
    permission: 'audit.read',
    tag: 'audit',
    summary: 'List changes, newest first',
    query: z.object({ ...pageQuery, actor: z.uuid().optional(), action: z.string().max(64).optional() }),
    answer: pageOf(auditRow),
    async handler({ query }) {
      const position = decodeCursor(query.cursor, z.tuple([z.int()]));
      const rows = await listAudit(sql, {
        before: position?.[0] ?? null,
        limit: query.limit + 1,
        actorId: query.actor,
        action: query.action,
      });
      return cutPage(rows, query.limit, (row) => [row.no]);
    },
  }),
];
