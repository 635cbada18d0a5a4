/** Cuts of a bargain: by chance, and yet at the floor with the last helper for certain. Pure; money in minor units. */
import { createHmac } from 'node:crypto';

export type BargainTerms = { startPrice: number; floorPrice: number; helpers: number };

/** A number in 0 ≤ n < 1 that follows from the company's secret, the bargain and the helper: nobody foresees it, anybody can check it. */
function chance(secret: Uint8Array, bargainId: string, nth: number): number {
  const digest = createHmac('sha256', secret).update(`${bargainId}\n${nth}`).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/**
 * What the `nth` helper (1, 2, …) takes off a bargain that stands at `price`: between 1 and nearly twice what each would take on average,
 * which leaves at least 1 for each after them. The last one takes what is left. Where there is less than 1 for each, the
 * first ones take it.
 */
export function cutOf(
  { floorPrice, helpers }: BargainTerms,
  { secret, bargainId, nth, price }: { secret: Uint8Array; bargainId: string; nth: number; price: number },
): number {
  const left = price - floorPrice;
  const others = helpers - nth;
  if (left <= 0 || others < 0) return 0;
  if (others === 0) return left;
  const most = Math.floor((2 * left) / (others + 1)) - 1;
  if (most <= 1) return 1;
  return 1 + Math.floor(chance(secret, bargainId, nth) * most);
}

/** All cuts of a bargain, in order. They add up to start − floor. */
export function cutsOf(terms: BargainTerms, secret: Uint8Array, bargainId: string): number[] {
  const cuts: number[] = [];
  let price = terms.startPrice;
  for (let nth = 1; nth <= terms.helpers; nth++) {
    const cut = cutOf(terms, { secret, bargainId, nth, price });
    cuts.push(cut);
    price -= cut;
  }
  return cuts;
}
