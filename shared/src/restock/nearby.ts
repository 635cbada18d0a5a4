/** Which other locations are weighed for a restock. Pure. */
import type { Stocked } from './sourcing.ts';

/** Stores that are weighed for one restock: those with most to give that is near. */
const STORES_WEIGHED = 15;
/** Kilometres of a degree of latitude. */
const DEGREE_KM = 111.2;

export type Coordinates = { latitude: number | null; longitude: number | null };
/** A location that has the SKU, or the HQ warehouse; where it is instead of how far. */
export type Holder = Omit<Stocked, 'km'> & Coordinates;

/** Kilometres as the crow flies; good to some per cent, which is better than the roads are known. Null where one is unknown. */
export function distanceKm(from: Coordinates, to: Coordinates): number | null {
  if (from.latitude === null || from.longitude === null || to.latitude === null || to.longitude === null)
    return null;
  const north = to.latitude - from.latitude;
  const east =
    (to.longitude - from.longitude) * Math.cos((((to.latitude + from.latitude) / 2) * Math.PI) / 180);
  return DEGREE_KM * Math.hypot(north, east);
}

/**
 * The sources of a restock at `place`: all warehouses that have the SKU, and of the stores those with pieces beyond their own
 * order-up-to level first, the nearest of them first. And the HQ warehouse, whatever it has.
 *
 * @param holders of the SKU, at any location
 * @param own what the open proposal of this very balance takes, and where: to itself it has promised nothing
 */
export function nearby(
  place: Coordinates & { locationNo: number },
  holders: readonly Holder[],
  own: { locationNo: number | null; qty: number } | null,
): { sources: Stocked[]; warehouse: Stocked | null } {
  const others = holders
    .filter(({ locationNo }) => locationNo !== place.locationNo)
    .map(({ latitude, longitude, ...holder }): Stocked => ({
      ...holder,
      promised: holder.promised - (own?.locationNo === holder.locationNo ? own.qty : 0),
      km: distanceKm(place, { latitude, longitude }),
    }));
  const able = others.filter(({ available, promised }) => available - promised > 0);
  const stores = able
    .filter(({ kind }) => kind === 'store')
    .sort(
      (a, b) =>
        Number(hasBeyond(b)) - Number(hasBeyond(a)) ||
        (a.km ?? Infinity) - (b.km ?? Infinity) ||
        a.locationNo - b.locationNo,
    )
    .slice(0, STORES_WEIGHED);
  return {
    sources: [...able.filter(({ kind }) => kind !== 'store'), ...stores].sort(
      (a, b) => a.locationNo - b.locationNo,
    ),
    warehouse:
      others.filter(({ kind }) => kind === 'hq_warehouse').sort((a, b) => a.locationNo - b.locationNo)[0] ??
      null,
  };
}

const hasBeyond = ({ available, promised, orderUpTo }: Stocked): boolean =>
  available - promised > (orderUpTo ?? available);
