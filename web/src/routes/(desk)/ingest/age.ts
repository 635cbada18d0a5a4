export type Age = { unit: 'seconds' | 'minutes' | 'hours' | 'days'; count: number };

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** A length of time in its largest whole unit. A clock that runs ahead reads as zero. */
export function ageOf(ms: number): Age {
  const past = Math.max(0, ms);
  if (past < MINUTE) return { unit: 'seconds', count: Math.floor(past / 1000) };
  if (past < HOUR) return { unit: 'minutes', count: Math.floor(past / MINUTE) };
  if (past < DAY) return { unit: 'hours', count: Math.floor(past / HOUR) };
  return { unit: 'days', count: Math.floor(past / DAY) };
}
