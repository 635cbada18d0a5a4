/** A location as the look-up answers it. */
export type Shelf = {
  location: string;
  nameZh: string;
  nameEn: string;
  kind: string;
  city: string | null;
  distanceKm: number | null;
  available: number;
  /** First business day on which all pieces can be collected there; null: never. */
  earliestPickup: string | null;
};

export type Availability = {
  sku: string;
  nameZh: string;
  nameEn: string;
  qty: number;
  here: Shelf | null;
  rows: Shelf[];
};

export type Reservation = { id: string; reference: string; expiresAt: string | null };

/** A reservation as the API lists it. */
export type Kept = Reservation & {
  channel: string;
  createdBy: string;
  lines: { sku: string; location: string; qty: number }[];
};

/** A clerk's word to a customer holds for so long. */
export const HOLD_SECONDS = 4 * 3600;

// Without 0/O, 1/I and the like: it is read out over a counter.
const LETTERS = 'ABCDEFGHJKMNPQRSTUVWXYZ23456789';

/** A code that a customer can say: `Y-7KQ9MX4`. `random` gives bytes. */
export function spokenCode(random: (count: number) => Uint8Array): string {
  return `Y-${[...random(7)].map((byte) => LETTERS[byte % LETTERS.length]).join('')}`;
}
