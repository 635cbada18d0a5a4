/** Bulk upserts: rows that fit are taken, the others are named. */
import { z } from 'zod';
import { catalogLimits } from '@zhanggui/shared/catalog/rows.ts';
import { AppError } from '@zhanggui/shared/contract/errors.ts';

export const bulkAnswer = z.object({
  upserted: z.int().describe('Rows taken, those that stood so already included'),
  rejected: z.array(
    z.object({
      index: z.int().describe('Place in the request, from 0'),
      key: z.string().nullable().describe('What the row calls itself'),
      code: z.enum(['invalid_request', 'conflict', 'not_found']),
      field: z.string(),
      detail: z.string(),
    }),
  ),
});

/** A bad row must not spoil the request: the handler checks rows one by one. */
export const bulkBody = z.strictObject({ rows: z.array(z.unknown()) });

/** What the API description says of a bulk body. */
export const describeBulk = (row: z.ZodType) => z.object({ rows: z.array(row).max(catalogLimits.rows) });

/** Throws `too_large` beyond the limit of a bulk request. */
export function demandFewRows(rows: readonly unknown[]): void {
  if (rows.length > catalogLimits.rows) {
    throw new AppError('too_large', `${rows.length} rows; at most ${catalogLimits.rows} go into a request`);
  }
}
