import { z } from 'zod';
import { createKey } from '@zhanggui/shared/access/access-store.ts';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { listKeys, revokeKey } from '@zhanggui/shared/access/key-store.ts';
import { keyScopes } from '@zhanggui/shared/contract/words.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';

const scopes = z
  .array(z.enum(keyScopes))
  .min(1)
  .max(keyScopes.length)
  .describe('`ingest` sends facts, `read` asks, `command` changes (catalog, targets, rejected events)');

const keyRow = z.object({
  id: z.uuid(),
  name: z.string(),
  scopes,
  prefix: z.string().describe('How the key begins'),
  createdAt: instant,
  createdBy: z.string(),
  lastUsedAt: instant.nullable().describe('To within half a minute'),
  revokedAt: instant.nullable(),
});

/** Keys of machines, for administrators. */
export const keyRoutes = ({ sql, identities }: Parts) => [
  route({
    method: 'get',
    path: '/api/v1/keys',
    permission: 'keys.manage',
    tag: 'keys',
    summary: 'List keys, newest first',
    query: z.object(pageQuery),
    answer: pageOf(keyRow),
    async handler({ query }) {
      const position = decodeCursor(query.cursor, z.tuple([z.uuid()]));
      const rows = await listKeys(sql, { before: position?.[0] ?? null, limit: query.limit + 1 });
      return cutPage(rows, query.limit, (row) => [row.id]);
    },
  }),
  route({
    method: 'post',
    path: '/api/v1/keys',
    permission: 'keys.manage',
    tag: 'keys',
    summary: 'Make a key',
    description: 'The key is in this answer and nowhere else: only its hash is stored.',
    body: z.strictObject({ name: line(100), scopes }),
    answer: z.object({ id: z.uuid(), key: z.string() }),
    status: 201,
    errors: ['cross_site'],
    handler: ({ body, who }) => createKey(sql, body, actorOf(who)),
  }),
  route({
    method: 'delete',
    path: '/api/v1/keys/:id',
    permission: 'keys.manage',
    tag: 'keys',
    summary: 'Revoke a key, at once and for good',
    params: z.object({ id: z.uuid() }),
    errors: ['not_found', 'cross_site'],
    async handler({ params, who }) {
      await sql.begin(async (tx) => {
        const key = await revokeKey(tx, params.id);
        await writeAudit(tx, actorOf(who), {
          action: 'key.revoke',
          target: key.name,
          details: { prefix: key.prefix },
        });
      });
      identities.announce({ kind: 'key', id: params.id });
    },
  }),
];
