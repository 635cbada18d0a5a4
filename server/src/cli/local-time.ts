/** Wall-clock times of a time zone, turned into instants: for files that write no zone. */
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

const DAY_MS = 86_400_000;

const local = /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3})\d*)?)?)?$/;

/**
 * The instant, in ms since the epoch, of a local time "YYYY-MM-DD", "YYYY-MM-DD HH:MM" or "YYYY-MM-DD HH:MM:SS" (a "T"
 * may stand between). An hour that the clocks go through twice means the first time; one that they skip is taken as if
 * they had not been put forward yet. Null for a text that is no such time.
 */
export function instantOf(text: string, zone: BusinessTime): number | null {
  const parts = local.exec(text.trim());
  if (parts === null) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map((part) => Number(part ?? 0));
  if (year === undefined || month === undefined) return null;
  const asUtc = Date.UTC(year, month - 1, day, hour, minute, second, Number((parts[7] ?? '').padEnd(3, '0')));
  const back = new Date(asUtc);
  // Date.UTC would make 3 March of 31 February, and 01:15 of 00:75.
  const same =
    back.getUTCMonth() === month - 1 &&
    back.getUTCDate() === day &&
    back.getUTCHours() === hour &&
    back.getUTCMinutes() === minute;
  return same ? atZone(asUtc, zone) : null;
}

/** `asUtc` is the local time read as if it were UTC. */
function atZone(asUtc: number, zone: BusinessTime): number {
  // A zone changes its clocks at most once in two days: one of the offsets around is the right one.
  const before = zone.offset(asUtc - DAY_MS);
  const after = zone.offset(asUtc + DAY_MS);
  // The larger offset gives the earlier instant.
  for (const offset of [Math.max(before, after), Math.min(before, after)])
    if (zone.offset(asUtc - offset) === offset) return asUtc - offset;
  return asUtc - before;
}
