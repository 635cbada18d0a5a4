/** What operators and workers do about access. The parts of the slice have a store each: users, sessions, keys, walls, audit. */
import { AppError } from '../contract/errors.ts';
import type { KeyScope } from '../contract/words.ts';
import type { SqlPool } from '../platform/database.ts';
import { operator, writeAudit, type Actor } from './audit-store.ts';
import { insertKey } from './key-store.ts';
import { checkPassword, hashPassword } from './password.ts';
import { insertSignInLink } from './session-store.ts';
import { insertUser, normalizeEmail, type NewUser, type UserRow } from './user-store.ts';

/** E-mail address of the first administrator until they give themselves a real one. */
export const FIRST_ADMIN_EMAIL = 'admin@localhost';

/** A link is printed where only the operator sees it, and they may fetch a coffee first. */
const LINK_MINUTES = 60;

/** The page that takes a link. The token stands behind the `#`, which no browser sends and no proxy logs. */
export function signInUrl(publicUrl: string, token: string): string {
  return `${publicUrl.replace(/\/+$/, '')}/sign-in#link=${token}`;
}

/**
 * Makes a link that signs someone in once: the person of that `email`, else the first administrator. A company
 * without an administrator gets one, without a password. Links made before for that person are void.
 * Throws AppError `not_found` for an e-mail address that nobody has.
 */
export async function createSignInLink(
  sql: SqlPool,
  { publicUrl, email, minutes = LINK_MINUTES }: { publicUrl: string; email?: string; minutes?: number },
): Promise<string> {
  return sql.begin(async (tx) => {
    // Two servers that start on an empty database at once must make one administrator.
    await tx`select pg_advisory_xact_lock(hashtext('users.admins'))`;
    const [found] = await tx<{ id: string; name: string }[]>`
      select id, name from users
      where disabled_at is null and ${email === undefined ? tx`role = 'admin'` : tx`email = ${normalizeEmail(email)}`}
      order by id limit 1`;
    if (!found && email !== undefined)
      throw new AppError('not_found', `Nobody has the e-mail address ${email}`);
    const person =
      found ?? (await insertUser(tx, { email: FIRST_ADMIN_EMAIL, name: 'Administrator', role: 'admin' }));
    const token = await insertSignInLink(tx, person.id, minutes);
    await writeAudit(tx, operator, { action: 'session.link', target: person.name });
    return signInUrl(publicUrl, token);
  });
}

/** Adds a person, with a password or (null) to come in by a link. Throws `conflict` and `invalid_request`. */
export async function addUser(
  sql: SqlPool,
  { password, ...user }: Omit<NewUser, 'passwordHash'> & { password: string | null },
  actor: Actor = operator,
): Promise<UserRow> {
  // Hashing takes long; the transaction must not.
  const passwordHash = password === null ? null : await hashPassword(checkPassword(password));
  return sql.begin(async (tx) => {
    const row = await insertUser(tx, { ...user, passwordHash });
    await writeAudit(tx, actor, {
      action: 'user.create',
      target: row.email,
      details: { role: row.role, locations: row.locations, regions: row.regions },
    });
    return row;
  });
}

/** Makes a key and returns it: the only moment at which it can be seen. */
export async function createKey(
  sql: SqlPool,
  { name, scopes }: { name: string; scopes: readonly KeyScope[] },
  actor: Actor = operator,
): Promise<{ id: string; key: string }> {
  return sql.begin(async (tx) => {
    const { row, token } = await insertKey(tx, { name, scopes, createdBy: actor.name });
    await writeAudit(tx, actor, {
      action: 'key.create',
      target: row.name,
      details: { scopes: row.scopes, prefix: row.prefix },
    });
    return { id: row.id, key: token };
  });
}

/** Deletes what has run out: sessions, links and pairings. Returns how many rows. */
export async function expireAccess(sql: SqlPool): Promise<number> {
  const gone = await sql.begin((tx) => [
    tx`delete from session where expires_at < now()`,
    tx`delete from sign_in_link where expires_at < now() or used_at is not null`,
    tx`delete from wall_pairing where expires_at < now()`,
  ]);
  return gone.reduce((sum, result) => sum + result.count, 0);
}
