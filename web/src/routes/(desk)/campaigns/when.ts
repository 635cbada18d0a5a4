/** When a campaign begins and ends, as it is typed. Empty: as soon as it is launched; until somebody ends it. */
import type { BusinessTime } from '@zhanggui/shared/sales/business-time.ts';
import { isHalf, momentOf, typedMoment } from '#lib/desk/moment.ts';
import type { Wish } from './wish.ts';

export type When = { starts: string; ends: string };
export type WhenError = 'half' | 'endsFirst' | 'past';

/** The company's clock. */
export type Clock = { time: BusinessTime; now: number };

/** A pair of moments of which the second is to be later, and still to come; null: not typed. */
export function spanOf(
  [from, to]: [string, string],
  { time, now }: Clock,
  wrong: (which: 'from' | 'to', error: WhenError) => void,
): [string | null, string | null] {
  if (isHalf(from)) wrong('from', 'half');
  if (isHalf(to)) wrong('to', 'half');
  const [start, end] = [momentOf(from, time), momentOf(to, time)];
  if (end !== null && start !== null && end <= start) wrong('to', 'endsFirst');
  if (end !== null && Date.parse(end) <= now) wrong('to', 'past');
  return [start, end];
}

export function whenOf(
  form: When,
  clock: Clock,
  wrong: (field: keyof When, error: WhenError) => void,
): { startsAt: string | null; endsAt: string | null } {
  const [startsAt, endsAt] = spanOf([form.starts, form.ends], clock, (which, error) =>
    wrong(which === 'from' ? 'starts' : 'ends', error),
  );
  return { startsAt, endsAt };
}

export const typedWhen = (
  { startsAt, endsAt }: Pick<Wish, 'startsAt' | 'endsAt'>,
  time: BusinessTime,
): When => ({
  starts: typedMoment(startsAt, time),
  ends: typedMoment(endsAt, time),
});
