import type { Request, Response } from 'express';
import { z } from 'zod';
import { writeAudit } from '@zhanggui/shared/access/audit-store.ts';
import { hashPassword, verifyPassword } from '@zhanggui/shared/access/password.ts';
import { scopesOf, type UserIdentity } from '@zhanggui/shared/access/permissions.ts';
import {
  endOtherSessions,
  endSession,
  findSession,
  redeemSignInLink,
  startSession,
} from '@zhanggui/shared/access/session-store.ts';
import { findForSignIn, findUser, setPassword } from '@zhanggui/shared/access/user-store.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import { actorOf, personOf } from '../http/actor.ts';
import { clearCookie, setCookie } from '../http/cookies.ts';
import { route } from '../http/route.ts';
import { limitByAccount, limitByAddress, limitByUser } from '../http/throttle.ts';
import type { Parts } from '../parts.ts';
import { email, password, userRow } from './people-fields.ts';

const QUARTER_HOUR = 15 * 60_000;

/** How long after coming in by a link a forgotten password may be replaced without knowing it. */
const LINK_GRACE_MS = QUARTER_HOUR;

const session = z.object({
  user: userRow,
  scopes: z.array(z.string()).describe('Board scopes to subscribe to: `all`, `region:…`, `store:…`'),
});

/** Signing in and out, and one's own password. */
export const sessionRoutes = (parts: Parts) => {
  const { sql, cookies, identities, log } = parts;
  // Failures only, and generous by address: a whole office shares one.
  const byAddress = limitByAddress({
    limit: 30,
    windowMs: QUARTER_HOUR,
    failuresOnly: true,
    detail: 'Too many failed sign-ins from here',
  });
  const byAccount = limitByAccount({
    limit: 10,
    windowMs: QUARTER_HOUR,
    failuresOnly: true,
    detail: 'Too many failed sign-ins for this account',
  });
  const byUser = limitByUser({
    limit: 10,
    windowMs: QUARTER_HOUR,
    failuresOnly: true,
    detail: 'Too many failed tries',
  });

  /** Starts a session, in the transaction that also says so in the audit log. */
  async function signIn(userId: string, how: 'password' | 'link', res: Response) {
    const { token, user } = await sql.begin(async (tx) => {
      const started = await startSession(tx, userId, { byLink: how === 'link' });
      const row = await findUser(tx, userId);
      if (!row || row.disabledAt) throw new AppError('wrong_credentials');
      await writeAudit(
        tx,
        { kind: 'user', id: row.id, name: row.email },
        { action: 'session.create', details: { how } },
      );
      return { token: started.token, user: row };
    });
    setCookie(res, cookies.user, token);
    return { user, scopes: scopesOf({ kind: 'user', ...user }) };
  }

  return [
    route({
      method: 'post',
      path: '/api/v1/session',
      permission: 'public',
      tag: 'session',
      summary: 'Sign in with a password',
      body: z.strictObject({ email, password: z.string().max(1000) }),
      answer: session,
      errors: ['wrong_credentials', 'too_many_requests', 'cross_site'],
      before: [byAddress],
      afterBody: [byAccount],
      async handler({ body, res, req, requestId }) {
        const found = await findForSignIn(sql, body.email);
        // Also for nobody: the time must not tell who has an account.
        const fits = await verifyPassword(body.password, found?.passwordHash ?? null);
        if (!found || !fits) {
          log.warn({ requestId, address: req.ip }, 'failed sign-in');
          throw new AppError('wrong_credentials');
        }
        return signIn(found.id, 'password', res);
      },
    }),
    route({
      method: 'post',
      path: '/api/v1/session/link',
      permission: 'public',
      tag: 'session',
      summary: 'Sign in with a single-use link',
      body: z.strictObject({ token: z.string().min(1).max(200) }),
      answer: session,
      errors: ['link_used', 'too_many_requests', 'cross_site'],
      before: [byAddress],
      async handler({ body, res }) {
        const redeemed = await redeemSignInLink(sql, body.token);
        if (!redeemed) throw new AppError('link_used');
        return signIn(redeemed.userId, 'link', res);
      },
    }),
    route({
      method: 'get',
      path: '/api/v1/session',
      permission: 'session.own',
      tag: 'session',
      summary: 'See who is signed in',
      answer: session,
      async handler({ who }) {
        const user = await findUser(sql, personOf(who).id);
        if (!user) throw new AppError('unauthenticated');
        return { user, scopes: scopesOf(who) };
      },
    }),
    route({
      method: 'delete',
      path: '/api/v1/session',
      permission: 'session.own',
      tag: 'session',
      summary: 'Sign out',
      errors: ['cross_site'],
      async handler({ who, req, res }) {
        const tokenHash = tokenHashOf(req);
        await sql.begin(async (tx) => {
          await endSession(tx, tokenHash);
          await writeAudit(tx, actorOf(who), { action: 'session.end' });
        });
        clearCookie(res, cookies.user);
        identities.announce({ kind: 'user', id: personOf(who).id });
      },
    }),
    route({
      method: 'put',
      path: '/api/v1/session/password',
      permission: 'session.own',
      tag: 'session',
      summary: 'Set one’s own password',
      description:
        'Needs the current password, unless there is none yet or this session was started by a link in the last 15 minutes. ' +
        'All other sessions of this person end.',
      body: z.strictObject({ password, currentPassword: z.string().max(1000).optional() }),
      errors: ['wrong_credentials', 'too_many_requests', 'cross_site'],
      afterBody: [byUser],
      async handler({ body, who, req }) {
        const person = personOf(who);
        await checkCurrentPassword(person, tokenHashOf(req), body.currentPassword);
        const hash = await hashPassword(body.password);
        await sql.begin(async (tx) => {
          await setPassword(tx, person.id, hash);
          await endOtherSessions(tx, person.id, tokenHashOf(req));
          await writeAudit(tx, actorOf(who), { action: 'session.password' });
        });
        identities.announce({ kind: 'user', id: person.id });
      },
    }),
  ];

  async function checkCurrentPassword(
    person: UserIdentity,
    tokenHash: string,
    given: string | undefined,
  ): Promise<void> {
    const own = await findSession(sql, tokenHash);
    if (!own) throw new AppError('unauthenticated');
    const cameByLink = own.byLink && Date.now() - own.createdAt.getTime() < LINK_GRACE_MS;
    if (own.passwordHash === null || cameByLink) return;
    if (await verifyPassword(given ?? '', own.passwordHash)) return;
    log.warn({ user: person.id }, 'wrong current password');
    throw new AppError('wrong_credentials', 'The current password is another one', {
      errors: [{ field: 'currentPassword', detail: 'is not your current password' }],
    });
  }
};

/** Present for everyone who is not anonymous: it is how they were recognised. */
function tokenHashOf(req: Request): string {
  const hash = req.res?.locals.tokenHash;
  if (hash === undefined) throw new AppError('unauthenticated');
  return hash;
}
