/** Business days as numbers: days since 1970-01-01, a Thursday. */
export const DAY_MS = 86_400_000;

/** Throws RangeError where `day` is not `YYYY-MM-DD`. */
export function dayNo(day: string): number {
  const number = Date.parse(`${day}T00:00:00Z`) / DAY_MS;
  if (!Number.isInteger(number)) throw new RangeError(`${day} is not a day`);
  return number;
}

export const dayText = (number: number): string => new Date(number * DAY_MS).toISOString().slice(0, 10);

/** 0 is Monday. */
export const weekdayOf = (number: number): number => (((number + 3) % 7) + 7) % 7;
