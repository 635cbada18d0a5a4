/** The fields that many routes share, so that a day, a code or a page looks the same on every route. */
import { z } from 'zod';
import { AppError } from '@zhanggui/shared/contract/errors.ts';

/** A business day, `YYYY-MM-DD`. */
export const day = z.iso.date().describe('Business day, YYYY-MM-DD');

/** A code of the catalog: SKU, location, region … */
export const code = z
  .string()
  .trim()
  .min(1)
  .max(64)
  .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');

/** A line of text for people. */
export const line = (max: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(max)
    .regex(/^[^\u0000-\u001f]+$/, 'must not hold control characters');

/** An amount in minor units (分), up to a billion of the major unit. */
export const money = z.int().min(0).max(100_000_000_000).describe('Minor units of the company’s currency');

/** A moment: a Date in the handler, RFC 3339 on the wire. */
export const instant = z.codec(z.iso.datetime({ offset: true }), z.date(), {
  decode: (text) => new Date(text),
  encode: (date) => date.toISOString(),
});

/** `?limit=` and `?cursor=` of every list. */
export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(500).default(50).describe('Rows at most'),
  cursor: z.string().max(400).optional().describe('`nextCursor` of the page before'),
};

/** What every list answers. `nextCursor` is null on the last page. */
export const pageOf = <R extends z.ZodType>(row: R) =>
  z.object({ rows: z.array(row), nextCursor: z.string().nullable() });

/**
 * Makes an opaque cursor of where a page ended: the sort values of its last row. Opaque, so that the order can
 * change without breaking a client that took it apart.
 */
export function encodeCursor(position: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** Reads a cursor back with the schema of its position. Throws `invalid_request` naming the field when it is not ours. */
export function decodeCursor<S extends z.ZodType>(cursor: string | undefined, schema: S): z.output<S> | null {
  if (cursor === undefined) return null;
  try {
    return schema.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
  } catch (cause) {
    throw new AppError('invalid_request', 'The cursor is not one of this list', {
      errors: [{ field: 'cursor', detail: 'take nextCursor of the page before, unchanged' }],
      cause,
    });
  }
}

/**
 * Cuts a page out of `limit + 1` rows: the one too many says that there is a next page. `position` gives the sort
 * values of a row.
 */
export function cutPage<R>(
  rows: readonly R[],
  limit: number,
  position: (row: R) => readonly (string | number)[],
): { rows: R[]; nextCursor: string | null } {
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    rows: page,
    nextCursor: rows.length > limit && last !== undefined ? encodeCursor(position(last)) : null,
  };
}
