/** Bulk upserts through the API, in requests that keep its limits. */
import { catalogLimits } from '@zhanggui/shared/catalog/rows.ts';
import type { Api } from './api.ts';

export type BulkRejection = {
  index: number;
  key: string | null;
  code: string;
  field: string;
  detail: string;
};
type BulkAnswer = { upserted: number; rejected: BulkRejection[] };

/** Rows of a request; with rows of a few hundred bytes far below its size limit. */
export const BULK_ROWS = Math.min(1000, catalogLimits.rows);
const BULK_BYTES = Math.floor(catalogLimits.bodyBytes * 0.9);

/** Puts all rows; answers how many were taken, and the others with their place in `rows`. */
export async function putRows(
  api: Api,
  path: string,
  rows: readonly unknown[],
): Promise<{ upserted: number; rejected: BulkRejection[] }> {
  const sum: BulkAnswer = { upserted: 0, rejected: [] };
  for (let from = 0; from < rows.length;) {
    const part = fitting(rows, from);
    const answer = await api.put<BulkAnswer>(path, { rows: part });
    sum.upserted += answer.upserted;
    for (const rejection of answer.rejected)
      sum.rejected.push({ ...rejection, index: from + rejection.index });
    from += part.length;
  }
  return sum;
}

/** The next rows that fit into one request; at least one, so that one huge row gets the server's refusal. */
function fitting(rows: readonly unknown[], from: number): readonly unknown[] {
  let bytes = 0;
  let to = from;
  while (to < rows.length && to - from < BULK_ROWS) {
    bytes += Buffer.byteLength(JSON.stringify(rows[to])) + 1;
    if (bytes > BULK_BYTES && to > from) break;
    to += 1;
  }
  return rows.slice(from, to);
}
