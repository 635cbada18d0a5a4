/** How fast a balance sells now, and when it will be gone. Pure. */

/** A sale of so many minutes ago counts a third of one just now: long enough for a till, short enough for a livestream. */
export const PACE_MINUTES = 15;
const HOUR_MS = 3_600_000;

/** The share of an older pace that is left after `ms`. */
const kept = (ms: number) => Math.exp(-Math.max(0, ms) / (PACE_MINUTES * 60_000));

/** Pieces an hour at `now` of a pace that was measured at `at` (epoch ms) and has heard of no sale since. */
export const paceNow = (perHour: number, at: number, now: number): number => perHour * kept(now - at);

/** The pace after `units` more pieces between `at` and `now`, spread evenly over that time. Pieces an hour. */
export function paceAfter(perHour: number, at: number, units: number, now: number): number {
  const ms = now - at;
  if (ms <= 0) return perHour;
  const share = kept(ms);
  return perHour * share + ((Math.max(0, units) * HOUR_MS) / ms) * (1 - share);
}

/** When the last piece goes at `perHour`, epoch ms; null where nothing sells. Already gone: `now`. */
export function sellsOutAt(available: number, perHour: number, now: number): number | null {
  if (available <= 0) return now;
  if (perHour <= 0) return null;
  return now + (available / perHour) * HOUR_MS;
}
