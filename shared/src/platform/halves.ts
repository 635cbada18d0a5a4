/** Work on many things in one transaction, of which one may not fit: it is found, and the others go on. */
import { isDataError, type SqlTransaction } from './database.ts';

/** What the database refused, and why. */
export type Refused<T> = { item: T; error: Error };

/**
 * Does all of the work, or halves it where the database refuses a value, until what is refused stands alone. What the others did stays
 * in the transaction. Answers what was refused; any other error is thrown.
 */
export async function inHalves<T>(
  tx: SqlTransaction,
  items: readonly T[],
  work: (tx: SqlTransaction, items: readonly T[]) => Promise<void>,
): Promise<Refused<T>[]> {
  if (items.length === 0) return [];
  try {
    await tx.savepoint((part) => work(part, items));
    return [];
  } catch (error) {
    if (!isDataError(error)) throw error;
    if (items.length === 1) return [{ item: items[0]!, error }];
    const half = items.length >> 1;
    const first = await inHalves(tx, items.slice(0, half), work);
    return [...first, ...(await inHalves(tx, items.slice(half), work))];
  }
}
