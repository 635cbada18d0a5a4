/**
 * The `Idempotency-Key` header of commands: a request that is sent again with its key does nothing again and is answered as
 * the first time. The key is written in the command's own transaction, so that a command and its key are both there or
 * neither. What failed left no key: it may be tried again.
 */
import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { z } from 'zod';
import {
  findAnswers,
  keepAnswer,
  takeKey,
  type KeptAnswer,
  type KeyedCommand,
} from '@zhanggui/shared/access/idempotency-store.ts';
import type { Who } from '@zhanggui/shared/access/permissions.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';
import type { Sql, SqlPool } from '@zhanggui/shared/platform/database.ts';
import { actorOf } from './actor.ts';

const HEADER = 'Idempotency-Key';

/** For the `headers` of a route that honours it. */
export const idempotencyHeaders = z.object({
  [HEADER]: z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/)
    .optional()
    .describe(
      'Chosen by the caller, new for each command. Sent again within a day it answers as before and does nothing',
    ),
});

/** The command as its caller named it, or null without a key. Throws `invalid_request` for a key that is none. */
export function keyedCommand({ req, who }: { req: Request; who: Who }): KeyedCommand | null {
  const key = req.get(HEADER);
  if (key === undefined) return null;
  if (!idempotencyHeaders.shape[HEADER].safeParse(key).success) {
    const detail = '1 to 255 printable characters without spaces';
    throw new AppError('invalid_request', `${HEADER}: ${detail}`, { errors: [{ field: HEADER, detail }] });
  }
  const { kind, id } = actorOf(who);
  const route = `${req.method} ${req.originalUrl}`;
  const hash = createHash('sha256')
    .update(`${route}\n${JSON.stringify(req.body)}`)
    .digest('base64url');
  return { who: `${kind} ${id}`, key, route, hash };
}

/** What was answered before, in the shape of the handler's answer. Throws `conflict` where the key was another request's. */
export function answeredBefore<S extends z.ZodType>(
  command: KeyedCommand,
  kept: KeptAnswer,
  schema: S,
): z.output<S> {
  if (kept.hash !== command.hash)
    throw new AppError('conflict', `${HEADER} ${command.key} was used for another request`);
  return z.decode(schema, kept.answer as never);
}

/**
 * Runs a command in a transaction, once for each key. Without a key it simply runs.
 *
 * @param schema of the answer
 * @param work does the command with the transaction it is given; when it throws, nothing happened and the key is free
 */
export async function once<S extends z.ZodType>(
  sql: SqlPool,
  call: { req: Request; who: Who },
  schema: S,
  work: (tx: Sql) => Promise<z.output<S>>,
): Promise<z.output<S>> {
  const command = keyedCommand(call);
  const answer = await sql.begin(async (tx): Promise<{ value: z.output<S> }> => {
    if (command === null) return { value: await work(tx) };
    if (!(await takeKey(tx, command))) {
      const [kept] = await findAnswers(tx, [command]);
      // Pruned between the two statements.
      if (kept === undefined) throw new AppError('conflict', 'Send it again');
      return { value: answeredBefore(command, kept, schema) };
    }
    const value = await work(tx);
    await keepAnswer(tx, command, z.encode(schema, value as never));
    return { value };
  });
  return answer.value;
}
