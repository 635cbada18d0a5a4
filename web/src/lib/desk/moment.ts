/** A moment as people type it: day and time on the company's clock, `2026-12-01T10:00`; empty: none. */
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';

/** Stands for a day without a time, or a time without a day: browsers tell such a field's text as empty. */
export const HALF = 'half';
export const isHalf = (text: string): boolean => text !== '' && !/^\d{4}-\d\d-\d\dT\d\d:\d\d$/.test(text);

/** RFC 3339; null where nothing whole was typed. */
export function momentOf(text: string, time: BusinessTime): string | null {
  if (text === '' || isHalf(text)) return null;
  const wall = Date.parse(`${text}Z`);
  // The first guess may sit on the wrong side of a clock change.
  const guess = wall - time.offset(wall);
  return new Date(wall - time.offset(guess)).toISOString();
}

/** Seconds are not typed. */
export function typedMoment(at: string | null, time: BusinessTime): string {
  const ms = Date.parse(at ?? '');
  return Number.isNaN(ms) ? '' : new Date(ms + time.offset(ms)).toISOString().slice(0, 16);
}
