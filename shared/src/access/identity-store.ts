/** Who stands behind a token: many at a time, because ten thousand screens come back at once after a restart. */
import type { Scope } from '../contract/board.ts';
import type { KeyScope, Locale, Role, Scene } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';
import type { Identity, KeyIdentity, UserIdentity, WallIdentity } from './permissions.ts';
import { SESSION_IDLE_DAYS, SESSION_MAX_DAYS } from './session-store.ts';

/** Which kind of token it is, told by where the caller put it. */
export type TokenKind = 'user' | 'key' | 'wall';

/** Identities by token hash. Hashes that prove nothing (unknown, expired, revoked, disabled) are absent. */
export async function findIdentities(
  sql: Sql,
  kind: TokenKind,
  hashes: readonly string[],
): Promise<Map<string, Identity>> {
  switch (kind) {
    case 'user':
      return findUsers(sql, hashes);
    case 'key':
      return findKeys(sql, hashes);
    case 'wall':
      return findWalls(sql, hashes);
  }
}

async function findUsers(sql: Sql, hashes: readonly string[]): Promise<Map<string, UserIdentity>> {
  const rows = await sql<
    {
      hash: string;
      id: string;
      email: string;
      name: string;
      role: Role;
      locations: string[];
      regions: string[];
    }[]
  >`
    select s.token_hash as hash, u.id, u.email, u.name, u.role, u.location_codes as locations, u.region_codes as regions
    from session s join users u on u.id = s.user_id
    where s.token_hash = any(${[...hashes]}) and s.expires_at > now() and u.disabled_at is null`;
  return new Map(rows.map(({ hash, ...user }) => [hash, { kind: 'user', ...user }]));
}

async function findKeys(sql: Sql, hashes: readonly string[]): Promise<Map<string, KeyIdentity>> {
  const rows = await sql<{ hash: string; id: string; name: string; scopes: KeyScope[] }[]>`
    select token_hash as hash, id, name, scopes from api_key
    where token_hash = any(${[...hashes]}) and revoked_at is null`;
  return new Map(rows.map(({ hash, ...key }) => [hash, { kind: 'key', ...key }]));
}

async function findWalls(sql: Sql, hashes: readonly string[]): Promise<Map<string, WallIdentity>> {
  const rows = await sql<
    {
      hash: string;
      id: string;
      name: string;
      scenes: Scene[];
      scope: Scope;
      hideMoney: boolean;
      locale: Locale;
      rotateSeconds: number;
      sound: boolean;
    }[]
  >`
    select token_hash as hash, id, name, scenes, scope, hide_money as "hideMoney", locale, rotate_seconds as "rotateSeconds", sound
    from wall
    where token_hash = any(${[...hashes]}) and revoked_at is null`;
  return new Map(rows.map(({ hash, ...wall }) => [hash, { kind: 'wall', ...wall }]));
}

/** Notes that tokens were used; a session that is used lives on. */
export async function touchTokens(sql: Sql, kind: TokenKind, hashes: readonly string[]): Promise<void> {
  const list = [...hashes];
  switch (kind) {
    case 'user':
      await sql`
        update session set last_seen_at = now(),
          expires_at = least(
            now() + ${SESSION_IDLE_DAYS} * interval '1 day',
            created_at + ${SESSION_MAX_DAYS} * interval '1 day')
        where token_hash = any(${list}) and expires_at > now()`;
      return;
    case 'key':
      await sql`update api_key set last_used_at = now() where token_hash = any(${list})`;
      return;
    case 'wall':
      await sql`update wall set last_seen_at = now() where token_hash = any(${list})`;
  }
}
