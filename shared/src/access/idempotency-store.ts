/** Commands by their Idempotency-Key: what was asked, and what was answered. */
import { column } from '../platform/column.ts';
import type { Sql } from '../platform/database.ts';

/** A command as its caller named it. `hash` is of the whole request, so that a key used for another one is noticed. */
export type KeyedCommand = { who: string; key: string; route: string; hash: string };
/** `answer` as JSON; null while the command runs in this very transaction. */
export type KeptAnswer = { who: string; key: string; hash: string; answer: unknown };

/**
 * Takes a key for this transaction; false when it was taken before. While another transaction holds it, this waits for its
 * end: if that one fails, the key is ours.
 */
export async function takeKey(sql: Sql, { who, key, route, hash }: KeyedCommand): Promise<boolean> {
  const taken = await sql`
    insert into idempotency_key (who, key, route, request_hash) values (${who}, ${key}, ${route}, ${hash})
    on conflict do nothing`;
  return taken.count === 1;
}

/** Keeps what is answered, in the transaction that took the key. */
export async function keepAnswer(sql: Sql, { who, key }: KeyedCommand, answer: unknown): Promise<void> {
  await sql`
    update idempotency_key set answer = ${JSON.stringify(answer)}::text::json where who = ${who} and key = ${key}`;
}

/** What was answered to these keys; those that nobody used are missing. */
export async function findAnswers(
  sql: Sql,
  keys: readonly Pick<KeyedCommand, 'who' | 'key'>[],
): Promise<KeptAnswer[]> {
  if (keys.length === 0) return [];
  return sql<KeptAnswer[]>`
    select who, key, request_hash as hash, answer
    from unnest(${column(keys, ({ who }) => who)}::text[], ${column(keys, ({ key }) => key)}::text[]) as w (who, key)
    join idempotency_key using (who, key)`;
}

/** Takes keys and keeps their answers at once. False when one of them was taken meanwhile: then roll back. */
export async function keepAnswers(
  sql: Sql,
  commands: readonly (KeyedCommand & { answer: unknown })[],
): Promise<boolean> {
  if (commands.length === 0) return true;
  const sorted = commands.toSorted((a, b) => (`${a.who} ${a.key}` < `${b.who} ${b.key}` ? -1 : 1));
  const kept = await sql`
    insert into idempotency_key (who, key, route, request_hash, answer)
    select who, key, route, hash, answer::json from unnest(
      ${column(sorted, ({ who }) => who)}::text[], ${column(sorted, ({ key }) => key)}::text[],
      ${column(sorted, ({ route }) => route)}::text[], ${column(sorted, ({ hash }) => hash)}::text[],
      ${column(sorted, ({ answer }) => JSON.stringify(answer))}::text[])
    as c (who, key, route, hash, answer)
    on conflict do nothing`;
  return kept.count === commands.length;
}

/** Forgets keys: a request that is this old is not sent again. Answers how many. */
export async function pruneKeys(sql: Sql, { olderThanHours }: { olderThanHours: number }): Promise<number> {
  const { count } = await sql`
    delete from idempotency_key where created_at < now() - ${olderThanHours}::int * interval '1 hour'`;
  return count;
}
