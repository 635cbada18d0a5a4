/** Questions about places that access is decided by. */
import { parseScope, type Place, type Sight } from '../access/permissions.ts';
import type { Scope } from '../contract/board.ts';
import type { Sql } from '../platform/database.ts';

/** A location with its region; null when no such location was ever heard of. */
export async function findPlace(sql: Sql, code: string): Promise<Place | null> {
  const [row] = await sql<Place[]>`select code, region from location where code = ${code}`;
  return row ?? null;
}

/** Whether the store or region of a scope exists. A region exists as soon as a location names it. */
export async function scopeExists(sql: Sql, scope: Scope): Promise<boolean> {
  const parts = parseScope(scope);
  if (parts.kind === 'all') return true;
  if (parts.kind === 'store') return (await findPlace(sql, parts.code)) !== null;
  const [row] = await sql<[{ found: boolean }]>`
    select exists (select from region where code = ${parts.code})
      or exists (select from location where region = ${parts.code}) as found`;
  return row.found;
}

/** Numbers of the locations that someone sees; null for all of them, which needs no filter. */
export async function visibleLocationNos(sql: Sql, sight: Sight): Promise<number[] | null> {
  if (sight === 'all') return null;
  const rows = await sql<{ no: number }[]>`
    select no from location
    where code = any(${[...sight.locations]}) or region = any(${[...sight.regions]})
    order by no`;
  return rows.map((row) => row.no);
}
