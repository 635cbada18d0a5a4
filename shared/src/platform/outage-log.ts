import type { Log } from './log.ts';

/** A store that is away is tried several times a second by each of a dozen connections. */
const EVERY_MS = 10_000;

/**
 * A listener for 'error' that logs the first of a run of errors, and then one each ten seconds with how many came between:
 * an outage of an hour must not fill the disk with what the first line said.
 */
export function logOutage(log: Log, message: string, now: () => number = Date.now): (error: unknown) => void {
  let last = -Infinity;
  let between = 0;
  return (error) => {
    if (now() - last < EVERY_MS) {
      between += 1;
      return;
    }
    log.warn({ err: error, ...(between > 0 && { between }) }, message);
    last = now();
    between = 0;
  };
}
