/** What to do about a range that could not be done. Pure; times in milliseconds. */

const SECOND = 1000;
const LONGEST = 60 * SECOND;

/**
 * SQLSTATEs of what says nothing about the range: 40… lost a race for rows, 53… a full disk, no memory, 55P03 a lock was not to be had,
 * 57014 it was stopped (too slow, or by hand).
 */
const PASSING = /^(40|53|55P03|57014)/;

/** Whether it may go well later, without anybody doing anything to the range. */
export const passes = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' && PASSING.test(error.code);

/** How long a range is left alone that was put off so many times before: the disk of a machine does not grow by asking. */
export const waitMs = (putOff: number): number => Math.min(LONGEST, SECOND * 2 ** putOff);
