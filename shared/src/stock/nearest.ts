/** Which location is nearest. Pure. */
import type { LocationKind } from '../contract/words.ts';

export type Position = { latitude: number; longitude: number };

/** A location as far as distance matters. */
export type Located = {
  no: number;
  code: string;
  kind: LocationKind;
  city: string | null;
  region: string | null;
  latitude: number | null;
  longitude: number | null;
};

const EARTH_KM = 6371;
const radians = (degrees: number): number => (degrees * Math.PI) / 180;

/** Kilometres along the earth's surface. */
export function distanceKm(a: Position, b: Position): number {
  const half =
    Math.sin(radians(b.latitude - a.latitude) / 2) ** 2 +
    Math.cos(radians(a.latitude)) *
      Math.cos(radians(b.latitude)) *
      Math.sin(radians(b.longitude - a.longitude) / 2) ** 2;
  return 2 * EARTH_KM * Math.asin(Math.min(1, Math.sqrt(half)));
}

export const positionOf = ({
  latitude,
  longitude,
}: Omit<Located, 'no' | 'code' | 'kind' | 'city' | 'region'>) =>
  latitude === null || longitude === null ? null : { latitude, longitude };

/** `lat,lon` in degrees, as in `31.23,121.47`; null for any other text. */
export function parsePosition(text: string): Position | null {
  const [, lat, lon] = /^\s*(-?\d{1,2}(?:\.\d+)?)\s*,\s*(-?\d{1,3}(?:\.\d+)?)\s*$/.exec(text) ?? [];
  const position = { latitude: Number(lat), longitude: Number(lon) };
  const fits = Math.abs(position.latitude) <= 90 && Math.abs(position.longitude) <= 180;
  return lat !== undefined && fits ? position : null;
}

export type Ranked<L> = { place: L; distanceKm: number | null };

/** Without a place to be near to: warehouses are made for sending, a store's shelf is for its own customers. */
const kindRank: Record<LocationKind, number> = { online_warehouse: 0, hq_warehouse: 1, store: 2, unknown: 3 };

/**
 * Places, nearest first. Those whose position is unknown come last: the same city first, then the same region. Without `near`
 * warehouses come before stores.
 */
export function rankPlaces<L extends Located>(
  places: readonly L[],
  near: Position | Located | null,
): Ranked<L>[] {
  if (near === null)
    return places
      .map((place) => ({ place, distanceKm: null }))
      .sort((a, b) => kindRank[a.place.kind] - kindRank[b.place.kind] || a.place.no - b.place.no);
  const here = 'no' in near ? near : null;
  const from = here === null ? (near as Position) : positionOf(here);
  // Farther than any place with a position.
  const guess = (place: L) =>
    here?.city && place.city === here.city ? 1 : here?.region && place.region === here.region ? 2 : 3;
  return places
    .map((place) => {
      if (place.no === here?.no) return { place, distanceKm: 0, rank: 0 };
      const position = positionOf(place);
      return from === null || position === null
        ? { place, distanceKm: null, rank: guess(place) }
        : { place, distanceKm: distanceKm(from, position), rank: 0 };
    })
    .sort((a, b) => a.rank - b.rank || (a.distanceKm ?? 0) - (b.distanceKm ?? 0) || a.place.no - b.place.no)
    .map(({ place, distanceKm: km }) => ({ place, distanceKm: km }));
}
