/** Which minute of sales is a record. Pure. Amounts in minor units, minutes in epoch ms. */

export type MinuteSums = { minute: number; orders: number; placed: number };

/** It stands out of this many days before it. */
export const RECORD_DAYS = 7;
/** With fewer orders a minute says nothing: one dear order would make it. One every two seconds. */
export const RECORD_ORDERS = 30;
/** In a rush every minute beats the one before: the first is told of, then none for so long. */
export const RECORD_REST_MS = 30 * 60_000;
/** A company that has sold for less than a day has no past to stand out of. */
export const RECORD_PAST_MS = 24 * 3_600_000;

export type SalesRecord = {
  /** The best minute so far, told of or not; null: none had orders enough. */
  best: MinuteSums | null;
  /** The one that was told of last. */
  told: MinuteSums | null;
};

/** What a finished minute makes of the record. `firstSale`: the first minute that the company sold in; null: it never has. */
export function afterMinute(record: SalesRecord, minute: MinuteSums, firstSale: number | null): SalesRecord {
  if (minute.orders < RECORD_ORDERS || minute.placed <= (record.best?.placed ?? 0)) return record;
  const hasPast = firstSale !== null && minute.minute - firstSale >= RECORD_PAST_MS;
  const rested = record.told === null || minute.minute - record.told.minute >= RECORD_REST_MS;
  return { best: minute, told: hasPast && rested ? minute : record.told };
}
