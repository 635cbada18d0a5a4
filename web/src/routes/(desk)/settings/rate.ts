/** A rate of points as the API tells of it. `fromAt` null: from the beginning. */
export type PointRate = { fromAt: string | null; perUnit: number; createdBy: string | null };

const MOST = 1000;

/** Points for a unit of the currency, as typed; null where it is none. */
export function rateOf(text: string): number | null {
  const plain = text.trim().replace(/[,，]/g, '');
  return /^\d+(\.\d{1,4})?$/.test(plain) && Number(plain) <= MOST ? Number(plain) : null;
}
