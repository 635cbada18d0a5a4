/**
 * How long the goods of a livestream last, place by place: pieces in one place do not help what is sent from another. Pure.
 */
import { PACE_MINUTES, sellsOutAt } from '../stock/pace.ts';
import { rateFrom } from './session.ts';

const MINUTE = 60_000;

/**
 * Pieces an hour at the rate of the last minutes, and not of the time before the product was up. What all channels together
 * take from the same shelves (`pace`) counts where it is more.
 *
 * @param units sold since `rateFrom(now)`
 */
export function perHour(units: number, featuredAt: number, now: number, pace: number): number {
  const from = Math.max(rateFrom(now), Math.min(featuredAt, now));
  // A rate of some seconds would be wild.
  const hours = Math.max(20_000, now - from) / 3_600_000;
  return Math.round(Math.max(units / hours, pace) * 10) / 10;
}

/** A place that a session sells a product from, or has sold it from. */
export type Place = {
  location: string;
  available: number;
  inbound: number;
  /** Sent from here: in the whole session, since `latelyFrom(now)`, since `rateFrom(now)`. */
  units: number;
  lately: number;
  recent: number;
  /** Pieces an hour that all channels take from here. */
  pace: number;
};

/** What was sent since then says where a session sells from now. */
export const latelyFrom = (now: number): number =>
  Math.floor(now / MINUTE) * MINUTE - (PACE_MINUTES - 1) * MINUTE;

export type Runway<P extends Place> = P & {
  /** Of what the session sells of the product, parts of one. */
  share: number;
  perHour: number;
  /** Epoch ms; null: nothing sells here. */
  soldOutAt: number | null;
};

/**
 * The places of a product, the one that ends first before the others. Their shares are those of the last minutes; where nothing was
 * sold in these, of the whole session. One that sent a single piece an hour ago has none any more, and neither has one whose orders
 * were called off and are not made anew.
 */
export function runwaysOf<P extends Place>(
  places: readonly P[],
  { featuredAt, now }: { featuredAt: number; now: number },
): Runway<P>[] {
  const total = (of: (place: P) => number) => places.reduce((sum, place) => sum + Math.max(0, of(place)), 0);
  const lately = total((place) => place.lately);
  const units = total((place) => place.units);
  const shareOf = (place: P) =>
    lately > 0
      ? Math.max(0, place.lately) / lately
      : units > 0
        ? Math.max(0, place.units) / units
        : 1 / places.length;
  return places
    .map((place) => {
      const rate = perHour(place.recent, featuredAt, now, place.pace);
      return {
        ...place,
        share: shareOf(place),
        perHour: rate,
        soldOutAt: sellsOutAt(place.available, rate, now),
      };
    })
    .sort(
      (a, b) =>
        (a.soldOutAt ?? Infinity) - (b.soldOutAt ?? Infinity) ||
        b.share - a.share ||
        (a.location < b.location ? -1 : 1),
    );
}

/** Parts of one: a product is out when so much of what it sells has no place to come from. A shelf that sends less does not decide it. */
export const DECIDES = 0.1;

/**
 * The place that decides when the product is out: with its end, a tenth of what is sold is missing. Where no end does that, the place
 * that sends most. Null without places.
 *
 * @param runways as `runwaysOf` answers them
 */
export function firstOut<P extends Place>(runways: readonly Runway<P>[]): Runway<P> | null {
  let missing = 0;
  for (const runway of runways) {
    if (runway.soldOutAt === null) break;
    missing += runway.share;
    // Shares are fractions: nine tenths and one make a little less than a whole.
    if (missing > DECIDES - 1e-9) return runway;
  }
  const most = (a: Runway<P>, b: Runway<P>) => (b.share > a.share ? b : a);
  const lasting = runways.filter(({ soldOutAt }) => soldOutAt === null);
  return (lasting.length > 0 ? lasting : runways).reduce<Runway<P> | null>(
    (found, runway) => (found === null ? runway : most(found, runway)),
    null,
  );
}

/** Pieces at the other places that it is sold from; null: there are no others. */
export const elsewhereOf = <P extends Place>(runways: readonly Runway<P>[], at: Runway<P>): number | null =>
  runways.length < 2
    ? null
    : runways.reduce((sum, each) => sum + (each === at ? 0 : Math.max(0, each.available)), 0);

/** A place that has pieces of a product to spare. */
export type Spare = {
  location: string;
  available: number;
  reorderPoint: number | null;
  isWarehouse: boolean;
};

/** `spare` is what it can do without, `qty` what it should send. */
export type Move<S extends Spare> = S & { spare: number; qty: number };

/**
 * Where goods could be sent from, best first: the warehouses, then whoever has most to spare above what they need
 * themselves; and how many. Places that have less than a pack are left out.
 *
 * @param wanted pieces that would last to the end of the show
 * @param needs by location: pieces that the show is going to take from there itself
 */
export function movesOf<S extends Spare>(
  spares: readonly S[],
  { wanted, packSize, needs }: { wanted: number; packSize: number; needs: ReadonlyMap<string, number> },
): Move<S>[] {
  return spares
    .map((each) => ({
      ...each,
      spare: Math.max(0, each.available - Math.max(each.reorderPoint ?? 0, needs.get(each.location) ?? 0)),
    }))
    .filter(({ spare }) => spare >= packSize)
    .sort(
      (a, b) =>
        Number(b.spare >= wanted) - Number(a.spare >= wanted) ||
        Number(b.isWarehouse) - Number(a.isWarehouse) ||
        b.spare - a.spare ||
        (a.location < b.location ? -1 : 1),
    )
    .map((each) => {
      const packs = Math.floor(each.spare / packSize);
      return { ...each, qty: Math.min(packs, Math.max(1, Math.ceil(wanted / packSize))) * packSize };
    });
}

/** Pieces that the rest of a show takes at the present rate; at least what a quarter of an hour takes. */
export const neededPieces = (rate: number, minutesLeft: number): number =>
  Math.ceil((rate * Math.max(15, minutesLeft)) / 60);

/** Of these, the pieces that are not there. */
export const wantedPieces = (
  { available, perHour: rate }: { available: number; perHour: number },
  minutesLeft: number,
): number => Math.max(1, neededPieces(rate, minutesLeft) - Math.max(0, available));
