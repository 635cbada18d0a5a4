/** Paired screens, and screens that wait to be paired. */
import type { Scope } from '../contract/board.ts';
import { AppError } from '../contract/errors.ts';
import type { Locale, Scene } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';
import { hashToken, newPairingCode, newToken, normalizePairingCode, wallTokenOf } from './token.ts';

/** What an administrator decides about a screen. */
export type WallSettings = {
  name: string;
  scenes: Scene[];
  scope: Scope;
  hideMoney: boolean;
  locale: Locale;
  rotateSeconds: number;
  sound: boolean;
};

/** What is absent stays. */
export type WallChange = { [K in keyof WallSettings]?: WallSettings[K] | undefined };

export type WallRow = WallSettings & {
  id: string;
  createdAt: Date;
  lastSeenAt: Date | null;
  revokedAt: Date | null;
  /** Whether the screen has fetched its token. */
  paired: boolean;
};

const columns = (sql: Sql) => sql`
  id, name, scenes, scope, hide_money as "hideMoney", locale, rotate_seconds as "rotateSeconds", sound,
  created_at as "createdAt", last_seen_at as "lastSeenAt", revoked_at as "revokedAt", token_hash is not null as paired`;

const PAIRING_MINUTES = 10;
/** Wrong secrets after which a pairing is void. */
const MAX_ATTEMPTS = 5;
/** Screens that may wait at once, in the whole company. */
const MAX_WAITING = 1000;

export type Pairing = { id: string; code: string; secret: string; expiresAt: Date };

/** Starts a pairing. Throws `too_many_requests` when absurdly many screens wait already. */
export async function startPairing(sql: Sql): Promise<Pairing> {
  await sql`delete from wall_pairing where expires_at < now()`;
  const { token: secret, hash } = newToken();
  // A code that another screen shows right now is not inserted; with 900 million codes one more try is plenty.
  for (let tries = 0; tries < 3; tries += 1) {
    const [row] = await sql<{ id: string; code: string; expiresAt: Date }[]>`
      insert into wall_pairing (code, secret_hash, expires_at)
      select ${newPairingCode()}, ${hash}, now() + ${PAIRING_MINUTES} * interval '1 minute'
      where (select count(*) from wall_pairing) < ${MAX_WAITING}
      on conflict (code) do nothing
      returning id, code, expires_at as "expiresAt"`;
    if (row) return { ...row, secret };
  }
  throw new AppError('too_many_requests', 'Too many screens wait to be paired', { retryAfter: 60 });
}

/**
 * Makes the wall for the screen that shows `code`. Throws `not_found` when no screen shows it, or another
 * administrator was faster.
 */
export async function pairWall(sql: Sql, code: string, settings: WallSettings): Promise<WallRow> {
  const [pairing] = await sql<{ id: string }[]>`
    select id from wall_pairing
    where code = ${normalizePairingCode(code)} and wall_id is null and expires_at > now() and attempts < ${MAX_ATTEMPTS}
    for update`;
  if (!pairing) {
    const detail = 'No screen shows this code now';
    throw new AppError('not_found', detail, { errors: [{ field: 'code', detail }] });
  }
  const [wall] = await sql<[WallRow]>`
    insert into wall (name, scenes, scope, hide_money, locale, rotate_seconds, sound)
    values (${settings.name}, ${settings.scenes}, ${settings.scope}, ${settings.hideMoney}, ${settings.locale}, ${settings.rotateSeconds}, ${settings.sound})
    returning ${columns(sql)}`;
  await sql`update wall_pairing set wall_id = ${wall.id} where id = ${pairing.id}`;
  return wall;
}

export type PairingState =
  { state: 'pending'; expiresAt: Date } | { state: 'paired'; wall: WallRow; token: string };

/**
 * What became of a pairing, asked by the screen with its secret; when paired, with the wall's token, the same however
 * often it asks. Throws `not_found` when it is too old or void, or the secret is wrong (which is counted).
 */
export async function collectPairing(sql: Sql, id: string, secret: string): Promise<PairingState> {
  const gone = () => new AppError('not_found', 'This pairing is too old; start again');
  const [pairing] = await sql<{ secretHash: string; expiresAt: Date; wallId: string | null }[]>`
    select secret_hash as "secretHash", expires_at as "expiresAt", wall_id as "wallId" from wall_pairing
    where id = ${id} and expires_at > now() and attempts < ${MAX_ATTEMPTS}`;
  if (!pairing) throw gone();
  if (pairing.secretHash !== hashToken(secret)) {
    await sql`update wall_pairing set attempts = attempts + 1 where id = ${id}`;
    throw gone();
  }
  if (pairing.wallId === null) return { state: 'pending', expiresAt: pairing.expiresAt };
  const { token, hash } = wallTokenOf(id, secret);
  const [wall] = await sql<WallRow[]>`
    update wall set token_hash = ${hash} where id = ${pairing.wallId} and revoked_at is null returning ${columns(sql)}`;
  if (!wall) throw gone();
  return { state: 'paired', wall, token };
}

/** By age, newest first; revoked walls are left out. */
export async function listWalls(
  sql: Sql,
  { before, limit }: { before: string | null; limit: number },
): Promise<WallRow[]> {
  return sql<WallRow[]>`
    select ${columns(sql)} from wall
    where revoked_at is null ${before === null ? sql`` : sql`and id < ${before}`}
    order by id desc limit ${limit}`;
}

/** Null for a wall that is unknown or revoked. */
export async function findWall(sql: Sql, id: string): Promise<WallRow | null> {
  const [wall] = await sql<
    WallRow[]
  >`select ${columns(sql)} from wall where id = ${id} and revoked_at is null`;
  return wall ?? null;
}

/** Changes what is given, keeps the rest. Throws `not_found`, also for a revoked wall. */
export async function changeWall(sql: Sql, id: string, change: WallChange): Promise<WallRow> {
  const [wall] = await sql<WallRow[]>`
    update wall set
      name = coalesce(${change.name ?? null}, name),
      scenes = coalesce(${change.scenes ?? null}, scenes),
      scope = coalesce(${change.scope ?? null}, scope),
      hide_money = coalesce(${change.hideMoney ?? null}, hide_money),
      locale = coalesce(${change.locale ?? null}, locale),
      rotate_seconds = coalesce(${change.rotateSeconds ?? null}, rotate_seconds),
      sound = coalesce(${change.sound ?? null}, sound)
    where id = ${id} and revoked_at is null
    returning ${columns(sql)}`;
  if (!wall) throw new AppError('not_found', 'There is no such wall');
  return wall;
}

/** Ends a wall's right to the board. Throws `not_found`, also when it was revoked already. */
export async function revokeWall(sql: Sql, id: string): Promise<WallRow> {
  const [wall] = await sql<WallRow[]>`
    update wall set revoked_at = now() where id = ${id} and revoked_at is null returning ${columns(sql)}`;
  if (!wall) throw new AppError('not_found', 'There is no such wall');
  return wall;
}
