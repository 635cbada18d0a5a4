/** People. */
import { AppError } from '../contract/errors.ts';
import type { Role } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';

export type UserRow = {
  id: string;
  email: string;
  name: string;
  role: Role;
  locations: string[];
  regions: string[];
  hasPassword: boolean;
  createdAt: Date;
  lastSeenAt: Date | null;
  disabledAt: Date | null;
};

/** What a new person is made of. `passwordHash` null: they come in by a link. */
export type NewUser = {
  email: string;
  name: string;
  role: Role;
  locations?: readonly string[];
  regions?: readonly string[];
  passwordHash?: string | null;
};

/** What may be changed; what is absent stays. */
export type UserChange = {
  email?: string | undefined;
  name?: string | undefined;
  role?: Role | undefined;
  locations?: readonly string[] | undefined;
  regions?: readonly string[] | undefined;
  disabled?: boolean | undefined;
};

const columns = (sql: Sql) => sql`
  u.id, u.email, u.name, u.role, u.location_codes as locations, u.region_codes as regions,
  u.password_hash is not null as "hasPassword", u.created_at as "createdAt", u.disabled_at as "disabledAt",
  (select max(s.last_seen_at) from session s where s.user_id = u.id) as "lastSeenAt"`;

/** An e-mail address is compared without regard to case and surrounding blanks. */
export function normalizeEmail(email: string): string {
  return email.trim().toLowerCase();
}

/**
 * Checks what a role needs. Throws `invalid_request`: a manager has at least one store or region (without any they
 * would see nothing, which nobody means), and no other role has any.
 */
function checkLimits(role: Role, locations: readonly string[], regions: readonly string[]): void {
  const limited = locations.length + regions.length > 0;
  if (role === 'manager' && !limited) throw limitError('A manager needs at least one store or region');
  if (role !== 'manager' && limited) throw limitError('Only a manager is limited to stores or regions');
}

function limitError(detail: string): AppError {
  return new AppError('invalid_request', detail, { errors: [{ field: 'locations', detail }] });
}

/** Adds a person. Throws `conflict` when the e-mail address is taken. */
export async function insertUser(sql: Sql, user: NewUser): Promise<UserRow> {
  const locations = [...(user.locations ?? [])];
  const regions = [...(user.regions ?? [])];
  checkLimits(user.role, locations, regions);
  const email = normalizeEmail(user.email);
  const [row] = await sql<UserRow[]>`
    with u as (
      insert into users (email, name, role, location_codes, region_codes, password_hash)
      values (${email}, ${user.name}, ${user.role}, ${locations}, ${regions}, ${user.passwordHash ?? null})
      on conflict (email) do nothing
      returning *
    )
    select ${columns(sql)} from u`;
  if (!row) throw emailTaken();
  return row;
}

function emailTaken(cause?: unknown): AppError {
  const detail = 'Someone has this e-mail address already';
  return new AppError('conflict', detail, { errors: [{ field: 'email', detail }], cause });
}

/** By e-mail address, at most `limit` after the address `after`. */
export async function listUsers(
  sql: Sql,
  { after, limit }: { after: string | null; limit: number },
): Promise<UserRow[]> {
  return sql<UserRow[]>`
    select ${columns(sql)} from users u
    where ${after === null ? sql`true` : sql`u.email > ${after}`}
    order by u.email limit ${limit}`;
}

export async function findUser(sql: Sql, id: string): Promise<UserRow | null> {
  const [row] = await sql<UserRow[]>`select ${columns(sql)} from users u where u.id = ${id}`;
  return row ?? null;
}

/** The stored hash of someone who may sign in with a password; null hash when they have none. */
export async function findForSignIn(
  sql: Sql,
  email: string,
): Promise<{ id: string; name: string; passwordHash: string | null } | null> {
  const [row] = await sql<{ id: string; name: string; passwordHash: string | null }[]>`
    select id, name, password_hash as "passwordHash" from users
    where email = ${normalizeEmail(email)} and disabled_at is null`;
  return row ?? null;
}

export async function setPassword(sql: Sql, id: string, passwordHash: string): Promise<void> {
  await sql`update users set password_hash = ${passwordHash} where id = ${id}`;
}

/**
 * Changes a person; disabling ends their sessions. Throws `not_found`, `conflict` (e-mail address taken, or the
 * company would be left without an administrator) and `invalid_request` (limits that do not fit the role).
 */
export async function changeUser(sql: Sql, id: string, change: UserChange): Promise<UserRow> {
  // Two administrators who disable each other at once must not both succeed.
  await sql`select pg_advisory_xact_lock(hashtext('users.admins'))`;
  const before = await findUser(sql, id);
  if (!before) throw new AppError('not_found', 'There is no such person');
  const role = change.role ?? before.role;
  const keepLimits = role === 'manager';
  const locations = [...(change.locations ?? (keepLimits ? before.locations : []))];
  const regions = [...(change.regions ?? (keepLimits ? before.regions : []))];
  checkLimits(role, locations, regions);
  const disabled = change.disabled ?? before.disabledAt !== null;
  try {
    await sql`
      update users set
        email = ${change.email === undefined ? before.email : normalizeEmail(change.email)},
        name = ${change.name ?? before.name}, role = ${role}, location_codes = ${locations}, region_codes = ${regions},
        disabled_at = case when ${disabled} then coalesce(disabled_at, now()) end
      where id = ${id}`;
  } catch (error) {
    throw isUniqueViolation(error) ? emailTaken(error) : error;
  }
  if (disabled) await sql`delete from session where user_id = ${id}`;
  if (disabled) await sql`delete from sign_in_link where user_id = ${id}`;
  const [admins] = await sql<{ count: number }[]>`
    select count(*) from users where role = 'admin' and disabled_at is null`;
  if (admins?.count === 0) throw new AppError('conflict', 'The company needs at least one administrator');
  const after = await findUser(sql, id);
  if (!after) throw new AppError('not_found', 'There is no such person');
  return after;
}

function isUniqueViolation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '23505';
}
