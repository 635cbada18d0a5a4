/** What a channel can promise of a SKU, where, and from when. Pure. */
import type { FulfilmentMethod, LocationKind } from '../contract/words.ts';
import { distanceKm, positionOf, type Located, type Ranked } from './nearest.ts';

/** Days until goods that are moved to a store can be collected there: from its surroundings overnight, else a day more. */
export const MOVE_DAYS = { near: 1, far: 2 } as const;
const NEAR_KM = 300;

/** Customers take goods at stores; any location sends them. */
export const servesMethod = (kind: LocationKind, method: FulfilmentMethod): boolean =>
  method === 'ship' ? kind !== 'unknown' : kind === 'store';

export type AvailabilityRow<L extends Located> = {
  place: L;
  distanceKm: number | null;
  /** On hand and not reserved; what can be promised is less by the buffer, and nothing where the channel does not sell it. */
  available: number;
  promise: Record<FulfilmentMethod, number>;
  /** Days until all the wanted pieces can be collected here: 0 where they are; null where they never can. */
  pickupInDays: number | null;
};

export type Question = {
  qty: number;
  /** null: any. */
  method: FulfilmentMethod | null;
  buffer: number;
  /** Pieces on the shelf of a location. */
  available: (locationNo: number) => number;
};

/** The row of each place, in their order. */
export function availabilityAt<L extends Located>(
  ranked: readonly Ranked<L>[],
  { qty, buffer, available }: Question,
): AvailabilityRow<L>[] {
  const promised = (place: L) => Math.max(0, available(place.no) - buffer);
  const sources = ranked.map(({ place }) => place).filter((place) => promised(place) >= qty);
  return ranked.map(({ place, distanceKm: km }) => {
    const pieces = promised(place);
    const of = (method: FulfilmentMethod) => (servesMethod(place.kind, method) ? pieces : 0);
    return {
      place,
      distanceKm: km,
      available: available(place.no),
      promise: { carry: of('carry'), pickup: of('pickup'), ship: of('ship') },
      pickupInDays: place.kind !== 'store' ? null : pieces >= qty ? 0 : daysToMove(place, sources),
    };
  });
}

/** Whether all of the pieces can be had at a row's place in the way that is asked for. */
export const hasEnough = <L extends Located>(
  { promise }: AvailabilityRow<L>,
  { qty, method }: Pick<Question, 'qty' | 'method'>,
): boolean => (method === null ? Math.max(promise.carry, promise.ship) : promise[method]) >= qty;

function daysToMove(to: Located, sources: readonly Located[]): number | null {
  if (sources.length === 0) return null;
  const here = positionOf(to);
  const isNear = sources.some((source) => {
    const there = positionOf(source);
    if (to.city !== null && source.city === to.city) return true;
    return here !== null && there !== null && distanceKm(here, there) <= NEAR_KM;
  });
  return isNear ? MOVE_DAYS.near : MOVE_DAYS.far;
}
