/** Sessions of people, and the links that start one without a password. */
import type { Sql } from '../platform/database.ts';
import { hashToken, newToken } from './token.ts';

/** A session ends after this long without use … */
export const SESSION_IDLE_DAYS = 14;
/** … and after this long in any case. */
export const SESSION_MAX_DAYS = 90;

/** Starts a session and returns its token, which exists nowhere else. */
export async function startSession(
  sql: Sql,
  userId: string,
  { byLink }: { byLink: boolean },
): Promise<{ token: string; hash: string }> {
  const { token, hash } = newToken();
  await sql`
    insert into session (token_hash, user_id, by_link, expires_at)
    values (${hash}, ${userId}, ${byLink}, now() + ${SESSION_IDLE_DAYS} * interval '1 day')`;
  return { token, hash };
}

/** A session with its person's stored password hash; null when it has ended. */
export async function findSession(
  sql: Sql,
  tokenHash: string,
): Promise<{ createdAt: Date; byLink: boolean; passwordHash: string | null } | null> {
  const [row] = await sql<{ createdAt: Date; byLink: boolean; passwordHash: string | null }[]>`
    select s.created_at as "createdAt", s.by_link as "byLink", u.password_hash as "passwordHash"
    from session s join users u on u.id = s.user_id
    where s.token_hash = ${tokenHash} and s.expires_at > now()`;
  return row ?? null;
}

export async function endSession(sql: Sql, tokenHash: string): Promise<void> {
  await sql`delete from session where token_hash = ${tokenHash}`;
}

/** After a new password every other session of that person ends: one of them may be why it was changed. */
export async function endOtherSessions(sql: Sql, userId: string, keptTokenHash: string): Promise<void> {
  await sql`delete from session where user_id = ${userId} and token_hash <> ${keptTokenHash}`;
}

/** Makes a single-use link token for someone; older unused ones of theirs are void. */
export async function insertSignInLink(sql: Sql, userId: string, minutes: number): Promise<string> {
  const { token, hash } = newToken();
  await sql`delete from sign_in_link where user_id = ${userId}`;
  await sql`
    insert into sign_in_link (token_hash, user_id, expires_at)
    values (${hash}, ${userId}, now() + ${minutes} * interval '1 minute')`;
  return token;
}

/** Uses a link up. Null when it is unknown, used, too old, or its person is disabled: one statement, so it works once. */
export async function redeemSignInLink(
  sql: Sql,
  token: string,
): Promise<{ userId: string; name: string } | null> {
  const [row] = await sql<{ userId: string; name: string }[]>`
    update sign_in_link l set used_at = now()
    from users u
    where l.token_hash = ${hashToken(token)} and l.used_at is null and l.expires_at > now()
      and u.id = l.user_id and u.disabled_at is null
    returning u.id as "userId", u.name`;
  return row ?? null;
}
