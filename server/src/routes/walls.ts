import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { isScope } from '@zhanggui/shared/access/permissions.ts';
import { changeWall, findWall, listWalls, pairWall, revokeWall } from '@zhanggui/shared/access/wall-store.ts';
import { scopeExists } from '@zhanggui/shared/catalog/place-store.ts';
import type { Scope } from '@zhanggui/shared/contract/board.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { locales, scenes } from '@zhanggui/shared/contract/words.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, line, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import { limitByUser } from '../http/throttle.ts';
import type { Parts } from '../parts.ts';

const settings = {
  name: line(100),
  scenes: z
    .array(z.enum(scenes))
    .min(1)
    .max(scenes.length)
    .refine((list) => new Set(list).size === list.length, 'names a scene twice'),
  scope: z.custom<Scope>(
    (value) => typeof value === 'string' && isScope(value),
    'must be all, region:<code> or store:<code>',
  ),
  hideMoney: z.boolean(),
  locale: z.enum(locales),
  rotateSeconds: z.int().min(5).max(3600),
  sound: z.boolean().describe('Whether a critical alert also sounds'),
};

const wallRow = z.object({
  id: z.uuid(),
  ...settings,
  createdAt: instant,
  lastSeenAt: instant.nullable().describe('To within half a minute'),
  revokedAt: instant.nullable(),
  paired: z.boolean().describe('Whether the screen has fetched its token'),
});

const newWall = z.strictObject({
  code: z.string().min(1).max(20).describe('What the screen shows'),
  name: settings.name,
  scenes: settings.scenes.default([...scenes]),
  scope: settings.scope.default('all'),
  hideMoney: settings.hideMoney.default(false),
  locale: settings.locale.default('zh-CN'),
  rotateSeconds: settings.rotateSeconds.default(30),
  sound: settings.sound.default(false),
});

const params = z.object({ id: z.uuid() });

/** Paired screens, for administrators. */
export const wallRoutes = ({ sql, identities }: Parts) => {
  const tries = limitByUser({
    limit: 10,
    windowMs: 60_000,
    failuresOnly: true,
    detail: 'Too many wrong codes; look at the screen again',
  });

  async function checkScope(scope: Scope | undefined): Promise<void> {
    if (scope === undefined || (await scopeExists(sql, scope))) return;
    const detail = 'there is no such store or region';
    throw new AppError('invalid_request', `scope: ${detail}`, { errors: [{ field: 'scope', detail }] });
  }

  return [
    route({
      method: 'get',
      path: '/api/v1/walls',
      permission: 'walls.manage',
      tag: 'walls',
      summary: 'List walls, newest first',
      query: z.object(pageQuery),
      answer: pageOf(wallRow),
      async handler({ query }) {
        const position = decodeCursor(query.cursor, z.tuple([z.uuid()]));
        const rows = await listWalls(sql, { before: position?.[0] ?? null, limit: query.limit + 1 });
        return cutPage(rows, query.limit, (row) => [row.id]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/walls',
      permission: 'walls.manage',
      tag: 'walls',
      summary: 'Pair the screen that shows a code',
      body: newWall,
      answer: wallRow,
      status: 201,
      errors: ['not_found', 'too_many_requests', 'cross_site'],
      afterBody: [tries],
      async handler({ body: { code, ...wall }, who }) {
        await checkScope(wall.scope);
        return sql.begin(async (tx) => {
          const row = await pairWall(tx, code, wall);
          await writeAudit(tx, actorOf(who), {
            action: 'wall.pair',
            target: row.name,
            details: { id: row.id, ...wall },
          });
          return row;
        });
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/walls/:id',
      permission: 'walls.manage',
      tag: 'walls',
      summary: 'See a wall',
      params,
      answer: wallRow,
      errors: ['not_found'],
      async handler({ params: { id } }) {
        const row = await findWall(sql, id);
        if (!row) throw new AppError('not_found', 'There is no such wall');
        return row;
      },
    }),
    route({
      method: 'patch',
      path: '/api/v1/walls/:id',
      permission: 'walls.manage',
      tag: 'walls',
      summary: 'Change a wall; its screen follows at once',
      params,
      body: z.strictObject(settings).partial(),
      answer: wallRow,
      errors: ['not_found', 'cross_site'],
      async handler({ params: { id }, body, who }) {
        await checkScope(body.scope);
        const row = await sql.begin(async (tx) => {
          const changed = await changeWall(tx, id, body);
          const details = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined));
          await writeAudit(tx, actorOf(who), { action: 'wall.change', target: changed.name, details });
          return changed;
        });
        identities.announce({ kind: 'wall', id });
        return row;
      },
    }),
    route({
      method: 'delete',
      path: '/api/v1/walls/:id',
      permission: 'walls.manage',
      tag: 'walls',
      summary: 'Revoke a wall; its screen goes dark at once',
      params,
      errors: ['not_found', 'cross_site'],
      async handler({ params: { id }, who }) {
        await sql.begin(async (tx) => {
          const row = await revokeWall(tx, id);
          await writeAudit(tx, actorOf(who), { action: 'wall.revoke', target: row.name });
        });
        identities.announce({ kind: 'wall', id });
      },
    }),
  ];
};
