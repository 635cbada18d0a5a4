import type { Request } from 'express';
import { z } from 'zod';
import { addUser, signInUrl } from '@zhanggui/shared/access/access-store.ts';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { insertSignInLink } from '@zhanggui/shared/access/session-store.ts';
import { changeUser, findUser, listUsers } from '@zhanggui/shared/access/user-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { actorOf } from '../http/actor.ts';
import { cutPage, decodeCursor, instant, pageOf, pageQuery } from '../http/fields.ts';
import { route } from '../http/route.ts';
import type { Parts } from '../parts.ts';
import { newUser, userChange, userRow } from './people-fields.ts';

/** An administrator hands the link over by another way, so it lives for a working day. */
const LINK_MINUTES = 24 * 60;

const link = z.object({
  url: z.url().describe('Signs that person in once. Hand it over; nobody can see it again'),
  expiresAt: instant,
});

/** People and their roles, for administrators. */
export const peopleRoutes = (parts: Parts) => {
  const { sql, identities, settings } = parts;
  return [
    route({
      method: 'get',
      path: '/api/v1/users',
      permission: 'users.manage',
      tag: 'people',
      summary: 'List people, by e-mail address',
      query: z.object(pageQuery),
      answer: pageOf(userRow),
      async handler({ query }) {
        const position = decodeCursor(query.cursor, z.tuple([z.string()]));
        const rows = await listUsers(sql, { after: position?.[0] ?? null, limit: query.limit + 1 });
        return cutPage(rows, query.limit, (row) => [row.email]);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/users',
      permission: 'users.manage',
      tag: 'people',
      summary: 'Add a person',
      description: 'They have no password yet: make a sign-in link for them.',
      body: newUser,
      answer: userRow,
      status: 201,
      errors: ['conflict', 'cross_site'],
      handler: ({ body, who }) => addUser(sql, { ...body, password: null }, actorOf(who)),
    }),
    route({
      method: 'patch',
      path: '/api/v1/users/:id',
      permission: 'users.manage',
      tag: 'people',
      summary: 'Change or disable a person',
      description: 'Takes effect at once, also on sessions and screens that are open.',
      params: z.object({ id: z.uuid() }),
      body: userChange,
      answer: userRow,
      errors: ['not_found', 'conflict', 'cross_site'],
      async handler({ params, body, who }) {
        const user = await sql.begin(async (tx) => {
          const row = await changeUser(tx, params.id, body);
          await writeAudit(tx, actorOf(who), {
            action: 'user.change',
            target: row.email,
            details: Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)),
          });
          return row;
        });
        identities.announce({ kind: 'user', id: user.id });
        return user;
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/users/:id/link',
      permission: 'users.manage',
      tag: 'people',
      summary: 'Make a single-use sign-in link for a person',
      description: 'For someone new, or who forgot the password. Older links of theirs are void.',
      params: z.object({ id: z.uuid() }),
      answer: link,
      status: 201,
      errors: ['not_found', 'conflict', 'cross_site'],
      async handler({ params, who, req }) {
        const token = await sql.begin(async (tx) => {
          const user = await findUser(tx, params.id);
          if (!user) throw new AppError('not_found', 'There is no such person');
          if (user.disabledAt) throw new AppError('conflict', 'This person is disabled');
          await writeAudit(tx, actorOf(who), { action: 'user.link', target: user.email });
          return insertSignInLink(tx, user.id, LINK_MINUTES);
        });
        const url = signInUrl(addressFor(settings.publicUrl, req), token);
        return { url, expiresAt: new Date(Date.now() + LINK_MINUTES * 60_000) };
      },
    }),
  ];
};

/**
 * The address to put into a link: PUBLIC_URL, unless that is this machine's own name (which is what it is when nobody set
 * it). Then the address under which the administrator's browser reached us will do for others, too.
 */
function addressFor(publicUrl: string, req: Request): string {
  return new URL(publicUrl).hostname === 'localhost' ? `${req.protocol}://${req.host}` : publicUrl;
}
