/** What people, machines and operators changed. */
import type { Sql } from '../platform/database.ts';
import type { JSONValue } from 'postgres';

/** Who acts. `operator` is whoever runs the command line beside the database. */
export type Actor = { kind: 'user' | 'key' | 'operator'; id: string | null; name: string };

export const operator: Actor = { kind: 'operator', id: null, name: 'zg' };

/** `action` reads `noun.verb`; `target` is what a person would call the thing; `details` never hold secrets. */
export type AuditEntry = { action: string; target?: string | null; details?: Record<string, JSONValue> };

export type AuditRow = {
  no: number;
  at: Date;
  actorKind: Actor['kind'];
  actorId: string | null;
  actorName: string;
  action: string;
  target: string | null;
  details: Record<string, unknown>;
};

/** Writes one entry. Call it with the transaction of the change: a change without its entry, or the reverse, is a lie. */
export async function writeAudit(sql: Sql, actor: Actor, entry: AuditEntry): Promise<void> {
  await sql`
    insert into audit_log (actor_kind, actor_id, actor_name, action, target, details)
    values (${actor.kind}, ${actor.id}, ${actor.name}, ${entry.action}, ${entry.target ?? null}, ${sql.json(entry.details ?? {})})`;
}

/** Whether this person or key has done this to that. */
export async function hasDone(
  sql: Sql,
  actorId: string | null,
  action: string,
  target: string,
): Promise<boolean> {
  const [row] = await sql`
    select from audit_log where actor_id = ${actorId} and action = ${action} and target = ${target} limit 1`;
  return row !== undefined;
}

/** Newest first, at most `limit` rows with a number below `before`; of the time from `from` up to, not including, `to`. */
export async function listAudit(
  sql: Sql,
  {
    before,
    limit,
    actorId,
    action,
    from,
    to,
  }: {
    before: number | null;
    limit: number;
    actorId?: string | undefined;
    action?: string | undefined;
    from?: Date | undefined;
    to?: Date | undefined;
  },
): Promise<AuditRow[]> {
  return sql<AuditRow[]>`
    select no, at, actor_kind as "actorKind", actor_id as "actorId", actor_name as "actorName", action, target, details
    from audit_log
    where true
      ${before === null ? sql`` : sql`and no < ${before}`}
      ${actorId === undefined ? sql`` : sql`and actor_id = ${actorId}`}
      ${action === undefined ? sql`` : sql`and action = ${action}`}
      ${from === undefined ? sql`` : sql`and at >= ${from}`}
      ${to === undefined ? sql`` : sql`and at < ${to}`}
    order by no desc
    limit ${limit}`;
}
