/** Keys of machines. */
import { AppError } from '../contract/errors.ts';
import type { KeyScope } from '../contract/words.ts';
import type { Sql } from '../platform/database.ts';
import { newToken } from './token.ts';

export type KeyRow = {
  id: string;
  name: string;
  scopes: KeyScope[];
  prefix: string;
  createdAt: Date;
  createdBy: string;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
};

const columns = (sql: Sql) => sql`
  id, name, scopes, prefix, created_at as "createdAt", created_by as "createdBy",
  last_used_at as "lastUsedAt", revoked_at as "revokedAt"`;

/** Shown in lists: `zg_` and six of 43 characters. */
const PREFIX_LENGTH = 9;

/** Makes a key. The token is returned once and never stored. */
export async function insertKey(
  sql: Sql,
  { name, scopes, createdBy }: { name: string; scopes: readonly KeyScope[]; createdBy: string },
): Promise<{ row: KeyRow; token: string }> {
  const { token, hash } = newToken('zg_');
  const [row] = await sql<[KeyRow]>`
    insert into api_key (name, scopes, token_hash, prefix, created_by)
    values (${name}, ${[...new Set(scopes)]}, ${hash}, ${token.slice(0, PREFIX_LENGTH)}, ${createdBy})
    returning ${columns(sql)}`;
  return { row, token };
}

/** Newest first, also the revoked ones: an old log line may name them. */
export async function listKeys(
  sql: Sql,
  { before, limit }: { before: string | null; limit: number },
): Promise<KeyRow[]> {
  return sql<KeyRow[]>`
    select ${columns(sql)} from api_key
    where ${before === null ? sql`true` : sql`id < ${before}`}
    order by id desc limit ${limit}`;
}

/** Ends a key. Throws `not_found`; a key that is revoked already stays so. */
export async function revokeKey(sql: Sql, id: string): Promise<KeyRow> {
  const [row] = await sql<KeyRow[]>`
    update api_key set revoked_at = coalesce(revoked_at, now()) where id = ${id} returning ${columns(sql)}`;
  if (!row) throw new AppError('not_found', 'There is no such key');
  return row;
}
